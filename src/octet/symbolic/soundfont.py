"""SoundFont 2 files (E-mu, SoundFont Technical Specification 2.04): which sample sounds for a key, and how.

A preset is made of zones that choose instruments by key and velocity, an instrument of zones that choose samples; what
zones say (generators) is put together here into `Region`s, one a sample that may sound. Modulators are not read: their
defaults for velocity are in the sampler. Compressed fonts (.sf3) are not read.

The default font is the one that `pretty_midi` brings (TimGM6mb by Tim Brechbill, GPL-2); the variable `OCTET_SOUNDFONT`
names another.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput, MissingExtra

VARIABLE = "OCTET_SOUNDFONT"
DRUM_BANK = 128
_FONT_PACKAGE, _FONT_NAME = "pretty_midi", "TimGM6mb.sf2"
_MOST_BYTES = 2 << 30
_MOST_REGIONS = 4096  # of a preset; large orchestral fonts have some hundreds
_COMPRESSED = 0x10  # flag of a sample's type in .sf3 files
_FROM_ROM = 0x8000

_PRESET = np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("unused", "V12")])
_INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_GENERATOR = np.dtype([("kind", "<u2"), ("amount", "<i2")])
_SAMPLE = np.dtype(
    [
        ("name", "S20"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("loop_start", "<u4"),
        ("loop_end", "<u4"),
        ("rate", "<u4"),
        ("key", "u1"),
        ("cents", "i1"),
        ("link", "<u2"),
        ("type", "<u2"),
    ]
)
_TABLES = {
    "phdr": _PRESET,
    "pbag": _BAG,
    "pgen": _GENERATOR,
    "inst": _INSTRUMENT,
    "ibag": _BAG,
    "igen": _GENERATOR,
    "shdr": _SAMPLE,
}


class Generator(IntEnum):
    """What a zone can say (section 8.1.2); times in timecents, pitch in cents, levels in centibels."""

    START, END, LOOP_START, LOOP_END, START_COARSE = 0, 1, 2, 3, 4
    VIBRATO_TO_PITCH, ENVELOPE_TO_PITCH, FILTER_CUTOFF, FILTER_RESONANCE = 6, 7, 8, 9
    ENVELOPE_TO_FILTER, END_COARSE, PAN = 11, 12, 17
    VIBRATO_DELAY, VIBRATO_RATE = 23, 24
    SHAPE_DELAY, SHAPE_ATTACK, SHAPE_HOLD, SHAPE_DECAY, SHAPE_SUSTAIN = 25, 26, 27, 28, 29  # modulation envelope
    KEY_TO_SHAPE_HOLD, KEY_TO_SHAPE_DECAY = 31, 32
    DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, KEY_TO_HOLD, KEY_TO_DECAY = 33, 34, 35, 36, 37, 38, 39, 40  # volume
    INSTRUMENT, KEYS, VELOCITIES, LOOP_START_COARSE, FIXED_KEY, FIXED_VELOCITY = 41, 43, 44, 45, 46, 47
    ATTENUATION, LOOP_END_COARSE, SEMITONES, CENTS, SAMPLE, LOOPS = 48, 50, 51, 52, 53, 54
    KEY_TO_PITCH, EXCLUSIVE_CLASS, ROOT_KEY = 56, 57, 58


G = Generator
_SHORTEST = -12000  # timecents: a millisecond
_TIMES = (G.VIBRATO_DELAY, G.SHAPE_DELAY, G.SHAPE_ATTACK, G.SHAPE_HOLD, G.SHAPE_DECAY)
_DEFAULTS: Mapping[Generator, int] = {
    **dict.fromkeys(Generator, 0),
    **dict.fromkeys((*_TIMES, G.DELAY, G.ATTACK, G.HOLD, G.DECAY, G.RELEASE), _SHORTEST),
    G.FILTER_CUTOFF: 13500,
    G.KEY_TO_PITCH: 100,
    G.FIXED_KEY: -1,
    G.FIXED_VELOCITY: -1,
    G.ROOT_KEY: -1,
}
# What a preset's zone cannot add to its instruments (section 8.5): addresses, ranges, and what holds for samples only.
_ADDRESSES = frozenset({G.START, G.END, G.LOOP_START, G.LOOP_END})
_COARSE = frozenset({G.START_COARSE, G.END_COARSE, G.LOOP_START_COARSE, G.LOOP_END_COARSE})
_CHOICES = frozenset({G.INSTRUMENT, G.KEYS, G.VELOCITIES, G.SAMPLE})
_OF_SAMPLES = frozenset({G.FIXED_KEY, G.FIXED_VELOCITY, G.LOOPS, G.EXCLUSIVE_CLASS, G.ROOT_KEY})
_NOT_ADDED = _ADDRESSES | _COARSE | _CHOICES | _OF_SAMPLES
_RANGES = (G.KEYS, G.VELOCITIES)
_EVERY = (0, 127)

Zone = dict[Generator, int]


@dataclass(frozen=True, eq=False)
class Region:
    """A sample, the keys and velocities (both ends included) for which it sounds, and how.

    `start`, `end`, `loop_start` and `loop_end` index the font's samples; `root_key` in keys and fractions of one.
    """

    start: int
    end: int
    loop_start: int
    loop_end: int
    sample_rate_hz: int
    root_key: float
    keys: tuple[int, int]
    velocities: tuple[int, int]
    values: Mapping[Generator, int]

    def sounds(self, key: int, velocity: int) -> bool:
        """Whether it is for this key and velocity."""
        return self.keys[0] <= key <= self.keys[1] and self.velocities[0] <= velocity <= self.velocities[1]

    @property
    def loops(self) -> bool:
        """Whether it goes on as long as the key is held."""
        return self.values[G.LOOPS] in (1, 3) and self.loop_end > self.loop_start


class SoundFont:
    """A font on disk; samples stay there until they are used.

    Raises:
        InvalidInput: missing, not SoundFont 2, cut off, or compressed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        chunks = _chunks(_mapped(path), path)
        self.samples: NDArray[np.int16] = _table(chunks, "smpl", np.dtype("<i2"), path)
        self._tables = {name: _table(chunks, name, dtype, path) for name, dtype in _TABLES.items()}
        presets = self._tables["phdr"][:-1]  # the last of every table only marks the end
        numbers = zip(presets["bank"].tolist(), presets["program"].tolist(), strict=True)
        self._presets = {number: index for index, number in enumerate(numbers)}
        self._regions: dict[int, tuple[Region, ...]] = {}

    def regions(self, program: int, *, is_drum: bool) -> tuple[Region, ...]:
        """What a program, or a drum kit, is made of; one the font lacks is replaced by the first, piano or kit.

        Raises:
            InvalidInput: the font has neither, or is damaged there.
        """
        bank = DRUM_BANK if is_drum else 0
        found = self._presets.get((bank, program), self._presets.get((bank, 0)))
        if found is None:
            raise InvalidInput(f"{self.path} has no {'drums' if is_drum else 'piano'}; choose a General MIDI font")
        if found not in self._regions:
            self._regions[found] = tuple(self._preset_regions(found))
        return self._regions[found]

    def _preset_regions(self, preset: int) -> Iterator[Region]:
        count = 0
        for outer in self._zones("p", self._tables["phdr"], preset, G.INSTRUMENT):
            for inner in self._zones("i", self._tables["inst"], outer[G.INSTRUMENT], G.SAMPLE):
                count += 1
                if count > _MOST_REGIONS:
                    raise InvalidInput(f"{self.path}: a preset of over {_MOST_REGIONS} samples; choose another font")
                region = self._region(outer, inner)
                if region is not None:
                    yield region

    def _zones(self, letter: str, owners: NDArray[Any], index: int, last: Generator) -> Iterator[Zone]:
        """Zones of a preset or instrument, each with what the first, global one says; those without `last` choose
        nothing."""
        bags, generators = self._tables[f"{letter}bag"]["generator"], self._tables[f"{letter}gen"]
        if index + 1 >= len(owners):
            raise self._damaged()
        shared: Zone = {}
        for bag in range(int(owners["bag"][index]), int(owners["bag"][index + 1])):
            if bag + 1 >= len(bags):
                raise self._damaged()
            zone = _zone(generators[int(bags[bag]) : int(bags[bag + 1])])
            if last in zone:
                yield shared | zone
            elif bag == owners["bag"][index]:
                shared = zone

    def _region(self, outer: Zone, inner: Zone) -> Region | None:
        headers = self._tables["shdr"]
        if inner[G.SAMPLE] + 1 >= len(headers):
            raise self._damaged()
        header = {name: int(headers[name][inner[G.SAMPLE]]) for name in headers.dtype.names or () if name != "name"}
        if header["type"] & _COMPRESSED:
            raise InvalidInput(f"{self.path} is compressed (.sf3); convert it to .sf2")
        ranges = [_overlap(outer.get(kind), inner.get(kind)) for kind in _RANGES]
        added = {kind: amount for kind, amount in outer.items() if kind not in _NOT_ADDED}
        values = {kind: inner.get(kind, _DEFAULTS[kind]) + added.get(kind, 0) for kind in Generator}
        start, end, loop_start, loop_end = _addresses(header, values)
        usable = 0 <= start < end <= len(self.samples) and 400 <= header["rate"] <= 192_000
        if not usable or header["type"] & _FROM_ROM or any(low > high for low, high in ranges):
            return None
        if not start <= loop_start < loop_end <= end:
            loop_start = loop_end = start
        root = values[G.ROOT_KEY] if 0 <= values[G.ROOT_KEY] <= 127 else header["key"] if header["key"] <= 127 else 60
        root_key = root - header["cents"] / 100
        return Region(start, end, loop_start, loop_end, header["rate"], root_key, ranges[0], ranges[1], values)

    def _damaged(self) -> InvalidInput:
        return InvalidInput(f"{self.path} is damaged: its tables point outside it; fetch it again")


def default_path() -> Path:
    """Where the font lies: `OCTET_SOUNDFONT`, or the one in pretty_midi's wheel, which is not imported for it.

    Raises:
        MissingExtra: neither is there; the message holds the install command.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    spec = importlib.util.find_spec(_FONT_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / _FONT_NAME).is_file():
            return Path(folder) / _FONT_NAME
    raise MissingExtra(f"this needs a SoundFont: run  pip install octet  or name an .sf2 file in {VARIABLE}")


def _mapped(path: Path) -> NDArray[np.uint8]:
    try:
        size = path.stat().st_size
        if not 12 <= size <= _MOST_BYTES:
            raise InvalidInput(f"{path} has {size} bytes, which no SoundFont has; fetch it again")
        return np.memmap(path, dtype=np.uint8, mode="r")
    except OSError as error:
        raise InvalidInput(f"cannot read the SoundFont {path}: {error.strerror}") from None


def _chunks(data: NDArray[np.uint8], path: Path) -> dict[str, NDArray[np.uint8]]:
    """The chunks of a RIFF file by name, those within lists included."""
    if data[:4].tobytes() != b"RIFF" or data[8:12].tobytes() != b"sfbk":
        raise InvalidInput(f"{path} is not a SoundFont 2 file (.sf2)")
    found: dict[str, NDArray[np.uint8]] = {}
    place = 12
    while place + 8 <= len(data):
        name = data[place : place + 4].tobytes().decode("latin-1")
        size = int.from_bytes(data[place + 4 : place + 8].tobytes(), "little")
        if name == "LIST":
            place += 12  # into the list, past its own name
            continue
        found[name] = data[place + 8 : place + 8 + size]
        if len(found[name]) < size:
            raise InvalidInput(f"{path} is cut off within its part {name!r}; fetch it again")
        place += 8 + size + size % 2
    return found


def _table(chunks: Mapping[str, NDArray[np.uint8]], name: str, dtype: np.dtype[Any], path: Path) -> NDArray[Any]:
    content = chunks.get(name)
    if content is None or len(content) < dtype.itemsize:
        raise InvalidInput(f"{path} lacks its part {name!r}; fetch it again")
    whole = content[: len(content) // dtype.itemsize * dtype.itemsize]
    return np.frombuffer(whole, dtype=dtype)


def _zone(generators: NDArray[Any]) -> Zone:
    known = set(Generator)
    pairs = zip(generators["kind"].tolist(), generators["amount"].tolist(), strict=True)
    zone = {Generator(kind): amount for kind, amount in pairs if kind in known}
    for kind in (G.INSTRUMENT, G.SAMPLE, *_RANGES):  # these are no signed numbers
        if kind in zone:
            zone[kind] %= 1 << 16
    return zone


def _overlap(outer: int | None, inner: int | None) -> tuple[int, int]:
    """The range, low in the first byte and high in the second, that both allow."""
    (low, high), (inner_low, inner_high) = (
        _EVERY if value is None else (value & 255, value >> 8) for value in (outer, inner)
    )
    return max(low, inner_low), min(high, inner_high)


def _addresses(header: Mapping[str, int], values: Mapping[Generator, int]) -> tuple[int, int, int, int]:
    """Where the sample and its loop start and end, with the offsets that zones give."""
    return (
        header["start"] + values[G.START] + values[G.START_COARSE] * 32768,
        header["end"] + values[G.END] + values[G.END_COARSE] * 32768,
        header["loop_start"] + values[G.LOOP_START] + values[G.LOOP_START_COARSE] * 32768,
        header["loop_end"] + values[G.LOOP_END] + values[G.LOOP_END_COARSE] * 32768,
    )
