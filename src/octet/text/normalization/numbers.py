"""Digits to words: integers, decimals, fractions, ranges, versions, Roman numerals."""

from __future__ import annotations

import re
from functools import lru_cache

from octet.text.normalization.forms import Forms, Number

_LONGEST_CARDINAL = 15
_SWISS_GROUP = re.compile(r"(?<=\d)'(?=\d{3}(?!\d))")
_SCIENTIFIC = re.compile(r"(?<=\d)[eE]([+-]?\d{1,3})(?![\w.,])")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_FORM = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


@lru_cache(maxsize=16)
def number_pattern(forms: Forms) -> str:
    """A pattern (one group-free alternative) for an unsigned number as the language writes it."""
    decimal = re.escape(forms.decimal_mark)
    groups = "".join(map(re.escape, forms.group_marks))
    return rf"(?:\d{{1,3}}(?:[{groups}]\d{{3}})+(?!\d)(?:{decimal}\d+)?|\d+(?:{decimal}\d+)?)"


def read_number(written: str, forms: Forms) -> Number:
    """Take off the sign and the separators of a number as the language writes it."""
    negative = written.startswith("-")
    digits = re.sub(f"[{re.escape(forms.group_marks)}-]", "", written) if forms.group_marks else written.lstrip("-")
    whole, _, fraction = digits.partition(forms.decimal_mark)
    return Number(whole or "0", fraction, negative)


def spoken(number: Number, forms: Forms) -> str:
    """A number in words."""
    words = [forms.minus] if number.negative else []
    words.append(integer(number.whole, forms) if not number.fraction else _cardinal(number.whole, forms))
    if number.fraction:
        words += [forms.point, _decimals(number.fraction, forms)]
    return join(words, forms)


def integer(digits: str, forms: Forms) -> str:
    """An integer in words; codes with leading zeros, and numbers beyond a thousand billions, digit by digit."""
    if len(digits) > 1 and digits.startswith("0"):
        return spell_digits(digits, forms)
    return _cardinal(digits, forms)


def _cardinal(digits: str, forms: Forms) -> str:
    if len(digits.lstrip("0")) > _LONGEST_CARDINAL:
        return spell_digits(digits, forms)
    return forms.cardinal(int(digits))


def _decimals(digits: str, forms: Forms) -> str:
    if len(digits) > forms.decimals_as_number:
        return spell_digits(digits, forms)
    zeros = len(digits) - len(digits.lstrip("0"))
    rest = [forms.cardinal(int(digits))] if zeros < len(digits) else []
    return join([forms.digits[0]] * zeros + rest, forms)


def spell_digits(digits: str, forms: Forms) -> str:
    """Every digit by itself; other characters are passed over."""
    return join([forms.digits[int(digit)] for digit in digits if digit in "0123456789"], forms)


def join(words: list[str], forms: Forms) -> str:
    return (" " if forms.spaced else "").join(word for word in words if word)


def put(match: re.Match[str], words: str) -> str:
    """`words` in the place of `match`, kept apart from Latin letters and digits that touch it."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return (" " if _joins(before) else "") + words + (" " if _joins(after) else "")


def _joins(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < 0x250


def roman_value(numeral: str) -> int | None:
    """The value of a Roman numeral in capitals, None if it is none.

    >>> roman_value("XIV"), roman_value("IIX")
    (14, None)
    """
    if not numeral or not _ROMAN_FORM.fullmatch(numeral):
        return None
    values = [_ROMAN[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def ranges(text: str, forms: Forms) -> str:
    """The dash between two numbers: "5-10 km" -> "five to 10 km"; a chain such as 1-2-3 is read with pauses."""
    number = number_pattern(forms)
    text = re.sub(r"(?<![\w.,-])\d+(?:-\d+){2,}(?![\w-])", lambda match: match.group().replace("-", ", "), text)
    pattern = rf"(?<![\w.,-])(-?{number})\s?(?:-|\s?–\s?)(?={number}(?![\d-]))"
    return re.sub(pattern, lambda match: f"{spoken_year(match[1], forms)} {forms.to} ", text)


def fractions(text: str, forms: Forms) -> str:
    """ "3/4" and "5 1/2"; what is one or more, such as 9/8, is read as it stands."""

    def replaced(match: re.Match[str]) -> str:
        over, under = int(match["over"]), int(match["under"])
        if not 1 < under <= 1000 or over >= under:
            return match.group().replace("/", f" {forms.web['/']} ")
        whole = forms.mixed.format(forms.cardinal(int(match["whole"])), "{0}") if match["whole"] else "{0}"
        return put(match, whole.format(forms.fraction(over, under)))

    return re.sub(r"(?<![\w./])(?:(?P<whole>\d{1,6})\s+)?(?P<over>\d{1,9})/(?P<under>\d{1,9})(?![\w/])", replaced, text)


def scientific(text: str) -> str:
    """ "1.5e-3" -> "1.5 × 10^-3"."""
    return _SCIENTIFIC.sub(r" × 10^\1", text)


def plain_numbers(text: str, forms: Forms) -> str:
    """Whatever digits are left: versions, signed and decimal numbers, years, cardinals."""
    number = number_pattern(forms)
    text = _SWISS_GROUP.sub("", text)
    text = re.sub(r"(?<=\d):(?=\d)", f" {forms.ratio} ", text)
    dotted = re.compile(rf"(?<!\d)\d+(?:\.\d+){{{2 if forms.decimal_mark == '.' else 1},}}(?!\d)")
    grouped = re.compile(rf"{number}")
    text = dotted.sub(lambda match: match.group() if grouped.fullmatch(match.group()) else _dotted(match, forms), text)
    signed = rf"(?:(?<![\w)])-)?{number}"
    text = re.sub(rf"(?<![\d\w]){re.escape(forms.decimal_mark)}(\d+)", rf"0{forms.decimal_mark}\1", text)
    return re.sub(signed, lambda match: put(match, spoken_year(match.group(), forms)), text)


def spoken_year(written: str, forms: Forms) -> str:
    """A number in words; four bare digits from 1100 to 2099 are read as a year."""
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", written):
        return forms.year(int(written))
    return spoken(read_number(written, forms), forms)


def _dotted(match: re.Match[str], forms: Forms) -> str:
    parts = [integer(part, forms) for part in match.group().split(".")]
    return put(match, (f" {forms.web['.']} " if forms.spaced else forms.web["."]).join(parts))
