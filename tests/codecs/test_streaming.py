"""Streams of causal codecs have the very codes and samples of the whole, however they are cut."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.examples import HOP, SHAPES, made, noise, small_encodec, small_seanet

from octet.codecs.streaming import decode_stream, encode_stream
from octet.core.errors import InvalidInput

CAUSAL = {
    "24 kHz": SHAPES["24 kHz"],
    "SoundStream": SHAPES["SoundStream"],
    "without LSTM, reflected": small_encodec(small_seanet(lstm_layers=0, residual_layers=2, residual_kernel=5)),
    "with LSTM, zeros": small_encodec(small_seanet(padding="constant", conv_shortcut=False)),
}
LENGTHS = st.lists(st.integers(1, 9 * HOP), min_size=1, max_size=6)


@pytest.mark.parametrize("name", CAUSAL)
@settings(max_examples=12)
@given(lengths=LENGTHS)
def test_the_codes_of_a_stream_are_those_of_the_whole(name, lengths):
    codec = made(CAUSAL[name]).double()  # in which nothing is close enough to fall to another code
    audio = noise(2, 1, sum(lengths)).double()
    pieces = list(encode_stream(codec, audio.split(lengths, dim=-1)))
    assert all(piece.shape[-1] for piece in pieces)
    assert torch.equal(torch.cat(pieces, dim=-1), codec.encode(audio))


@pytest.mark.parametrize("name", CAUSAL)
@settings(max_examples=12)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_the_samples_of_a_stream_are_those_of_the_whole(name, lengths):
    codec = made(CAUSAL[name])
    codes = torch.randint(16, (2, 6, sum(lengths)), generator=torch.Generator().manual_seed(0))
    sound = torch.cat(list(decode_stream(codec, codes.split(lengths, dim=-1))), dim=-1)
    torch.testing.assert_close(sound, codec.decode(codes), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", CAUSAL)
def test_a_stream_of_single_samples(name):
    codec = made(CAUSAL[name]).double()
    audio = noise(1, 1, 3 * HOP + 7).double()
    assert torch.equal(torch.cat(list(encode_stream(codec, audio.split(1, dim=-1))), dim=-1), codec.encode(audio))


def test_fewer_codebooks_can_be_streamed():
    codec, audio = made(SHAPES["24 kHz"]).double(), noise(1, 1, 500).double()
    codes = torch.cat(list(encode_stream(codec, audio.split(90, dim=-1), codebooks=2)), dim=-1)
    assert torch.equal(codes, codec.encode(audio, 2))


def needed(stream, piece, count):
    """How many pieces must arrive before the first output."""
    arrived = []

    def pieces():
        for _ in range(count):
            arrived.append(piece)
            yield piece

    next(stream(pieces()))
    return len(arrived)


def test_frames_appear_at_once_where_edges_are_zeros_and_after_the_reflected_part_elsewhere():
    zeros, reflected = made(SHAPES["SoundStream"]), made(SHAPES["24 kHz"])
    audio, codes = noise(1, 1, HOP), torch.zeros(1, 6, 1, dtype=torch.int64)
    assert needed(lambda pieces: encode_stream(zeros, pieces), audio, 40) == 1
    assert needed(lambda pieces: decode_stream(zeros, pieces), codes, 40) == 1
    assert 7 <= needed(lambda pieces: encode_stream(reflected, pieces), audio, 40) <= 9  # a kernel of 7 frames
    assert 7 <= needed(lambda pieces: decode_stream(reflected, pieces), codes, 40) <= 9


def test_streaming_nothing_gives_nothing():
    codec = made(SHAPES["24 kHz"])
    assert list(encode_stream(codec, [])) == list(decode_stream(codec, [])) == []


@pytest.mark.parametrize("name", ["32 kHz", "48 kHz"])
def test_codecs_that_hear_the_future_cannot_stream(name):
    codec = made(SHAPES[name])
    with pytest.raises(InvalidInput, match="only a causal codec"):
        next(encode_stream(codec, [noise(1, codec.channels, 100)]))
    with pytest.raises(InvalidInput, match="only a causal codec"):
        next(decode_stream(codec, [torch.zeros(1, 6, 4, dtype=torch.int64)]))


def test_pieces_are_checked():
    codec = made(SHAPES["24 kHz"])
    with pytest.raises(InvalidInput, match="not numbers"):
        list(encode_stream(codec, [noise(1, 1, 500), torch.full((1, 1, 9), torch.inf)]))
    with pytest.raises(InvalidInput, match="codes from 16 to 16"):
        list(decode_stream(codec, [torch.full((1, 6, 1), 16)]))
