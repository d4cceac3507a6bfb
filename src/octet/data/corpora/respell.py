"""Texts as the teachers must read them so that they say what Octet's own front ends mean.

espeak's rules for Korean liaison, Mandarin tone sandhi and Japanese kanji are weaker than ours, so it is given the
respelled hangul, pinyin with tone digits and kana; every language gets its numbers in words.
"""

from __future__ import annotations

from octet.text.frontend import language_module


def for_teacher(text: str, language: str) -> str:
    """`text` for a teacher voice of this language.

    >>> for_teacher("같이 5분", "ko")
    '가치 오 분'
    """
    module = language_module(language)
    normal: str = module.normalize(text)
    match language:
        case "ko":
            normal = module.respell(normal)
        case "zh":
            normal = module.pinyin(normal)
        case "ja":
            normal = module.kana(normal)
    return normal
