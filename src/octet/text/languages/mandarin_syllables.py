"""Pinyin syllables as phones of the shared inventory (Hanyu Pinyin scheme, GB/T 16159; phones after Lee and Zee 2003).

A syllable is an optional initial and a final of at most glide, nucleus and coda. The tone, "1" to "5", sits on the
nucleus.
"""

from __future__ import annotations

from octet.text.phonemes import Phone

_INITIALS = {
    **{"b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x"},
    **{"j": "tɕ", "q": "tɕʰ", "x": "ɕ", "zh": "ʈʂ", "ch": "ʈʂʰ", "sh": "ʂ", "r": "ʐ", "z": "ts", "c": "tsʰ", "s": "s"},
}
# Final -> (glide, nucleus, coda).
_FINALS: dict[str, tuple[str, str, str]] = {
    **{"a": ("", "a", ""), "o": ("", "o", ""), "e": ("", "ɤ", ""), "ê": ("", "ɛ", ""), "er": ("", "ɚ", "")},
    **{"ai": ("", "aɪ", ""), "ei": ("", "eɪ", ""), "ao": ("", "aʊ", ""), "ou": ("", "oʊ", "")},
    **{"an": ("", "a", "n"), "en": ("", "ə", "n"), "ang": ("", "ɑ", "ŋ"), "eng": ("", "ə", "ŋ"), "ong": ("", "ʊ", "ŋ")},
    **{"i": ("", "i", ""), "ia": ("j", "a", ""), "io": ("j", "o", ""), "ie": ("j", "ɛ", ""), "iai": ("j", "aɪ", "")},
    **{"iao": ("j", "aʊ", ""), "iou": ("j", "oʊ", ""), "ian": ("j", "ɛ", "n"), "in": ("", "i", "n")},
    **{"iang": ("j", "ɑ", "ŋ"), "ing": ("", "i", "ŋ"), "iong": ("j", "ʊ", "ŋ")},
    **{"u": ("", "u", ""), "ua": ("w", "a", ""), "uo": ("w", "o", ""), "uai": ("w", "aɪ", ""), "uei": ("w", "eɪ", "")},
    **{"uan": ("w", "a", "n"), "uen": ("w", "ə", "n"), "uang": ("w", "ɑ", "ŋ"), "ueng": ("w", "ə", "ŋ")},
    **{"v": ("", "y", ""), "ve": ("ɥ", "ɛ", ""), "van": ("ɥ", "ɛ", "n"), "vn": ("", "y", "n")},
    **{"-i": ("", "z̩", ""), "-ir": ("", "ʐ̩", "")},
    **{"m": ("", "ə", "m"), "n": ("", "ə", "n"), "ng": ("", "ə", "ŋ")},
}
_SHORT_FINALS = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
# Rhotic forms: a coda i or n goes, i and the apical vowels become schwa, ng leaves its vowel.
_RHOTIC = {"aɪ": "a", "eɪ": "ə", "z̩": "ə", "ʐ̩": "ə", "ɛ": "a"}


def split(syllable: str) -> tuple[str, str]:
    """Initial and full final of a syllable in ASCII pinyin without tone ("v" or "ü" for ü).

    >>> split("zhuang"), split("xue"), split("yuan"), split("jiu"), split("shi")
    (('zh', 'uang'), ('x', 've'), ('', 'van'), ('j', 'iou'), ('sh', '-ir'))
    """
    syllable = syllable.replace("ü", "v")
    initial = next((start for start in (syllable[:2], syllable[:1]) if start in _INITIALS), "")
    final = syllable[len(initial) :]
    if not final or final == "g":  # m, n, ng, hm: nasals that stand alone
        return ("", syllable) if syllable in _FINALS else ("h", syllable[1:])
    return initial, _full_final(initial, final)


def _full_final(initial: str, final: str) -> str:
    if final == "i" and initial in ("zh", "ch", "sh", "r"):
        return "-ir"
    if final == "i" and initial in ("z", "c", "s"):
        return "-i"
    if not initial:
        return _without_initial(final)
    if initial in ("j", "q", "x") and final[0] == "u":
        return "v" + final[1:]
    if initial in ("b", "p", "m", "f") and final == "o":
        return "uo"
    return _SHORT_FINALS.get(final, final)


def _without_initial(final: str) -> str:
    """y and w are spellings of i, u, ü at the start of a syllable."""
    if final.startswith("yu"):
        return "v" + final[2:]
    if final.startswith("y"):
        rest = final[1:]
        return {"i": "i", "in": "in", "ing": "ing", "ou": "iou", "ong": "iong"}.get(rest, "i" + rest)
    if final.startswith("w"):
        rest = final[1:]
        return {"u": "u", "ei": "uei", "en": "uen", "eng": "ueng", "ong": "ueng"}.get(rest, "u" + rest)
    return final


def phones(syllable: str) -> tuple[Phone, ...]:
    """The phones of a syllable with a tone digit; a final "r" before the digit makes it rhotic.

    >>> [phone.symbol + phone.accent for phone in phones("zhong1")]
    ['ʈʂ', 'ʊ1', 'ŋ']
    >>> [phone.symbol + phone.accent for phone in phones("dianr3")]
    ['t', 'j', 'a3', 'ɹ']

    Raises:
        KeyError: not a syllable of Mandarin, which is a fault of the caller.
    """
    base, tone = syllable[:-1], syllable[-1]
    rhotic = base.endswith("r") and base != "er"
    initial, final = split(base[:-1] if rhotic else base)
    before, nucleus, after = _FINALS[final]
    parts = [Phone(symbol) for symbol in (_INITIALS.get(initial, ""), before) if symbol]
    if rhotic:
        return (*parts, *_rhotic(nucleus, after, tone))
    return (*parts, Phone(nucleus, tone), *(Phone(symbol) for symbol in (after,) if symbol))


def _rhotic(nucleus: str, after: str, tone: str) -> tuple[Phone, ...]:
    if nucleus in ("i", "y"):
        return Phone(nucleus, tone), Phone("ɚ", tone)
    if nucleus == "ɛ" and not after:  # 爷儿, 月儿 keep their vowel
        return Phone(nucleus, tone), Phone("ɹ")
    kept = _RHOTIC.get(nucleus, nucleus)
    if kept == "ə":
        return (Phone("ɚ", tone),)
    return Phone(kept, tone), Phone("ɹ")
