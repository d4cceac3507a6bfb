"""BERT's words: the tokenizer of its uncased models, and the vectors that enter its first layer.

Text is lower case without accents; white space and punctuation part words, and every Chinese character is a word. A
word is cut from the left into the longest pieces that the vocabulary has (Devlin et al. 2019, arXiv 1810.04805).

Legend: B texts, L tokens, W width.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from octet.encoders.text.contract import TextTokens
from octet.nn.masks import padding_mask
from octet.systems.musecoco.config import WordPieceConfig

_LONGEST_WORD = 100  # letters; a longer one is unknown
_INNER = "##"  # before a piece that does not begin a word
_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


class WordPieceEmbedding(nn.Module):
    """A `TextEncoder` that only looks vectors up: a word's, its position's, and one of all words of the first text."""

    def __init__(self, config: WordPieceConfig) -> None:
        super().__init__()
        self.config = config
        self.words = nn.Embedding(len(config.vocabulary), config.width)
        self.positions = nn.Embedding(config.positions, config.width)
        self.segment = nn.Parameter(torch.zeros(config.width))
        self.norm = nn.LayerNorm(config.width, eps=1e-12)
        self._ids = {piece: number for number, piece in enumerate(config.vocabulary)}

    @property
    def width(self) -> int:
        """W."""
        return self.config.width

    def tokenize(self, texts: Sequence[str]) -> TextTokens:
        """With `[CLS]` before and `[SEP]` after each text, of which only the first tokens are kept."""
        most = self.config.longest_tokens - 2
        cut = [[piece for word in words(text) for piece in pieces(word, self._ids)][:most] for text in texts]
        rows = [torch.tensor([self._ids[piece] for piece in ("[CLS]", *found, "[SEP]")]) for found in cut]
        ids = pad_sequence(rows, batch_first=True, padding_value=self._ids["[PAD]"])
        return TextTokens(ids, padding_mask(torch.tensor([len(row) for row in rows])))

    def forward(self, tokens: TextTokens) -> Tensor:
        """(B, L, W)."""
        places = torch.arange(tokens.ids.shape[1], device=tokens.ids.device)
        embedded: Tensor = self.norm(self.words(tokens.ids) + self.positions(places) + self.segment)
        return embedded


def words(text: str) -> list[str]:
    """As BERT's uncased models split a text.

    >>> words("Café-style, 3/4!")
    ['cafe', '-', 'style', ',', '3', '/', '4', '!']
    """
    clean = "".join(_spaced(letter) for letter in unicodedata.normalize("NFC", text))
    plain = (letter for letter in unicodedata.normalize("NFD", clean.lower()) if unicodedata.category(letter) != "Mn")
    return "".join(f" {letter} " if _is_punctuation(letter) else letter for letter in plain).split()


def pieces(word: str, vocabulary: dict[str, int]) -> list[str]:
    """The longest known beginning, then the longest of the rest, and so on; `[UNK]` where a rest has none."""
    return list(_pieces(word, vocabulary)) if len(word) <= _LONGEST_WORD else ["[UNK]"]


def _pieces(word: str, vocabulary: dict[str, int]) -> Iterator[str]:
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = _INNER if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in vocabulary), None)
        if end is None:
            yield "[UNK]"
            return
        found.append(prefix + word[start:end])
        start = end
    yield from found


def _spaced(letter: str) -> str:
    """A space for any white space, nothing for what cannot be seen, Chinese characters apart."""
    if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
        return " "
    if letter in "\0�" or unicodedata.category(letter).startswith("C"):
        return ""
    return f" {letter} " if any(low <= ord(letter) <= high for low, high in _CHINESE) else letter


def _is_punctuation(letter: str) -> bool:
    """As BERT has it: all of ASCII that is neither letter, digit nor space too, as $ and +."""
    return (33 <= ord(letter) <= 126 and not letter.isalnum()) or unicodedata.category(letter).startswith("P")
