"""The standard pronunciation of Korean (표준 발음법, 2017) as rules on neighbouring syllables.

Numbers in comments are the articles of the standard. Input is hangul and spaces in which what sound rules
cannot know is marked (see `korean_lexicon` and `korean_morphology`):

    '  the next onset is tense (갈'등 -> 갈뜽)        +  ㄴ is inserted before it (꽃+잎 -> 꼰닙)
    |  a compound boundary: the coda is neutralised before it links (겉|옷 -> 거돋)
    ~  the ㅅ before it is a linking one: it only makes the next onset tense (깃~발 -> 기빨)
    -  the ㄹ after it is read ㄴ (의견-란 -> 의견난)

A space binds two words of one phrase, so rules apply across it (제15항: 옷 안 -> 오단); the caller cuts the
text at punctuation. The number of syllables never changes.
"""

from __future__ import annotations

from octet.text.languages.korean_hangul import Syllable, compose, decompose, is_syllable

MARKS = "'+|~-"

# 제8-11항: what each coda is before a consonant or a pause.
NEUTRAL = {
    **{coda: coda for coda in ("", *"ㄱㄴㄷㄹㅁㅂㅇ")},
    **dict.fromkeys("ㄲㅋㄳㄺ", "ㄱ"),
    **dict.fromkeys("ㅅㅆㅈㅊㅌㅎ", "ㄷ"),
    **dict.fromkeys("ㅍㅄㄿ", "ㅂ"),
    **dict.fromkeys("ㄵㄶ", "ㄴ"),
    **dict.fromkeys("ㄼㄽㄾㅀ", "ㄹ"),
    "ㄻ": "ㅁ",
}
# 제13-14항: what stays and what moves to a following vowel. ㅅ moves as ㅆ (넋이 -> 넉씨).
LINKED = {
    **{coda: ("", coda) for coda in "ㄱㄲㄴㄷㄹㅁㅂㅅㅆㅈㅊㅋㅌㅍ"},
    **{"ㄳ": ("ㄱ", "ㅆ"), "ㄵ": ("ㄴ", "ㅈ"), "ㄺ": ("ㄹ", "ㄱ"), "ㄻ": ("ㄹ", "ㅁ"), "ㄼ": ("ㄹ", "ㅂ")},
    **{"ㄽ": ("ㄹ", "ㅆ"), "ㄾ": ("ㄹ", "ㅌ"), "ㄿ": ("ㄹ", "ㅍ"), "ㅄ": ("ㅂ", "ㅆ")},
    **{"ㅎ": ("", "ㅇ"), "ㄶ": ("", "ㄴ"), "ㅀ": ("", "ㄹ")},  # 제12항 4: 낳은 -> 나은, 많아 -> 마나
}
TENSE = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))
ASPIRATED = dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ", strict=True))
NASAL = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ", strict=True))
_WITHOUT_H = {"ㅎ": "", "ㄶ": "ㄴ", "ㅀ": "ㄹ"}
# 제12항 1 붙임: codas that join a following ㅎ; ㅅ ㅊ ㅌ do so as the ㄷ that they sound like.
_JOINS_H = {
    **{"ㄱ": ("", "ㅋ"), "ㄲ": ("", "ㅋ"), "ㅋ": ("", "ㅋ"), "ㄺ": ("ㄹ", "ㅋ"), "ㄳ": ("", "ㅋ")},
    **{"ㄷ": ("", "ㅌ"), "ㅅ": ("", "ㅌ"), "ㅆ": ("", "ㅌ"), "ㅊ": ("", "ㅌ"), "ㅌ": ("", "ㅌ"), "ㅎ": ("", "ㅌ")},
    **{"ㅈ": ("", "ㅊ"), "ㄵ": ("ㄴ", "ㅊ")},
    **{"ㅂ": ("", "ㅍ"), "ㅍ": ("", "ㅍ"), "ㄼ": ("ㄹ", "ㅍ"), "ㅄ": ("", "ㅍ"), "ㄿ": ("", "ㅍ")},
}
_PALATAL = {"ㄷ": ("", "ㅈ"), "ㅌ": ("", "ㅊ"), "ㄾ": ("ㄹ", "ㅊ")}
_TENSING_STEMS = "ㄵㄻㄼㄾ"  # 제24-25항: verb stems in these tense what follows
_NOUNS_IN_RG = "닭흙칡슭탉삵"  # 제11항: only in verb stems is ㄺ before ㄱ a ㄹ (맑게, but 닭과)
_NOUNS_IN_SONORANT = "삶앎덟"  # nouns do not tense as stems do: 삶과 -> 삼과, 여덟도 -> 여덜도

Pair = tuple[Syllable, Syllable]


def apply(marked: str) -> str:
    """The pronunciation of a phrase of hangul, spaces and marks, as hangul and the same spaces.

    >>> apply("값이 없는 꽃+잎")
    '갑씨 엄는 꼰닙'
    """
    syllables, gaps = _parse(marked)
    for index in range(len(syllables) - 1):
        syllables[index : index + 2] = _meet(syllables[index], syllables[index + 1], spaced=gaps[index + 1] != "")
    if syllables:
        syllables[-1] = _at_end(syllables[-1])
    initial = [index == 0 or gaps[index] != "" for index in range(len(syllables))]
    spoken = [_vowel(syllable, first) for syllable, first in zip(syllables, initial, strict=True)]
    parts = (gap + compose(syllable) for gap, syllable in zip(gaps, spoken, strict=False))
    return ("".join(parts) + gaps[-1]).replace("|", "")


def _parse(marked: str) -> tuple[list[Syllable], list[str]]:
    """Syllables, and what parts each from the one before: blanks, or `|` inside a compound; other marks take effect."""
    syllables: list[Syllable] = []
    gaps, marks = [""], ""
    for character in marked:
        if is_syllable(character):
            syllables.append(_begin(decompose(character), marks))
            gaps.append("")
            marks = ""
        elif character in MARKS:
            marks += character
            if character == "|":
                gaps[-1] += character
            elif character == "~" and syllables:
                syllables[-1] = syllables[-1]._replace(coda="")
        else:
            gaps[-1] += character
    return syllables, gaps


def _begin(syllable: Syllable, marks: str) -> Syllable:
    if syllable.vowel == "ㅖ" and syllable.onset not in "ㅇㄹ":  # 제5항 다만 2: 시계 -> 시게
        syllable = syllable._replace(vowel="ㅔ")
    if "+" in marks and syllable.onset == "ㅇ":
        return syllable._replace(onset="ㄴ")
    if "-" in marks and syllable.onset == "ㄹ":
        return syllable._replace(onset="ㄴ")
    if "'" in marks or "~" in marks:
        return syllable._replace(onset=TENSE.get(syllable.onset, syllable.onset))
    return syllable


def _meet(left: Syllable, right: Syllable, *, spaced: bool) -> Pair:
    """Two neighbours after each other's influence, in the order in which the standard's processes feed."""
    if right.onset == "ㅇ":
        return _link(left, right, spaced=spaced)
    if right.onset == "ㅎ":
        joined = _join_h(left, right, spaced=spaced)
        if joined is not None:
            return joined
    if left.coda in _WITHOUT_H:
        left, right = _drop_h(left, right)
    left, right = _simplify(left, right)
    return _assimilate(*_tense(left, right))


def _link(left: Syllable, right: Syllable, *, spaced: bool) -> Pair:
    """제13-17항: a coda moves to a following vowel; ㄷ, ㅌ become ㅈ, ㅊ before 이."""
    coda = NEUTRAL[left.coda] if spaced else left.coda
    if coda in ("", "ㅇ"):
        return left._replace(coda=coda), right
    if not spaced and coda in _PALATAL and _palatalises(right):
        stays, moves = _PALATAL[coda]
    else:
        stays, moves = LINKED[coda]
    return left._replace(coda=stays), right._replace(onset=moves)


def _join_h(left: Syllable, right: Syllable, *, spaced: bool) -> Pair | None:
    """제12항 1: a stop and ㅎ become one aspirated stop (각하 -> 가카, 옷 한 -> 오 탄); 제17항: 굳히 -> 구치."""
    coda = NEUTRAL[left.coda] if spaced else left.coda
    if coda not in _JOINS_H:
        return None
    stays, moves = _JOINS_H[coda]
    if coda in "ㄷㅌ" and _palatalises(right) and not spaced:
        moves = "ㅊ"
    return left._replace(coda=stays), right._replace(onset=moves)


def _palatalises(syllable: Syllable) -> bool:
    """이 and 히 in any ending, and 여, 혀 contracted from 이어, 히어 (붙여 -> 부처, but 맏형 -> 마텽)."""
    return syllable.vowel == "ㅣ" or (syllable.vowel == "ㅕ" and syllable.coda in ("", "ㅆ"))


def _drop_h(left: Syllable, right: Syllable) -> Pair:
    """제12항: ㅎ before ㄱ, ㄷ, ㅈ aspirates them, before ㅅ it tenses, before ㄴ it is one."""
    if right.onset in ASPIRATED:
        return left._replace(coda=_WITHOUT_H[left.coda]), right._replace(onset=ASPIRATED[right.onset])
    if right.onset == "ㅅ":
        return left._replace(coda=_WITHOUT_H[left.coda]), right._replace(onset="ㅆ")
    return left._replace(coda=NEUTRAL[left.coda]), right


def _simplify(left: Syllable, right: Syllable) -> Pair:
    """제8-11항: one of seven codas remains; what a lost half does to the next onset is done here."""
    coda = left.coda
    written = compose(left)
    if coda in _TENSING_STEMS and coda and written not in _NOUNS_IN_SONORANT and right.onset in "ㄱㄷㅅㅈ":
        right = right._replace(onset=TENSE[right.onset])
    if coda == "ㄺ" and right.onset in "ㄱㄲ" and written not in _NOUNS_IN_RG:
        return left._replace(coda="ㄹ"), right._replace(onset="ㄲ")
    if coda == "ㄼ" and left.onset in "ㅂㅃ":  # 제10항 다만: only 밟- keeps ㅂ
        return left._replace(coda="ㅂ"), right
    return left._replace(coda=NEUTRAL[coda]), right


def _tense(left: Syllable, right: Syllable) -> Pair:
    """제23항: plain onsets are tense after a stop."""
    if left.coda in ("ㄱ", "ㄷ", "ㅂ"):
        right = right._replace(onset=TENSE.get(right.onset, right.onset))
    return left, right


def _assimilate(left: Syllable, right: Syllable) -> Pair:
    """제18-20항: stops before nasals become nasals, ㄹ and its neighbours become alike."""
    coda, onset = left.coda, right.onset
    if onset == "ㄹ" and coda not in ("", "ㄴ", "ㄹ"):
        onset = "ㄴ"
    if coda in NASAL and onset in "ㄴㅁ":
        coda = NASAL[coda]
    if (coda, onset) in {("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")}:
        coda = onset = "ㄹ"
    return left._replace(coda=coda), right._replace(onset=onset)


def _at_end(syllable: Syllable) -> Syllable:
    return syllable._replace(coda=NEUTRAL[syllable.coda])


def _vowel(syllable: Syllable, initial: bool) -> Syllable:
    """제5항: 져 -> 저, 희 -> 히, and 의 that does not begin a word -> 이."""
    onset, vowel, _ = syllable
    if vowel == "ㅢ" and (onset != "ㅇ" or not initial):
        return syllable._replace(vowel="ㅣ")
    if vowel == "ㅕ" and onset in "ㅈㅉㅊ":
        return syllable._replace(vowel="ㅓ")
    return syllable
