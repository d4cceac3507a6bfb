"""The verb `bench` for DiffSinger: the bundled singer's real-time factor, and a step of the paper's denoiser.

The peer of the denoiser is its arithmetic as the public implementation orders it: each block projects the condition
anew at every step. Ours projects it once for a song. Both run in one process, on the same random weights.
"""

from __future__ import annotations

from typing import Any, Final

import torch

from octet.core.errors import InvalidInput
from octet.evaluation import speed
from octet.families.diffusion.denoisers import WaveNetConfig, WaveNetDenoiser
from octet.jobs.load import load
from octet.symbolic.song import Phrase, Song, SungNote, SungPhone

FRAMES: Final = 1000
SYLLABLES: Final = (("l", "ɑ", 60.0), ("m", "i", 62.0), ("n", "oʊ", 64.0), ("l", "ɑ", 65.0), ("m", "i", 67.0))
SINGER: Final = "diffsinger-tiny"

Rows = dict[str, float]


def singer() -> Rows:
    """The bundled singer with its default sampler; nothing where none is bundled yet."""
    try:
        loaded: Any = load(SINGER, offline=True)
    except InvalidInput:
        return {}
    seconds = loaded.generate(_song()).duration_seconds
    timing = speed.measure(lambda: loaded.generate(_song()), repeats=3)
    return {"diffsinger: real-time factor": speed.real_time_factor(timing, seconds)}


@torch.inference_mode()
def denoiser() -> Rows:
    """A step of 20 blocks of 256 channels over 1000 frames: ours, the public order of work, and their ratio."""
    model = WaveNetDenoiser(WaveNetConfig(), 80, 256).eval()
    x, condition, steps = torch.randn(1, 80, FRAMES), torch.randn(1, 256, FRAMES), torch.tensor([50])
    shares = model.shares(condition)
    ours = speed.measure(lambda: model.denoise(x, steps, shares), repeats=5)
    peer = speed.measure(lambda: model(x, steps, condition), repeats=5)
    return {
        "denoiser at the paper's shape: seconds a step of 1000 frames": ours.median_seconds,
        "the same, condition projected at every step: seconds": peer.median_seconds,
        "ours / that": ours.median_seconds / peer.median_seconds,
    }


def _song() -> Song:
    """Ten seconds of two short phrases over and over."""
    phrases = [_phrase(5.0 * number) for number in range(2)]
    return Song(tuple(phrases), language="en")


def _phrase(start_seconds: float) -> Phrase:
    notes = [SungNote(0.4, None), *(SungNote(0.8, pitch, "la") for _, _, pitch in SYLLABLES), SungNote(0.4, None)]
    phones = [SungPhone("SP", 0)]
    for number, (consonant, vowel, _) in enumerate(SYLLABLES):
        phones += [SungPhone(consonant, number, leads=True), SungPhone(vowel, number + 1)]
    return Phrase(start_seconds, tuple(notes), (*phones, SungPhone("SP", len(notes) - 1)), language="en")
