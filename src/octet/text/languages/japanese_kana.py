"""Kana read by a table: morae as phones of the shared inventory, with no knowledge of words.

Needs no package. There is no accent, は and へ are particles at the ends of words, and おう, えい are long.
"""

from __future__ import annotations

import re

VOWELS = {"ア": "a", "イ": "i", "ウ": "ɯ", "エ": "e", "オ": "o"}
_ROWS = {
    **{
        "": "アイウエオ",
        "k": "カキクケコ",
        "ɡ": "ガギグゲゴ",
        "s": "サ.スセソ",
        "z": "ザ.ズゼゾ",
        "t": "タ..テト",
        "d": "ダ..デド",
    },
    **{
        "n": "ナニヌネノ",
        "h": "ハ..ヘホ",
        "b": "バビブベボ",
        "p": "パピプペポ",
        "m": "マミムメモ",
        "j": "ヤ.ユ.ヨ",
        "ɾ": "ラリルレロ",
    },
    **{
        "w": "ワ....",
        "v": "..ヴ..",
        "ɸ": "..フ..",
        "ç": ".ヒ...",
        "ɕ": ".シ...",
        "dʑ": ".ジ...",
        "tɕ": ".チ...",
        "ts": "..ツ..",
    },
}
_EXTRA = {
    **{
        "ヂ": ("dʑ", "i"),
        "ヅ": ("z", "ɯ"),
        "ヲ": ("o",),
        "ヰ": ("i",),
        "ヱ": ("e",),
        "ァ": ("a",),
        "ィ": ("i",),
        "ゥ": ("ɯ",),
        "ェ": ("e",),
    },
    **{
        "ォ": ("o",),
        "ャ": ("j", "a"),
        "ュ": ("j", "ɯ"),
        "ョ": ("j", "o"),
        "ヮ": ("w", "a"),
        "ヵ": ("k", "a"),
        "ヶ": ("k", "e"),
    },
    **{"ン": ("ɴ",), "ッ": ("ʔ",)},
}
# A consonant before ャュョ, and before small vowels in loans: キャ k j a, シェ ɕ e, ティ t i, ファ ɸ a.
_WITH_YOON = {
    **{
        "キ": "k j",
        "ギ": "ɡ j",
        "シ": "ɕ",
        "ジ": "dʑ",
        "チ": "tɕ",
        "ヂ": "dʑ",
        "ニ": "ɲ",
        "ヒ": "ç",
        "ビ": "b j",
        "ピ": "p j",
    },
    **{"ミ": "m j", "リ": "ɾ j", "テ": "t j", "デ": "d j", "フ": "ɸ j", "ヴ": "v j"},
}
_WITH_SMALL_VOWEL = {
    **{
        "シ": "ɕ",
        "ジ": "dʑ",
        "チ": "tɕ",
        "ツ": "ts",
        "フ": "ɸ",
        "ヴ": "v",
        "テ": "t",
        "デ": "d",
        "ト": "t",
        "ド": "d",
        "ウ": "w",
        "ク": "k w",
    },
    **{
        "グ": "ɡ w",
        "イ": "j",
        "ス": "s",
        "ズ": "z",
        "キ": "k j",
        "ニ": "ɲ",
        "ヒ": "ç",
        "リ": "ɾ j",
        "ビ": "b j",
        "ピ": "p j",
        "ミ": "m j",
    },
}
_YOON = {"ャ": "a", "ュ": "ɯ", "ョ": "o"}
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "ɯ", "ェ": "e", "ォ": "o", "ヮ": "a"}
LONG = {vowel: vowel + "ː" for vowel in VOWELS.values()}
_LENGTHENS = {("o", "ウ"), ("e", "イ"), ("a", "ア"), ("i", "イ"), ("ɯ", "ウ"), ("e", "エ"), ("o", "オ")}
_DIGITS = dict(zip("0123456789", "ゼロ イチ ニ サン ヨン ゴ ロク ナナ ハチ キュウ".split(), strict=True))
_TO_KATAKANA = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_FINAL_PARTICLE = re.compile("(?<!は)[はへ](?![ぁ-ゖァ-ヺー])")
_PARTICLES = {"は": "わ", "へ": "え"}


def _morae() -> dict[str, tuple[str, ...]]:
    plain = {
        kana: tuple(filter(None, (consonant, vowel)))
        for consonant, row in _ROWS.items()
        for kana, vowel in zip(row, VOWELS.values(), strict=True)
        if kana != "."
    }
    yoon = {k + y: (*c.split(), vowel) for k, c in _WITH_YOON.items() for y, vowel in _YOON.items()}
    loans = {k + s: (*c.split(), vowel) for k, c in _WITH_SMALL_VOWEL.items() for s, vowel in _SMALL.items()}
    return plain | _EXTRA | loans | yoon


MORAE = _morae()
_MORA = re.compile(".[ャュョァィゥェォヮ]|.", re.DOTALL)


def katakana(text: str) -> str:
    """Hiragana and digits as katakana; は and へ at the end of a word as the particles that they mostly are there.

    >>> katakana("きょうは 3"), katakana("はは")
    ('キョウワ サン', 'ハハ')
    """
    text = _FINAL_PARTICLE.sub(lambda particle: _PARTICLES[particle.group()], text)
    return "".join(_DIGITS.get(character, character) for character in text.translate(_TO_KATAKANA))


def symbols(text: str) -> tuple[list[str], str]:
    """Phone symbols of katakana, and the characters that the table does not know.

    >>> symbols("ガッコウ")
    (['ɡ', 'a', 'ʔ', 'k', 'oː'], '')
    """
    found: list[str] = []
    unknown = ""
    for mora in _MORA.findall(text):
        last = found[-1] if found else ""
        if (mora == "ー" and last in LONG) or (last, mora) in _LENGTHENS:
            found[-1] = LONG[last]
        elif mora in MORAE:
            found += MORAE[mora]
        else:
            known = [MORAE.get(character) for character in mora]
            found += [symbol for phones in known if phones for symbol in phones]
            unknown += "".join(c for c, phones in zip(mora, known, strict=True) if not phones and c not in "ーヽヾ")
    return found, unknown
