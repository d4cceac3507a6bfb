"""The score encoder (arXiv 2105.02446, section 4.1, figure 1): phones and the notes that they are sung on.

The lyrics' embeddings and the notes' pitch, length and slur are summed before the Transformer blocks, as in the public
MIDI versions. B batch, P phones, D width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from octet.families.acoustic.encoder import PhonemeEncoder, Phones
from octet.families.acoustic.fft_block import FFTBlock, FFTStack
from octet.systems.diffsinger.config import Config
from octet.text.phonemes import PAUSES, SYMBOLS, VOWELS

BREATH: Final = "AP"  # the one phone of singing that speech has not
SUNG_SYMBOLS: Final = (*SYMBOLS, BREATH)
SUNG_IDS: Final = {symbol: number for number, symbol in enumerate(SUNG_SYMBOLS)}
HEADS: Final = frozenset(SUNG_IDS[symbol] for symbol in (*VOWELS, *PAUSES, BREATH))  # phones that may begin a word
PITCHES: Final = 128


@dataclass(frozen=True)
class ScorePhones:
    """A batch of phones with the notes of their syllables: pitch as a MIDI number (0 in rests), length in seconds."""

    phones: Phones
    note_pitches: Tensor  # (B, P)
    note_seconds: Tensor  # (B, P)
    slurs: Tensor  # (B, P) int64, 1 where a phone goes on over a further note
    words: Tensor  # (B, P) int64, which word a phone belongs to, from vowel onset to vowel onset

    @property
    def valid(self) -> Tensor:
        return self.phones.valid


class ScoreEncoder(nn.Module):
    """Score in, a vector a phone out."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.lyrics = PhonemeEncoder(
            stack(config, config.encoder_layers), width, len(config.singers), len(SUNG_SYMBOLS)
        )
        self.pitches = nn.Embedding(PITCHES, width)
        self.seconds = nn.Linear(1, width)
        self.slurs = nn.Embedding(2, width)
        for table in (self.pitches, self.slurs):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, score: ScorePhones) -> Tensor:
        """-> (B, P, D), zero where padded."""
        notes = self.pitches(score.note_pitches.round().long().clamp(0, PITCHES - 1))
        notes = notes + self.seconds(score.note_seconds[:, :, None]) + self.slurs(score.slurs)
        encoded: Tensor = self.lyrics(score.phones, notes)
        return encoded


def stack(config: Config, layers: int) -> FFTStack:
    """The blocks of the score encoder and of the auxiliary decoder."""
    return FFTStack(
        [
            FFTBlock(config.width, config.heads, config.inner_width, config.kernels, config.dropout)
            for _ in range(layers)
        ]
    )


def words_of(symbols: list[int], notes: list[int]) -> list[int]:
    """The word of each phone, counted from 0: a word runs from a vowel's onset, or a pause's, to the next one's.

    So consonants before a vowel belong to the word before, and notes begin where words do. A second vowel on the same
    note begins none.

    >>> s, a, i = SUNG_IDS["s"], SUNG_IDS["a"], SUNG_IDS["i"]
    >>> words_of([SUNG_IDS["sil"], s, a, s, i, i], [0, 1, 1, 2, 2, 2])
    [0, 0, 1, 1, 2, 2]
    """
    words, word, last = [], -1, None
    for symbol, note in zip(symbols, notes, strict=True):
        if symbol in HEADS and note != last:
            word, last = word + 1, note
        words.append(max(word, 0))
        word = max(word, 0)
    return words
