"""A Korean number with the word that it counts: native numerals for some (세 시, 스무 살), Sino-Korean for the rest.

Years, months and days are written with their numbers in one word, all else is divided from its number by a blank.
"""

from __future__ import annotations

import re

from octet.text.languages.east_asian import NUMBER
from octet.text.languages.korean_numbers import LARGEST, digits, native, sino
from octet.text.languages.korean_symbols import NATIVE_COUNTERS, SINO_WORDS

_SCALE = "[조억만천백]+(?!각|화점)"
# 3만5천, 1억 2,000만, 3만 5000: digits and scales that make one number together.
AMOUNT = rf"(?>{NUMBER}(?:{_SCALE}(?: ?{NUMBER}{_SCALE})*(?:\d+| \d{{4}}| \d,\d{{3}})?(?![\d:/~-]))?)"
MONTHS = dict(enumerate("일 이 삼 사 오 유 칠 팔 구 시 십일 십이".split(), start=1))
_ATTACHED = ("년", "월", "일")
_ORDINALS = {1: "첫째", 2: "둘째", 3: "셋째", 4: "넷째"}
# What may stand behind a counter: anything else makes it the beginning of another word (4대강, 3번타자).
_AFTER_COUNTER = re.compile(
    "$|이|가|은|는|을|를|의|에|도|만|과|와|로|으로|까지|부터|보다|마다|씩|째|쯤|경|정도|전|후|당|짜리|나|간|내|중|반|들|인|였|예|뿐|밖|정각|조차"
    "|든|라|별|동안|가량|남짓|차|꼴|하고|랑|여|입|임|안|용|더"
)
_LARGEST_NATIVE_HOURS = 23


def cardinal(written: str) -> str:
    """A number as written, with group commas, a decimal point or leading zeros, in Sino-Korean.

    >>> cardinal("12,500"), cardinal("3.14"), cardinal("007")
    ('만 이천오백', '삼 점 일사', '공공칠')
    """
    whole, _, decimals = written.replace(",", "").partition(".")
    long = (whole.startswith("0") and len(whole) > 1) or len(whole) > len(str(LARGEST))
    words = digits(whole, zero="공") if long else sino(int(whole))
    return f"{words} 점 {digits(decimals)}" if decimals else words


def amount(written: str) -> str:
    """A number that may hold 만, 억 and the like between its digits (`AMOUNT`).

    >>> amount("3만5천2백"), amount("1억 2,000만"), amount("1.5억"), amount("1천")
    ('삼만 오천이백', '일억 이천만', '일 점 오억', '천')
    """
    parts = re.findall(rf"({NUMBER})([조억만천백]*)", written)
    words = [_scaled(number, scale, first=index == 0) for index, (number, scale) in enumerate(parts)]
    return re.sub("(?<=[천백]) ", "", " ".join(words)) if len(words) > 1 else words[0]


def _scaled(number: str, scale: str, *, first: bool) -> str:
    words = cardinal(number)
    one_is_silent = scale[:1] in ("천", "백") or (scale == "만" and first)
    return scale if words == "일" and scale and one_is_silent else words + scale


def count(written: str, noun: str) -> str:
    """A number and the word behind it.

    >>> count("3", "개를"), count("20", "살"), count("3", "개월"), count("6", "월"), count("1", "번째")
    ('세 개를', '스무 살', '삼 개월', '유월', '첫 번째')
    """
    counter = native_counter(noun)
    if counter and takes_native(written, counter):
        numeral = "첫" if (int(written), counter) == (1, "번째") else native(int(written), before_noun=True)
        return f"{numeral} {noun}"
    if noun.startswith("월") and written.isdigit() and int(written) in MONTHS:
        return MONTHS[int(written)] + noun
    return amount(written) + ("" if noun.startswith(_ATTACHED) else " ") + noun


def ordinal(number: int) -> str:
    """첫째, 둘째, ... from 1 to 99.

    >>> ordinal(2), ordinal(12)
    ('둘째', '열두째')
    """
    return _ORDINALS.get(number) or native(number, before_noun=True) + "째"


def native_counter(noun: str) -> str:
    """The counter with native numerals that `noun` begins with, or nothing.

    >>> native_counter("마리가"), native_counter("대강"), native_counter("개월")
    ('마리', '', '')
    """
    for length in range(min(4, len(noun)), 0, -1):
        head = noun[:length]
        if head in SINO_WORDS:
            return ""
        if head in NATIVE_COUNTERS and _AFTER_COUNTER.match(noun, length):
            return head
    return ""


def takes_native(written: str, counter: str) -> bool:
    """Whether so many of `counter` are said with native numerals: 한 시, but 십삼 시; 두 대, but 이십 대 (an age)."""
    if not written.isdigit() or written.startswith("0") or int(written) >= 1000:
        return False
    number = int(written)
    if counter == "시":
        return number <= 12
    if counter == "시간":
        return number <= _LARGEST_NATIVE_HOURS
    if counter == "대" and number % 10 == 0:
        return False
    return number < 100 or 0 < number % 100 < 10  # 백한 마리, but 백이십 마리
