"""Singing with the public DiffSinger weights: lines in their phones, mel and F0, and a vocoder.

Their scores differ from ours in two ways: a note holds the consonants that lead to its vowel, and a syllable that is
held on over further notes is written as its vowel once more for each, marked as a slur.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from octet.audio.spectrogram import require_same
from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.version import VERSION
from octet.families.diffusion.samplers import last
from octet.symbolic.song import Song
from octet.systems.diffsinger.generate import Take, joined
from octet.systems.diffsinger.published import Published
from octet.systems.diffsinger.published_model import Decided, Notes
from octet.systems.diffsinger.published_parts import PitchExtractor
from octet.systems.diffsinger.request import F0, Line, SingingRequest, request_of
from octet.vocoders.contract import SungVocoder

PAUSES: Final = {"sil": "SP", "pau": "SP", "br": "AP"}
VOWEL_LETTERS: Final = frozenset("aeiouv")  # with which finals begin, and no initial does
RESTS: Final = ("SP", "AP")


class _Sounding(NamedTuple):
    """A phone as these weights are told it."""

    symbol: str
    pitch: int
    seconds: float
    slur: int


class PublishedSinger:
    """Public weights ready to sing: `generate` returns a `Waveform`, `sung` its phrases.

    Args:
        published: weights that know notes (MIDI-A, MIDI-B), and their phones.
        extractor: for MIDI-B, which leaves F0 to it.

    Raises:
        InvalidInput: the vocoder was made for other spectrograms, a version that is told no notes, or no phones or
            extractor beside the weights.
    """

    def __init__(
        self,
        published: Published,
        vocoder: SungVocoder,
        extractor: PitchExtractor | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        require_same(published.spec, vocoder.spec)
        if not published.model.shape.notes:
            raise InvalidInput("these weights are told no notes (PopCS or DiffSpeech): give MIDI-A or MIDI-B")
        if not published.phones:
            raise InvalidInput("the phones of these weights are not known: put their phone_set.json beside them")
        if published.model.shape.pitch == "none" and extractor is None:
            raise InvalidInput("version MIDI-B leaves F0 to a pitch extractor: give its checkpoint too")
        self.published, self.vocoder, self.extractor = published, vocoder, extractor
        self.source = dict(source or {})

    def generate(self, song: Song | Iterable[Line], **options: Any) -> Waveform:
        """Sing a song or lines; options are `key_semitones`, `speed`, `sampler`, `num_inference_steps` and `seed`.

        Raises:
            InvalidInput: as of `octet.systems.diffsinger.generate.Singer`; phones are the weights' own (pinyin).
        """
        request = request_of(song, **options)
        audio = joined(list(self.sung(request)), request.speed)
        said = request.model_dump(mode="json", exclude_defaults=True)
        return replace(audio, metadata={"octet": VERSION, "verb": "sing", **self.source, "request": said})

    def sung(self, request: SingingRequest) -> Iterator[Take]:
        """The phrases in order, each as soon as it is sung."""
        for number, line in enumerate(request.lines):
            rng = torch.Generator().manual_seed(line.seed if line.seed is not None else request.seed + number)
            decided = self._decided(line, request)
            mel = last(self.published.model.sample(decided, rng, request.sampler, request.num_inference_steps))
            with torch.inference_mode():
                audio = self.vocoder.sing(mel, self._f0(decided, mel))[0].clamp(-1, 1)
            yield Take(line, Waveform(audio.numpy(), self.published.spec.sample_rate_hz), mel[0])

    def _decided(self, line: Line, request: SingingRequest) -> Decided:
        phones, rate = sounding(line, request), self.published.spec.frame_rate_hz
        symbols = torch.tensor([self._id(phone.symbol) for phone in phones])
        pitches, slurs = (torch.tensor([getattr(phone, name) for phone in phones]) for name in ("pitch", "slur"))
        seconds = torch.tensor([phone.seconds for phone in phones])
        vowels = torch.tensor([phone.symbol in RESTS or phone.symbol[0] in VOWEL_LETTERS for phone in phones])
        durations = _durations(line, phones, rate / request.speed)
        f0_hz = None
        if durations is not None and F0 in line.curves:
            f0_hz = _curve(line, int(durations.sum()), rate / request.speed) * 2 ** (request.key_semitones / 12)
        return self.published.model.prepare(symbols, Notes(pitches, seconds, slurs), vowels, rate, durations, f0_hz)

    def _id(self, symbol: str) -> int:
        if symbol not in self.published.phones:
            some = ", ".join(self.published.phones[3:15])
            raise InvalidInput(f"these weights have no phone {symbol!r}; they have {some}, ...")
        return self.published.phones.index(symbol)

    def _f0(self, decided: Decided, mel: Tensor) -> Tensor:
        if decided.f0_hz is not None:
            return decided.f0_hz
        assert self.extractor is not None
        f0_hz, voiced = self.extractor(mel)
        return f0_hz * voiced


def sounding(line: Line, request: SingingRequest) -> list[_Sounding]:
    """A line's phones in the order and with the notes that these weights are told."""
    heads = line.heads
    following = dict(zip(heads, [*heads[1:], heads[-1]], strict=True))
    out: list[_Sounding] = []
    for place, phone in enumerate(line.phones):
        note = following[phone.note] if phone.leads else phone.note
        symbol = PAUSES.get(phone.symbol, phone.symbol)
        out.append(_told(line, request, note, symbol, 0))
        others = [other for other in line.phones[place + 1 :] if other.note == phone.note and not other.leads]
        if not phone.leads and not others:
            held = range(note + 1, next((head for head in heads if head > note), len(line.notes)))
            out += [_told(line, request, number, symbol, 1) for number in held]
    return out


def _told(line: Line, request: SingingRequest, note: int, symbol: str, slur: int) -> _Sounding:
    written = line.notes[note]
    pitch = 0 if written.pitch is None else round(written.pitch + request.key_semitones)
    return _Sounding(symbol, pitch, written.seconds / request.speed, slur)


def _durations(line: Line, phones: list[_Sounding], rate: float) -> Tensor | None:
    """Frames a phone, where the line gives the seconds of all and holds none on."""
    seconds = [phone.seconds for phone in line.phones]
    if len(phones) != len(seconds) or any(value is None for value in seconds):
        return None
    ends = np.rint(np.cumsum(np.array(seconds, dtype=np.float64)) * rate)
    return torch.from_numpy(np.diff(ends, prepend=0).astype(np.int64))


def _curve(line: Line, total: int, rate: float) -> Tensor:
    curve = line.curves[F0]
    steps = np.arange(len(curve.values)) * curve.step_seconds
    values = np.interp(np.arange(total) / rate, steps, curve.values)
    voiced = np.interp(np.arange(total) / rate, steps, np.array(curve.values) > 0) > 0.5
    return torch.from_numpy((values * voiced).astype(np.float32))
