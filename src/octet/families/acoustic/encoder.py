"""The phoneme encoder shared by FastSpeech 2 and its relatives (arXiv 2006.04558, figure 1a, bottom).

Extends the paper for many voices and languages: a phone's vector is the sum of three embeddings (sound, accent,
language), and the voice's embedding is added to the encoder's output, so that any voice can read any language.
B batch, P phones, D width.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from octet.families.acoustic.fft_block import FFTStack
from octet.text.phonemes import ACCENTS, LANGUAGES, PAD, SYMBOL_IDS, SYMBOLS


@dataclass(frozen=True)
class Phones:
    """A batch of phone sequences, one voice each."""

    symbols: Tensor  # (B, P) int64, ids of octet.text.phonemes.SYMBOL_IDS
    accents: Tensor  # (B, P) int64
    languages: Tensor  # (B, P) int64
    speakers: Tensor  # (B,) int64

    @property
    def valid(self) -> Tensor:
        """(B, P), True where a phone is."""
        return self.symbols != SYMBOL_IDS[PAD]


class PhonemeEncoder(nn.Module):
    """Embeddings, the FFT blocks, the voice. `symbols` is the size of the vocabulary, of which 0 is padding."""

    def __init__(self, body: FFTStack, width: int, speakers: int, symbols: int = len(SYMBOLS)) -> None:
        super().__init__()
        self.symbols = nn.Embedding(symbols, width, padding_idx=SYMBOL_IDS[PAD])
        self.accents = nn.Embedding(len(ACCENTS), width)
        self.languages = nn.Embedding(len(LANGUAGES), width)
        self.body = body
        self.speakers = nn.Embedding(speakers, width)
        for table in (
            self.accents,
            self.languages,
            self.speakers,
        ):  # start as if there were one accent, voice, language
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, phones: Phones, more: Tensor | None = None) -> Tensor:
        """-> (B, P, D), zero where padded. `more` (B, P, D) is added to the embeddings: of a score's notes, say."""
        x = self.symbols(phones.symbols) + self.accents(phones.accents) + self.languages(phones.languages)
        if more is not None:
            x = x + more
        voiced: Tensor = self.body(x, phones.valid) + self.speakers(phones.speakers)[:, None]
        return voiced * phones.valid[:, :, None]
