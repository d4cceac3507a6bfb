"""say-as in every language: words in the Latin ones, an unambiguous written form in the others."""

import pytest

from octet.text.frontend import language_module
from octet.text.normalization.say_as import KINDS, say_as


@pytest.mark.parametrize(
    ("text", "kind", "format", "language", "expected"),
    [
        ("1984", "cardinal", "", "en", "one thousand nine hundred eighty four"),
        ("XIV", "cardinal", "", "en", "fourteen"),
        ("1.234,5", "number", "", "de", "eintausendzweihundertvierunddreißig Komma fünf"),
        ("21", "ordinal", "", "en", "twenty first"),
        ("3.", "ordinal", "", "de", "dritte"),
        ("XX", "ordinal", "", "fr", "vingtième"),
        ("5", "ordinal", "", "ko", "제5"),
        ("5", "ordinal", "", "zh", "第5"),
        ("10 2", "digits", "", "es", "uno cero dos"),
        ("aB-1", "characters", "", "en", "A B dash one"),
        ("NASA", "spell-out", "", "en", "N A S A"),
        ("Y", "spell-out", "", "es", "i griega"),
        ("abc", "verbatim", "", "ko", "a b c"),
        ("3/5/2021", "date", "dmy", "en", "May third, twenty twenty one"),
        ("3/5/2021", "date", "mdy", "en", "March fifth, twenty twenty one"),
        ("2021-03-05", "date", "", "fr", "cinq mars deux mille vingt et un"),
        ("3/5/2021", "date", "dmy", "ko", "2021-05-03"),
        ("3/15", "date", "md", "en", "March fifteenth"),
        ("030-99", "telephone", "", "de", "null drei null, neun neun"),
        ("3:30", "time", "", "en", "3:30"),
    ],
)
def test_examples(text: str, kind: str, format: str, language: str, expected: str) -> None:
    assert say_as(text, kind, format, language) == expected


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ko", "zh"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["not a number", "", "99/99/9999", "-1", "🙂", "1e5"])
def test_what_is_not_of_the_kind_is_read_as_usual(language: str, kind: str, text: str) -> None:
    spoken = language_module(language).normalize(say_as(text, kind, "dmy", language))
    assert not any(letter.isdigit() for letter in spoken)
