"""SEANet: lengths, what each layer hears, and shapes that would exhaust a machine are refused."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.codecs.examples import HOP, SHAPES, made, noise, small_seanet

from octet.codecs.seanet import Conv, ConvTranspose, Decoder, Encoder, SEANetConfig, padded
from octet.core.errors import InvalidInput


@settings(max_examples=30)
@given(st.integers(1, 300), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_a_convolution_divides_the_length_and_rounds_up(length, stride, dilation, causal):
    kernel = 2 * stride if stride > 1 else 3
    conv = Conv(2, 3, kernel, small_seanet(causal=causal), stride=stride, dilation=1 if stride > 1 else dilation)
    assert conv(torch.randn(1, 2, length)).shape == (1, 3, -(-length // stride))


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("ratio", [1, 2, 5])
def test_a_transposed_convolution_multiplies_the_length(ratio, causal):
    up = ConvTranspose(2, 3, ratio, small_seanet(causal=causal))
    assert up(torch.randn(1, 2, 7)).shape == (1, 3, 7 * ratio)


def test_reflection_lengthens_what_is_too_short_by_zeros():
    x = torch.tensor([[1.0, 2.0, 3.0]])
    assert padded(x, 2, 1, "reflect").tolist() == [[3, 2, 1, 2, 3, 2]]
    assert padded(x, 4, 1, "reflect").tolist() == [[0, 0, 3, 2, 1, 2, 3, 0]]
    assert padded(x, 1, 2, "constant").tolist() == [[0, 1, 2, 3, 0, 0]]


@pytest.mark.parametrize("name", SHAPES)
def test_a_hop_of_samples_becomes_a_frame_and_a_frame_a_hop(name):
    codec = made(SHAPES[name])
    for samples in (1, HOP, HOP + 1, 5 * HOP - 1):
        latent = codec.encoder(noise(2, codec.channels, samples))
        assert latent.shape == (2, 8, -(-samples // HOP))
        assert codec.decoder(latent).shape == (2, codec.channels, latent.shape[-1] * HOP)


def heard(network, x, position):
    """The outputs that a change of one input reaches."""
    changed = x.clone()
    changed[..., position] += 1
    return (network(changed) - network(x)).abs().amax(dim=(0, 1)).nonzero()[:, 0]


@pytest.mark.parametrize("causal", [True, False])
def test_causal_networks_alone_never_hear_the_future(causal):
    torch.manual_seed(0)
    config = small_seanet(causal=causal, lstm_layers=0)
    encoder, decoder = Encoder(1, config).double(), Decoder(1, config).double()
    audio, latent = noise(1, 1, 40 * HOP).double(), noise(1, 8, 40).double()
    assert (int(heard(encoder, audio, 20 * HOP).min()) == 20) == causal
    assert (int(heard(decoder, latent, 20).min()) == 20 * HOP) == causal


@pytest.mark.parametrize(
    ("layers", "last"), [(0, 5 + 1 + 6), (2, 39)]
)  # strides reach into the next frame, the last kernel over 7
def test_only_an_lstm_hears_all_of_the_past(layers, last):
    torch.manual_seed(0)
    encoder = Encoder(1, small_seanet(lstm_layers=layers)).double()
    assert int(heard(encoder, noise(1, 1, 40 * HOP).double(), 5 * HOP).max()) == last


@pytest.mark.parametrize(
    "changes",
    [
        {"filters": 10**9},
        {"filters": 4096},  # 32768 channels after three ratios
        {"ratios": ()},
        {"ratios": (2,) * 9},
        {"ratios": (63, 63, 63)},
        {"ratios": (0, 2)},
        {"residual_layers": 10**6},
        {"residual_layers": 16, "dilation_growth": 16},
        {"dimension": 0},
        {"kernel": 10**6},
        {"lstm_layers": -1},
        {"compress": 5},
        {"padding": "circular"},
        {"norm": "none"},
    ],
)
def test_shapes_beyond_reason_are_refused(changes):
    with pytest.raises((InvalidInput, ValidationError)):
        small_seanet(**changes)


def test_the_default_is_the_size_of_the_public_24_khz_model():
    parts = [part(1, SEANetConfig()) for part in (Encoder, Decoder)]
    # of transformers' EncodecModel(): all parameters, less the magnitudes of weight normalisation
    assert sum(parameter.numel() for part in parts for parameter in part.parameters()) == 14_851_810 - 4_993
