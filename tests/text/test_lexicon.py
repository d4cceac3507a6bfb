"""User lexica: what matches, what wins, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text.lexicon import Entry, Lexicon, load, parse

LEXICON = parse("# names\nSQL\tsequel\nlead singer\t/ˈliːd ˈsɪŋɚ/\nlead\t/lɛd/\n\nK팝\t케이팝\tko\ngift\tpoison\tde\n")
EVERYTHING = frozenset(("en", "ko", "de"))


def _pieces(text: str, languages: frozenset[str] = EVERYTHING) -> list[str]:
    return [f"<{piece.word}>" if isinstance(piece, Entry) else piece for piece in LEXICON.apply(text, languages)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I know sql, SQL.", ["I know sequel, sequel."]),
        ("MySQL and SQLite stay", ["MySQL and SQLite stay"]),
        ("the Lead  Singer", ["the ", "<lead>", "  Singer"]),
        ("the LEAD SINGER sings", ["the ", "<lead singer>", " sings"]),
        ("lead", ["<lead>"]),
        ("leader", ["leader"]),
        ("K팝은 좋다", ["케이팝은 좋다"]),
        ("", []),
    ],
)
def test_longest_whole_words_match_in_any_case(text: str, pieces: list[str]) -> None:
    assert _pieces(text) == pieces


def test_a_language_limits_an_entry() -> None:
    assert _pieces("gift", frozenset(("de",))) == ["poison"]
    assert _pieces("gift", frozenset(("en",))) == ["gift"]


def test_the_last_of_two_entries_wins_and_a_language_before_none() -> None:
    assert parse("a\tb\nA\tc").apply("a") == ["c"]
    assert parse("a\tb\ten\na\tc").apply("a", frozenset(("en",))) == ["b"]


def test_apostrophes_and_blanks_match_however_written() -> None:
    assert parse("d'Arc\tdark\nNew York\tNYC").apply("Jeanne d’Arc in New\nYork") == ["Jeanne dark in NYC"]


@given(st.text(max_size=40))
def test_text_without_entries_is_left_alone(text: str) -> None:
    assert "".join(map(str, Lexicon([]).apply(text))) == text
    assert "".join(map(str, parse("ｚｚｚｚ\tx").apply(text))) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ok\tfine\nbroken line", "lexicon, line 2: 'broken line' is no entry"),
        ("a\tb\tc\td", "line 1"),
        ("a\t", "line 1"),
        ("\n# c\na\t/bǁ/", "line 3: 'ǁ'"),
        ("a\t//", "line 1: // holds no sound"),
        ("a\tb\tru", "unknown language 'ru'"),
    ],
)
def test_bad_lines_are_named(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse(text)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffOctet\t/ɒkˈtɛt/\r\n# comment\r\n".encode())
    assert [entry.word for entry in load(path).entries] == ["Octet"]
    path.write_bytes(b"caf\xe9\tx\n")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load(path)
    with pytest.raises(InvalidInput, match="cannot read the lexicon"):
        load(tmp_path / "none.txt")


def test_a_many_entries_are_as_quick_as_one() -> None:
    lexicon = parse("".join(f"word{number}\tspoken{number}\n" for number in range(20_000)))
    assert len(lexicon) == 20_000
    assert lexicon.apply("word19999 " * 1000) == ["spoken19999 " * 1000]
