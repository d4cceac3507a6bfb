"""Parts that are sung together: their sounds on one timeline, their mixture, their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform

LOUDEST = 0.98  # peak of a mixture


def aligned(sounds: Sequence[Waveform], origins: Sequence[float]) -> list[Waveform]:
    """Sounds that begin at these times, padded to one beginning and one length."""
    import numpy as np

    rate = sounds[0].sample_rate_hz
    leads = [round((origin - min(origins)) * rate) for origin in origins]
    length = max(lead + sound.samples.shape[1] for lead, sound in zip(leads, sounds, strict=True))
    return [
        replace(sound, samples=np.pad(sound.samples, ((0, 0), (lead, length - lead - sound.samples.shape[1]))))
        for lead, sound in zip(leads, sounds, strict=True)
    ]


def mixed(sounds: Sequence[Waveform]) -> Waveform:
    """The sum of all, turned down where it would be too loud."""
    import numpy as np

    if len(sounds) == 1:
        return sounds[0]
    total = np.sum([sound.samples for sound in sounds], axis=0)
    return replace(sounds[0], samples=total * min(1.0, LOUDEST / max(float(np.abs(total).max()), 1e-9)))


def distinct(names: Sequence[str]) -> list[str]:
    """Names of which no two are one, whatever their capitals."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        taken = name.lower() in {other.lower() for other in found}
        found.append(f"{name} {number}" if taken else name)
    return found
