"""Languages of texts and of their parts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.text.detect import detect, spans
from octet.text.phonemes import LANGUAGES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("나는 Python을 좋아해", "ko"),
        ("東京へ行きます", "ja"),
        ("カラオケ", "ja"),
        ("我喜欢音乐", "zh"),
        ("Ich habe heute leider keine Zeit für dich.", "de"),
        ("Je ne sais pas ce que tu veux.", "fr"),
        ("Bonjour tout le monde, ça va bien ?", "fr"),
        ("¿Dónde está la biblioteca?", "es"),
        ("No quiero que te vayas de la casa.", "es"),
        ("The quick brown fox jumps over the lazy dog.", "en"),
    ],
)
def test_clear_texts(text: str, language: str) -> None:
    assert detect(text, "en") == language


@pytest.mark.parametrize(
    "text", ["", "123", "Café Müller", "El Niño", "déjà vu", "The Führer und the Reich", "Berlin Paris Madrid", "die"]
)
def test_names_and_loans_leave_the_default(text: str) -> None:
    assert detect(text, "en") == "en"


def test_the_default_of_a_latin_text_needs_evidence_against_it() -> None:
    assert detect("Hamburg", "de") == "de"
    assert detect("This is what they have been for you.", "de") == "en"


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("나는 Python을 좋아해", "ko", [("ko", "나는 "), ("en", "Python"), ("ko", "을 좋아해")]),
        ("iPhone 15 Pro를", "ko", [("en", "iPhone 15 Pro"), ("ko", "를")]),
        ("Python 3을 써", "ko", [("en", "Python "), ("ko", "3을 써")]),
        ("2024年", "en", [("zh", "2024年")]),
        ("今天是2024年", "zh", [("zh", "今天是2024年")]),
        ("日本", "ja", [("ja", "日本")]),
        ("漢字とkana", "en", [("ja", "漢字と"), ("en", "kana")]),
        ("Hello (안녕) world", "en", [("en", "Hello "), ("ko", "(안녕) "), ("en", "world")]),
        ("Das ist 서울.", "de", [("de", "Das ist "), ("ko", "서울.")]),
        ("3.14", "fr", [("fr", "3.14")]),
        ("", "en", []),
    ],
)
def test_runs(text: str, default: str, expected: list[tuple[str, str]]) -> None:
    assert spans(text, default) == expected


@given(st.text(alphabet="aé 1.,?!(한국日本かカ🙂\n-", max_size=30), st.sampled_from(LANGUAGES))
def test_runs_join_to_the_text_and_alternate(text: str, default: str) -> None:
    runs = spans(text, default)
    assert "".join(run for _, run in runs) == text
    assert all(language in LANGUAGES and run for language, run in runs)
    assert all(first != second for (first, _), (second, _) in pairwise(runs))


@given(st.text(max_size=50), st.sampled_from(LANGUAGES))
def test_any_text_has_a_language(text: str, default: str) -> None:
    assert detect(text, default) in LANGUAGES
    assert "".join(run for _, run in spans(text, default)) == text
