"""SSML's say-as: reading a piece of text as what its author says it is.

The four Latin languages answer in words. For the others the text is put into the written form that their own
normalisation reads without doubt (2021-03-05, 第5, digits with blanks between them). What does not look like its kind
is left for normalisation to read as usual.
"""

from __future__ import annotations

import re

from octet.text.normalization import letters, numbers
from octet.text.normalization.calendar import full_year
from octet.text.normalization.contact import telephone
from octet.text.normalization.forms import Date, Forms

KINDS = (
    *("cardinal", "number", "ordinal", "digits", "characters", "spell-out", "verbatim"),
    *("date", "time", "telephone", "currency", "fraction", "unit"),
)
_ORDINAL_SIGN = {"ko": "제", "zh": "第", "ja": "第"}
_DATE_FORMATS = {"mdy": "mdy", "dmy": "dmy", "ymd": "ymd", "ydm": "ydm", "md": "md", "dm": "dm", "my": "my", "ym": "ym"}


def say_as(text: str, interpret_as: str, format: str, language: str) -> str:
    """`text` written so that normalisation in `language` reads it as `interpret_as` (one of `KINDS`) asks.

    >>> say_as("5", "ordinal", "", "en"), say_as("10", "digits", "", "en"), say_as("5", "ordinal", "", "ko")
    ('fifth', 'one zero', '제5')
    """
    forms = forms_of(language)
    match interpret_as:
        case "ordinal":
            return _ordinal(text, forms, language)
        case "cardinal" | "number":
            return _cardinal(text, forms)
        case "digits" | "characters" | "spell-out" | "verbatim":
            return _characters(text, forms)
        case "date":
            return _date(text, format, forms)
        case "telephone" if forms and re.search(r"\d", text):
            return telephone(text, forms)
    return text


def forms_of(language: str) -> Forms | None:
    """The words of a Latin language, None for the others, which have a normaliser of their own."""
    match language:
        case "en":
            from octet.text.normalization import english as module
        case "de":
            from octet.text.normalization import german as module  # type: ignore[no-redef]
        case "fr":
            from octet.text.normalization import french as module  # type: ignore[no-redef]
        case "es":
            from octet.text.normalization import spanish as module  # type: ignore[no-redef]
        case _:
            return None
    return module.FORMS


def _ordinal(text: str, forms: Forms | None, language: str) -> str:
    written = text.strip().rstrip(".")
    value = int(written) if re.fullmatch(r"[0-9]{1,12}", written) else numbers.roman_value(written)
    if value is None:
        return text
    return forms.ordinal(value) if forms else f"{_ORDINAL_SIGN[language]}{value}"


def _cardinal(text: str, forms: Forms | None) -> str:
    written = text.strip()
    roman = numbers.roman_value(written)
    if roman is not None:
        written = str(roman)
    if forms is None or not re.fullmatch(rf"-?{numbers.number_pattern(forms)}", written):
        return written
    return numbers.spoken(numbers.read_number(written, forms), forms)


def _characters(text: str, forms: Forms | None) -> str:
    if forms is None:
        return " ".join(text.replace(" ", ""))
    names = []
    for letter in text:
        if letter in "0123456789":
            names.append(forms.digits[int(letter)])
        elif letter.isalpha():
            names.append(letters.spell(letter, forms))
        else:
            names.append(forms.web.get(letter) or forms.symbols.get(letter, ""))
    return " ".join(name for name in names if name.strip())


def _date(text: str, format: str, forms: Forms | None) -> str:
    parts = re.findall(r"[0-9]+", text)
    order = _DATE_FORMATS.get(format) or ("ymd" if parts and len(parts[0]) == 4 else "")
    if not order or len(order) != len(parts):
        return text
    values = dict(zip(order, parts, strict=True))
    year = full_year(values["y"]) if "y" in values else None
    month, day = int(values["m"]), int(values["d"]) if "d" in values else None
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return text
    if forms:
        return forms.date(Date(year, month, day))
    return f"{year}-{month:02}-{day:02}" if year is not None and day is not None else text
