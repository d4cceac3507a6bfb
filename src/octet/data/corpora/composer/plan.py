"""Everything about a piece that is settled before its first note: what was wished, and for the rest a choice.

Legend: positions are twelfths of a quarter note, as in `octet.symbolic.attributes`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from octet.core.errors import InvalidInput
from octet.data.corpora.composer.genres import STYLES, Style
from octet.data.corpora.composer.styles import INSTRUMENTS, MOODS, Instrument, Mood
from octet.symbolic.attributes import EMOTIONS, POSITIONS_PER_QUARTER, STRONG_BEATS, Attributes, Emotion
from octet.symbolic.instruments import CLASSES, DRUM
from octet.symbolic.score import Metre, Tempo

MOST_BARS = 256
_MOST_SECONDS = 900.0
_LOWEST, _HIGHEST = 0, 127
_USUAL_BARS = (4, 8, 8, 8, 12, 12, 16, 16, 16)
_NEAR = 0.002  # of a length that bars and tempo give


@dataclass(frozen=True)
class Part:
    """An instrument of the band, what it does, and the pitches it may use."""

    name: str  # its class
    program: int
    roles: str  # letters of `Instrument`
    low: int
    high: int


@dataclass(frozen=True)
class Plan:
    """A piece to be written; `attributes` are what it will have."""

    attributes: Attributes
    style: Style
    mood: Mood
    parts: tuple[Part, ...]
    metre: Metre
    tempo: Tempo
    lowest: int  # the tonic that is the lowest note of all
    highest: int  # what no note exceeds
    top: int  # the tonic that must be reached

    @property
    def bars(self) -> int:
        """How many."""
        assert self.attributes.bars is not None
        return self.attributes.bars

    @property
    def tonic(self) -> int:
        """Pitch class of the key; without pitched instruments it is of no account."""
        return self.attributes.tonic or 0

    @property
    def bar_positions(self) -> int:
        """Length of a bar."""
        return _bar_positions(self.metre)


def draw(wish: Attributes, rng: random.Random) -> Plan:
    """A plan in which every wish is met.

    Raises:
        InvalidInput: wishes that contradict each other, or that cannot be composed.
    """
    _require_possible(wish)
    genre = wish.genres[0] if wish.genres else rng.choice(sorted(STYLES))
    emotion: Emotion = wish.emotion or rng.choice(EMOTIONS)
    style, mood = STYLES[genre], MOODS[emotion]
    names = wish.instruments or _band(style, rng)
    pitched = names != (DRUM,)
    metre = _metre(wish.metre or rng.choice(style.metres))
    tempo, bars = _length(wish, metre, style, mood, rng)
    octaves = wish.octaves if wish.octaves is not None else _octaves(names, rng)
    tonic = wish.tonic if wish.tonic is not None else rng.randrange(min(12, 128 - 12 * octaves))
    lowest = _lowest(tonic, octaves, names)
    highest = min(_HIGHEST, lowest + 12 * octaves + 11)
    attributes = Attributes(
        instruments=names,
        danceable=_danceable(wish, names, metre, rng),
        intensity=wish.intensity or rng.choice(mood.intensities),
        bars=bars,
        metre=metre.name,
        tonic=tonic if pitched else None,
        mode=(wish.mode or mood.mode) if pitched else None,
        bpm=tempo.bpm,
        octaves=octaves if pitched else None,
        seconds=_seconds(bars, metre, tempo),
        emotion=emotion,
        genres=(genre,),
    )
    parts = _parts(names, style, (lowest, highest), rng)
    return Plan(attributes, style, mood, parts, metre, tempo, lowest, highest, lowest + 12 * octaves)


def _require_possible(wish: Attributes) -> None:
    if wish.artist is not None:
        raise InvalidInput(f"the composer cannot write like {wish.artist}; leave the artist out")
    if wish.genres is not None and (len(wish.genres) != 1 or wish.genres[0] not in STYLES):
        raise InvalidInput(f"the composer writes one of the genres {', '.join(sorted(STYLES))}; given {wish.genres}")
    if wish.instruments == ():
        raise InvalidInput("the composer needs at least one instrument; leave instruments out to have some chosen")
    if wish.instruments == (DRUM,) and any(value is not None for value in (wish.mode, wish.tonic, wish.octaves)):
        raise InvalidInput("drums alone have no key and no range; add an instrument")
    if wish.octaves == 10 and (wish.tonic or 0) > 7:
        raise InvalidInput("ten octaves fit into MIDI's range from C to G only; wish another tonic or fewer octaves")
    if wish.bars is not None and wish.bars > MOST_BARS:
        raise InvalidInput(f"the composer writes up to {MOST_BARS} bars; given {wish.bars}")
    if wish.seconds is not None and wish.seconds > _MOST_SECONDS:
        raise InvalidInput(f"the composer writes up to {_MOST_SECONDS:.0f} seconds; given {wish.seconds:g}")


def _band(style: Style, rng: random.Random) -> tuple[str, ...]:
    """A melody, perhaps chords and a bass, drums as the genre has them, and a friend or two."""
    size = rng.choices(("solo", "duo", "band"), (1, 2, 7))[0]
    names = {rng.choice(style.melody)}
    if size != "solo":
        names.add(rng.choice(style.chords))
    if size == "band":
        names.add(rng.choice(style.bass))
        names.update(rng.sample(style.extras, rng.randint(0, min(2, len(style.extras)))))
        if rng.random() < style.drums:
            names.add(DRUM)
    return tuple(name for name in CLASSES if name in names)


def _metre(name: str) -> Metre:
    numerator, denominator = map(int, name.split("/"))
    metre = Metre(0, numerator, denominator)
    if not POSITIONS_PER_QUARTER <= _bar_positions(metre) <= 16 * POSITIONS_PER_QUARTER or denominator > 16:
        raise InvalidInput(f"the composer writes bars from 1/4 to 16/4, down to sixteenths; given {name}")
    return metre


def _bar_positions(metre: Metre) -> int:
    return metre.numerator * 4 * POSITIONS_PER_QUARTER // metre.denominator


def _length(wish: Attributes, metre: Metre, style: Style, mood: Mood, rng: random.Random) -> tuple[Tempo, int]:
    """Tempo and number of bars, of which a length in seconds settles one."""
    quarters = _bar_positions(metre) / POSITIONS_PER_QUARTER
    low, high = max(style.bpm[0], mood.bpm[0]), min(style.bpm[1], mood.bpm[1])
    usual = rng.randint(low, high) if low <= high else min(max(style.bpm[0], mood.bpm[0]), mood.bpm[1])
    bpm = wish.bpm or usual
    if wish.seconds is None:
        return Tempo.of(bpm), wish.bars or _usual_bars(quarters, rng)
    bars = wish.bars or max(1, round(wish.seconds * bpm / 60 / quarters))
    needed = bars * quarters * 60 / wish.seconds
    if bars > MOST_BARS or (wish.bpm is not None and abs(needed / wish.bpm - 1) > _NEAR):
        raise InvalidInput(
            f"{wish.seconds:g} seconds, {bars} bars of {metre.name} and {bpm:g} beats a minute contradict each other; "
            f"{needed:.1f} beats a minute would fit"
        )
    return Tempo.of(needed), bars


def _usual_bars(quarters: float, rng: random.Random) -> int:
    """Short bars, more of them: a piece lasts a while, and is written in phrases of four."""
    several = max(1, round(4 / quarters)) if quarters < 4 else 1
    return min(rng.choice(_USUAL_BARS) * min(several, 2), 16)


def _seconds(bars: int, metre: Metre, tempo: Tempo) -> float:
    return bars * metre.bar_ticks * tempo.quarter_microseconds / 480e6


def _danceable(wish: Attributes, names: Sequence[str], metre: Metre, rng: random.Random) -> bool | None:
    possible = DRUM in names and metre.name in STRONG_BEATS
    if wish.danceable is not None and not possible:
        raise InvalidInput(f"danceability is one of drums in {', '.join(STRONG_BEATS)}; add a drum, or leave it out")
    if not possible:
        return None
    return rng.random() < 0.6 if wish.danceable is None else wish.danceable


def _octaves(names: Sequence[str], rng: random.Random) -> int:
    """A tune alone stays within a hand or two; a band from bass to flute spans four octaves."""
    pitched = len(names) - (DRUM in names)
    low, high = _reach(names)
    usual = rng.choice(((1,), (1, 2), (2, 3), (3, 4), (4, 4, 5))[min(pitched, 4)])
    return min(usual, (high - low) // 12)


def _lowest(tonic: int, octaves: int, names: Sequence[str]) -> int:
    """A tonic from which the range lies where the instruments are at home."""
    low, high = _reach(names)
    wanted = low + (high - low - 12 * octaves) // 3
    near = wanted + (tonic - wanted + 5) % 12 - 5
    while near + 12 * octaves > _HIGHEST:
        near -= 12
    while near < _LOWEST:
        near += 12
    return near


def _reach(names: Sequence[str]) -> tuple[int, int]:
    """The lowest and the highest note of a band."""
    played = [INSTRUMENTS[name] for name in names if name != DRUM] or [INSTRUMENTS["piano"]]
    return min(instrument.low for instrument in played), max(instrument.high for instrument in played)


def _parts(names: Sequence[str], style: Style, window: tuple[int, int], rng: random.Random) -> tuple[Part, ...]:
    """Who plays what: melody, bass and chords go to those whom the genre prefers, then to those who can do least else;
    long notes go to the rest."""
    free = [name for name in names if name != DRUM]
    roles = {DRUM: "d"} if DRUM in names else {}
    for letter, preferred in (("m", style.melody), ("b", style.bass), ("c", style.chords)):
        able = [name for name in free if letter in INSTRUMENTS[name].roles]
        chosen = max(able, key=lambda name: (name in preferred, -len(INSTRUMENTS[name].roles)), default=None)
        if letter == "m" and chosen is None and free:
            chosen = free[0]
        if chosen is not None:
            roles[chosen] = letter
            free.remove(chosen)
    roles.update(dict.fromkeys(free, "p"))
    alone = [name for name in roles if name != DRUM]
    if len(alone) == 1 and "c" in INSTRUMENTS[alone[0]].roles:
        roles[alone[0]] = "mc"
    return tuple(_part(name, roles[name], window, rng) for name in names)


def _part(name: str, roles: str, window: tuple[int, int], rng: random.Random) -> Part:
    instrument: Instrument = INSTRUMENTS[name]
    low, high = max(instrument.low, window[0]), min(instrument.high, window[1])
    if high - low < 11:  # the wished range lies elsewhere: an octave of it, the one nearest to the instrument's own
        low = min(max(window[0], min(low, high)), window[1] - 11)
        high = low + 11
    return Part(name, rng.choice(instrument.programs), roles, low, high)
