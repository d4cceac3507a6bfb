"""BERT's words: the same pieces as transformers' tokenizer gives, for any text."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizer

from octet.systems.musecoco.config import WordPieceConfig
from octet.systems.musecoco.wordpiece import WordPieceEmbedding, pieces, words

VOCABULARY = (
    *("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *string.ascii_lowercase,
    *(f"##{letter}" for letter in string.ascii_lowercase),
    *string.digits,
    *(f"##{digit}" for digit in string.digits),
    *"!,.-/'$+",
    *("piano", "music", "##ian", "the", "##no", "pia", "音", "楽"),
)
LETTERS = [*"abnopi musicANÉé音楽\t\n 19/-!.'$+ \u0301\u00ad\u200b\ufffd한", "piano", " the "]
TEXTS = st.lists(st.sampled_from(LETTERS), max_size=40).map("".join)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    path = tmp_path_factory.mktemp("bert") / "vocab.txt"
    path.write_text("\n".join(VOCABULARY), encoding="utf-8")
    return BertTokenizer(str(path), do_lower_case=True)


@given(text=TEXTS)
@settings(max_examples=150)
def test_pieces_are_those_of_transformers(theirs, text):
    mine = WordPieceEmbedding(WordPieceConfig(vocabulary=VOCABULARY, width=2))
    assert mine.tokenize([text]).ids[0].tolist() == theirs(text)["input_ids"]


def test_long_texts_are_cut_and_short_ones_padded():
    config = WordPieceConfig(vocabulary=VOCABULARY, width=2, positions=8, longest_tokens=8)
    found = WordPieceEmbedding(config).tokenize(["the piano music " * 5, "the", ""])
    assert found.ids.shape == (3, 8)
    assert found.valid.sum(1).tolist() == [8, 3, 2]
    assert found.ids[0, -1] == VOCABULARY.index("[SEP]")
    assert found.ids[1].tolist() == [3, VOCABULARY.index("the"), 4, 0, 0, 0, 0, 0]


def test_words_without_a_beginning_or_of_great_length_are_unknown():
    known = {piece: number for number, piece in enumerate(VOCABULARY)}
    assert pieces("musician", known) == ["music", "##ian"]
    assert pieces("한국", known) == ["[UNK]"]
    assert pieces("a한", known) == ["[UNK]"]
    assert pieces("a" * 101, known) == ["[UNK]"]
    assert len(pieces("a" * 100, known)) == 100
    assert words("音楽 Music") == ["音", "楽", "music"]
