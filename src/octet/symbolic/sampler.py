"""Scores made audible with a SoundFont, in numpy alone: every note's sample, read at its pitch, looped and shaped.

Source: SoundFont Technical Specification 2.04, sections 8.1.2 (generators), 8.4.2 (velocity) and 9.1 (the model).

Departures: samples are band-limited before they are read, so that any rate can be asked for without aliasing; the
filter follows its envelope in steps of 16 ms; a note is held for a minute at most; the modulation LFO, reverb, chorus
and controllers are left out, as is the default by which soft notes are also darker, which most players leave out.

Legend: T tracks, C channels, N samples, n samples of a tone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from octet.core.errors import InvalidInput
from octet.symbolic.score import Note, Score, Track
from octet.symbolic.soundfont import G, Region, SoundFont, default_path
from octet.symbolic.tones import Samples, Tones, scaled_seconds, seconds_of

_LONGEST_SECONDS = 3600.0
_MOST_STEM_BYTES = 4 << 30
_MOST_NOTE_SECONDS = 100_000.0  # of all notes together: a symphony has less than half
_LONGEST_NOTE_SECONDS = 60.0
_TAIL_SECONDS = 2.0  # at most, after the last note is released
_RELEASE_DB = 100.0  # what a release time is the time for (section 8.1.3)
_FADE_SECONDS = 0.005  # of a note that another one of its class cuts off
_EMU_ATTENUATION = 0.4  # the chip that fonts were made for attenuates by this share of what they say
_SILENT_DB = 90.0


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
        self._tones = Tones(self.font, sample_rate_hz)

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
        tone = self._tones.tone(voice.region, voice.key, length)[:length]
        shape = _volume(voice, len(tone), rate)
        if voice.cut is not None:
            fading = shape[voice.cut - voice.start :]
            fading *= np.linspace(1.0, 0.0, len(fading), dtype=np.float32)
        sound = tone * shape * np.float32(_gain(voice))
        for channel, share in enumerate(_pan(voice.region.values[G.PAN], self.channels)):
            stem[channel, voice.start : voice.start + len(sound)] += sound * np.float32(share)


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


def _release_samples(region: Region, rate: int) -> int:
    return round(min(_TAIL_SECONDS, max(seconds_of(region.values[G.RELEASE]), 0.01)) * rate)


def _volume(voice: _Voice, length: int, rate: int) -> Samples:
    """The volume envelope (n,): linear attack, then hold, decay and release, straight lines in decibels."""
    values = voice.region.values
    hold = scaled_seconds(values[G.HOLD], values[G.KEY_TO_HOLD], voice.key)
    decay = max(scaled_seconds(values[G.DECAY], values[G.KEY_TO_DECAY], voice.key), 1e-3)
    attack = max(seconds_of(values[G.ATTACK]), 1e-3)
    moments = np.arange(length, dtype=np.float32)
    since = moments / np.float32(rate) - np.float32(seconds_of(values[G.DELAY]))
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
