"""Public singing vocoders: what they compute, computed once more by hand on random weights, and refusal of the rest."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import yaml

from octet.core.errors import InvalidArtifact
from octet.vocoders import published
from octet.vocoders.nsf import NsfHifiGan

RATES, KERNELS, CHANNELS, BINS, HOP, RATE_HZ = (4, 4, 2, 2), (8, 8, 4, 4), 32, 12, 64, 8000
BLOCKS, DILATIONS = (3, 5), ((1, 3, 5), (1, 3, 5))
SHARED = {
    "resblock": "1",
    "upsample_rates": RATES,
    "upsample_kernel_sizes": KERNELS,
    "upsample_initial_channel": CHANNELS,
    "resblock_kernel_sizes": BLOCKS,
    "resblock_dilation_sizes": DILATIONS,
}
OPENVPI = SHARED | {"num_mels": BINS, "n_fft": 256, "hop_size": HOP, "win_size": 256, "sampling_rate": RATE_HZ}
OPENVPI |= {"fmin": 40, "fmax": 4000, "mini_nsf": False, "noise_sigma": 0.0}
MOON = SHARED | {"audio_sample_rate": RATE_HZ, "hop_size": HOP, "win_size": 256, "fft_size": 256, "fmin": 30}
MOON |= {"fmax": 4000, "audio_num_mel_bins": BINS, "use_pitch_embed": True}


def weights(*, mini: bool = False, source: bool = True) -> dict[str, torch.Tensor]:
    """Random ones, weight-normalised as the public code stores them; the source's convolutions are not."""
    rng = torch.Generator().manual_seed(0)
    state: dict[str, torch.Tensor] = {}

    def add(name: str, *shape: int, normalised: bool = True, biases: int | None = None) -> None:
        direction = torch.randn(shape, generator=rng) / math.sqrt(math.prod(shape[1:]))
        state[f"{name}.bias"] = 0.1 * torch.randn(biases or shape[0], generator=rng)
        if normalised:
            state[f"{name}.weight_v"] = direction
            state[f"{name}.weight_g"] = 0.5 + torch.rand(shape[0], 1, 1, generator=rng)
        else:
            state[f"{name}.weight"] = direction

    add("conv_pre", CHANNELS, BINS, 7)
    for stage, kernel in enumerate(KERNELS):
        width = CHANNELS >> stage + 1
        add(f"ups.{stage}", 2 * width, width, kernel, biases=width)
        for place, size in enumerate(BLOCKS):
            for group in ("convs1", "convs2"):
                for layer in range(3):
                    add(f"resblocks.{stage * len(BLOCKS) + place}.{group}.{layer}", width, width, size)
        stride = math.prod(RATES[stage + 1 :])
        if source and not mini:
            add(f"noise_convs.{stage}", width, 1, 2 * stride if stride > 1 else 1, normalised=False)
    add("conv_post", 1, width, 7)
    if mini:
        add("source_conv", CHANNELS >> 2, 1, 1, normalised=False)
    elif source:
        state["m_source.l_linear.weight"] = torch.randn(1, 9, generator=rng)
        state["m_source.l_linear.bias"] = torch.randn(1, generator=rng)
    return state


def by_hand(state: dict[str, torch.Tensor], mel: torch.Tensor, f0_hz: np.ndarray, *, mini: bool) -> torch.Tensor:
    """The public generators' forward pass, in float64, for one row."""
    state = {name: tensor.double() for name, tensor in state.items()}

    def weight(name: str) -> torch.Tensor:
        if f"{name}.weight" in state:
            return state[f"{name}.weight"]
        v, g = state[f"{name}.weight_v"], state[f"{name}.weight_g"]
        return v * g / v.square().sum((1, 2), keepdim=True).sqrt()

    def conv(name: str, x: torch.Tensor, **how: int) -> torch.Tensor:
        return F.conv1d(x, weight(name), state[f"{name}.bias"], **how)

    source = (sine_by_hand if mini else harmonics_by_hand)(state, f0_hz)
    x = conv("conv_pre", mel.double(), padding=3)
    for stage, (rate, kernel) in enumerate(zip(RATES, KERNELS, strict=True)):
        x, bias = F.leaky_relu(x, 0.1), state[f"ups.{stage}.bias"]
        x = F.conv_transpose1d(x, weight(f"ups.{stage}"), bias, stride=rate, padding=(kernel - rate) // 2)
        stride = math.prod(RATES[stage + 1 :])
        if not mini:
            x = x + conv(f"noise_convs.{stage}", source, stride=stride, padding=stride // 2)
        elif stage == 1:
            x = x + conv("source_conv", source)
        heard = []
        for place, (size, dilations) in enumerate(zip(BLOCKS, DILATIONS, strict=True)):
            y, block = x, f"resblocks.{stage * len(BLOCKS) + place}"
            for layer, dilation in enumerate(dilations):
                reach = dilation * (size - 1) // 2
                z = conv(f"{block}.convs1.{layer}", F.leaky_relu(y, 0.1), dilation=dilation, padding=reach)
                y = y + conv(f"{block}.convs2.{layer}", F.leaky_relu(z, 0.1), padding=(size - 1) // 2)
            heard.append(y)
        x = sum(heard) / len(BLOCKS)
    return torch.tanh(conv("conv_post", F.leaky_relu(x), padding=3))


def harmonics_by_hand(state: dict[str, torch.Tensor], f0_hz: np.ndarray) -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)  # the first phases and the noise, which the public code draws
    first, noise = torch.rand(9, generator=rng).numpy(), torch.randn(len(f0_hz) * HOP, 9, generator=rng).numpy()
    first[0] = 0
    f0 = np.repeat(f0_hz, HOP)
    phase = np.cumsum(f0) / RATE_HZ
    sines = 0.1 * np.sin(2 * np.pi * (phase[:, None] * np.arange(1, 10) + first))
    voiced = (f0 > 0)[:, None]
    waves = torch.from_numpy(sines * voiced + np.where(voiced, 0.003, 0.1 / 3) * noise)
    return torch.tanh(F.linear(waves, state["m_source.l_linear.weight"], state["m_source.l_linear.bias"])).T[None]


def sine_by_hand(_: dict[str, torch.Tensor], f0_hz: np.ndarray) -> torch.Tensor:
    steps, rate_hz = RATES[0] * RATES[1], RATE_HZ / (RATES[2] * RATES[3])
    phase, values = 0.0, []
    for f0, following in zip(f0_hz, [*f0_hz[1:], f0_hz[-1]], strict=True):
        for step in range(steps):
            phase += (f0 + (following - f0) * step / steps) / rate_hz
            values.append(math.sin(2 * math.pi * phase))
    return torch.tensor(values, dtype=torch.float64)[None, None]


def told() -> tuple[torch.Tensor, np.ndarray]:
    rng = torch.Generator().manual_seed(3)
    return torch.randn(1, BINS, 20, generator=rng), (100 + 80 * torch.rand(20, generator=rng)).double().numpy()


def write_openvpi(folder, state, **changes):
    (folder / "config.json").write_text(json.dumps(OPENVPI | changes))
    torch.save({"generator": state}, folder / "model.ckpt")


def write_moon(folder, state, **changes):
    settings = json.loads(json.dumps(MOON | changes))
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    torch.save({"state_dict": {"model_gen": state, "model_disc": {}}}, folder / "model_ckpt_steps_1512000.ckpt")


@pytest.mark.parametrize("mini", [False, True])
def test_openvpi_vocoders_compute_what_they_are_said_to(mini, tmp_path):
    state, (mel, f0_hz) = weights(mini=mini), told()
    write_openvpi(tmp_path, state, mini_nsf=mini)
    vocoder = published.load(tmp_path)
    assert isinstance(vocoder, NsfHifiGan)
    assert (vocoder.spec.sample_rate_hz, vocoder.spec.log, vocoder.spec.padding) == (RATE_HZ, "ln", "hop")
    found = vocoder.sing(mel, torch.from_numpy(f0_hz).float()[None])
    torch.testing.assert_close(found, by_hand(state, mel, f0_hz, mini=mini).float(), rtol=0, atol=1e-4)


def test_openvpi_vocoders_are_given_f0_through_unvoiced_frames(tmp_path):
    write_openvpi(tmp_path, weights())
    vocoder, (mel, _) = published.load(tmp_path), told()
    f0_hz = torch.linspace(100, 195, 20)[None]
    gap = f0_hz.clone()
    gap[:, 5:9] = 0
    torch.testing.assert_close(vocoder.sing(mel, gap), vocoder.sing(mel, f0_hz), rtol=0, atol=1e-4)


def test_moon_vocoders_compute_what_they_are_said_to_and_make_noise_of_unvoiced_frames(tmp_path):
    state, (mel, f0_hz) = weights(), told()
    f0_hz[5:9] = 0
    write_moon(tmp_path, state)
    vocoder = published.load(tmp_path)
    assert (vocoder.spec.low_hz, vocoder.spec.log, vocoder.spec.padding) == (30, "log10", "center")
    found = vocoder.sing(mel, torch.from_numpy(f0_hz).float()[None])
    torch.testing.assert_close(found, by_hand(state, mel, f0_hz, mini=False).float(), rtol=0, atol=1e-4)


def test_a_moon_vocoder_without_pitch_is_a_hifigan(tmp_path):
    write_moon(tmp_path, weights(source=False), use_pitch_embed=False)
    assert published.load(tmp_path / "model_ckpt_steps_1512000.ckpt").config.kind == "hifigan"


@pytest.mark.parametrize(
    "name", ["conv_pre.weight_v", "conv_pre.weight_g", "ups.0.weight_v", "m_source.l_linear.weight"]
)
@pytest.mark.parametrize("shape", [(), (3,), (4, 4)])
def test_weights_of_the_wrong_rank_are_refused_in_one_line(name, shape, tmp_path):
    write_openvpi(tmp_path, weights() | {name: torch.zeros(shape)})
    with pytest.raises(InvalidArtifact) as refused:
        published.load(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "changes", [{"audio_sample_rate": "many"}, {"hop_size": 65}, {"fmax": None}, {"resblock": None}]
)
def test_settings_that_cannot_be_are_refused(changes, tmp_path):
    write_moon(tmp_path, weights(), **changes)
    with pytest.raises(InvalidArtifact, match=r"config\.yaml describes no vocoder"):
        published.load(tmp_path)
