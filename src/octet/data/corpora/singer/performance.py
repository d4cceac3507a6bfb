"""Spoken syllables sung: WORLD takes them apart, their phones are held and warped onto notes, WORLD sings them.

A vowel keeps its first and last moments and is stretched in its steady middle, a diphthong in its first third.
Envelopes are brought to one loudness at all vowels before the singer's own curve is laid over them. Which frames are
voiced is decided by the phones, so that it is known exactly.

Legend: T frames of 5 ms, S frames of the spoken source, F frequencies, N samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octet.audio import world
from octet.audio.curves import Curves, curves, harmonic_power
from octet.data.corpora.singer.lyrics import Line, Sound
from octet.data.corpora.singer.singers import Singer
from octet.data.corpora.singer.timing import Placed
from octet.data.corpora.teachers import SAMPLE_RATE_HZ, limited
from octet.data.corpora.warps import stretched
from octet.data.manifest import BREATH
from octet.text.phonemes import CONSONANTS

FRAME_SECONDS = 0.005
_VOICELESS = frozenset(
    (
        *("p", "t", "k", "ʔ", "f", "θ", "s", "ʃ", "ɕ", "ʂ", "ç", "x", "h", "ɸ", "ts", "tʃ", "tɕ", "ʈʂ", "pf"),
        *(symbol for symbol in CONSONANTS if symbol[-1] in ("ʰ", "͈", "̚")),
    )
)
_DIPHTHONGS = frozenset(("eɪ", "aɪ", "ɔɪ", "aʊ", "oʊ"))
_STEADY, _STEADY_OF_DIPHTHONG = (0.35, 0.65), (0.2, 0.4)  # of a vowel's time: what is stretched
_VOWEL_POWER = 0.008  # of a vowel at 0 dB
_SILENT_POWER = 1e-8
_MOST_RAISED_DB = 9.0  # of a vowel against the others: some are spoken without voice
_LEVEL_FRAMES = 41  # an odd number: 0.2 s
_NOISE, _NOISE_OF_CONSONANT = (0.25, 0.15), (0.45, 0.25)  # aperiodicity at 1 kHz at most, and more of it an octave
_BREATH_DB = -17.0  # against a vowel
_RING_HZ, _RING_WIDTH_HZ = 2900.0, 500.0
_TILT = 0.12  # dB an octave above 1 kHz, for each dB of loudness

Floats = NDArray[np.float64]


class Manner(NamedTuple):
    """What a singer does over time: F0 (T,) without interruption, loudness (T,) in dB, breath (T,) from 0 to 1."""

    f0_hz: Floats
    loudness_db: Floats
    breath: Floats


@dataclass(frozen=True)
class Performance:
    """Samples (N,) and, at frames of 5 ms from 0 on, F0 (T,) without interruption, voicing (T,) and curves."""

    samples: NDArray[np.float32]
    f0_hz: Floats
    voiced: NDArray[np.bool_]
    curves: Curves


class _Source(NamedTuple):
    logarithm: Floats  # (S, F) of the envelope
    aperiodicity: Floats  # (S, F)


def frame_times(seconds: float) -> Floats:
    """Of all frames of a sound, its end included."""
    return np.arange(int(np.ceil(round(seconds / FRAME_SECONDS, 6))) + 1) * FRAME_SECONDS


def perform(line: Line, placed: Sequence[Placed], manner: Manner, singer: Singer) -> Performance:
    """Sing the phones in their places.

    Raises:
        MissingExtra: pyworld is not installed.
    """
    seconds = placed[-1].end
    times = frame_times(seconds)
    of = phone_of_frame(placed, times)
    voiced = np.array([is_voiced(phone) for phone in placed])[of]
    envelope, aperiodicity = _held(_source(line, singer), placed, times, of)
    f0_hz = np.where(voiced, manner.f0_hz, 0.0)
    sounding = np.array([phone.sound is not None for phone in placed])[of]
    envelope[sounding] = _resolved(envelope[sounding], f0_hz[sounding])
    envelope[sounding] *= (_VOWEL_POWER / _vowel_level(envelope, f0_hz, placed, times))[sounding, None]
    envelope[sounding] *= _colour(manner.loudness_db[sounding], envelope.shape[1])
    aperiodicity += np.where(voiced, manner.breath, 0.0)[:, None] * (1 - aperiodicity)
    sound = world.Analysis(f0_hz, envelope, aperiodicity, times)
    samples = _synthesized(sound, round(seconds * SAMPLE_RATE_HZ))
    loud = limited(samples)
    gain = float(np.abs(loud).max() / max(np.abs(samples).max(), 1e-9))
    known = curves(sound._replace(envelope=envelope * gain**2), SAMPLE_RATE_HZ)
    return Performance(loud, manner.f0_hz, voiced, known)


def is_voiced(phone: Placed) -> bool:
    """Whether the vocal folds vibrate in a phone."""
    return phone.sound is not None and phone.symbol not in _VOICELESS


def phone_of_frame(placed: Sequence[Placed], times: Floats) -> NDArray[np.int64]:
    """(T,) the number of the phone that sounds at each time."""
    starts = [phone.start for phone in placed]
    return np.clip(np.searchsorted(starts, times + 1e-9, side="right") - 1, 0, len(placed) - 1)


def _synthesized(sound: world.Analysis, length: int) -> NDArray[np.float32]:
    samples = world.synthesize(*sound[:3], SAMPLE_RATE_HZ, frame_seconds=FRAME_SECONDS)
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def _source(line: Line, singer: Singer) -> _Source:
    """The spoken line taken apart, in the singer's timbre."""
    samples = line.utterance.samples
    f0_hz, times = world.f0(samples, SAMPLE_RATE_HZ, FRAME_SECONDS, 60.0, 600.0)
    spoken = world.analyse_at(samples, SAMPLE_RATE_HZ, _voiced_as_written(f0_hz, times, line), times)
    envelope = stretched(spoken.envelope, singer.formants) * _ring(spoken.envelope.shape[1], singer.ring_db)
    return _Source(np.log(envelope), np.minimum(spoken.aperiodicity, _most_noise(line, times, envelope.shape[1])))


def _most_noise(line: Line, times: Floats, bins: int) -> Floats:
    """Aperiodicity (S, F) that phones have at most: what is sung with voice is heard to be."""
    octaves = np.log2(np.maximum(_frequencies(bins), 125.0) / 1000)
    vowel, consonant = (np.clip(base + slope * octaves, 0.05, 1.0) for base, slope in (_NOISE, _NOISE_OF_CONSONANT))
    most = np.ones((len(times), bins))
    for syllable in line.syllables:
        for sound in syllable.sounds:
            if sound.phone.symbol not in _VOICELESS:
                most[_within(sound, times)] = vowel if sound is syllable.nucleus else consonant
    return most


def _within(sound: Sound, times: Floats) -> NDArray[np.bool_]:
    return (times >= sound.start_seconds) & (times < sound.end_seconds)


def _voiced_as_written(f0_hz: Floats, times: Floats, line: Line) -> Floats:
    """F0 (S,) on all frames of phones with voice, and on no others, whatever was measured."""
    voiced = np.zeros(len(times), bool)
    for sound in (sound for syllable in line.syllables for sound in syllable.sounds):
        if sound.phone.symbol not in _VOICELESS:
            voiced |= _within(sound, times)
    found = np.flatnonzero(f0_hz > 0)
    if not len(found):
        return np.where(voiced, 150.0, 0.0)
    return np.where(voiced, np.interp(np.arange(len(times)), found, f0_hz[found]), 0.0)


def _frequencies(bins: int) -> Floats:
    return np.linspace(0, SAMPLE_RATE_HZ / 2, bins)


def _ring(bins: int, ring_db: float) -> Floats:
    hump = np.exp(-0.5 * ((_frequencies(bins) - _RING_HZ) / _RING_WIDTH_HZ) ** 2)
    return np.asarray(10 ** (ring_db * hump / 10))


def _resolved(envelope: Floats, f0_hz: Floats) -> Floats:
    """Power (T, F) spread over the distance of harmonics, as F0 (T,) samples it.

    A formant between two harmonics would be lost, and with it the vowel's power; singers tune their formants.
    """
    step_hz = SAMPLE_RATE_HZ / 2 / (envelope.shape[1] - 1)
    reach = np.rint(f0_hz / 2 / step_hz).astype(int)
    most = int(reach.max())
    mirrored = np.pad(envelope, ((0, 0), (most + 1, most)), mode="reflect")
    total = np.cumsum(mirrored, axis=1)
    bins = np.arange(envelope.shape[1]) + most + 1
    above, below = bins + reach[:, None], bins - reach[:, None] - 1
    spread = np.take_along_axis(total, above, 1) - np.take_along_axis(total, below, 1)
    return np.asarray(spread / (2 * reach + 1)[:, None])


def _vowel_level(envelope: Floats, f0_hz: Floats, placed: Sequence[Placed], times: Floats) -> Floats:
    """Power (T,) at the vowels as they would sound, on lines between them and without its quick changes."""
    steady = np.zeros(len(times), bool)
    for phone in placed:
        if phone.is_nucleus:
            edge = 0.2 * (phone.end - phone.start)
            steady |= (times >= phone.start + edge) & (times <= phone.end - edge)
    decibels = 10 * np.log10(harmonic_power(envelope[steady], f0_hz[steady], SAMPLE_RATE_HZ))
    level = np.interp(times, times[steady], np.maximum(decibels, np.median(decibels) - _MOST_RAISED_DB))
    box = np.ones(_LEVEL_FRAMES) / _LEVEL_FRAMES
    smooth = np.convolve(np.pad(level, _LEVEL_FRAMES // 2, mode="edge"), box, mode="valid")
    return np.asarray(10 ** (smooth / 10))


def _colour(loudness_db: Floats, bins: int) -> Floats:
    """Power (T, F) that loudness adds: soft is also dull."""
    octaves = np.log2(np.maximum(_frequencies(bins), 125.0) / 1000)
    return np.asarray(np.exp(np.log(10) / 10 * loudness_db[:, None] * (1 + _TILT * octaves)))


def _held(source: _Source, placed: Sequence[Placed], times: Floats, of: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Envelope and aperiodicity (T, F) of the phones in their places."""
    bins = source.logarithm.shape[1]
    envelope = np.full((len(times), bins), _SILENT_POWER)
    aperiodicity = np.ones((len(times), bins))
    for number, phone in enumerate(placed):
        frames = np.flatnonzero(of == number)
        if phone.symbol == BREATH:
            envelope[frames] += _breathing((times[frames] - phone.start) / (phone.end - phone.start), bins)
    sung = np.flatnonzero([phone.sound is not None for phone in placed])
    sung = np.flatnonzero(np.isin(of, sung))
    position = np.concatenate(
        [_position(phone, times[of == number]) for number, phone in enumerate(placed) if phone.sound is not None]
    )
    low = np.clip(position.astype(int), 0, len(source.logarithm) - 2)
    share = np.clip(position - low, 0, 1)[:, None]
    envelope[sung] += np.exp(source.logarithm[low] * (1 - share) + source.logarithm[low + 1] * share)
    aperiodicity[sung] = source.aperiodicity[low] * (1 - share) + source.aperiodicity[low + 1] * share
    return envelope, aperiodicity


def _position(phone: Placed, times: Floats) -> Floats:
    """Frames of the source, with fractions, for the times (T,) of one phone."""
    sound = phone.sound
    assert sound is not None
    start, end = sound.start_seconds, sound.end_seconds
    spoken, sung = end - start, phone.end - phone.start
    if not phone.is_nucleus or sung <= spoken:
        return np.asarray((start + (times - phone.start) * spoken / sung) / FRAME_SECONDS)
    first, last = (share * spoken for share in (_STEADY_OF_DIPHTHONG if phone.symbol in _DIPHTHONGS else _STEADY))
    targets = (phone.start, phone.start + first, phone.end - (spoken - last), phone.end)
    return np.asarray(np.interp(times, targets, (start, start + first, start + last, end)) / FRAME_SECONDS)


def _breathing(share: Floats, bins: int) -> Floats:
    """Power (T, F) of drawing breath, at shares (T,) of its time: noise that swells and stops."""
    hertz = _frequencies(bins)
    mouth = sum(
        10 ** (decibels / 10) * np.exp(-0.5 * ((hertz - centre) / width) ** 2)
        for centre, width, decibels in ((900, 350, 0), (1700, 450, 3), (3300, 700, 1), (5500, 1500, -5))
    )
    swell = np.sin(np.pi * np.clip(share, 0, 1) ** 1.5) ** 2
    power = _VOWEL_POWER * 10 ** (_BREATH_DB / 10)
    return np.asarray(power * swell[:, None] * mouth)
