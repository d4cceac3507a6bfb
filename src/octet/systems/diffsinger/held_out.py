"""How near a model comes to songs that it was not trained on: figures of the mel, of F0 and of durations.

They are of the model alone, before any vocoder. B batch, M mel bins, T frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from octet.core.training import SpeechExample, SungExample
from octet.families.acoustic.batch import masked_l1
from octet.families.acoustic.encoder import Phones
from octet.families.diffusion.samplers import last
from octet.systems.diffsinger.durations import word_sums
from octet.systems.diffsinger.model import DiffSinger, Sung, Told, score_of
from octet.systems.diffsinger.pitch import to_semitones
from octet.systems.diffsinger.shallow import Sampling
from octet.systems.diffsinger.speech import DiffSpeech

EXAMPLES: Final = 8


def judge_singing(model: DiffSinger, dataset: Any) -> dict[str, float]:
    """Means over a few examples, of mels with true durations, pitch and curves, and of what is drawn from the score.

    `f0_cents` is the median distance of drawn and true F0 where both are voiced.
    """
    found = [_singing(model, dataset[index]) for index in _chosen(dataset)]
    return _means(found) | _depths(model.diffusion)


def judge_speech(model: DiffSpeech, dataset: Any) -> dict[str, float]:
    """Means over a few examples, of mels with true durations, pitch and energy."""
    return _means([_speech(model, dataset[index]) for index in _chosen(dataset)]) | _depths(model.diffusion)


def sung_again(
    model: DiffSinger,
    example: SungExample,
    *,
    told_all: bool = False,
    how: Sampling = Sampling(),  # noqa: B008
) -> tuple[Tensor, Sung]:
    """The mel (1, M, T) of an example's score, and what was decided on the way; `told_all` gives F0 and curves."""
    device = next(model.parameters()).device
    batch = {name: value.to(device) for name, value in model.collate([example], _rng()).items()}
    given = told_all or model.config.pitch in ("given", "none")
    told = Told(
        notes=batch["notes"],
        durations=batch["durations"] if told_all or model.config.durations == "given" else None,
        word_frames=word_sums(batch["durations"], batch["words"]),
        f0_hz=batch["f0_hz"] if given else None,
        voiced=batch["voiced"] if given else None,
        curves=batch["curves"] if told_all else None,
    )
    sung = model.prepare(score_of(batch), told, _rng())
    return last(model.sample(sung, _rng(), how)), sung


def _singing(model: DiffSinger, example: SungExample) -> dict[str, float]:
    mel, told = sung_again(model, example, told_all=True)
    _, free = sung_again(model, example)
    true, valid = example.mel[None].to(mel), told.valid
    voiced = (example.f0_hz[None].to(mel.device) > 0) & free.voiced
    cents = 100 * (to_semitones(free.f0_hz) - to_semitones(example.f0_hz[None].to(mel.device))).abs()
    return {
        "sampled_mel_l1": float(masked_l1(mel, true, valid)),
        "blurry_mel_l1": float(masked_l1(told.blurry, true, valid)),
        "f0_cents": float(cents[voiced].median()) if voiced.any() else 0.0,
        "voicing_error": float((free.voiced.cpu() != (example.f0_hz[None] > 0)).float().mean()),
        "duration_error_frames": float((free.durations.cpu() - example.durations[None]).abs().float().mean()),
    }


def said_again(model: DiffSpeech, example: SpeechExample) -> tuple[Tensor, Tensor, Tensor]:
    """An example with its true durations, pitch and energy: sampled and blurry mel (1, M, T), valid frames (1, T)."""
    device = next(model.parameters()).device
    batch = {name: value.to(device) for name, value in model.collate([example], _rng()).items()}
    phones = Phones(*(batch[name] for name in ("symbols", "accents", "languages", "speakers")))
    with torch.no_grad():
        return model.copied(phones, batch, _rng())


def _speech(model: DiffSpeech, example: SpeechExample) -> dict[str, float]:
    mel, blurry, valid = said_again(model, example)
    true = example.mel[None].to(mel)
    return {
        "sampled_mel_l1": float(masked_l1(mel, true, valid)),
        "blurry_mel_l1": float(masked_l1(blurry, true, valid)),
    }


def _chosen(dataset: Any) -> list[int]:
    count = len(dataset.lengths)
    return [round(place * count / min(count, EXAMPLES)) for place in range(min(count, EXAMPLES))]


def _means(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in found) / len(found) for name in found[0]} if found else {}


def _depths(diffusion: Any) -> Mapping[str, float]:
    return {
        "depth_learned": float(diffusion.learned_depth),
        "depth_by_divergence": float(diffusion.divergence_depth),
    }


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
