"""Numbers in Korean text spelled out with their surroundings: telephones, dates, times, money, measures, ranges.

`spell` is a list of passes; each finds one form of writing and leaves hangul behind, so later ones do not see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from octet.text.languages.east_asian import NUMBER, Match, one_of
from octet.text.languages.korean_counting import (
    AMOUNT,
    MONTHS,
    amount,
    cardinal,
    count,
    native_counter,
    ordinal,
    takes_native,
)
from octet.text.languages.korean_hangul import ends_in_vowel
from octet.text.languages.korean_numbers import digits, sino
from octet.text.languages.korean_symbols import BEFORE_NUMBER, CENTS, CURRENCY_SIGNS, UNITS

_PARTICLE = re.compile(
    "(?:은|는|이|가|을|를|의|에|에서|에게|에는|에도|에서는|과|와|로|으로|까지|까지는|부터|보다|보다는|처럼|만큼|이나|나|이다|다|입니다|이고|이며"
    "|이라|이란|라는|이라는|이었다|였다|이면|인데|인|하고|이랑|랑|이야|야|예요|이에요|이지만|라고|이라고|로서|대로|마다|씩|뿐|이든|이라도|라도|째)"
)
_NUMBERED = re.compile(  # 3번 출구 is a name, 세 번 a count
    " ?(?:출구|버스|문제|타자|홀|국도|게이트|선수|문항|트랙|채널|방|주자|버튼|레인|좌석|승강장|창구|교향곡|척추|항목"
    "|도로|아이언|마을버스|터미널)"
)
_OPERATORS = {"+": "더하기", "-": "빼기", "−": "빼기", "×": "곱하기", "*": "곱하기", "÷": "나누기"}


def spell(text: str) -> str:
    """All digits of `text` in words.

    >>> spell("오후 3:05에 010-1234-5678로"), spell("2024년 6월 6일 20명")
    ('오후 세 시 오 분에 공일공, 일이삼사, 오육칠팔로', '이천이십사년 유월 육일 스무 명')
    """
    for pattern, replacement in _PASSES:
        text = pattern.sub(replacement, text)
    return text


def _groups(match: Match) -> str:
    """Digit by digit, with a breath between groups."""
    plus = "플러스 " if match.group().startswith("+") else ""
    return plus + ", ".join(digits(group, zero="공") for group in re.findall(r"\d+", match.group()))


def _date(match: Match) -> str:
    year, month, day = match["year"], int(match["month"]), int(match["day"])
    if month not in MONTHS or not 1 <= day <= 31:
        return match.group()
    return (f"{sino(int(year))}년 " if year else "") + f"{MONTHS[month]}월 {sino(day)}일"


def _clock(match: Match) -> str:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 24 or minute > 59:
        return f"{sino(hour)} 대 {sino(minute)}"
    mark = (match["before"] or match["after"] or "").strip().upper()
    words = ["오전" if mark.startswith("A") else "오후" if mark else "", count(str(hour), "시")]
    words += [f"{sino(minute)} 분"] if minute or second else []
    words += [f"{sino(second)} 초"] if second else []
    return " ".join(filter(None, words))


def _money(match: Match) -> str:
    sign, number = match["sign"], match["number"]
    minus = "마이너스 " if match["minus"] else ""
    whole, _, decimals = number.partition(".")
    if sign in CENTS and len(decimals) == 2 and decimals.isdigit():
        minor = f" {sino(int(decimals))} {CENTS[sign]}" if int(decimals) else ""
        return f"{minus}{amount(whole)} {CURRENCY_SIGNS[sign]}{minor}"
    return f"{minus}{amount(number)} {CURRENCY_SIGNS[sign]}"


def _measure(match: Match) -> str:
    unit, minus = match["unit"], match["minus"]
    below_zero = minus and unit in ("℃", "°C")
    before = "영하" if below_zero else BEFORE_NUMBER.get(unit, "")
    sign = "마이너스" if minus and not below_zero else ""
    return " ".join(filter(None, (before, sign, amount(match["number"]), UNITS[unit])))


def _range(match: Match) -> str:
    """The beginning of a range is read here, its end by the passes that follow: 세 개에서 5개, 십에서 20%."""
    first, second, counter = match["first"], match["second"], native_counter(match["noun"])
    if counter and takes_native(first, counter) and takes_native(second, counter):
        return f"{count(first, counter)}에서 {second}{match['noun']}"
    minus = "마이너스 " if first[0] in "-−" else ""
    return f"{minus}{amount(first)}에서 {second}{match['noun']}"


def _fraction(match: Match) -> str:
    above, below = int(match["above"]), int(match["below"])
    whole = sino(int(match["whole"])) if match["whole"] else ""
    noun = match["noun"] if not match["noun"] or _PARTICLE.fullmatch(match["noun"]) else " " + match["noun"]
    if above >= below:  # 24/7 is no fraction
        return f"{whole} {sino(above)} {sino(below)}{noun}".strip()
    joined = f"{whole}{'와' if ends_in_vowel(whole) else '과'} " if whole else ""
    return f"{joined}{sino(below)}분의 {sino(above)}{noun}"


def _equation(match: Match) -> str:
    parts = re.findall(rf"{NUMBER}|[-+−×*÷]", match["left"])
    words = " ".join(_OPERATORS.get(part) or cardinal(part) for part in parts)
    if not match["right"]:
        return words
    return f"{words}{'는' if ends_in_vowel(words) else '은'} {cardinal(match['right'])}"


def _counted(match: Match) -> str:
    number, gap, noun = match["number"], match["gap"], match["noun"]
    if _PARTICLE.fullmatch(noun) and not gap:
        return amount(number) + noun
    if noun.startswith("번") and _NUMBERED.match(match.string, match.end()):
        return f"{amount(number)} {noun}"
    return count(number, noun)


_SIGN = one_of(CURRENCY_SIGNS)
_HALF_DAY = r"[AaPp]\.?[Mm]\b\.?"
_LIST: list[tuple[str, Callable[[Match], str]]] = [
    # Telephone, card and account numbers.
    (r"(?<![\d-])(?:\+\d{1,3}[- ])?\(?0?\d{1,2}\)?(?P<mark>[- .])\d{3,4}(?P=mark)\d{4}(?![\d-])", _groups),
    (r"(?<![\d-])\(0\d{1,2}\) ?\d{3,4}-\d{4}(?![\d-])|(?<![\d-])1[5-9]\d\d-\d{4}(?![\d-])", _groups),
    (r"(?<![\d-])(?:\d{4}(?:[- ]\d{4}){3}|\d{2,6}-\d{2,6}-\d{4,8}(?:-\d{1,3})?|\d{6}-\d{7})(?![\d-])", _groups),
    # Dates; a day of the week in brackets belongs to them. Days of history are known by their digits: 6·25.
    (
        r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.]) ?(?P<month>\d{1,2})(?P=mark) ?(?P<day>\d{1,2})(?:\.(?!\d))?(?![\d-])",
        _date,
    ),
    (r"(?<![\d/])(?P<year>)(?P<month>\d{1,2})/(?P<day>\d{1,2})(?=\([월화수목금토일]\))", _date),
    (r"(?<=일)\(([월화수목금토일])\)", lambda match: f" {match[1]}요일"),
    (r"(?<=[화목금토월일수] )\(([월화수목금토일])\)", lambda match: f"{match[1]}요일"),
    (
        r"(?<![\d.])\d{1,2}[·ㆍ]\d{1,2}(?!\d)|(?<![\d.])[34568]\.\d{1,2}(?= ?(?:절|운동|전쟁|사변|혁명|민주|항쟁))",
        lambda m: digits(re.sub(r"\D", "", m.group())),
    ),
    # Times of day, then scores and ratios.
    (
        rf"(?P<before>\b{_HALF_DAY} ?)?(?<![\d:])(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
        rf"(?P<after> ?{_HALF_DAY})?(?![\d:])",
        _clock,
    ),
    (r"(?<![\d:])(\d+) ?: ?(\d+)(?![\d:])", lambda match: f"{cardinal(match[1])} 대 {cardinal(match[2])}"),
    (
        r"(?<!\d)(\d+)대(\d+)(?!\d)|(?<!\d)(\d+) 대 (\d+)(?!\d)",
        lambda m: f"{cardinal(m[1] or m[3])} 대 {cardinal(m[2] or m[4])}",
    ),
    # Hangul and digits that touch are two words, save in 제3회 and 3만5천.
    (r"(?<=[가-힣])(?<![조억만천백])(?<!(?<![가-힣])제)(?=\d)", lambda _: " "),
    (rf"(?P<minus>[-−])?(?P<sign>{_SIGN}) ?(?P<number>{AMOUNT})", _money),
    (rf"(?P<minus>)(?<![\d.,])(?P<number>{AMOUNT}) ?(?P<sign>{_SIGN})", _money),
    (rf"(?<![\d.,])(?P<left>{NUMBER}(?: ?[-−+×*÷] ?{NUMBER})+) ?= ?(?P<right>{NUMBER})", _equation),
    (rf"(?<![\d.,])(?P<left>{NUMBER}(?: ?[+×*÷] ?{NUMBER}| [-−] {NUMBER})+)(?: ?= ?(?P<right>{NUMBER}))?", _equation),
    (rf"(?<![\d.,])(?P<first>(?:(?<!\w)[-−])?{AMOUNT}) ?[~∼〜] ?(?P<second>[-−]?{AMOUNT})(?P<noun>[가-힣]*)", _range),
    (r"(?<![\d-])(?P<first>\d{4})-(?P<second>\d{4})(?P<noun>(?:년[가-힣]*)?)(?![\d-])", _range),
    (
        r"(?<![\d-])(?P<first>\d{1,3})-(?P<second>\d{1,3})(?P<noun>(?:개|명|살|시간|마리|년|월|일|분|초|주|세|%)[가-힣]*)",
        _range,
    ),
    (r"(?<![\d-])(\d+)-(\d+)(?![\d-])", lambda match: f"{cardinal(match[1])} 다시 {match[2]}"),
    (r"(?<=[가-힣]) ?[~∼〜] ?(?=[가-힣\d])", lambda _: "에서 "),
    (
        rf"(?<![\d.,A-Za-z])(?P<minus>(?<![가-힣])[-−])?(?P<number>{AMOUNT}) ?(?P<unit>{one_of(UNITS)})(?![A-Za-z])",
        _measure,
    ),
    (r"(?<![\w)])[-−](?=\d)", lambda _: "마이너스 "),
    (r"(?<!\d)([1-4])/4 ?분기", lambda match: f"{cardinal(match[1])}사분기"),
    (r"(?<![\d/])(?:(?P<whole>\d+) )?(?P<above>\d+)/(?P<below>\d+)(?![\d/])(?P<noun>[가-힣]*)", _fraction),
    (r"(?<![\d.])\d+(?:\.\d+){2,}(?!\d)", lambda match: " 점 ".join(map(cardinal, match.group().split(".")))),
    # Ordinals, approximations, counts, and what remains.
    (r"(?<![가-힣])제 ?(\d+)(의?) ?", lambda match: f"제{cardinal(match[1])}{match[2]} "),
    (r"(?<![\d.,])([1-9]\d?)째(?![가-힣]*째)", lambda match: ordinal(int(match[1]))),
    (
        rf"({AMOUNT})여(?= |명|개|년|일|곳|건|채|대|마리|회|분|초|시간|억|만|원|종|가지|차례|번|점)",
        lambda match: f"{amount(match[1])}여",
    ),
    (
        r"(?<!\d)11[0-9](?!\d| ?[가-힣]*[개명원번년월일시분초호층권대점동층])(?= ?(?:에|로|구급|신고|상황|$|[.,!?]))",
        lambda m: digits(m.group()),
    ),
    (rf"(?P<number>{AMOUNT})(?P<gap> ?)(?P<noun>[가-힣]+)", _counted),
    (AMOUNT, lambda match: amount(match.group())),
]
_PASSES = [(re.compile(pattern), replacement) for pattern, replacement in _LIST]
