"""Korean, Mandarin and Japanese lyrics, in which a written unit is a sung one: a block, a character, a mora."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from octet.core.errors import InvalidInput
from octet.lyrics.syllables import Syllable, syllables
from octet.text.languages import japanese, japanese_kana, korean, mandarin, mandarin_syllables
from octet.text.languages.korean_hangul import decompose, is_syllable
from octet.text.languages.korean_phones import phones_of_phrase
from octet.text.phonemes import VOWELS, Phone

_TONES: Final = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_NEUTRAL: Final = "5"
_HAN: Final = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
MORA: Final = re.compile(".[ャュョァィゥェォヮ]|.", re.DOTALL)
_KATAKANA: Final = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_KANA_ROWS: Final = {
    **{"": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト"},
    **{
        "d": "ダヂヅデド",
        "n": "ナニヌネノ",
        "h": "ハヒフヘホ",
        "b": "バビブベボ",
        "p": "パピプペポ",
        "m": "マミムメモ",
    },
    **{"r": "ラリルレロ", "y": "ヤ.ユ.ヨ", "w": "ワ...ヲ"},
}
_KANA_NAMES: Final = {"shi": "シ", "chi": "チ", "tsu": "ツ", "fu": "フ", "ji": "ジ", "n": "ン", "n'": "ン", "nn": "ン"}
_PALATAL: Final = {
    **{"ky": "キ", "gy": "ギ", "sh": "シ", "sy": "シ", "j": "ジ", "jy": "ジ", "zy": "ジ", "ch": "チ", "ty": "チ"},
    **{"ny": "ニ", "hy": "ヒ", "by": "ビ", "py": "ピ", "my": "ミ", "ry": "リ"},
}


def korean_words(words: Sequence[str]) -> list[list[Syllable]]:
    """The syllables of the words of a phrase, one a block, as they are pronounced across it.

    >>> [[syllable.nucleus.symbol for syllable in word] for word in korean_words(["꽃잎", "위"])]
    [['o', 'i'], ['i']]

    Raises:
        InvalidInput: a word that is not hangul.
    """
    for word in words:
        if not word or not all(map(is_syllable, word)):
            raise InvalidInput(f"nothing says how {word!r} is sung in Korean; write it in hangul")
    respelled = korean.respell(" ".join(words)).split()
    spoken = phones_of_phrase(list(words), respelled)
    return [list(_blocks(word, phones)) for word, phones in zip(respelled, spoken, strict=True)]


def _blocks(respelled: str, phones: Sequence[Phone]) -> Iterator[Syllable]:
    """Phones divided at the blocks that they come from."""
    rest = list(phones)
    for block in respelled:
        nucleus = next(index for index, phone in enumerate(rest) if phone.symbol in VOWELS)
        end = nucleus + 1 + bool(decompose(block).coda)
        yield Syllable(tuple(rest[:nucleus]), rest[nucleus], tuple(rest[nucleus + 1 : end]))
        rest = rest[end:]


def mandarin_pieces(pieces: Sequence[str]) -> list[list[Syllable]]:
    """The syllables of pieces in characters, read together after tone sandhi, or in pinyin, with tones or without.

    >>> [[syllable.nucleus.symbol for syllable in piece] for piece in mandarin_pieces(["你", "好", "ma"])]
    [['i'], ['aʊ'], ['a']]

    Raises:
        InvalidInput: neither.
    """
    found: list[list[Syllable]] = []
    for is_latin, run in groupby(pieces, key=lambda piece: not _HAN.match(piece)):
        texts = list(run)
        if is_latin:
            found += [[_pinyin_syllable(text)] for text in texts]
        else:
            remaining = iter(_characters("".join(texts)))
            found += [[next(remaining) for _ in text] for text in texts]
    return found


def is_pinyin(text: str) -> bool:
    """Whether a text is one syllable of pinyin."""
    return _pinyin(text) is not None


def _characters(text: str) -> list[Syllable]:
    together = mandarin.pinyin(text).split()
    read = together if len(together) == len(text) else [mandarin.pinyin(character) for character in text]
    return [_pinyin_syllable(syllable, written) for syllable, written in zip(read, text, strict=True)]


def _pinyin_syllable(text: str, written: str = "") -> Syllable:
    phones = _pinyin(text)
    if phones is None:
        raise InvalidInput(f"nothing says how {written or text!r} is sung in Mandarin; write characters or pinyin")
    first = next(index for index, phone in enumerate(phones) if phone.symbol in VOWELS)
    return Syllable(phones[:first], phones[first], phones[first + 1 :])


def _pinyin(text: str) -> tuple[Phone, ...] | None:
    """The phones of a syllable of pinyin; None if it is none. Without a tone it has the neutral one."""
    letters = unicodedata.normalize("NFD", text.lower())
    tones = [_TONES[letter] for letter in letters if letter in _TONES]
    plain = unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in _TONES))
    plain = plain.replace("ü", "v").replace("u:", "v")
    if plain[-1:] in tuple("12345") and not tones:
        plain, tones = plain[:-1], [plain[-1]]
    if not plain.isascii() or not plain.isalpha():
        return None
    try:
        return mandarin_syllables.phones(plain + (tones[0] if tones else _NEUTRAL))
    except (KeyError, IndexError):
        return None


def japanese_morae(text: str) -> list[list[Phone]]:
    """The morae of kana, romaji or kanji; a long vowel's second half is an empty one.

    >>> [[phone.symbol for phone in mora] for mora in japanese_morae("きょう")]
    [['k', 'j', 'o'], ['ɯ']]

    Raises:
        InvalidInput: none of the three, or kanji without the extra that reads it.
    """
    found = []
    for mora in MORA.findall(katakana(text)):
        symbols, unknown = japanese_kana.symbols(mora)
        if unknown or (not symbols and mora != "ー"):
            raise InvalidInput(f"nothing says how {text!r} is sung in Japanese; write it in kana")
        found.append([Phone(symbol) for symbol in symbols])
    return found


def katakana(text: str) -> str:
    """Kana, romaji or kanji in katakana as it sounds.

    Raises:
        InvalidInput: there is kanji, and the extra that reads it is not installed.
    """
    kana = (_romaji(text) or text).translate(_KATAKANA)
    return re.sub(r"[\s,.?!]", "", japanese.kana(text)) if _HAN.search(kana) else kana


def japanese_piece(text: str) -> list[Syllable]:
    """The syllables of what is sung on one note: a mora, with a nasal, a stop or length after it."""
    phones = [phone for mora in japanese_morae(text) for phone in mora]
    return syllables(phones)


def is_romaji(text: str) -> bool:
    """Whether a text is morae in Latin letters."""
    return bool(_romaji(text))


def _romaji(text: str) -> str:
    """Katakana of morae in Latin letters; "" where a text is not made of them."""
    letters = re.sub(r"([kstcpgzdbjfhr])(?=\1)|t(?=ch)", "ッ", text.lower().replace("-", "ー"))
    return "".join(_KANA.get(part, part) for part in _PARTS.findall(letters)) if _WHOLE.fullmatch(letters) else ""


def _kana() -> dict[str, str]:
    plain = {
        consonant + vowel: kana
        for consonant, row in _KANA_ROWS.items()
        for vowel, kana in zip("aiueo", row, strict=True)
        if kana != "."
    }
    palatal = {
        name + v: kana + small for name, kana in _PALATAL.items() for v, small in zip("auo", "ャュョ", strict=True)
    }
    return plain | palatal | _KANA_NAMES


_KANA: Final = _kana()
_PARTS: Final = re.compile("|".join(["ッ", "ー", *sorted(map(re.escape, _KANA), key=len, reverse=True)]))
_WHOLE: Final = re.compile(f"(?:{_PARTS.pattern})+")
