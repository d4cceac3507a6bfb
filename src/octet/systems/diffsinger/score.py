"""A line as tensors: what the model is told, in frames.

P phones, K notes, W words, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.families.acoustic.batch import continuous
from octet.families.acoustic.encoder import Phones
from octet.families.acoustic.length import round_cumulatively
from octet.systems.diffsinger.batch import note_curve, slurs_of
from octet.systems.diffsinger.config import CURVES, Config
from octet.systems.diffsinger.encoder import BREATH, SUNG_IDS, ScorePhones
from octet.systems.diffsinger.model import Told
from octet.systems.diffsinger.request import F0, Line, LineCurve, LinePhone, SingingRequest
from octet.text.phonemes import ACCENT_IDS, LANGUAGE_IDS, SILENCE

SPELLED: Final = {"SP": SILENCE, "AP": BREATH, "pau": SILENCE, "br": BREATH}
MOST_FRAMES: Final = 20_000  # of a line; four minutes at 80 frames a second


@dataclass(frozen=True)
class ToldLine:
    """A line for the model, a batch of one."""

    score: ScorePhones
    told: Told


def told_line(line: Line, request: SingingRequest, config: Config) -> ToldLine:
    """A line with the request's wishes.

    Raises:
        InvalidInput: an unknown phone, singer or language; a note outside the singer's range; or something missing
            that this version must be given.
    """
    rate = config.spec.frame_rate_hz / request.speed
    frames = _note_frames(line, rate)
    pitches = _pitches(line, request, config)
    notes = note_curve(pitches, frames)
    durations = _durations(line, rate)
    total = int(frames.sum()) if durations is None else int(durations.sum())
    notes = _of_length(notes, total)
    f0_hz, voiced = _f0(line, request, total, rate)
    _require_given(config, durations, f0_hz)
    told = Told(
        notes=notes[None],
        durations=durations,
        word_frames=_word_frames(line, frames),
        f0_hz=f0_hz,
        voiced=voiced,
        curves=_curves(line, total, rate),
        retake=_retaken(line, request, total, rate) if request.retake else None,
        expressiveness=request.expressiveness,
        vibrato=request.vibrato,
        curve_offsets=(request.energy_db, request.breathiness_db, request.voicing_db, request.tension),
    )
    return ToldLine(_score(line, request, config, pitches, frames), told)


def _note_frames(line: Line, rate: float) -> Tensor:
    frames = round_cumulatively(torch.tensor([note.seconds * rate for note in line.notes], dtype=torch.float64))
    if int(frames.sum()) > MOST_FRAMES:
        raise InvalidInput(f"a line lasts {int(frames.sum()) / rate:.0f} s; cut it at a rest into shorter ones")
    if int(frames.sum()) < 1:
        raise InvalidInput("a line is shorter than a frame: give its notes more time")
    return frames


def _pitches(line: Line, request: SingingRequest, config: Config) -> Tensor:
    """Notes in the key that is asked for, 0 for rests."""
    moved = [0.0 if note.pitch is None else note.pitch + request.key_semitones for note in line.notes]
    low, high = (_note(hz) for hz in (config.statistics.f0_low_hz, config.statistics.f0_high_hz))
    outside = [(index, pitch) for index, pitch in enumerate(moved) if pitch and not low <= pitch <= high]
    if outside and request.octaves_to_range:
        moved = [_folded(pitch, low, high) if pitch else pitch for pitch in moved]
    elif outside:
        named = ", ".join(f"note {index + 1} at {pitch:g}" for index, pitch in outside[:3])
        raise InvalidInput(
            f"{len(outside)} notes are outside the singer's range of MIDI {low:.0f} to {high:.0f} ({named}): "
            "choose another key, or ask for octaves_to_range"
        )
    return torch.tensor(moved)


def _note(hz: float) -> float:
    return float(69 + 12 * np.log2(hz / 440))


def _folded(pitch: float, low: float, high: float) -> float:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _durations(line: Line, rate: float) -> Tensor | None:
    """Whole frames a phone (1, P) where all are given."""
    seconds = [phone.seconds for phone in line.phones]
    given = [value for value in seconds if value is not None]
    if len(given) < len(seconds):
        return None
    return round_cumulatively(torch.tensor([[value * rate for value in given]], dtype=torch.float64))


def _word_frames(line: Line, frames: Tensor) -> Tensor:
    """Of each word (1, W): its note, and those that hold it on."""
    owner = torch.tensor([not note.slur for note in line.notes]).cumsum(0) - 1
    return torch.zeros(int(owner[-1]) + 1, dtype=torch.long).scatter_add(0, owner, frames)[None]


def _score(line: Line, request: SingingRequest, config: Config, pitches: Tensor, frames: Tensor) -> ScorePhones:
    heads = line.heads
    following = dict(zip(heads, [*heads[1:], heads[-1]], strict=True))
    syllables = torch.tensor([following[p.note] if p.leads else p.note for p in line.phones])
    place = {note: word for word, note in enumerate(heads)}
    columns = [[_symbol(phone) for phone in line.phones], [_accent(phone) for phone in line.phones]]
    languages = [_language(phone, line) for phone in line.phones]
    phones = Phones(*(torch.tensor([column]) for column in (*columns, languages)), _singer(line, request, config))
    return ScorePhones(
        phones,
        note_pitches=pitches[syllables][None],
        note_seconds=(frames[syllables] / config.spec.frame_rate_hz)[None],
        slurs=slurs_of(syllables, pitches)[None],
        words=torch.tensor([[place[phone.note] for phone in line.phones]]),
    )


def _symbol(phone: LinePhone) -> int:
    symbol = SPELLED.get(phone.symbol, phone.symbol)
    if symbol not in SUNG_IDS:
        raise InvalidInput(f"unknown phone {phone.symbol!r}: phones are those of octet.text.phonemes, SP and AP")
    return SUNG_IDS[symbol]


def _accent(phone: LinePhone) -> int:
    if phone.accent not in ACCENT_IDS:
        raise InvalidInput(f"unknown accent {phone.accent!r} of phone {phone.symbol!r}")
    return ACCENT_IDS[phone.accent]


def _language(phone: LinePhone, line: Line) -> int:
    language = phone.language or line.language or "en"
    if language not in LANGUAGE_IDS:
        raise InvalidInput(f"unknown language {language!r}: choose one of {', '.join(LANGUAGE_IDS)}")
    return LANGUAGE_IDS[language]


def _singer(line: Line, request: SingingRequest, config: Config) -> Tensor:
    name = request.singer or (line.singer if line.singer in config.singers else config.singers[0])
    if name not in config.singers:
        raise InvalidInput(f"unknown singer {name!r}: choose one of {', '.join(config.singers)}")
    return torch.tensor([config.singers.index(name)])


def _sampled(curve: LineCurve, total: int, rate: float) -> Tensor:
    """A curve's values at the start of each frame (T,), so that a frame's own values come back as they were."""
    times = np.arange(total) * (1 / rate)
    steps = np.arange(len(curve.values)) * curve.step_seconds
    return torch.from_numpy(np.interp(times, steps, curve.values).astype(np.float32))


def _f0(line: Line, request: SingingRequest, total: int, rate: float) -> tuple[Tensor | None, Tensor | None]:
    """F0 without gaps (1, T) and where it is voiced, in the key that is asked for."""
    if F0 not in line.curves:
        return None, None
    curve = line.curves[F0]
    values = torch.tensor(curve.values)
    if (values < 0).any():
        raise InvalidInput("an F0 curve has values below 0; frequencies in Hz were expected, 0 where unvoiced")
    whole = curve.model_copy(update={"values": tuple(continuous(values).tolist())})
    voiced = _sampled(curve.model_copy(update={"values": tuple((values > 0).float().tolist())}), total, rate) > 0.5
    return _sampled(whole, total, rate)[None] * 2 ** (request.key_semitones / 12), voiced[None]


def _curves(line: Line, total: int, rate: float) -> Tensor | None:
    """The curves that are given (1, 4, T), NaN for those that are not."""
    if not any(name in line.curves for name in CURVES):
        return None
    unknown = torch.full((total,), torch.nan)
    rows = [_sampled(line.curves[name], total, rate) if name in line.curves else unknown for name in CURVES]
    return torch.stack(rows)[None]


def _retaken(line: Line, request: SingingRequest, total: int, rate: float) -> Tensor:
    """Which frames (1, T) lie in a region that is to be taken again."""
    times = (line.start_seconds + (torch.arange(total) + 0.5) / rate) / request.speed
    inside = [(times >= region.start_seconds) & (times < region.end_seconds) for region in request.retake]
    return torch.stack(inside).any(0)[None]


def _require_given(config: Config, durations: Tensor | None, f0_hz: Tensor | None) -> None:
    if config.durations == "given" and durations is None:
        raise InvalidInput("this version is told how long phones are: give every phone its seconds")
    if config.pitch == "given" and f0_hz is None:
        raise InvalidInput("this version is told F0: give each line a curve f0_hz")


def _of_length(curve: Tensor, total: int) -> Tensor:
    if len(curve) >= total:
        return curve[:total]
    return torch.cat([curve, curve[-1:].expand(total - len(curve))])
