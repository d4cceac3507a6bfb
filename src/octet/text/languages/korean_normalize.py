"""Any Korean text to hangul, blanks and the marks , . ? ! (Latin words other than acronyms stay for another reader).

characters -> addresses -> fixed names -> numbers (korean_quantities) -> signs -> punctuation -> acronyms
"""

from __future__ import annotations

import re
import unicodedata

from octet.text.languages import korean_quantities
from octet.text.languages.korean_numbers import digits
from octet.text.languages.korean_symbols import ADDRESS_SIGNS, ADDRESS_WORDS, FIXED, HANJA, LETTER_NAMES, SIGNS

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD])
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WEB = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9./?=&%_~:#@+-]*[A-Za-z0-9/]|\b(?:[a-z0-9-]+\.)+(?:com|net|org|kr|io|ai)\b(?:/[A-Za-z0-9./?=&%_~#-]*[A-Za-z0-9/])?"
)
_FIXED = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted(map(re.escape, FIXED), key=len, reverse=True))})(?![A-Za-z0-9])"
)
_NAME_AND_NUMBER = re.compile(r"(?<![A-Za-z0-9.])(?!(?:AM|PM)\b)([A-Z]{1,5})-?(?=\d)")
_DOTTED = re.compile(r"(?<![A-Za-z0-9.])(?:[A-Z]\.){1,4}[A-Z]\.?(?![A-Za-z])")
_ACRONYM = re.compile(r"(?<![A-Za-z0-9'’])[A-Z]{2,5}(?![A-Za-z'’])")
_LETTER = re.compile(
    r"(?<![A-Za-z.'’])[A-Z](?=[가-힣]| (?:씨|군|양|형|등급|팀|그룹|학점)|(?<=[가-힣] .)(?:[\s.,!?)]|$))"
)
_LAUGHTER = re.compile(r"[ㅋㅎ]{2,}|[ㅠㅜ]+")
_DECORATION = re.compile("[★☆●○■□◆◇▲△▼▽※♥♡♪♬→←↑↓▶◀•◦▪‣]")
_OPENING_OR_CLOSING = re.compile(r"[()\[\]{}<>〈〉《》【】〔〕（）;:,、，；：·ㆍ・|]|(?<=\s)[-–—―]+(?=\s)|[–—―]+")
_QUOTES = re.compile(r"[\"“”‘「」『』`´]|(?<![A-Za-z])['’]|['’](?![A-Za-z])")  # but the apostrophe of I'm stays
_MARK_RUN = re.compile(r"[,.?!](?:\s*[,.?!])+")


def normalize(text: str) -> str:
    """Spell out whatever a reader would say in other words than are written.

    >>> normalize("KBS가 3시에 ₩12,500을… (서울) 보도했다!")
    '케이비에스가 세 시에 만 이천오백 원을, 서울, 보도했다!'
    """
    text = _characters(text)
    text = _WEB.sub(_address, _MAIL.sub(_address, text))
    text = _FIXED.sub(lambda name: FIXED[name.group()], text)
    text = _NAME_AND_NUMBER.sub(lambda name: _letters(name[1]) + " ", text)
    text = korean_quantities.spell(text)
    text = "".join(SIGNS.get(character, character) for character in text)
    text = _punctuation(_DOTTED.sub(lambda name: _letters(name.group()), text))
    text = _ACRONYM.sub(lambda name: _letters(name.group()), text)
    return _LETTER.sub(lambda name: _letters(name.group()), text)


def _characters(text: str) -> str:
    """Composed hangul, ASCII forms of full-width ones, plain digits, and no ornaments."""
    text = unicodedata.normalize("NFC", text).translate(_WIDE).translate(_INVISIBLE)
    text = "".join(_number_sign(character) for character in text)
    text = _LAUGHTER.sub(lambda run: {"ㅋ": "크", "ㅎ": "흐"}.get(run.group()[0], "") * min(len(run.group()), 3), text)
    text = "".join(HANJA.get(character, character) for character in text)
    return _DECORATION.sub(" ", text)


def _number_sign(character: str) -> str:
    """① and Ⅳ as digits, ½ as 1/2."""
    if unicodedata.category(character) not in ("No", "Nl", "Nd") or character in "²³" or character.isascii():
        return character
    value = unicodedata.numeric(character)
    if value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", character).replace("⁄", "/")


def _address(match: re.Match[str]) -> str:
    """E-mail and web addresses: signs by name, digits one by one, well-known words as Koreans say them."""
    parts = re.findall(r"[A-Za-z]+|\d+|\W|_", re.sub("^https?://", "", match.group()))
    words = [
        digits(part, zero="공") if part.isdigit() else ADDRESS_SIGNS.get(part) or ADDRESS_WORDS.get(part.lower(), part)
        for part in parts
    ]
    return " ".join(words)


def _letters(name: str) -> str:
    return "".join(LETTER_NAMES.get(letter, "") for letter in name)


def _punctuation(text: str) -> str:
    text = re.sub(r"(?:…|\.{2,})(?=[^\w.?!,。？！]*\w)", ", ", text).replace("…", ".").replace("。", ".")
    text = _OPENING_OR_CLOSING.sub(", ", _QUOTES.sub("", text))
    text = "".join(character if _is_kept(character) else " " for character in text)
    text = re.sub(r"\s+", " ", text)
    text = _MARK_RUN.sub(lambda run: next(mark for mark in "?!.," if mark in run.group()), text)
    text = re.sub(r" ?([,.?!]) ?", r"\1 ", text)
    return text.strip().lstrip(",.?! ") if re.search(r"[^,.?! ]", text) else ""


def _is_kept(character: str) -> bool:
    return (
        character in ",.?!'’ " or unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) == "So"
    )
