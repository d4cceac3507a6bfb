"""Numbers with something counted: money, percentages, units of measurement."""

from __future__ import annotations

import re
from functools import lru_cache

from octet.text.normalization.forms import Forms, Noun, Number
from octet.text.normalization.numbers import number_pattern, put, read_number, spoken

SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "元": "CNY", "CN¥": "CNY"}
_MINOR = re.compile(r"\d\d")


def money(text: str, forms: Forms) -> str:
    """ "$5.20", "5,20 €", "USD 5", "3 million euros" with a sign: "€3 million"."""
    before, after = _money_patterns(forms)
    text = before.sub(lambda match: _put_money(match, forms), text)
    return after.sub(lambda match: _put_money(match, forms), text)


def money_ranges(text: str, forms: Forms) -> str:
    """ "$5-10" -> "5 to $10": the sign is said once, after the second number."""
    return _money_range(forms).sub(rf"\g<low> {forms.to} \g<sign>", text)


def units(text: str, forms: Forms) -> str:
    """ "5 km", "20°C", "3%", "60 km/h", "5 mg/kg"."""

    def replaced(match: re.Match[str]) -> str:
        return put(match, counted(read_number(match["number"], forms), forms.units[match["unit"]], forms))

    text = _unit_pattern(forms).sub(replaced, text)
    return _per_unit_pattern(forms).sub(lambda match: f" {forms.per} {forms.units[match['unit']].singular}", text)


def counted(number: Number, noun: Noun, forms: Forms) -> str:
    """A number with its noun, in words."""
    return forms.count(number, noun, spoken(number, forms))


@lru_cache(maxsize=16)
def _per_unit_pattern(forms: Forms) -> re.Pattern[str]:
    """Units of one letter are left out: "w/h" and "s/s" mean other things."""
    symbols = "|".join(re.escape(unit) for unit in sorted(forms.units, key=len, reverse=True) if len(unit) > 1)
    return re.compile(rf"(?<=\w)/(?P<unit>{symbols})(?![\w²³/])")


@lru_cache(maxsize=16)
def _unit_pattern(forms: Forms) -> re.Pattern[str]:
    symbols = "|".join(re.escape(unit) for unit in sorted(forms.units, key=len, reverse=True))
    number = rf"(?P<number>(?:(?<![\w)])-)?{number_pattern(forms)})"
    return re.compile(rf"(?<![\w.,]){number}\s?(?P<unit>{symbols})(?![\w²³])")


@lru_cache(maxsize=16)
def _money_range(forms: Forms) -> re.Pattern[str]:
    """The sign belongs to both ends of "$5-10", and is said after the second."""
    sign, number = "|".join(map(re.escape, SIGNS)), number_pattern(forms)
    return re.compile(rf"(?P<sign>{sign})(?P<low>{number})\s?[-–]\s?(?:(?P=sign))?(?={number})")


@lru_cache(maxsize=16)
def _money_patterns(forms: Forms) -> tuple[re.Pattern[str], re.Pattern[str]]:
    signs = [sign for sign, code in SIGNS.items() if code in forms.currencies]
    names = "|".join(re.escape(name) for name in sorted((*signs, *forms.currencies), key=len, reverse=True))
    scales = "|".join(re.escape(scale) for scale in sorted(forms.scales, key=len, reverse=True)) or r"(?!)"
    number, scale = rf"(?P<number>{number_pattern(forms)})", rf"(?:\s?(?P<scale>{scales})(?!\w))?"
    sign = rf"(?P<sign>{names})"
    before = re.compile(rf"(?<![\w$])(?P<minus>-)?{sign}\s?{number}{scale}(?![\d%])")
    after = re.compile(rf"(?<![\w.,])(?P<minus>-)?{number}{scale}\s?{sign}(?!\w)")
    return before, after


def _put_money(match: re.Match[str], forms: Forms) -> str:
    number = read_number((match["minus"] or "") + match["number"], forms)
    currency = forms.currencies[SIGNS.get(match["sign"], match["sign"])]
    if match["scale"]:
        scaled = forms.scales[match["scale"]]
        words = forms.count(number, scaled, spoken(number, forms))
        # "three million dollars": the currency is counted by the scale word, which is many.
        return put(match, forms.count(Number("1000000"), currency.unit, words))
    if currency.minor is None or not _MINOR.fullmatch(number.fraction):
        return put(match, counted(number, currency.unit, forms))
    major, minor = Number(number.whole, negative=number.negative), Number(str(int(number.fraction)))
    if minor.whole == "0":
        return put(match, counted(major, currency.unit, forms))
    if int(major.whole) == 0 and not major.negative:
        return put(match, counted(minor, currency.minor, forms))
    return put(
        match,
        forms.money.format(
            major=counted(major, currency.unit, forms),
            minor=counted(minor, currency.minor, forms),
            cents=spoken(minor, forms),
        ),
    )
