"""Any Korean text to hangul, blanks and the marks , . ? ! (Latin words other than acronyms stay for another reader).

characters -> addresses -> fixed names -> numbers (korean_quantities) -> signs -> punctuation -> acronyms
"""

from __future__ import annotations

import re

from octet.text.languages import korean_quantities
from octet.text.languages.east_asian import MAIL, WEB, Match, one_of, plain, settle, spell_address
from octet.text.languages.korean_numbers import digits
from octet.text.languages.korean_symbols import ADDRESS_SIGNS, ADDRESS_WORDS, FIXED, HANJA, LETTER_NAMES, SIGNS

_ADDRESS = re.compile(f"{MAIL}|{WEB}")
_FIXED = re.compile(rf"(?<![A-Za-z0-9])(?:{one_of(FIXED)})(?![A-Za-z0-9])")
_NAME_AND_NUMBER = re.compile(r"(?<![A-Za-z0-9.])(?!(?:AM|PM)\b)([A-Z]{1,5})-?(?=\d)")
_DOTTED = re.compile(r"(?<![A-Za-z0-9.])(?:[A-Z]\.){1,4}[A-Z]\.?(?![A-Za-z])")
_ACRONYM = re.compile(r"(?<![A-Za-z0-9'’])[A-Z]{2,5}(?![A-Za-z'’])")
_LETTER = re.compile(
    r"(?<![A-Za-z.'’])[A-Z](?=[가-힣]| (?:씨|군|양|형|등급|팀|그룹|학점)|(?<=[가-힣] .)(?:[\s.,!?)]|$))"
)
_LAUGHTER = re.compile(r"[ㅋㅎ]{2,}|[ㅠㅜ]+")
_DECORATION = re.compile("[★☆●○■□◆◇▲△▼▽※♥♡♪♬→←↑↓▶◀•◦▪‣]")


def normalize(text: str) -> str:
    """Spell out whatever a reader would say in other words than are written.

    >>> normalize("KBS가 3시에 ₩12,500을… (서울) 보도했다!")
    '케이비에스가 세 시에 만 이천오백 원을, 서울, 보도했다!'
    """
    text = _characters(text)
    text = _ADDRESS.sub(_address, text)
    text = _FIXED.sub(lambda name: FIXED[name.group()], text)
    text = _NAME_AND_NUMBER.sub(lambda name: _letters(name[1]) + " ", text)
    text = korean_quantities.spell(text)
    text = "".join(SIGNS.get(character, character) for character in text)
    text = settle(_DOTTED.sub(lambda name: _letters(name.group()), text))
    text = _ACRONYM.sub(lambda name: _letters(name.group()), text)
    return _LETTER.sub(lambda name: _letters(name.group()), text)


def _characters(text: str) -> str:
    """Plain characters without ornaments; laughter as it sounds, tears not at all."""
    laughs = {"ㅋ": "크", "ㅎ": "흐"}
    text = _LAUGHTER.sub(lambda run: laughs.get(run.group()[0], "") * min(len(run.group()), 3), plain(text))
    text = "".join(HANJA.get(character, character) for character in text)
    return _DECORATION.sub(" ", text)


def _address(match: Match) -> str:
    return spell_address(match.group(), ADDRESS_SIGNS | ADDRESS_WORDS, lambda part: digits(part, zero="공"))


def _letters(name: str) -> str:
    return "".join(LETTER_NAMES.get(letter, "") for letter in name)
