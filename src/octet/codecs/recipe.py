"""How the codecs are trained: each function returns a complete configuration of a trainable codec, and a `Plan`.

`codec_tiny` makes the bundled one on a CPU (`TrainableSpectralCodec`). The others (`TrainableCodec`) follow their
papers, at the papers' sizes.

`Plan.batch_frames` counts frames of the configuration's `features`, in stretches of recordings (`octet.data.sounds`)
that are cut into crops.
"""

from __future__ import annotations

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.codecs import encodec
from octet.codecs.encodec import EncodecConfig
from octet.codecs.spectral import SpectralConfig
from octet.codecs.spectral_training import SpectralTraining
from octet.codecs.training import CodebookLearning, CodecTraining, Judge
from octet.core.training import Plan


def codec_tiny() -> tuple[SpectralTraining, Plan]:
    """The bundled codec: 16 kHz, 25 codes a second, 16 codebooks of 1024, for speech and music, on a CPU.

    A quarter of the items is left with fewer codebooks, so that the first ones can be used alone.
    """
    config = SpectralTraining(
        codec=SpectralConfig(), features=spectrogram.tiny(), learning=CodebookLearning(dropout=0.25)
    )
    plan = Plan(
        steps=8_000,
        batch_frames=2560,  # 32 seconds: six stretches of at most 5, of two crops each
        learning_rate=1e-3,
        betas=(0.8, 0.95),
        warmup_steps=50,
    )
    return config, plan


def encodec_24khz() -> tuple[CodecTraining, Plan]:
    """EnCodec for speech and music in mono, of up to 32 codebooks at random (section 3.2)."""
    return _encodec(encodec.encodec_24khz(), dropout=1.0)


def encodec_48khz() -> tuple[CodecTraining, Plan]:
    """EnCodec for stereo music. A corpus of mono recordings makes both channels alike."""
    return _encodec(encodec.encodec_48khz(), dropout=1.0)


def encodec_32khz() -> tuple[CodecTraining, Plan]:
    """The codec of MusicGen: all four codebooks always."""
    return _encodec(encodec.encodec_32khz(), dropout=0.0)


def soundstream() -> tuple[CodecTraining, Plan]:
    """SoundStream, of up to 24 codebooks at random (section III-C)."""
    return _soundstream(encodec.soundstream())


def soundstream_50hz() -> tuple[CodecTraining, Plan]:
    """SoundStream as SoundStorm and MusicLM use it."""
    return _soundstream(encodec.soundstream_50hz())


def _encodec(codec: EncodecConfig, dropout: float) -> tuple[CodecTraining, Plan]:
    """Crops of one second, 64 a step, 200 epochs of 2000 steps, in audiocraft's public configuration."""
    config = CodecTraining(
        codec=codec,
        features=_features(codec.sample_rate_hz),
        crop_samples=codec.sample_rate_hz,
        learning=CodebookLearning(dropout=dropout),
        judge=Judge(),
    )
    return config, _plan(seconds=64)


def _soundstream(codec: EncodecConfig) -> tuple[CodecTraining, Plan]:
    """Section III-E: adversarial 1, features 100, spectral 1, without a balancer.

    Departures: the discriminators are EnCodec's, where the paper has three of the waveform and one of the STFT, so the
    features' weight, whose distances here are relative, is EnCodec's too; plan and spectral loss are EnCodec's.
    """
    config, plan = _encodec(codec, dropout=1.0)
    judge = Judge(weight=1.0, feature_weight=4.0)
    changes = {"balanced": False, "time_weight": 0.0, "mel_weight": 1.0, "judge": judge}
    return config.model_copy(update=changes), plan


def _plan(seconds: int) -> Plan:
    return Plan(
        steps=400_000,
        batch_frames=seconds * 100,
        learning_rate=3e-4,
        discriminator_learning_rate=3e-4,
        betas=(0.5, 0.9),
        warmup_steps=0,
        schedule="constant",
        clip_norm=0,
        ema_decay=0.99,
    )


def _features(sample_rate_hz: int) -> MelSpec:
    """100 frames a second, by which recordings are counted."""
    return MelSpec(
        sample_rate_hz=sample_rate_hz,
        fft_samples=1024,
        window_samples=1024,
        hop_samples=sample_rate_hz // 100,
        mel_bins=80,
        low_hz=0,
        high_hz=sample_rate_hz / 2,
    )
