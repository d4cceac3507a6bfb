"""Scores made audible with a SoundFont, in numpy alone: every note's sample, read at its pitch, looped and shaped.

Source: SoundFont Technical Specification 2.04, sections 8.1.2 (generators), 8.4.2 (velocity) and 9.1 (the model).

Departures: samples are band-limited before they are read, so that any rate can be asked for without aliasing; the
filter follows its envelope in steps of 16 ms; a note is held for a minute at most; the modulation LFO, reverb, chorus
and controllers are left out, as is the default by which soft notes are also darker, which most players leave out.

Legend: T tracks, C channels, N samples, n samples of one note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.symbolic.score import Note, Score, Track
from octet.symbolic.soundfont import G, Region, SoundFont, default_path

Samples = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

_LONGEST_SECONDS = 3600.0
_MOST_STEM_BYTES = 4 << 30
_MOST_NOTE_SECONDS = 100_000.0  # of all notes together: a symphony has less than half
_LONGEST_NOTE_SECONDS = 60.0
_TAIL_SECONDS = 2.0  # at most, after the last note is released
_RELEASE_DB = 100.0  # what a release time is the time for (section 8.1.3)
_FADE_SECONDS = 0.005  # of a note that another one of its class cuts off
_EMU_ATTENUATION = 0.4  # the chip that fonts were made for attenuates by this share of what they say
_SILENT_DB = 90.0
_OPEN_FILTER_CENTS = 13_500
_FILTER_REACH = 512  # samples that a band limit looks ahead
_FRAME = 256  # samples between steps of the filter at 16 kHz
_CUTOFFS_AN_OCTAVE = 4  # band limits that are told apart, so that neighbouring keys share a band-limited sample
_KEPT_SAMPLES = 1 << 25  # of tones: 128 MB


@dataclass(frozen=True, eq=False)
class Rendering:
    """Each track's sound (T, C, N), in the score's order; their sum is the whole."""

    stems: Samples
    sample_rate_hz: int

    @property
    def mix(self) -> Samples:
        """All tracks together (C, N); loud passages may leave [-1, 1]."""
        mix: Samples = self.stems.sum(axis=0, dtype=np.float32)
        return mix


class Sampler:
    """A SoundFont played at one sample rate. Tones are kept between notes and scores."""

    def __init__(self, font: Path | None = None, *, sample_rate_hz: int = 16_000, channels: int = 1) -> None:
        """The font at a path, or the default one.

        Raises:
            InvalidInput: a rate from 4 to 192 kHz, and one or two channels, were expected; or no readable font.
            MissingExtra: no font is given and none is installed.
        """
        if not 4_000 <= sample_rate_hz <= 192_000 or channels not in (1, 2):
            raise InvalidInput(
                f"a sampler plays at 4000 to 192000 Hz on 1 or 2 channels; given {sample_rate_hz} Hz, {channels}"
            )
        self.font = SoundFont(font or default_path())
        self.sample_rate_hz = sample_rate_hz
        self.channels = channels
        self._tones: dict[tuple[Region, int], Samples] = {}
        self._limited: dict[tuple[Region, int], Samples] = {}
        self._kept = 0  # samples in them, or more

    def render(self, score: Score) -> Rendering:
        """Every track of a score, up to two seconds after its end.

        Raises:
            InvalidInput: longer than an hour, or with more tracks or notes than a machine can hold.
        """
        samples = round((score.duration_seconds + _TAIL_SECONDS) * self.sample_rate_hz)
        _require_playable(score, 4 * samples * self.channels * len(score.tracks))
        stems = np.zeros((len(score.tracks), self.channels, samples), dtype=np.float32)
        for track, stem in zip(score.tracks, stems, strict=True):
            for voice in self._voices(score, track):
                self._play(voice, stem)
        return Rendering(stems, self.sample_rate_hz)

    def _voices(self, score: Score, track: Track) -> list[_Voice]:
        """What sounds for each note: a sample, or several, from when to when."""
        regions = self.font.regions(track.program, is_drum=track.is_drum)
        voices: list[_Voice] = []
        classes: dict[int, list[_Voice]] = {}
        for _, together in groupby(track.notes, key=lambda note: note.start_ticks):
            struck = [voice for note in together for voice in self._struck(score, note, regions)]
            for number in {voice.exclusive_class for voice in struck} - {0}:
                for earlier in classes.pop(number, []):
                    earlier.cut = struck[0].start
            for voice in struck:
                classes.setdefault(voice.exclusive_class, []).append(voice)
            voices += struck
        return voices

    def _struck(self, score: Score, note: Note, regions: tuple[Region, ...]) -> Iterator[_Voice]:
        start = round(score.seconds(note.start_ticks) * self.sample_rate_hz)
        end = round(score.seconds(note.end_ticks) * self.sample_rate_hz)
        held = min(max(1, end - start), round(_LONGEST_NOTE_SECONDS * self.sample_rate_hz))
        for region in regions:
            if region.sounds(note.pitch, note.velocity):
                yield _Voice(region, note.pitch, note.velocity, start, held)

    def _play(self, voice: _Voice, stem: Samples) -> None:
        rate = self.sample_rate_hz
        room = stem.shape[1] - voice.start
        limit = room if voice.cut is None else min(room, voice.cut - voice.start + round(_FADE_SECONDS * rate))
        length = min(limit, voice.held + _release_samples(voice.region, rate))
        tone = self._tone(voice.region, voice.key, length)[:length]
        shape = _volume(voice, len(tone), rate)
        if voice.cut is not None:
            fading = shape[voice.cut - voice.start :]
            fading *= np.linspace(1.0, 0.0, len(fading), dtype=np.float32)
        sound = tone * shape * np.float32(_gain(voice))
        for channel, share in enumerate(_pan(voice.region.values[G.PAN], self.channels)):
            stem[channel, voice.start : voice.start + len(sound)] += sound * np.float32(share)

    def _tone(self, region: Region, key: int, length: int) -> Samples:
        """A sample at a key's pitch and through its filter, of at least `length` samples, or all that it has."""
        known = self._tones.get((region, key))
        if known is None or (len(known) < length and region.loops):
            whole = 1 << (max(length, self.sample_rate_hz) - 1).bit_length()
            self._make_room(whole)
            known = self._tones[region, key] = self._filtered(self._read(region, key, whole), region, key)
        return known

    def _make_room(self, samples: int) -> None:
        """Forget all tones when the next one would be too many."""
        self._kept += samples
        if self._kept > _KEPT_SAMPLES:
            self._tones.clear()
            self._limited.clear()
            self._kept = samples

    def _read(self, region: Region, key: int, length: int) -> Samples:
        """The sample at a key's pitch: a place in it for each moment, and its value there."""
        cents = _cents(region, key) + _bend(region, key, length, self.sample_rate_hz)
        steps = region.sample_rate_hz / self.sample_rate_hz * 2.0 ** (cents / 1200.0)
        places = np.arange(length) * float(steps) if steps.ndim == 0 else np.cumsum(steps) - steps[0]
        if region.loops:
            start, loop = region.loop_end - region.start, region.loop_end - region.loop_start
            beyond = places >= start
            places[beyond] = start + np.mod(places[beyond] - start, loop)
        else:
            places = places[places < region.end - region.start - 1]
        return _interpolated(self._band_limited(region, float(steps.max())), places)

    def _band_limited(self, region: Region, step: float) -> Samples:
        """The sample without what reading every `step`-th of its values would fold back, padded by what is read."""
        octaves = max(0, int(np.ceil(np.log2(max(step, 1e-6)) * _CUTOFFS_AN_OCTAVE)))
        if (region, octaves) not in self._limited:
            samples = _unrolled(self.font.samples[region.start : region.end], region)
            limited = samples if octaves == 0 else _low_passed(samples, 2.0 ** (-octaves / _CUTOFFS_AN_OCTAVE))
            self._limited[region, octaves] = np.pad(limited, (1, 3))
        return self._limited[region, octaves]

    def _filtered(self, tone: Samples, region: Region, key: int) -> Samples:
        """Through the low-pass filter, whose cutoff follows the modulation envelope; zero phase, frame by frame."""
        values = region.values
        amount = values[G.ENVELOPE_TO_FILTER]
        if values[G.FILTER_CUTOFF] + min(0, amount) >= _OPEN_FILTER_CENTS:
            return tone
        hop = _FRAME * max(1, round(self.sample_rate_hz / 16_000))
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(tone, (hop, 2 * hop)), 2 * hop)[::hop]
        centres = np.arange(len(frames)) * hop
        cents = values[G.FILTER_CUTOFF] + amount * _shape(region, key, centres / self.sample_rate_hz)
        spectrum = np.fft.rfft(frames * _window(2 * hop), 4 * hop, axis=1)
        hz = np.fft.rfftfreq(4 * hop, 1.0 / self.sample_rate_hz)
        filtered = np.fft.irfft(spectrum * _response(hz, cents, values[G.FILTER_RESONANCE]), 4 * hop, axis=1)
        return _overlapped(filtered, hop)[hop : hop + len(tone)].astype(np.float32)


@dataclass(eq=False)
class _Voice:
    region: Region
    key: int
    velocity: int
    start: int  # samples, as the next two
    held: int
    cut: int | None = None

    @property
    def exclusive_class(self) -> int:
        return self.region.values[G.EXCLUSIVE_CLASS]


def _require_playable(score: Score, stem_bytes: int) -> None:
    if score.duration_seconds > _LONGEST_SECONDS:
        raise InvalidInput(
            f"a score of {score.duration_seconds:.0f} s is too long to render; cut it to an hour or less"
        )
    if stem_bytes > _MOST_STEM_BYTES:
        raise InvalidInput(f"{len(score.tracks)} tracks are too many for a score of this length; cut it into pieces")
    notes = (note for track in score.tracks for note in track.notes)
    total = sum(score.seconds(note.end_ticks) - score.seconds(note.start_ticks) for note in notes)
    if total > _MOST_NOTE_SECONDS:
        raise InvalidInput(f"the notes of this score sound for {total:.0f} s together, too long; cut it into pieces")


def _seconds(timecents: float) -> float:
    return float(2.0 ** (min(timecents, 8000) / 1200.0)) if timecents > -12_000 else 0.0


def _scaled_seconds(timecents: int, per_key: int, key: int) -> float:
    """A time that is shorter for higher keys, by `per_key` timecents a key from middle C."""
    return _seconds(timecents + per_key * (60 - key))


def _release_samples(region: Region, rate: int) -> int:
    return round(min(_TAIL_SECONDS, max(_seconds(region.values[G.RELEASE]), 0.01)) * rate)


def _cents(region: Region, key: int) -> float:
    """How far a key lies above the sample's own pitch."""
    values = region.values
    played = values[G.FIXED_KEY] if 0 <= values[G.FIXED_KEY] <= 127 else key
    return (played - region.root_key) * values[G.KEY_TO_PITCH] + values[G.SEMITONES] * 100.0 + values[G.CENTS]


def _bend(region: Region, key: int, length: int, rate: int) -> Floats:
    """Vibrato and the envelope's pull on the pitch in cents: (n,), or () where neither is asked for."""
    values = region.values
    depth, amount = values[G.VIBRATO_TO_PITCH], values[G.ENVELOPE_TO_PITCH]
    if not depth and not amount:
        return np.zeros(())
    seconds = np.arange(length) / rate
    since = np.maximum(seconds - _seconds(values[G.VIBRATO_DELAY]), 0.0)
    rate_hz = 8.176 * 2.0 ** (np.clip(values[G.VIBRATO_RATE], -16_000, 4_500) / 1200.0)
    triangle = 2.0 / np.pi * np.arcsin(np.sin(2.0 * np.pi * rate_hz * since))
    bend: Floats = depth * triangle + amount * _shape(region, key, seconds)
    return bend


def _shape(region: Region, key: int, seconds: Floats) -> Floats:
    """The modulation envelope, 0 to 1, while a key is held."""
    values = region.values
    attack = _seconds(values[G.SHAPE_ATTACK])
    hold = _scaled_seconds(values[G.SHAPE_HOLD], values[G.KEY_TO_SHAPE_HOLD], key)
    decay = _scaled_seconds(values[G.SHAPE_DECAY], values[G.KEY_TO_SHAPE_DECAY], key)
    sustain = 1.0 - np.clip(values[G.SHAPE_SUSTAIN], 0, 1000) / 1000.0
    since = seconds - _seconds(values[G.SHAPE_DELAY])
    rising = np.clip(since / max(attack, 1e-3), 0.0, 1.0)
    falling = np.maximum(1.0 - np.maximum(since - attack - hold, 0.0) / max(decay, 1e-3), sustain)
    shape: Floats = np.minimum(rising, falling)
    return shape


def _volume(voice: _Voice, length: int, rate: int) -> Samples:
    """The volume envelope (n,): linear attack, then hold, decay and release, straight lines in decibels."""
    values = voice.region.values
    hold = _scaled_seconds(values[G.HOLD], values[G.KEY_TO_HOLD], voice.key)
    decay = max(_scaled_seconds(values[G.DECAY], values[G.KEY_TO_DECAY], voice.key), 1e-3)
    attack = max(_seconds(values[G.ATTACK]), 1e-3)
    moments = np.arange(length, dtype=np.float32)
    since = moments / np.float32(rate) - np.float32(_seconds(values[G.DELAY]))
    fallen = np.maximum(since - np.float32(attack + hold), 0) * np.float32(_RELEASE_DB / decay)
    released = np.maximum(moments - voice.held, 0) * np.float32(_RELEASE_DB / _release_samples(voice.region, rate))
    lowered = np.minimum(fallen, np.float32(min(max(values[G.SUSTAIN] / 10.0, 0.0), _RELEASE_DB))) + released
    shape: Samples = np.clip(since / np.float32(attack), 0, 1) * np.exp(lowered * np.float32(-np.log(10.0) / 20.0))
    shape[lowered > _SILENT_DB] = 0.0
    return shape


def _gain(voice: _Voice) -> float:
    """Of velocity, its square (the default modulator of section 8.4.2), and of the region's attenuation."""
    values = voice.region.values
    velocity = values[G.FIXED_VELOCITY] if 1 <= values[G.FIXED_VELOCITY] <= 127 else voice.velocity
    attenuation_db = np.clip(values[G.ATTENUATION], 0, 1440) / 10.0 * _EMU_ATTENUATION
    return float((velocity / 127.0) ** 2 * 10.0 ** (-attenuation_db / 20.0))


def _pan(tenths_of_percent: int, channels: int) -> tuple[float, ...]:
    """Of equal power; one channel gets what two would have together."""
    angle = (np.clip(tenths_of_percent, -500, 500) + 500) / 1000 * np.pi / 2
    left, right = float(np.cos(angle)), float(np.sin(angle))
    return (left, right) if channels == 2 else ((left + right) / 2**0.5,)


def _interpolated(padded: Samples, places: Floats) -> Samples:
    """Between samples, by the cubic of Catmull and Rom through four of them; one sample stands before the first."""
    whole = places.astype(np.int64)
    x = (places - whole).astype(np.float32)
    before, first, second, after = (padded[whole + offset] for offset in range(4))
    slope = 0.5 * (second - before)
    cubic = 1.5 * (first - second) + 0.5 * (after - before)
    square = second - first - slope - cubic
    curve: Samples = ((cubic * x + square) * x + slope) * x + first
    return curve


def _unrolled(samples: NDArray[np.int16], region: Region) -> Samples:
    """Up to the loop's end and once more through the loop, and a little: what a filter sees at its ends is the loop."""
    scaled = samples.astype(np.float32) / np.float32(32768)
    if not region.loops:
        return scaled
    start, end = region.loop_start - region.start, region.loop_end - region.start
    return np.concatenate([scaled[:end], np.resize(scaled[start:end], end - start + _FILTER_REACH)])


def _low_passed(samples: Samples, cutoff: float) -> Samples:
    """Without what lies above `cutoff` (1 is half the rate), the last tenth of which fades out."""
    size = 1 << (len(samples) + 64 - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    position = np.linspace(0.0, 1.0, len(spectrum)) / cutoff
    spectrum *= 0.5 + 0.5 * np.cos(np.pi * np.clip((position - 0.9) / 0.1, 0.0, 1.0))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def _response(hz: Floats, cutoff_cents: Floats, resonance_cb: int) -> Floats:
    """Magnitude (frames, bins) of a low-pass filter of two poles, whose peak rises above 1 by its resonance."""
    cutoff_hz = 8.176 * 2.0 ** (np.clip(cutoff_cents, 1500, _OPEN_FILTER_CENTS) / 1200.0)
    quality = 10.0 ** ((np.clip(resonance_cb, 0, 960) / 10.0 - 3.01) / 20.0)
    squared = (hz[None, :] / cutoff_hz[:, None]) ** 2
    magnitude: Floats = 1.0 / np.sqrt((1.0 - squared) ** 2 + squared / quality**2)
    magnitude *= 10.0 ** (-np.clip(resonance_cb, 0, 960) / 400.0)  # half of the peak is taken back
    return magnitude


def _overlapped(frames: Floats, hop: int) -> Floats:
    """The sum of frames of four hops, each a hop after the one before."""
    total = np.zeros((len(frames) + 3, hop))
    for part in range(4):
        total[part : part + len(frames)] += frames[:, part * hop : (part + 1) * hop]
    flat: Floats = total.reshape(-1)
    return flat


@cache
def _window(samples: int) -> Floats:
    """Hann's, whose copies half a window apart add up to 1."""
    window: Floats = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(samples) / samples)
    return window
