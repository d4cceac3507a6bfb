"""Numbers as written and as read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.text.normalization import english, german, numbers
from octet.text.normalization.calendar import full_year
from octet.text.normalization.clean import clean, punctuate
from octet.text.normalization.forms import Number


def _to_roman(value: int) -> str:
    signs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")]
    signs += [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    numeral = ""
    for size, sign in signs:
        numeral, value = numeral + sign * (value // size), value % size
    return numeral


@given(st.integers(1, 3999))
def test_roman_numerals_round_trip(value: int) -> None:
    assert numbers.roman_value(_to_roman(value)) == value


@pytest.mark.parametrize("text", ["", "IIII", "VX", "IC", "ABC", "iv"])
def test_other_letters_are_no_numerals(text: str) -> None:
    assert numbers.roman_value(text) is None


def test_separators_follow_the_language() -> None:
    assert numbers.read_number("-1,234.50", english.FORMS) == Number("1234", "50", True)
    assert numbers.read_number("1.234,5", german.FORMS) == Number("1234", "5", False)


@given(st.integers(0, 10**40))
def test_numbers_of_any_length_are_read(value: int) -> None:
    words = numbers.integer(str(value), english.FORMS).split()
    assert words
    if value >= 10**15:
        assert len(words) == len(str(value))


@pytest.mark.parametrize(("written", "year"), [("49", 2049), ("50", 1950), ("0", 2000), ("1066", 1066)])
def test_two_digits_are_a_year_near_ours(written: str, year: int) -> None:
    assert full_year(written) == year


@given(st.text(max_size=30))
def test_punctuation_is_four_marks_each_with_a_blank(text: str) -> None:
    words = punctuate(clean(text))
    assert words == words.strip()
    for mark in ",.?!":
        assert f" {mark}" not in words
        assert all(part == "" or part.startswith(" ") for part in words.split(mark)[1:])
