"""The one adapter to libespeak-ng: text to IPA, and text to speech with the times of its phonemes.

espeak-ng is licensed under the GPL, version 3 or later. Octet holds none of its code: the shared library and its
data come from the separate wheel `espeakng-loader` and are loaded here by ctypes when first needed.

The library keeps global state and is not re-entrant, so every call happens under one lock.
Reference: espeak-ng's `speak_lib.h` (event and parameter numbers below are its).
"""

from __future__ import annotations

import ctypes
import re
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from octet.core.errors import InvalidInput, OctetError, require

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SYNCHRONOUS_OUTPUT = 2
_OPTIONS = 0x0001 | 0x0002 | 0x8000  # phoneme events, named in IPA, and never exit() the process
_UTF8 = 1
_IPA_SEPARATED = 0x02 | (ord("_") << 8)
_RATE, _PITCH, _RANGE = 1, 3, 4
_EVENT_END_OF_LIST, _EVENT_PHONEME = 0, 7
_PATH_LIMIT = 150  # espeak-ng keeps its data path in 160 bytes and cuts what is longer
_LANGUAGE_SWITCH = re.compile(r"\([a-z][a-z0-9-]*\)")

_lock = threading.RLock()


@dataclass(frozen=True)
class Speech:
    """What espeak said. `samples` are float32 in [-1, 1]; `phones` are (IPA name, start, end) in seconds.

    Names are espeak's own, stress marks included; an empty name is a pause. The phones cover the audio without gaps.
    """

    samples: npt.NDArray[np.float32]
    sample_rate_hz: int
    phones: list[tuple[str, float, float]]


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def phonemize(text: str, voice: str) -> str:
    """IPA of `text`: phonemes separated by "_", words by " ", clauses by newlines.

    Stress marks stand before their vowel's phoneme; espeak's marks of a change of language are left out.

    >>> phonemize("Good day, world", "en-us")
    'ɡ_ˈʊ_d d_ˈeɪ\\nw_ˈɜː_l_d'

    Raises:
        InvalidInput: espeak has no such voice.
        MissingExtra: espeakng-loader is not installed.
    """
    with _lock:
        library, _ = _library()
        _set_voice(library, voice)
        # espeak reads up to the final NUL and moves the pointer on by one clause a call.
        buffer = ctypes.create_string_buffer(_encoded(text))
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))
        clauses = []
        while pointer.value:
            clause = library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA_SEPARATED)
            clauses.append((clause or b"").decode("utf-8"))
    cleaned = (_clean(clause) for clause in clauses)
    return "\n".join(clause for clause in cleaned if clause)


def synthesize(
    text: str, voice: str, *, rate_wpm: int = 175, pitch: int = 50, pitch_range: int = 50, variant: str = ""
) -> Speech:
    """Speak `text` and note when each phoneme sounds.

    The flutter of espeak's pitch goes on from one call to the next, so that the same text said twice differs
    inaudibly, in length by a few parts in a thousand.

    Args:
        rate_wpm: words a minute, 80 to 450.
        pitch: base pitch, 0 to 99; `pitch_range` 0 is monotone, 50 normal.
        variant: one of espeak's voice variants, such as "f2" or "m3"; it changes formants and pitch.

    Raises:
        InvalidInput: espeak has no such voice or variant, or finds nothing in `text` to say.
        MissingExtra: espeakng-loader is not installed.
    """
    import numpy as np

    with _lock:
        library, sample_rate_hz = _library()
        _require_variant(variant)
        _set_voice(library, f"{voice}+{variant}" if variant else voice)
        for parameter, value in ((_RATE, rate_wpm), (_PITCH, pitch), (_RANGE, pitch_range)):
            library.espeak_SetParameter(parameter, value, 0)
        pieces, events = _speak(library, _encoded(text))
    samples = np.frombuffer(b"".join(pieces), dtype=np.int16).astype(np.float32) / np.float32(32768)
    if not samples.size or not any(name for name, _ in events):
        raise InvalidInput(f"espeak voice {voice!r} finds nothing to say in {text[:60]!r}; give it words")
    return Speech(samples, sample_rate_hz, _intervals(events, samples.size, sample_rate_hz))


def _speak(library: ctypes.CDLL, text: bytes) -> tuple[list[bytes], list[tuple[str, int]]]:
    pieces: list[bytes] = []
    events: list[tuple[str, int]] = []

    def receive(samples: ctypes._Pointer[ctypes.c_short], count: int, event: ctypes._Pointer[_Event]) -> int:
        if count > 0 and samples:
            pieces.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while event[index].type != _EVENT_END_OF_LIST:
            if event[index].type == _EVENT_PHONEME:
                name = event[index].id.string.decode("utf-8", errors="ignore")
                events.append((name, event[index].sample))
            index += 1
        return 0

    callback = _Callback(receive)
    library.espeak_SetSynthCallback(callback)
    error = library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_SetSynthCallback(_Callback())
    if error:
        raise OctetError(f"espeak-ng failed with error {error} on {text[:60]!r}; try a shorter text")
    return pieces, events


def _intervals(events: list[tuple[str, int]], total: int, sample_rate_hz: int) -> list[tuple[str, float, float]]:
    """An event marks where its phoneme starts; it lasts until the next one, the last until the end."""
    starts = [min(sample, total) for _, sample in events] + [total]
    phones = [
        (name, start / sample_rate_hz, end / sample_rate_hz)
        for (name, _), start, end in zip(events, starts, starts[1:], strict=False)
    ]
    return [("", 0.0, phones[0][1]), *phones] if phones[0][1] > 0 else phones


def _clean(clause: str) -> str:
    """Without marks of a change of language, and without the separators that espeak leaves at the edges of words."""
    words = (re.sub("_+", "_", word).strip("_") for word in _LANGUAGE_SWITCH.sub("", clause).split())
    return " ".join(word for word in words if word)


def _encoded(text: str) -> bytes:
    return text.replace("\0", " ").encode("utf-8", errors="replace")


def _set_voice(library: ctypes.CDLL, voice: str) -> None:
    # A variant can only be added to the name of a voice file, and French is filed as "fr".
    voice = re.sub("^fr-fr", "fr", voice)
    if library.espeak_SetVoiceByName(voice.encode("utf-8")):
        raise InvalidInput(f"espeak has no voice {voice!r}; use one such as en-us, ko, cmn, ja, de, fr-fr or es")


def _require_variant(variant: str) -> None:
    """espeak itself passes over a variant that it does not know, and speaks without it."""
    folder = Path(require("espeakng_loader", extra=None).get_data_path()) / "voices" / "!v"
    if variant and variant not in (path.name for path in folder.iterdir()):
        raise InvalidInput(f"espeak has no voice variant {variant!r}; use one such as f2, m3 or Annie")


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    loader = require("espeakng_loader", extra=None)
    library = ctypes.CDLL(loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
    library.espeak_Synth.argtypes = (
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_void_p, ctypes.c_void_p),
    )
    data = _short_path(Path(loader.get_data_path()))
    sample_rate_hz = library.espeak_Initialize(_SYNCHRONOUS_OUTPUT, 0, str(data).encode(), _OPTIONS)
    if sample_rate_hz <= 0:
        raise OctetError(f"espeak-ng does not start with its data at {data}; reinstall espeakng-loader")
    return library, sample_rate_hz


def _short_path(data: Path) -> Path:
    if len(str(data).encode()) < _PATH_LIMIT:
        return data
    link = Path(tempfile.mkdtemp(prefix="octet-espeak-")) / data.name
    link.symlink_to(data)
    return link
