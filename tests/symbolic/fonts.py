"""A SoundFont of a few tones, written by hand: what it holds is known to the sample."""

from __future__ import annotations

import struct

import numpy as np

from octet.symbolic.soundfont import G

RATE_HZ = 32_000
PERIOD = 80  # samples: 400 Hz
PERIODS = 100
ROOT_CENTS = round(100 * (12 * np.log2(RATE_HZ / PERIOD / 440) + 69))
SINE = np.rint(16_384 * np.sin(2 * np.pi * np.arange(PERIOD * PERIODS) / PERIOD)).astype("<i2")


def font(zones=({},), *, bank=0, program=0, preset_zone=None, samples=SINE, rate_hz=RATE_HZ, sample_type=1):
    """The bytes of a font with one preset, whose instrument has these zones of generators."""
    root, cents = divmod(ROOT_CENTS, 100)
    header = struct.pack("<20s5IBbHH", b"sine", 0, len(samples), 0, len(samples), rate_hz, root, -cents, 0, sample_type)
    tables = {
        b"phdr": struct.pack("<20sHHH12x", b"preset", program, bank, 0) + struct.pack("<20sHHH12x", b"EOP", 0, 0, 1),
        **_zones(b"p", [{**(preset_zone or {}), G.INSTRUMENT: 0}]),
        b"inst": struct.pack("<20sH", b"instrument", 0) + struct.pack("<20sH", b"EOI", len(zones)),
        **_zones(b"i", [{**zone, G.SAMPLE: 0} for zone in zones]),
        b"shdr": header + struct.pack("<20s5IBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    data = _list(b"sdta", {b"smpl": samples.tobytes()}) + _list(b"pdta", tables)
    return _chunk(b"RIFF", b"sfbk" + data)


def keys(low, high):
    """The amount of a range of keys or velocities."""
    return low + 256 * high


def _zones(letter, zones):
    bags, generators = b"", b""
    for zone in zones:
        bags += struct.pack("<HH", len(generators) // 4, 0)
        generators += b"".join(struct.pack("<Hh", kind, amount) for kind, amount in zone.items())
    bags += struct.pack("<HH", len(generators) // 4, 0)
    return {letter + b"bag": bags, letter + b"gen": generators + bytes(4)}


def _list(name, chunks):
    return _chunk(b"LIST", name + b"".join(_chunk(part, content) for part, content in chunks.items()))


def _chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
