"""The symbols of ming024's public FastSpeech 2 weights, and our words spelled in them.

Its table holds padding, punctuation, letters, ARPAbet with stress digits, pinyin initials and finals with tone digits,
and three silences, in that order; a word uses the last three groups. Finals are written out in full (iou, uei, uen),
ü is v, the vowels of zi and zhi are ii and iii (the convention of the AISHELL-3 lexicon).
"""

from __future__ import annotations

import re

from octet.text.phonemes import Phone, Word

_VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
ARPABET = sorted([*_CONSONANTS, *(vowel + stress for vowel in _VOWELS for stress in ("", "0", "1", "2"))])
INITIALS = "b c ch d f g h j k l m n p q r s sh t w x y z zh".split()
FINALS = (
    "a ai an ang ao e ei en eng er i ia ian iang iao ie ii iii in ing iong iou o ong ou "
    "u ua uai uan uang uei uen uo v van ve vn"
).split()
PINYIN = [*INITIALS, *(final + tone for final in FINALS for tone in "12345"), "rr"]
SYMBOLS = [
    "_",
    "-",
    *"!'(),.:;? ",
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    *(f"@{name}" for name in [*ARPABET, *PINYIN, "sp", "spn", "sil"]),
]
IDS = {symbol: number for number, symbol in enumerate(SYMBOLS)}

_ENGLISH = {
    **{"p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "ɾ": "D", "ʔ": "T", "m": "M", "n": "N", "ŋ": "NG"},
    **{"f": "F", "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH", "x": "K"},
    **{"tʃ": "CH", "dʒ": "JH", "ɹ": "R", "l": "L", "j": "Y", "w": "W"},
    **{"iː": "IY", "i": "IY", "ɪ": "IH", "ɛ": "EH", "æ": "AE", "ɑ": "AA", "ɑː": "AA", "a": "AA", "ʌ": "AH", "ə": "AH"},
    **{"ɐ": "AH", "ɚ": "ER", "ɝ": "ER", "ɔ": "AO", "ɔː": "AO", "o": "AO", "ʊ": "UH", "u": "UW", "uː": "UW", "e": "EY"},
    **{"eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "aʊ": "AW", "oʊ": "OW", "ɑ̃": "AA", "ɔ̃": "AO", "ɛ̃": "EH"},
}
_STRESS = {"": "0", "ˈ": "1", "ˌ": "2"}
_YW_FINALS = {
    **{"yu": "v", "yue": "ve", "yuan": "van", "yun": "vn", "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang"},
    **{"yao": "iao", "ye": "ie", "yin": "in", "ying": "ing", "yong": "iong", "you": "iou", "yo": "iou", "yai": "iai"},
    **{"wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "uei", "wan": "uan", "wen": "uen", "wang": "uang"},
    "weng": "uen",
}
_CONTRACTED = {"iu": "iou", "ui": "uei", "un": "uen"}
_AFTER_JQX = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}


def spell(word: Word) -> list[int]:
    """Ids of a word in English or Mandarin; of a pause, `sp`. Sounds the table lacks are left out."""
    if all(phone.is_pause for phone in word.phones):
        return [IDS["@sp"]] if word.phones else []
    if word.language == "zh":
        from octet.text.languages import mandarin  # half a second of tables that other languages need not wait for

        names = [name for syllable in mandarin.pinyin(word.text).split() for name in syllable_parts(syllable)]
    else:
        names = [name for phone in word.phones if (name := arpabet(phone))]
    return [IDS[f"@{name}"] for name in names if f"@{name}" in IDS]


def arpabet(phone: Phone) -> str:
    """A phone in ARPAbet, with a stress digit on vowels.

    >>> arpabet(Phone("eɪ", "ˈ")), arpabet(Phone("tʃ"))
    ('EY1', 'CH')
    """
    name = _ENGLISH.get(phone.symbol, "")
    return name + _STRESS.get(phone.accent, "0") if name in _VOWELS else name


def syllable_parts(syllable: str) -> list[str]:
    """A pinyin syllable with tone digit as initial and final.

    >>> syllable_parts("zhi1"), syllable_parts("xue2"), syllable_parts("er4"), syllable_parts("you3")
    (['zh', 'iii1'], ['x', 've2'], ['er4'], ['y', 'iou3'])
    """
    base, tone = (syllable[:-1], syllable[-1]) if syllable[-1:].isdigit() else (syllable, "5")
    base = base.replace("ü", "v").replace("u:", "v")
    matched = re.match("zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]", base)
    initial = matched.group() if matched else ""
    final = base[len(initial) :]
    if initial in ("y", "w"):
        final = _YW_FINALS.get(base, final)
    elif initial in ("j", "q", "x"):
        final = _AFTER_JQX.get(final, final)
    elif initial in ("n", "l") and final == "ue":
        final = "ve"
    elif final == "i":
        final = {"z": "ii", "c": "ii", "s": "ii", "zh": "iii", "ch": "iii", "sh": "iii", "r": "iii"}.get(initial, "i")
    final = _CONTRACTED.get(final, final)
    return [part for part in (initial, final + tone) if part]
