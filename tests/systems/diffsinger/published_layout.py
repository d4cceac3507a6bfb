"""Random weights in the layout of the public DiffSinger checkpoints, and what they compute, from the tensors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from torch import Tensor

WIDTH, INNER, KERNEL, BINS, CHANNELS, STEPS = 16, 64, 9, 10, 12, 20
PHONES = ("AP", "SP", "a", "b", "i", "sh")
SETTINGS = {
    "audio_sample_rate": 24000,
    "fft_size": 512,
    "win_size": 512,
    "hop_size": 128,
    "audio_num_mel_bins": BINS,
    "fmin": 30,
    "fmax": 12000,
    "num_heads": 2,
}
VERSIONS = {
    "popcs": SETTINGS | {"K_step": 11, "dilation_cycle_length": 1},
    "midi-a": SETTINGS | {"K_step": 12, "dilation_cycle_length": 4, "use_midi": True},
    "midi-b": SETTINGS
    | {"K_step": 20, "dilation_cycle_length": 4, "rel_pos": True, "gaussian_start": True, "pndm_speedup": 4},
    "speech": SETTINGS | {"K_step": 14, "dilation_cycle_length": 1},
}


def state_of(version: str, seed: int = 0) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=rng) * 0.3

    def layer(name: str, *shape: int) -> dict[str, Tensor]:
        return {f"{name}.weight": draw(*shape), f"{name}.bias": draw(shape[0])}

    def norm(name: str, width: int) -> dict[str, Tensor]:
        return {f"{name}.weight": 1 + draw(width), f"{name}.bias": draw(width)}

    def predictor(name: str, width: int, channels: int, kernel: int, layers: int, outputs: int) -> dict[str, Tensor]:
        out = layer(f"{name}.linear", outputs, channels)
        for i in range(layers):
            out |= layer(f"{name}.conv.{i}.1", channels, channels if i else width, kernel)
            out |= norm(f"{name}.conv.{i}.3", channels)
        return out

    out = {"fs2.encoder_embed_tokens.weight": draw(len(PHONES) + 3, WIDTH)}
    out["fs2.encoder.embed_tokens.weight"] = out["fs2.encoder_embed_tokens.weight"]
    for stack, layers in (("encoder", 2), ("decoder", 1)):
        for i in range(layers):
            op = f"fs2.{stack}.layers.{i}.op"
            out |= norm(f"{op}.layer_norm1", WIDTH) | norm(f"{op}.layer_norm2", WIDTH)
            out |= {f"{op}.self_attn.in_proj_weight": draw(3 * WIDTH, WIDTH)}
            out |= {f"{op}.self_attn.out_proj.weight": draw(WIDTH, WIDTH)}
            out |= layer(f"{op}.ffn.ffn_1", INNER, WIDTH, KERNEL) | layer(f"{op}.ffn.ffn_2", WIDTH, INNER)
        out |= norm(f"fs2.{stack}.layer_norm", WIDTH)
    out |= {"fs2.decoder.pos_embed_alpha": 1 + draw(1), "fs2.decoder.embed_positions._float_tensor": draw(1)}
    out |= layer("fs2.mel_out", BINS, WIDTH)
    out |= predictor("fs2.dur_predictor", WIDTH, 8, 3, 2, 1)
    if version != "midi-b":
        out["fs2.pitch_embed.weight"] = draw(300, WIDTH)
    if version in ("popcs", "midi-a"):
        out |= predictor("fs2.pitch_predictor", WIDTH, 8, 5, 5, 2) | {
            "fs2.pitch_predictor.pos_embed_alpha": 1 + draw(1)
        }
        out["fs2.pitch_predictor.linear.bias"] = torch.tensor([7.8, -0.2])
    if version == "speech":
        out |= layer("fs2.cwt_predictor.0", 14, WIDTH) | predictor("fs2.cwt_predictor.1", 14, 8, 5, 2, 11)
        out |= {"fs2.cwt_predictor.1.pos_embed_alpha": 1 + draw(1)} | layer("fs2.cwt_stats_layers.0", 14, WIDTH)
        out |= layer("fs2.cwt_stats_layers.2", 14, 14) | layer("fs2.cwt_stats_layers.4", 2, 14)
        out["fs2.cwt_stats_layers.4.bias"] = torch.tensor([5.3, 0.3])
    if version.startswith("midi"):
        out |= {"fs2.midi_embed.weight": draw(300, WIDTH), "fs2.is_slur_embed.weight": draw(2, WIDTH)}
        out |= layer("fs2.midi_dur_layer", WIDTH, 1)
    out |= layer("denoise_fn.input_projection", CHANNELS, BINS, 1)
    out |= layer("denoise_fn.mlp.0", 4 * CHANNELS, CHANNELS) | layer("denoise_fn.mlp.2", CHANNELS, 4 * CHANNELS)
    for i in range(3):
        block = f"denoise_fn.residual_layers.{i}"
        out |= layer(f"{block}.dilated_conv", 2 * CHANNELS, CHANNELS, 3)
        out |= layer(f"{block}.diffusion_projection", CHANNELS, CHANNELS)
        out |= layer(f"{block}.conditioner_projection", 2 * CHANNELS, WIDTH, 1)
        out |= layer(f"{block}.output_projection", 2 * CHANNELS, CHANNELS, 1)
    out |= layer("denoise_fn.skip_projection", CHANNELS, CHANNELS, 1)
    out |= layer("denoise_fn.output_projection", BINS, CHANNELS, 1)
    betas = torch.linspace(1e-4, 0.2, STEPS, dtype=torch.float64)
    out |= {"betas": betas.float(), "alphas_cumprod": (1 - betas).cumprod(0).float()}
    out |= {"spec_min": torch.full((1, 1, BINS), -6.0), "spec_max": torch.linspace(0, 1, BINS)[None, None]}
    return out


def extractor_state(seed: int = 0) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)

    def layer(name: str, *shape: int) -> dict[str, Tensor]:
        return {
            f"{name}.weight": torch.randn(shape, generator=rng) * 0.2,
            f"{name}.bias": torch.randn(shape[:1], generator=rng),
        }

    out: dict[str, Tensor] = {}
    for i in range(3):
        out |= layer(f"mel_prenet.layers.{i}.0", WIDTH, WIDTH if i else BINS, 5) | layer(
            f"mel_prenet.layers.{i}.2", WIDTH
        )
        out[f"mel_prenet.layers.{i}.2.running_mean"] = torch.randn(WIDTH, generator=rng)
        out[f"mel_prenet.layers.{i}.2.running_var"] = 1 + torch.rand(WIDTH, generator=rng)
        out[f"mel_prenet.layers.{i}.2.num_batches_tracked"] = torch.tensor(7)
    for name in ("mel_prenet.out_proj", "mel_encoder.in_proj", "mel_encoder.out_proj"):
        out |= layer(name, WIDTH, WIDTH)
    for i in range(2):
        out |= layer(f"mel_encoder.conv.{i}.conv.conv", WIDTH, WIDTH, 5) | layer(f"mel_encoder.conv.{i}.norm", WIDTH)
    for i in range(5):
        out |= layer(f"pitch_predictor.conv.{i}.1", 8, 8 if i else WIDTH, 5) | layer(f"pitch_predictor.conv.{i}.3", 8)
    out |= layer("pitch_predictor.linear", 2, 8) | {"pitch_predictor.pos_embed_alpha": torch.ones(1)}
    return out


def write(
    folder: Path, state: dict[str, Tensor], settings: dict | None = None, phones: tuple[str, ...] = PHONES
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = {"state_dict": {f"model.{name}": value for name, value in state.items()}, "global_step": 160000}
    torch.save(content, folder / "model_ckpt_steps_160000.ckpt")
    if settings is not None:
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    (folder / "phone_set.json").write_text(json.dumps(list(phones)))
    return folder


class Reference:
    """What the public implementation computes of such a state, written down layer by layer."""

    def __init__(self, state: dict[str, Tensor], settings: dict) -> None:
        self.state, self.settings = state, settings

    def layer(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self.state[f"{name}.weight"], self.state[f"{name}.bias"])

    def conv(self, name: str, x: Tensor, dilation: int = 1) -> Tensor:
        weight = self.state[f"{name}.weight"]
        padding = dilation * (weight.shape[2] // 2)
        return F.conv1d(x, weight, self.state[f"{name}.bias"], padding=padding, dilation=dilation)

    def norm(self, name: str, x: Tensor, eps: float = 1e-5) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.state[f"{name}.weight"], self.state[f"{name}.bias"], eps)

    def stack(self, name: str, layers: int, x: Tensor) -> Tensor:
        for i in range(layers):
            op = f"fs2.{name}.layers.{i}.op"
            y = self.norm(f"{op}.layer_norm1", x).transpose(0, 1)
            projections = self.state[f"{op}.self_attn.in_proj_weight"], self.state[f"{op}.self_attn.out_proj.weight"]
            y, _ = F.multi_head_attention_forward(
                y, y, y, WIDTH, 2, projections[0], None, None, None, False, 0.0, projections[1], None, training=False
            )
            x = x + y.transpose(0, 1)
            y = self.conv(f"{op}.ffn.ffn_1", self.norm(f"{op}.layer_norm2", x).mT).mT * KERNEL**-0.5
            x = x + self.layer(f"{op}.ffn.ffn_2", F.gelu(y))
        return self.norm(f"fs2.{name}.layer_norm", x)

    def predictor(self, name: str, layers: int, x: Tensor) -> Tensor:
        if f"{name}.pos_embed_alpha" in self.state:
            x = x + self.state[f"{name}.pos_embed_alpha"] * positions(x)
        for i in range(layers):
            x = self.norm(f"{name}.conv.{i}.3", self.conv(f"{name}.conv.{i}.1", x.mT).relu().mT, 1e-12)
        return self.layer(f"{name}.linear", x)

    def encode(self, symbols: Tensor, notes) -> Tensor:
        x = self.state["fs2.encoder_embed_tokens.weight"][symbols][None] * math.sqrt(WIDTH)
        if notes is not None:
            x = (
                x
                + self.state["fs2.midi_embed.weight"][notes.pitches]
                + self.state["fs2.is_slur_embed.weight"][notes.slurs]
            )
            x = x + self.layer("fs2.midi_dur_layer", notes.seconds[None, :, None])
        x = x * math.sqrt(WIDTH) + reversed_positions(x) if self.settings.get("rel_pos") else x + positions(x)
        return self.stack("encoder", 2, x)

    def condition(self, frames: Tensor, f0_hz: Tensor | None) -> Tensor:
        if f0_hz is None:
            return frames
        mel = 1127 * torch.log(1 + f0_hz / 700)
        low, high = 1127 * math.log(1 + 50 / 700), 1127 * math.log(1 + 1100 / 700)
        rows = torch.tensor(
            [1 if m <= 0 else int(min(max((m - low) * 254 / (high - low) + 1, 1), 255) + 0.5) for m in mel]
        )
        return frames + self.state["fs2.pitch_embed.weight"][rows]

    def decode(self, condition: Tensor) -> Tensor:
        x = condition + self.state["fs2.decoder.pos_embed_alpha"] * positions(condition)
        return self.layer("fs2.mel_out", self.stack("decoder", 1, x)).mT

    def noise_of(self, x: Tensor, step: int, condition: Tensor) -> Tensor:
        half = CHANNELS // 2
        angles = step * torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        told = self.layer("denoise_fn.mlp.0", torch.cat([angles.sin(), angles.cos()])[None])
        told = self.layer("denoise_fn.mlp.2", told * torch.tanh(F.softplus(told)))
        x, total = self.conv("denoise_fn.input_projection", x).relu(), 0
        for i in range(3):
            block, dilation = f"denoise_fn.residual_layers.{i}", 2 ** (i % self.settings["dilation_cycle_length"])
            y = self.conv(
                f"{block}.dilated_conv", x + self.layer(f"{block}.diffusion_projection", told)[:, :, None], dilation
            )
            gate, signal = (y + self.conv(f"{block}.conditioner_projection", condition)).chunk(2, 1)
            residual, skip = self.conv(f"{block}.output_projection", gate.sigmoid() * signal.tanh()).chunk(2, 1)
            x, total = (x + residual) / math.sqrt(2), total + skip
        x = self.conv("denoise_fn.skip_projection", total / math.sqrt(3)).relu()
        return self.conv("denoise_fn.output_projection", x)

    def ancestral(self, blurry: Tensor, condition: Tensor, rng: torch.Generator) -> Tensor:
        kept, depth = self.state["alphas_cumprod"].double(), self.settings["K_step"]
        low, span = self.state["spec_min"].mT[0], (self.state["spec_max"] - self.state["spec_min"]).mT[0]
        x = (blurry - low) / span * 2 - 1
        x = (
            x * kept[depth - 1].sqrt().float()
            + torch.randn(x.shape, generator=rng) * (1 - kept[depth - 1]).sqrt().float()
        )
        for step in reversed(range(depth)):
            now, before = float(kept[step]), float(kept[step - 1]) if step else 1.0
            beta = 1 - now / before
            clean = (x / math.sqrt(now) - math.sqrt(1 / now - 1) * self.noise_of(x, step, condition)).clamp(-1, 1)
            mean = beta * math.sqrt(before) / (1 - now) * clean + (1 - before) * math.sqrt(1 - beta) / (1 - now) * x
            x = mean
            if step:
                x = mean + math.sqrt(beta * (1 - before) / (1 - now)) * torch.randn(x.shape, generator=rng)
        return (x + 1) / 2 * span + low


def positions(x: Tensor) -> Tensor:
    half = x.shape[2] // 2
    angles = torch.arange(1, x.shape[1] + 1)[:, None] * torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    return torch.cat([angles.sin(), angles.cos()], 1)[None]


def reversed_positions(x: Tensor) -> Tensor:
    table = torch.zeros(5000, x.shape[2])
    angles = torch.arange(4999, -1, -1.0)[:, None] * torch.exp(
        torch.arange(0, x.shape[2], 2) * -(math.log(10000.0) / x.shape[2])
    )
    table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()
    return table[: x.shape[1]][None]
