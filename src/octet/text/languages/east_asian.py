"""What normalising Korean, Mandarin and Japanese have in common: characters, addresses and punctuation.

All three write full-width forms, several systems of brackets and quotation marks, and Latin addresses between their
own words; numbers and everything said in words are each language's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

Match = re.Match[str]
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
WEB = (
    r"(?:https?://|www\.)[A-Za-z0-9./?=&%_~:#@+-]*[A-Za-z0-9/]"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|net|org|kr|cn|jp|io|ai)\b(?:/[A-Za-z0-9./?=&%_~#-]*[A-Za-z0-9/])?"
)

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD])
_MARKS = str.maketrans(
    {
        **dict.fromkeys("。｡", ". "),
        **dict.fromkeys("、､;:()[]【】〔〕{}<>〈〉《》·ㆍ‧|", ", "),
        **dict.fromkeys('"“”‘「」『』`´^\\', ""),
        "・": " ",
    }
)
_ELLIPSIS = re.compile(r"(?:…|‥|\.{2,})+(?=[^\w.?!。]*\w)")
_DASH = re.compile(r"(?<=\s)[-–—―]+(?=\s)|[–—―]+")
_QUOTE = re.compile("(?<![A-Za-z])['’]|['’](?![A-Za-z])")  # but the apostrophe of I'm stays
_RUN = re.compile(r"[,.?!](?:\s*[,.?!])+")
_MARK = re.compile(r" ?(?:([?!])|([,.])(?!(?<=\d.)\d)) ?")


def plain(text: str) -> str:
    """Composed characters, ASCII for full-width forms, digits for ① and Ⅳ, 1/2 for ½, nothing invisible.

    >>> plain("１２①½Ⅳ"), plain("m²")
    ('1211/24', 'm²')
    """
    text = unicodedata.normalize("NFC", text).translate(_WIDE).translate(_INVISIBLE)
    return "".join(map(_plain_number, text))


def _plain_number(character: str) -> str:
    if character.isascii() or unicodedata.category(character) not in ("No", "Nl", "Nd") or character in "²³〇":
        return character
    value = unicodedata.numeric(character)
    return str(int(value)) if value.is_integer() else unicodedata.normalize("NFKC", character).replace("⁄", "/")


def spell_address(address: str, words: Mapping[str, str], digits: Callable[[str], str]) -> str:
    """An e-mail or web address in words; `words` names signs and what is better known otherwise than by its letters."""
    parts = re.findall(r"[A-Za-z]+|\d+|\W|_", re.sub("^https?://", "", address))
    return " ".join(digits(part) if part.isdigit() else words.get(part.lower(), part) for part in parts)


def one_of(words: Mapping[str, str]) -> str:
    """A pattern that matches any key, longer ones first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def settle(text: str) -> str:
    """Only letters, digits, pictures, apostrophes inside Latin words, and , . ? ! with one blank behind each.

    Brackets and dashes are pauses, quotation marks nothing; of a run of marks the strongest stays.

    >>> settle("「네」…（정말）？！ 3.5")
    '네, 정말? 3.5'
    """
    text = _ELLIPSIS.sub(", ", _QUOTE.sub("", text)).replace("…", ". ").replace("‥", ". ")
    text = _DASH.sub(", ", text).translate(_MARKS).translate(_WIDE)
    text = re.sub(r"\s+", " ", "".join(character if _is_kept(character) else " " for character in text))
    text = _RUN.sub(lambda run: next(mark for mark in "?!.," if mark in run.group()), text)
    text = _MARK.sub(lambda mark: f"{mark[1] or mark[2]} ", text)
    return text.strip().lstrip(",.?! ") if re.search(r"[^,.?! ]", text) else ""


def _is_kept(character: str) -> bool:
    category = unicodedata.category(character)
    return character in ",.?!'’ " or category[0] in "LMN" or category == "So"
