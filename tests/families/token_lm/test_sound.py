"""Streams of sound are the whole, no later than they must be; channels alternate."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.codecs.examples import SPECTRAL, noise
from tests.families.token_lm.codecs import HOP, SmoothCodec

from octet.codecs.spectral import SpectralCodec
from octet.core.errors import InvalidInput
from octet.families.token_lm.sound import Coarse, Interleaved, decode_stream, hop_samples, lookahead_frames


def codes(frames: int, batch: int = 1) -> torch.Tensor:
    return torch.randint(0, 16, (batch, 4, frames), generator=torch.Generator().manual_seed(frames))


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(0, 4), st.integers(0, 3))
def test_pieces_together_are_the_whole(sizes: list[int], frames: int, ahead: int) -> None:
    codec, whole = SmoothCodec(ahead=ahead), codes(sum(sizes))
    pieces = list(decode_stream(codec, whole.split(sizes, dim=2) if sizes else [], frames))
    if sum(sizes):
        assert torch.equal(torch.cat(pieces, dim=2), codec.decode(whole))
    else:
        assert pieces == []


@pytest.mark.parametrize("ahead", [0, 1, 5])
def test_sound_lags_by_what_a_codec_looks_ahead(ahead: int) -> None:
    codec = SmoothCodec(ahead=ahead)
    assert lookahead_frames(codec) == ahead
    sounding = [piece.shape[2] // HOP for piece in decode_stream(codec, codes(8).split(1, dim=2), 1)]
    assert sounding == [1] * (8 - ahead) + ([ahead] if ahead else [])


def test_pieces_grow_with_what_was_heard() -> None:
    lengths = [piece.shape[2] // HOP for piece in decode_stream(SmoothCodec(), codes(400).split(1, dim=2), 10)]
    assert lengths[0] == 10
    assert max(lengths) >= 30
    assert sum(lengths) == 400
    assert len(lengths) < 25


def test_a_codec_that_hears_all_frames_in_each_sample_sounds_at_the_end() -> None:
    class Mean(SmoothCodec):
        def decode(self, codes: torch.Tensor) -> torch.Tensor:
            return super().decode(codes) - codes.float().mean()

    pieces = list(decode_stream(Mean(), codes(60).split(10, dim=2), 1))
    assert len(pieces) == 1
    assert torch.equal(pieces[0], Mean().decode(codes(60)))


def test_channels_alternate() -> None:
    codec = Interleaved(SmoothCodec(), 2)
    left, right = torch.rand(2, 1, 40), torch.rand(2, 1, 40)
    both = codec.encode(torch.cat([left, right], dim=1))
    assert both.shape == (2, 8, 5) == (2, codec.codebooks, 5)
    assert torch.equal(both[:, 0::2], SmoothCodec().encode(left))
    assert torch.equal(both[:, 1::2], SmoothCodec().encode(right))
    assert torch.equal(codec.encode(torch.cat([left, right], dim=1), 4), both[:, :4])
    sound = codec.decode(both)
    assert torch.equal(sound[:, 1:], SmoothCodec().decode(both[:, 1::2]))
    assert sound.shape == (2, 2, 40)
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.codebook_size) == (80, 10.0, 16)


def test_the_first_codebooks_are_a_codec() -> None:
    whole = SpectralCodec(SPECTRAL).eval()
    codec, audio = Coarse(whole, 2), noise(1, 1, 800)
    assert (codec.codebooks, codec.codebook_size, codec.channels) == (2, 16, 1)
    assert (codec.sample_rate_hz, codec.frame_rate_hz) == (4000, 50.0)
    assert torch.equal(codec.encode(audio), whole.encode(audio)[:, :2])
    assert torch.equal(codec.encode(audio, 1), whole.encode(audio)[:, :1])
    assert torch.equal(codec.decode(codec.encode(audio)), whole.decode(whole.encode(audio, 2)))
    assert lookahead_frames(codec) == lookahead_frames(Interleaved(codec, 2)) == whole.lookahead_frames
    stereo = Interleaved(codec, 2)
    assert stereo.decode(stereo.encode(noise(1, 2, 800))).shape == (1, 2, 800)


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(InvalidInput, match="this one has 2"):
        Interleaved(SmoothCodec(channels=2), 2)
    with pytest.raises(InvalidInput, match=r"frames of 7\.5 samples"):
        hop_samples(SmoothCodec(sample_rate_hz=75))
