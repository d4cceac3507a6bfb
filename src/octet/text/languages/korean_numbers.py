"""Korean numerals in hangul: Sino-Korean (일, 이, 삼), native (하나, 둘, 셋), digits one by one.

Large numbers are grouped by 만 (10^4), and a blank divides the groups as in writing: 만 이천삼백.
"""

from __future__ import annotations

DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")
_MYRIADS = ("", "만", "억", "조", "경", "해")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_UNITS = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_BEFORE_NOUN = {"하나": "한", "둘": "두", "셋": "세", "넷": "네", "스물": "스무"}
LARGEST = 10**24 - 1


def sino(number: int) -> str:
    """A number from 0 to `LARGEST` in Sino-Korean.

    >>> sino(0), sino(16), sino(10_000), sino(12_500), sino(300_001_000)
    ('영', '십육', '만', '만 이천오백', '삼억 천')
    """
    if number == 0:
        return "영"
    groups, power = [], 0
    while number:
        number, group = divmod(number, 10_000)
        if group:
            # 만 alone, but 일억 and 일조: usage, and above 만 the 일 keeps the word from sounding like a particle.
            words = "" if group == 1 and power == 1 and number == 0 else _below_myriad(group)
            groups.append(words + _MYRIADS[power])
        power += 1
    return " ".join(reversed(groups))


def _below_myriad(number: int) -> str:
    digits = [(int(digit), place) for place, digit in zip(range(3, -1, -1), f"{number:04}", strict=True)]
    return "".join(("" if digit == 1 and place else DIGITS[digit]) + _PLACES[place] for digit, place in digits if digit)


def native(number: int, *, before_noun: bool = False) -> str:
    """A number from 1 up in native words below 100 (and Sino-Korean hundreds above).

    >>> native(21), native(21, before_noun=True), native(20, before_noun=True), native(101, before_noun=True)
    ('스물하나', '스물한', '스무', '백한')
    """
    hundreds, rest = divmod(number, 100)
    tens, unit = _TENS[rest // 10], _UNITS[rest % 10]
    if before_noun:
        tens, unit = (tens if unit else _BEFORE_NOUN.get(tens, tens)), _BEFORE_NOUN.get(unit, unit)
    return (sino(hundreds * 100) if hundreds else "") + tens + unit


def digits(text: str, zero: str = "영") -> str:
    """Digits one by one; telephone numbers say 공 for zero.

    >>> digits("0105", zero="공")
    '공일공오'
    """
    return "".join(zero if digit == "0" else DIGITS[int(digit)] for digit in text)
