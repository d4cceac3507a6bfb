"""How the vocoders are trained: each function returns a complete configuration for `TrainableVocoder`, and a `Plan`.

`vocoder_tiny` makes the bundled one on a CPU; `vocoder_tiny_adversarial` is the same model for a GPU, where
discriminators are affordable. `vocos` and the HiFi-GANs follow their papers.

`Plan.batch_frames` counts the frames of whole utterances, all of which are cut into crops; it must hold the longest.
"""

from __future__ import annotations

from octet.core.training import Plan
from octet.vocoders import harmonic_vocoder, hifigan
from octet.vocoders import vocos as vocos_model
from octet.vocoders.hifigan import HifiGanConfig
from octet.vocoders.losses import Resolution
from octet.vocoders.nsf import NsfHifiGanConfig
from octet.vocoders.training import Adversarial, Judge, VocoderTraining

TINY_STFT = (Resolution(512, 128, 512), Resolution(1024, 256, 1024), Resolution(2048, 512, 2048))


def vocoder_tiny() -> tuple[VocoderTraining, Plan]:
    """Vocos of 1.6 million parameters at 16 kHz, by spectral losses alone: 0.3 seconds a step on one core.

    A discriminator would cost several times as much as the model; see `vocoder_tiny_adversarial`.
    """
    config = VocoderTraining(generator=vocos_model.tiny(), stft_weight=20.0, stft_resolutions=TINY_STFT)
    plan = Plan(
        steps=6000,
        batch_frames=1024,
        learning_rate=2e-3,
        betas=(0.8, 0.9),
        warmup_steps=100,
        clip_norm=0,
    )
    return config, plan


def singing_vocoder_tiny() -> tuple[VocoderTraining, Plan]:
    """Harmonics and noise, filtered by 1.7 million parameters at 16 kHz; by spectral losses alone."""
    config = VocoderTraining(
        generator=harmonic_vocoder.tiny(), stft_weight=20.0, stft_resolutions=TINY_STFT, crop_frames=96
    )
    plan = Plan(
        steps=3000,
        batch_frames=1920,  # holds the longest piece of the corpus `singing`
        learning_rate=2e-3,
        betas=(0.8, 0.9),
        warmup_steps=100,
        clip_norm=0,
    )
    return config, plan


def nsf_hifigan() -> tuple[VocoderTraining, Plan]:
    """HiFi-GAN V1 with a source of harmonics, trained like V1."""
    config, plan = hifigan_v1()
    assert isinstance(config.generator, HifiGanConfig)
    return config.model_copy(update={"generator": NsfHifiGanConfig(filter=config.generator)}), plan


def vocoder_tiny_adversarial() -> tuple[VocoderTraining, Plan]:
    """The same model with the discriminators of Vocos, from step 2000 on: for a GPU."""
    config, _ = vocoder_tiny()
    adversarial = _vocos_game(from_step=2000)
    plan = Plan(
        steps=60_000,
        batch_frames=4096,
        learning_rate=5e-4,
        discriminator_learning_rate=5e-4,
        betas=(0.8, 0.9),
        warmup_steps=500,
        clip_norm=0,
    )
    return config.model_copy(update={"adversarial": adversarial}), plan


def vocos() -> tuple[VocoderTraining, Plan]:
    """Vocos as published (arXiv 2306.00814, section 4.1): 13.5 million parameters, 24 kHz, 16 crops of 0.68 seconds."""
    config = VocoderTraining(generator=vocos_model.paper(), adversarial=_vocos_game(from_step=0))
    plan = Plan(
        steps=1_000_000,
        batch_frames=1024,
        learning_rate=5e-4,
        discriminator_learning_rate=5e-4,
        betas=(0.8, 0.9),
        weight_decay=0.01,
        warmup_steps=0,
        clip_norm=0,
        ema_decay=0,
    )
    return config, plan


def hifigan_v1() -> tuple[VocoderTraining, Plan]:
    """HiFi-GAN V1 as published (arXiv 2010.05646, section 3)."""
    return _hifigan(hifigan.v1())


def hifigan_v2() -> tuple[VocoderTraining, Plan]:
    """HiFi-GAN V2, trained like V1."""
    return _hifigan(hifigan.v2())


def hifigan_v3() -> tuple[VocoderTraining, Plan]:
    """HiFi-GAN V3, trained like V1."""
    return _hifigan(hifigan.v3())


def _hifigan(generator: HifiGanConfig) -> tuple[VocoderTraining, Plan]:
    """Crops of 8192 samples; the mel loss reaches up to half the sample rate, beyond what the generator is given.

    Departures: 32 crops a step for half as many steps, where the paper has 16 for 2.5 million, as a batch must hold
    the longest utterance of LJSpeech; and a cosine decay where the paper multiplies by 0.999 every epoch.
    """
    spec = generator.spec
    judges = (Judge(kind="period"), Judge(kind="scale"))
    config = VocoderTraining(
        generator=generator,
        crop_frames=8192 // spec.hop_samples,
        mel_specs=(spec.model_copy(update={"high_hz": spec.sample_rate_hz / 2}),),
        adversarial=Adversarial(judges=judges, game="lsgan", feature_weight=2.0),
    )
    plan = Plan(
        steps=1_250_000,
        batch_frames=1024,
        learning_rate=2e-4,
        discriminator_learning_rate=2e-4,
        betas=(0.8, 0.99),
        weight_decay=0.01,
        warmup_steps=0,
        clip_norm=0,
        ema_decay=0,
    )
    return config, plan


def _vocos_game(*, from_step: int) -> Adversarial:
    """Hinge loss; Vocos averages over its five and three sub-discriminators, and weighs the latter 0.1."""
    judges = (Judge(kind="period", weight=1 / 5), Judge(kind="resolution", weight=0.1 / 3))
    return Adversarial(judges=judges, game="hinge", feature_weight=1.0, from_step=from_step)
