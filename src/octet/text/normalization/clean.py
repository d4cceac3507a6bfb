"""Characters: compatibility forms before normalisation, and punctuation down to , . ? ! after it."""

from __future__ import annotations

import re
import unicodedata

_BEFORE_NFKC = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼ`´′＇ʹ", "'"),
        **dict.fromkeys("“”„‟″〝〞＂", '"'),
        **dict.fromkeys("‐‑−﹣－⁃", "-"),
        **dict.fromkeys("‒–", "–"),
        **{"㎡": "m²", "㎥": "m³", "№": "No. ", "⁄": "/", "∕": "/", "\u00ad": "", "㏄": "cc", "µ": "μ"},
    }
)
_SUPERSCRIPTS = re.compile("[⁰¹⁴-⁹⁻][⁰¹²³⁴-⁹]*")
_KEPT = re.compile("([²³™ºª]+)")
_VULGAR = re.compile("[¼-¾⅐-⅞↉]")
_PAUSE_LIKE = re.compile(r"\s*[;:()\[\]{}—―،؛、，：；（）【】]+\s*|\s+[-–]+\s+|-{2,}")
_FULL_STOP_LIKE = str.maketrans({"。": ".", "．": ".", "｡": ".", "।": ".", "۔": ".", "؟": "?", "…": "."})
_DOTS = re.compile(r"\.{2,}\s*(?=(\w))")
_MARKS = re.compile(r"\s*([,.?!])(?:\s*[,.?!])*\s*")
_LONE_APOSTROPHE = re.compile(r"(?<![^\W\d_])'|'(?![^\W\d_])")
_LONE_HYPHEN = re.compile(r"(?<![^\W\d_])-|-(?![^\W\d_])")
_STRENGTH = ",.!?"


def clean(text: str) -> str:
    """Compatibility characters resolved, every kind of digit in ASCII (² ³ ™ º ª stay), control characters gone.

    >>> clean("５ ㎞ x⁴ “so”")
    '5 km x^4 "so"'
    """
    if text.isascii():
        return "".join(letter if letter.isprintable() else " " for letter in text)
    text = _VULGAR.sub(lambda match: f" {_fraction(match.group())} ", text.translate(_BEFORE_NFKC))
    text = _SUPERSCRIPTS.sub(lambda match: "^" + unicodedata.normalize("NFKC", match.group()).replace("−", "-"), text)
    pieces = _KEPT.split(text)
    pieces[::2] = ["".join(map(_plain, unicodedata.normalize("NFKC", piece))) for piece in pieces[::2]]
    return unicodedata.normalize("NFC", "".join(pieces))


def _fraction(sign: str) -> str:
    return unicodedata.normalize("NFKC", sign).replace("⁄", "/")


def _plain(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    if letter.isdigit():
        return str(unicodedata.digit(letter))
    category = unicodedata.category(letter)
    if category[0] == "Z" or category == "Cc":
        return " "
    return "" if category[0] == "C" else _BEFORE_NFKC.get(ord(letter), letter)


def punctuate(text: str) -> str:
    """Only , . ? ! are left of all punctuation, one at a time, each followed by a blank.

    >>> punctuate('He said: "go" (now) -- really?!')
    'He said, go, now, really?'
    """
    text = _PAUSE_LIKE.sub(", ", text.translate(_FULL_STOP_LIKE))
    text = _DOTS.sub(lambda match: ", " if match[1].islower() else ". ", text)
    text = _LONE_HYPHEN.sub(" ", _LONE_APOSTROPHE.sub("", text))
    text = "".join(map(_without_punctuation, text))
    text = _MARKS.sub(lambda match: max(match.group().replace(" ", ""), key=_STRENGTH.find) + " ", text)
    return unicodedata.normalize("NFC", " ".join(text.split()).lstrip(",.?! "))


def _without_punctuation(letter: str) -> str:
    if letter in ",.?!'-" or letter.isalnum() or letter.isspace():
        return letter
    return " " if unicodedata.category(letter)[0] == "P" or letter in "^`|~<>=+$´¨¯¸" else letter
