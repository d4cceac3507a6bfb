"""Other dictionaries' names of phones in the shared inventory: pinyin initials and finals, Japanese and ARPAbet names.

A song whose phones all have names of the inventory (with an accent behind them or not) is taken as it is. In others
each phone is looked up in the dictionary of its language. A name that stands for several sounds divides its duration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from octet.core.errors import InvalidInput
from octet.lyrics.syllables import onset_length
from octet.symbolic.phone_notes import INITIALS
from octet.symbolic.song import BREATH, Phrase, Song, SungPhone
from octet.text.languages import mandarin_syllables
from octet.text.languages.japanese_openjtalk import CONSONANTS, NUCLEI
from octet.text.phonemes import ACCENTS, SILENCE, SYMBOL_IDS, VOWELS, Phone

Names = tuple[str, ...]
_PAUSES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("SP", "sp", "sil", "pau", "rest", "<SP>"), SILENCE),
    **dict.fromkeys(("AP", "ap", "br", "<AP>"), BREATH),
}
_JAPANESE: Final[Mapping[str, Names]] = {
    **{name: tuple(symbols.split()) for name, symbols in CONSONANTS.items()},
    **{name: (symbol,) for name, symbol in NUCLEI.items() if name != "n"},
    **{"N": ("ɴ",), "I": ("i",), "U": ("ɯ",), "A": ("a",), "E": ("e",), "O": ("o",)},
}
_ARPABET: Final[Mapping[str, Names]] = {
    name: (symbol,)
    for name, symbol in zip(
        "aa ae ah ao aw ax ay b ch d dh dx eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z "
        "zh".split(),
        "ɑː æ ʌ ɔː aʊ ə aɪ b tʃ d ð ɾ ɛ ɝ eɪ f ɡ h ɪ iː dʒ k l m n ŋ oʊ ɔɪ p ɹ s ʃ t θ ʊ uː v w j z ʒ".split(),
        strict=True,
    )
}
_FINALS: Final[Mapping[str, str]] = {"ir": "i", "i0": "i", "E": "e", "En": "an"}  # openvpi's own
_GLIDES: Final = frozenset(("j", "w", "ɥ"))
_SHORT_SECONDS: Final = 0.07  # a glide or coda of a final
_NEUTRAL: Final = "5"


def in_inventory(song: Song, *, language: str | None = None) -> Song:
    """The song with phones of the inventory; phrases without phones stay without.

    Args:
        language: of phones that the song itself does not say it of.

    Raises:
        InvalidInput: a name that no dictionary of its language has.
    """
    ours = all(_own(phone) for phrase in song.phrases for phone in phrase.phones)
    return replace(song, phrases=tuple(_phrase(phrase, song, language or "", ours) for phrase in song.phrases))


def _phrase(phrase: Phrase, song: Song, language: str, ours: bool) -> Phrase:
    code = phrase.language or song.language or language
    found = [_own(phone) for phone in phrase.phones] if ours else list(_translated(phrase.phones, code))
    phones = tuple(phone for phone in found if phone is not None)
    return replace(phrase, phones=_leading(replace(phrase, phones=phones), "" if ours else code), language=code)


def _own(phone: SungPhone) -> SungPhone | None:
    """A phone of the inventory, or None."""
    if phone.symbol in _PAUSES:
        return replace(phone, symbol=_PAUSES[phone.symbol])
    if phone.symbol in SYMBOL_IDS:
        return phone
    name, accent = phone.symbol[:-1], phone.symbol[-1:]
    return replace(phone, symbol=name, accent=accent) if name in SYMBOL_IDS and accent in ACCENTS else None


def _translated(phones: Sequence[SungPhone], language: str) -> Iterator[SungPhone]:
    for before, phone, after in zip((None, *phones), phones, (*phones[1:], None), strict=False):
        code = phone.language or language
        if phone.symbol in _PAUSES:
            yield replace(phone, symbol=_PAUSES[phone.symbol])
        elif code == "zh":
            leads = phone.symbol in INITIALS and before is not None and before.note == phone.note
            yield from _divided(replace(phone, leads=leads), _mandarin(before, phone, after))
        else:
            yield from _divided(phone, _looked_up(phone, code))


def _looked_up(phone: SungPhone, language: str) -> Names:
    tables = {"ja": _JAPANESE, "en": _ARPABET}
    name = phone.symbol.lower().rstrip("012") if language == "en" else phone.symbol
    found = tables.get(language, {}).get(name) or ((phone.symbol,) if phone.symbol in SYMBOL_IDS else ())
    if not found:
        said = f"the dictionary of {language!r}" if language else "the inventory, and the song says no language"
        raise InvalidInput(f"the phone {phone.symbol!r} is not in {said}; sing the song by its lyrics instead")
    return found


def _mandarin(before: SungPhone | None, phone: SungPhone, after: SungPhone | None) -> Names:
    """What a pinyin initial or final stands for next to its other half; y and w may stand for nothing."""
    if phone.symbol in INITIALS:
        whole = _syllable(phone.symbol, "" if after is None else after.symbol)
        spelling = phone.symbol in ("y", "w")
        return whole[:1] if not spelling or whole[0] in _GLIDES else ()
    initial = before.symbol if before is not None and before.symbol in INITIALS else ""
    whole = _syllable(initial, phone.symbol)
    spelling = initial in ("", "y", "w")
    return whole[1:] if not spelling or (initial and whole[0] in _GLIDES) else whole


def _syllable(initial: str, final: str) -> Names:
    spelled = _FINALS.get(final, final)
    name = "yu" + spelled[1:] if initial == "y" and spelled.startswith("v") else initial + spelled
    try:
        return tuple(phone.symbol for phone in mandarin_syllables.phones(name + _NEUTRAL))
    except (KeyError, IndexError):
        raise InvalidInput(
            f"{initial + ' ' + final!r} is no initial and final of pinyin; sing the song by its lyrics instead"
        ) from None


def _divided(phone: SungPhone, symbols: Names) -> Iterator[SungPhone]:
    """A phone as its sounds: all but the vowel, or but the last, are short."""
    held = next((place for place, symbol in enumerate(symbols) if symbol in VOWELS), len(symbols) - 1)
    seconds = phone.duration_seconds
    short = None if seconds is None else min(_SHORT_SECONDS, seconds / 4)
    long = None if seconds is None or short is None else seconds - short * (len(symbols) - 1)
    for place, symbol in enumerate(symbols):
        yield replace(phone, symbol=symbol, duration_seconds=long if place == held else short)


def _leading(phrase: Phrase, dictionary: str) -> tuple[SungPhone, ...]:
    """With the consonants marked that sound before the beat of the next syllable's note, where a file cannot say so.

    Of pinyin, its initials are, and are marked already.
    """
    marked: list[SungPhone] = []
    for head, following in pairwise((*phrase.heads, None)):
        assert head is not None
        own = [phone for phone in phrase.phones if phone.note == head]
        sings_on = following is not None and phrase.notes[following].pitch is not None
        told = any(phone.leads for phone in own) or dictionary == "zh"
        leads = _onset(own) if sings_on and not told else 0
        marked += [replace(p, leads=p.leads or place >= len(own) - leads) for place, p in enumerate(own)]
    return tuple(marked)


def _onset(own: Sequence[SungPhone]) -> int:
    """How many of a word's last phones begin the next syllable: all after a pause, else as syllables divide."""
    closing = next((place for place, phone in enumerate(reversed(own)) if not _is_consonant(phone)), len(own))
    if not closing:
        return 0
    held = own[len(own) - closing - 1] if closing < len(own) else None
    if held is not None and held.symbol in (SILENCE, BREATH):
        return closing
    return onset_length([Phone(phone.symbol) for phone in own[len(own) - closing :]])


def _is_consonant(phone: SungPhone) -> bool:
    return phone.symbol not in VOWELS and phone.symbol not in (SILENCE, BREATH)
