"""Lines of songs as a batch. B batch, P phones, K notes, T frames, M mel bins."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from octet.core.training import Batch, SpeechExample, SungExample
from octet.families.acoustic.batch import collate as collate_speech
from octet.families.acoustic.batch import continuous, pad
from octet.systems.diffsinger.config import CURVES, Config, SpeechConfig
from octet.systems.diffsinger.contours import draw_regions
from octet.systems.diffsinger.encoder import words_of
from octet.systems.diffsinger.shallow import draws


def collate(items: Sequence[SungExample], config: Config, rng: torch.Generator) -> Batch:
    """Padded tensors, and the random numbers of a training step. Padded frames are never scored."""
    index = {name: number for number, name in enumerate(config.singers)}
    lengths = [item.mel.shape[1] for item in items]
    shape = (len(items), config.spec.mel_bins, max(lengths))
    whole = {name: pad([getattr(item, name) for item in items]) for name in ("symbols", "accents", "languages")}
    return {
        **whole,
        **notes_of_phones(items, config.spec.frame_rate_hz),
        "durations": pad([item.durations for item in items]),
        "speakers": torch.tensor([index[item.speaker] for item in items]),
        "mel": pad([item.mel.T for item in items]).mT,
        "f0_hz": pad([continuous(item.f0_hz) for item in items]),
        "voiced": pad([item.f0_hz > 0 for item in items]),
        "curves": pad([item.curves.T for item in items]).mT,
        "notes": _extended([note_curve(item.note_pitches, item.note_durations) for item in items]),
        "retake": draw_regions(lengths, rng),
        "pitch_noise": torch.randn(shape[0], 1, shape[2], generator=rng),
        "curve_noise": torch.randn(shape[0], len(CURVES), shape[2], generator=rng),
        **draws(shape, rng),
    }


def collate_spoken(items: Sequence[SpeechExample], config: SpeechConfig, rng: torch.Generator) -> Batch:
    """A batch of speech, and the random numbers of a training step."""
    batch = collate_speech(items, [1.0] * len(items), config.acoustic)
    return batch | draws((len(items), *batch["mel"].shape[1:]), rng)


def notes_of_phones(items: Sequence[SungExample], frame_rate_hz: float) -> Batch:
    """What the encoder is told of each phone's note, and the words, of examples with notes."""
    return {
        "note_pitches": pad([item.note_pitches[item.phone_notes] for item in items]),
        "note_seconds": pad([item.note_durations[item.phone_notes] / frame_rate_hz for item in items]),
        "slurs": pad([slurs_of(item.phone_notes, item.note_pitches) for item in items]),
        "words": _extended(
            [torch.tensor(words_of(item.symbols.tolist(), item.phone_notes.tolist())) for item in items]
        ),
    }


def slurs_of(phone_notes: Tensor, note_pitches: Tensor) -> Tensor:
    """1 where a phone's syllable goes on over further notes (P,): the next syllable's note is not the next note."""
    ends = torch.full_like(phone_notes, len(note_pitches))
    for place in range(len(phone_notes) - 2, -1, -1):
        ends[place] = phone_notes[place + 1] if phone_notes[place + 1] != phone_notes[place] else ends[place + 1]
    return ((ends - phone_notes > 1) & (note_pitches[phone_notes] > 0)).long()


def note_curve(pitches: Tensor, durations: Tensor) -> Tensor:
    """MIDI numbers of notes (K,) and their frames (K,) as a number a frame (T,); rests take the nearest note's.

    Where all is rest, middle C.
    """
    curve = torch.repeat_interleave(pitches.float(), durations)
    sounding = curve.nonzero()[:, 0]
    if not len(sounding):
        return torch.full_like(curve, 60.0)
    places = torch.arange(len(curve))
    after = torch.searchsorted(sounding, places).clamp(max=len(sounding) - 1)
    before = (after - 1).clamp(min=0)
    nearer = (places - sounding[before]).abs() < (sounding[after] - places).abs()
    return curve[torch.where(nearer, sounding[before], sounding[after])]


def _extended(sequences: Sequence[Tensor]) -> Tensor:
    """As `pad`, filled with the last value of each."""
    longest = max(map(len, sequences))
    return torch.stack([torch.cat([s, s[-1:].expand(longest - len(s))]) for s in sequences])
