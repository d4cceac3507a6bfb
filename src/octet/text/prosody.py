"""Rates, pitches and volumes as people write them, to the factors of `octet.text.phonemes.Prosody`.

Relative values multiply (or, for semitones, add to) what is in force already, as nested SSML asks for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NoReturn

from octet.core.errors import InvalidInput
from octet.text.phonemes import Prosody

_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.6, "default": 1.0}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "high": 3.0, "x-high": 6.0, "default": 0.0}
_VOLUMES = {"silent": 0.0, "x-soft": 0.35, "soft": 0.6, "medium": 1.0, "loud": 1.4, "x-loud": 2.0, "default": 1.0}
_VALUE = re.compile(r"(?P<sign>[+-]?)(?P<number>\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})(?P<unit>%|st|dB|)")
_SPEED_LIMITS, _PITCH_LIMIT, _ENERGY_LIMIT = (0.2, 5.0), 24.0, 10.0


def changed(prosody: Prosody, attributes: Mapping[str, str], source: str) -> Prosody:
    """`prosody` with the attributes of an SSML prosody element applied.

    >>> changed(Prosody(speed=2.0), {"rate": "50%", "pitch": "+2st"}, "here")
    Prosody(speed=1.0, pitch_semitones=2.0, energy=1.0)

    Raises:
        InvalidInput: a value of another form or out of range; `source` is named.
    """
    speed = prosody.speed * _rate(attributes.get("rate", "medium"), source)
    pitch = prosody.pitch_semitones + _pitch(attributes.get("pitch", "medium"), source)
    energy = prosody.energy * _volume(attributes.get("volume", "medium"), source)
    if not _SPEED_LIMITS[0] <= speed <= _SPEED_LIMITS[1]:
        raise InvalidInput(f"{source}: a rate of {speed:g} is out of range; stay between 0.2 and 5")
    if abs(pitch) > _PITCH_LIMIT:
        raise InvalidInput(f"{source}: a pitch of {pitch:+g} semitones is out of range; stay between -24 and +24")
    if energy > _ENERGY_LIMIT:
        raise InvalidInput(f"{source}: a volume of {energy:g} is out of range; stay below 10 times the usual one")
    return Prosody(speed, pitch, energy)


def _rate(written: str, source: str) -> float:
    """1.2 and 120% are factors, +20% a change by a factor."""
    if written in _RATES:
        return _RATES[written]
    value = _VALUE.fullmatch(written)
    if value is None or value["unit"] not in ("%", "") or (value["sign"] and not value["unit"]):
        _refuse("rate", written, '"1.2", "120%", "+20%" or ' + ", ".join(_RATES), source)
    return _factor(value)


def _pitch(written: str, source: str) -> float:
    """+2st are semitones, +10% a change of frequency."""
    if written in _PITCHES:
        return _PITCHES[written]
    value = _VALUE.fullmatch(written)
    if value is not None and value["unit"] == "st" and value["sign"]:
        return float(value["sign"] + value["number"])
    if value is None or value["unit"] != "%" or _factor(value) <= 0:
        _refuse("pitch", written, '"+2st", "+10%" or ' + ", ".join(_PITCHES), source)
    return 12 * math.log2(_factor(value))


def _volume(written: str, source: str) -> float:
    """+6dB doubles the amplitude; 0 to 100 is a share of the usual volume."""
    if written in _VOLUMES:
        return _VOLUMES[written]
    value = _VALUE.fullmatch(written)
    if value is not None and value["unit"] == "dB":
        return float(10 ** (float(value["sign"] + value["number"]) / 20))
    if value is None or value["unit"] == "st" or (value["sign"] and not value["unit"]):
        _refuse("volume", written, '"+6dB", "50%", "80" or ' + ", ".join(_VOLUMES), source)
    return _factor(value) if value["unit"] else float(value["number"]) / 100


def _factor(value: re.Match[str]) -> float:
    number = float(value["number"])
    if not value["unit"]:
        return number
    return max(0.0, 1 + float(value["sign"] + "1") * number / 100) if value["sign"] else number / 100


def _refuse(attribute: str, written: str, expected: str, source: str) -> NoReturn:
    raise InvalidInput(f"{source}: {attribute}={written!r} cannot be read; write {expected}")
