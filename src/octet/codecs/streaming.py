"""Causal codecs piece by piece: the codes and samples of the pieces together are those of the whole, to rounding.

Each layer keeps what its next outputs will need: a convolution the end of its input, a transposed convolution the tail
that overlaps, an LSTM its state. Where edges are reflected (EnCodec), a convolution's first output waits until as much
has arrived as is reflected; after that, a frame is coded as soon as its hop of samples is there.

EnCodec (arXiv 2210.13438), section 3.1, "streamable"; SoundStream (arXiv 2107.03312), section III-A.

Legend: B batch, C channels, N samples, K codebooks, T frames, n length of a piece at a layer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import nn

from octet.codecs.contract import require_audio
from octet.codecs.encodec import Encodec
from octet.codecs.seanet import LSTM, Conv, ConvTranspose, ResidualBlock, padded
from octet.core.errors import InvalidInput


def encode_stream(
    codec: Encodec, pieces: Iterable[torch.Tensor], codebooks: int | None = None
) -> Iterator[torch.Tensor]:
    """Encode audio that arrives in pieces (B, C, N_i) of any lengths.

    Yields:
        codes (B, K, T_i), one piece for each that completes frames, and the rest.

    Raises:
        InvalidInput: the codec is not causal or is normalised, or as `Codec.encode` says.
    """
    _require_causal(codec)
    for latent in _streamed(_Chain(codec.encoder.layers), _checked(pieces, codec.channels)):
        yield codec.quantizer.encode(latent, codebooks)


def decode_stream(codec: Encodec, pieces: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Decode codes that arrive in pieces (B, K, T_i).

    Yields:
        audio (B, C, N_i), one piece for each that completes samples, and the rest.

    Raises:
        InvalidInput: the codec is not causal or is normalised, or as `Codec.decode` says.
    """
    _require_causal(codec)
    yield from _streamed(_Chain(codec.decoder.layers), (codec.quantizer.decode(piece) for piece in pieces))


def _require_causal(codec: Encodec) -> None:
    config = codec.config
    if not config.seanet.causal or config.normalised or config.chunk_samples or config.seanet.norm == "group":
        raise InvalidInput(
            "only a causal codec without normalisation can stream, such as EnCodec at 24 kHz or SoundStream: use "
            "`encode` and `decode` on the whole"
        )


def _checked(pieces: Iterable[torch.Tensor], channels: int) -> Iterator[torch.Tensor]:
    for piece in pieces:
        require_audio(piece, channels)
        yield piece


def _streamed(chain: _Chain, pieces: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    empty = True
    for piece in pieces:
        empty = False
        with torch.no_grad():
            made = chain.push(piece)
        if made.shape[-1]:
            yield made
    if empty:
        return
    with torch.no_grad():
        made = chain.finish()
    if made.shape[-1]:
        yield made


class _Stream(Protocol):
    """A layer with a memory."""

    def push(self, x: torch.Tensor) -> torch.Tensor:
        """The next inputs (B, C, n), n >= 0 -> the outputs (B, C', n') that they complete."""

    def finish(self) -> torch.Tensor:
        """The outputs that only the end completes; after it, nothing may be pushed."""


def _stream_of(layer: nn.Module) -> _Stream:
    match layer:
        case Conv():
            return _Conv(layer)
        case ConvTranspose():
            return _ConvTranspose(layer)
        case LSTM():
            return _LSTM(layer)
        case ResidualBlock():
            return _ResidualBlock(layer)
        case _:
            return _Pointwise(layer)


class _Chain:
    """Layers one after another. At the end, what each still held runs through those after it."""

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        self.streams = [_stream_of(layer) for layer in layers]

    def push(self, x: torch.Tensor) -> torch.Tensor:
        for stream in self.streams:
            x = stream.push(x)
        return x

    def finish(self) -> torch.Tensor:
        x = self.streams[0].finish()
        for stream in self.streams[1:]:
            x = torch.cat([stream.push(x), stream.finish()], dim=-1)
        return x


class _Pointwise:
    """A layer without memory; it keeps the last shape it gave, for an end of no length."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer
        self.none = torch.empty(0)

    def push(self, x: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.layer(x)
        self.none = made[..., :0]
        return made

    def finish(self) -> torch.Tensor:
        return self.none


class _Conv:
    """Holds the inputs that windows to come still need."""

    def __init__(self, layer: Conv) -> None:
        self.layer = layer
        self.held: torch.Tensor | None = None
        self.begun = False  # whether `held` has its padding to the left

    def push(self, x: torch.Tensor) -> torch.Tensor:
        held = x if self.held is None else torch.cat([self.held, x], dim=-1)
        if not self.begun and (self.layer.padding == "constant" or held.shape[-1] > self.layer.left):
            held, self.begun = padded(held, self.layer.left, 0, self.layer.padding), True
        windows = max(0, (held.shape[-1] - self.layer.span) // self.layer.stride + 1) if self.begun else 0
        self.held = held[..., windows * self.layer.stride :]
        return self._convolved(held, windows)

    def finish(self) -> torch.Tensor:
        assert self.held is not None
        if not self.begun:  # too short to have been reflected
            whole: torch.Tensor = self.layer(self.held) if self.held.shape[-1] else self._convolved(self.held, 0)
            return whole
        left_over = self.held.shape[-1] - (self.layer.span - self.layer.stride)
        completed = padded(self.held, 0, -left_over % self.layer.stride, self.layer.padding)
        return self._convolved(completed, -(-left_over // self.layer.stride))

    def _convolved(self, x: torch.Tensor, windows: int) -> torch.Tensor:
        if not windows:
            return x.new_zeros(len(x), self.layer.conv.out_channels, 0)
        made: torch.Tensor = self.layer.conv(x[..., : (windows - 1) * self.layer.stride + self.layer.span])
        return made


class _ConvTranspose:
    """Holds the second half of the last input's kernel, which overlaps with the next."""

    def __init__(self, layer: ConvTranspose) -> None:
        self.layer = layer
        self.tail: torch.Tensor | None = None

    def push(self, x: torch.Tensor) -> torch.Tensor:
        conv, ratio = self.layer.conv, self.layer.ratio
        if not x.shape[-1]:
            return x.new_zeros(len(x), conv.out_channels, 0)
        made = F.conv_transpose1d(x, conv.weight, stride=ratio)
        if self.tail is not None:
            made = torch.cat([made[..., :ratio] + self.tail, made[..., ratio:]], dim=-1)
        self.tail = made[..., -ratio:]
        assert conv.bias is not None
        return made[..., :-ratio] + conv.bias[:, None]

    def finish(self) -> torch.Tensor:
        assert self.tail is not None
        return self.tail[..., :0]  # what overlaps with nothing is cut away


class _LSTM:
    """Holds the state after the last step."""

    def __init__(self, layer: LSTM) -> None:
        self.layer = layer
        self.state: tuple[torch.Tensor, torch.Tensor] | None = None
        self.none = torch.empty(0)

    def push(self, x: torch.Tensor) -> torch.Tensor:
        self.none = x[..., :0]
        if not x.shape[-1]:
            return x
        steps = x.permute(2, 0, 1)
        made, self.state = self.layer.lstm(steps, self.state)
        y: torch.Tensor = made + steps
        return y.permute(1, 2, 0)

    def finish(self) -> torch.Tensor:
        return self.none


class _ResidualBlock:
    """Holds the way around until the convolutions have caught up."""

    def __init__(self, layer: ResidualBlock) -> None:
        self.block, self.shortcut = _Chain(layer.block), _stream_of(layer.shortcut)
        self.waiting: deque[torch.Tensor] = deque()

    def push(self, x: torch.Tensor) -> torch.Tensor:
        self.waiting.append(self.shortcut.push(x))
        return self._added(self.block.push(x))

    def finish(self) -> torch.Tensor:
        return self._added(self.block.finish())

    def _added(self, made: torch.Tensor) -> torch.Tensor:
        around = torch.cat(list(self.waiting), dim=-1)
        count = made.shape[-1]
        self.waiting = deque([around[..., count:]])
        return around[..., :count] + made
