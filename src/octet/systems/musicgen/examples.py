"""What MusicGen is trained on: recordings as tokens, with what is said of them.

Legend: B batch, K codebooks, T frames, F chroma frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from octet.audio.waveform import Waveform
from octet.codecs.contract import Codec
from octet.core.errors import InvalidInput
from octet.core.training import MusicExample
from octet.families.token_lm.sound import tokens_of
from octet.systems.musicgen.conditioners import silence


def encoded(
    identifier: str, sound: Waveform, caption: str, codec: Codec, chroma: Callable[[Waveform], Tensor] | None = None
) -> MusicExample:
    """A recording as an example, heard by a codec and, where the model is to follow melodies, by their chroma.

    Raises:
        InvalidInput: there is no sound in it.
    """
    codes = tokens_of(sound, codec)[0].cpu()
    return MusicExample(identifier, codes, (caption,), chroma=None if chroma is None else chroma(sound))


@dataclass(frozen=True)
class Examples:
    """Examples as the training loop asks for them."""

    items: Sequence[MusicExample]

    @property
    def lengths(self) -> list[int]:
        """Frames of each."""
        return [item.codes.shape[1] for item in self.items]

    def __getitem__(self, index: int) -> MusicExample:
        return self.items[index]


def spoken(item: MusicExample, codebooks: int) -> MusicExample:
    """An example by its first codebooks.

    Raises:
        InvalidInput: it has fewer.
    """
    if len(item.codes) < codebooks:
        raise InvalidInput(
            f"{item.id} has tokens of {len(item.codes)} codebooks, and the model speaks {codebooks}: "
            "take another codec, or a smaller model.decoder.codebooks"
        )
    return replace(item, codes=item.codes[:codebooks])


def excerpt(item: MusicExample, frames: int, rng: torch.Generator) -> MusicExample:
    """`frames` frames of a longer example from anywhere in it, with the chroma of the same time."""
    length = item.codes.shape[1]
    if length <= frames:
        return item
    return _stretch(item, int(torch.randint(length - frames + 1, (), generator=rng)), frames)


def parts(item: MusicExample, count: int) -> list[MusicExample]:
    """An example as so many of the same length, one after the other; what is too short for that stays whole."""
    frames = item.codes.shape[1] // count
    return [_stretch(item, number * frames, frames) for number in range(count)] if frames > 1 else [item]


def _stretch(item: MusicExample, start: int, frames: int) -> MusicExample:
    chroma = item.chroma
    if chroma is not None:
        rate = len(chroma) / item.codes.shape[1]
        first = min(int(start * rate), len(chroma) - 1)
        chroma = chroma[first : first + max(1, round(frames * rate))]
    return replace(item, codes=item.codes[:, start : start + frames], chroma=chroma)


def padded(codes: Sequence[Tensor], special: int) -> Tensor:
    """(B, K, T) of (K, T_b), `special` behind the shorter ones."""
    return pad_sequence([rows.T for rows in codes], batch_first=True, padding_value=special).mT.contiguous()


def chromas(items: Sequence[MusicExample], frames: int) -> Tensor:
    """(B, frames, 12), each repeated or cut to the same length; silence where there is none."""
    found = [silence(1)[0] if item.chroma is None else item.chroma for item in items]
    return torch.stack([chroma.repeat(-(-frames // len(chroma)), 1)[:frames].float() for chroma in found])
