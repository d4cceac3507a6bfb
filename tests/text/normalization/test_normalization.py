"""Normalisation of the four Latin languages: goldens read by hand, and properties of any text."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.text.frontend import language_module

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "normalization.json").read_text(encoding="utf-8"))
LATIN = ("en", "de", "fr", "es")
# What patterns look at: pieces that are likely to meet in wrong ways, and characters from everywhere.
PIECES = (
    "Dr. St. No. A.M. U.S. FBI NASA km °C $ € % 1/2 3:30 pm 1st 2. 3º 1er XIV Henry Louis Felipe siglo XXe "
    "Chapter am der Uhr h 14h30 www.a.com a@b.de http://x.y/z -5 1,234.56 1.234,56 0,5 ² ³ ½ ٣ 🙂 … — – - ' \" « » "
    "( ) ¿ ¡ 。 ？ # & + = / * _ ~ ^ < > | \\ @ : ; 24/7 5'10\" '80s 1980s 2021-03-05 3/5/2021 5.3.21 007 1e-5 +1 "
    "(555) 123-4567 10-20 I A no etc. z. B. M. p. ex. EE. UU. AT&T C# MP3 I. V x X × 10 1 21 0 999999999999999999 "
    "OK THE NOT DON'T l'OTAN "
).split()
PIECES += [" ", "\n", "a", "É", "ß", "´", "Ⅳ", "①", "한국", "日本", "e\u0301", "\u200d", "\u0301", "\ud800", "\0"]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)


@pytest.mark.parametrize(("language", "text", "spoken"), [(code, *case) for code in LATIN for case in GOLDEN[code]])
def test_goldens(language: str, text: str, spoken: str) -> None:
    assert language_module(language).normalize(text) == spoken


def test_there_are_enough_goldens() -> None:
    assert len(GOLDEN["en"]) >= 40
    assert all(len(GOLDEN[code]) >= 25 for code in ("de", "fr", "es"))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(LATIN), TEXTS)
def test_any_text_becomes_words_without_digits_and_stays_so(language: str, text: str) -> None:
    normalize = language_module(language).normalize
    spoken = normalize(text)
    assert not any(letter.isdigit() for letter in spoken)
    assert normalize(spoken) == spoken
    assert not set(spoken) & set(';:()[]{}«»¿¡—–"/\n\t')


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LATIN), st.integers(0, 10**12))
def test_integers_are_words(language: str, number: int) -> None:
    spoken = language_module(language).normalize(str(number))
    assert spoken
    assert all(letter.isalpha() or letter in " -," for letter in spoken)


@settings(max_examples=100, deadline=None)
@given(st.integers(1100, 10**9))
def test_digit_groups_change_nothing_but_years(number: int) -> None:
    for language, mark in (("en", ","), ("de", "."), ("es", "."), ("fr", " ")):
        forms = language_module(language).FORMS
        grouped = f"{number:,}".replace(",", mark)
        assert language_module(language).normalize(grouped) == forms.cardinal(number)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "I like the Sun. No. I saw it.", "I like the Sun. No. I saw it."),
        ("en", "He left St. Louis. Elm St. is far.", "He left Saint Louis. Elm Street is far."),
        ("en", "ALICE AND BOB WENT HOME", "alice and bob went home"),
        ("en", "the IBM PC", "the I B M P C"),
        ("de", "Das ist so. Dann geht es.", "Das ist so. Dann geht es."),
        ("de", "Er hat 3. Sie hat 4.", "Er hat drei. Sie hat vier."),
        ("fr", "Il y en a sept. Il y en a huit.", "Il y en a sept. Il y en a huit."),
        ("es", "Eran las 3. Se fue.", "Eran las tres. Se fue."),
    ],
)
def test_full_stops_of_sentences_are_kept(language: str, text: str, spoken: str) -> None:
    assert language_module(language).normalize(text) == spoken


def test_characters_without_a_name_stay() -> None:
    assert language_module("en").normalize("a ♥ b 🙂 你好") == "a ♥ b 🙂 你好"
