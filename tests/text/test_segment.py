"""Sentences: where they end, and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.text.phonemes import LANGUAGES
from octet.text.segment import LIMIT_CHARACTERS, ends_sentence, sentences, split


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("en", "Dr. Smith paid $3.50. Why?", ["Dr. Smith paid $3.50.", "Why?"]),
        ("en", "He left at 5 p.m. She stayed.", ["He left at 5 p.m.", "She stayed."]),
        ("en", "At 5 p.m. he left.", ["At 5 p.m. he left."]),
        ("en", "Bread, eggs, etc. Then home.", ["Bread, eggs, etc.", "Then home."]),
        ("en", "The U.S. GDP grew. In the U.S. The end.", ["The U.S. GDP grew.", "In the U.S.", "The end."]),
        ("de", "In der Goethestr. 12 wohnt er.", ["In der Goethestr. 12 wohnt er."]),
        ("en", "J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ("en", '"Stop!" he said. (Really.) Yes.', ['"Stop!" he said.', "(Really.)", "Yes."]),
        ("en", "Wait... what? Well...", ["Wait... what?", "Well..."]),
        ("en", "a line\nAnother line\n\nand more", ["a line", "Another line", "and more"]),
        ("en", "a wrapped\nline goes on", ["a wrapped\nline goes on"]),
        ("de", "Am 3. Oktober war es. Z. B. so.", ["Am 3. Oktober war es.", "Z. B. so."]),
        ("de", "Das ist z. B. Obst usw. Dann ging er.", ["Das ist z. B. Obst usw.", "Dann ging er."]),
        ("fr", "M. Dupont est là. Où ça ? Ici !", ["M. Dupont est là.", "Où ça ?", "Ici !"]),
        ("es", "El Sr. Ruiz vino. ¿Por qué? ¡Ya!", ["El Sr. Ruiz vino.", "¿Por qué?", "¡Ya!"]),
        ("ko", "안녕하세요. 반갑습니다! 네?", ["안녕하세요.", "반갑습니다!", "네?"]),
        ("ko", "했다.그리고 갔다.", ["했다.", "그리고 갔다."]),
        ("zh", "你好。我很好！你呢？", ["你好。", "我很好！", "你呢？"]),
        ("ja", "「行こう。」と言った。はい。", ["「行こう。」", "と言った。", "はい。"]),
        ("en", "", []),
        ("en", " \n ", []),
    ],
)
def test_examples(language: str, text: str, expected: list[str]) -> None:
    assert split(text, language) == expected


@given(st.text(alphabet="aB .?!,\n\"'3」。？한", max_size=80), st.sampled_from(LANGUAGES))
def test_no_character_is_lost(text: str, language: str) -> None:
    assert "".join("".join(split(text, language)).split()) == "".join(text.split())


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_sentences_of_any_text_join_to_it(text: str, language: str) -> None:
    assert "".join("".join(split(text, language)).split()) == "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("piece", ["word ", "word, word ", "字", "a"])
def test_endless_sentences_are_cut(language: str, piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    parts = split(text, language)
    limit = LIMIT_CHARACTERS[language]
    assert all(0 < len(part) <= limit for part in parts)
    assert len(parts) <= 3 * 10_000 / limit + 1
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_long_sentences_are_cut_after_marks_rather_than_between_words() -> None:
    text = "one two three four five six seven, " * 8
    assert all(part.endswith(",") for part in split(text, "en"))


def test_sentences_come_one_at_a_time() -> None:
    parts = sentences("First. " + "X" * 1_000_000, "en")
    assert next(parts) == "First."


@pytest.mark.parametrize(
    ("text", "language", "ends"),
    [
        ("He left.", "en", True),
        ("He saw Dr.", "en", False),
        ("and then", "en", False),
        ("a line\n", "en", True),
        ("«Oui.»", "fr", True),
        ("그래요?", "ko", True),
        ("好。", "zh", True),
    ],
)
def test_whether_a_piece_ends_its_sentence(text: str, language: str, ends: bool) -> None:
    assert ends_sentence(text, language) is ends
