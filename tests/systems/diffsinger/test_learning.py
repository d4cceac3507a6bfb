"""Small models learn what they are shown by heart: what is sampled of them comes close to it."""

from __future__ import annotations

import math

import pytest
import torch
from tests.systems.diffsinger.examples import line, small
from torch import Tensor, nn

from octet.families.diffusion.denoisers import WaveNetConfig
from octet.families.diffusion.prediction import PredictionKind
from octet.families.diffusion.samplers import last
from octet.families.diffusion.schedule import ScheduleConfig
from octet.systems.diffsinger.config import DiffusionConfig, MelRange
from octet.systems.diffsinger.contours import ContourFlow
from octet.systems.diffsinger.encoder import SUNG_IDS
from octet.systems.diffsinger.model import DiffSinger
from octet.systems.diffsinger.shallow import Sampling, ShallowDiffusion, draws

BINS, FRAMES, LINES = 6, 24, 4
VALID = torch.ones(LINES, FRAMES, dtype=torch.bool)


def taught(loss, parameters: list[nn.Parameter], steps: int) -> None:
    optimizer = torch.optim.AdamW(parameters, 4e-3)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss().backward()
        optimizer.step()
        optimizer.zero_grad()


def world() -> tuple[Tensor, Tensor]:
    """Conditions (B, D, T), and the mels (B, M, T) in [-4, 0] that they stand for."""
    rng = torch.Generator().manual_seed(0)
    codes = torch.randint(0, 8, (LINES, FRAMES // 4), generator=rng).repeat_interleave(4, dim=1)
    colours = torch.rand(8, BINS, generator=rng) * 4 - 4
    return nn.functional.one_hot(codes, 8).float().mT, colours[codes].mT


@pytest.mark.parametrize(
    ("kind", "shallow", "sampler", "steps"), [("sample", True, "dpm++", 150), ("epsilon", False, "ddim", 400)]
)
def test_a_denoiser_learns_a_small_world_by_heart(
    kind: PredictionKind, shallow: bool, sampler: str, steps: int
) -> None:
    torch.manual_seed(0)
    config = DiffusionConfig(
        schedule=ScheduleConfig(steps=100, beta_end=0.06 if shallow else 0.15),
        denoiser=WaveNetConfig(channels=48, layers=3),
        prediction=kind,
        shallow=shallow,
        depth=60,
    )
    model = ShallowDiffusion(config, MelRange(low=(-4.0,) * BINS, high=(0.0,) * BINS), 8)
    condition, mel = world()
    blurry = mel.mean(2, keepdim=True).expand_as(mel)
    rng = torch.Generator().manual_seed(1)

    def loss() -> Tensor:
        more = [part.repeat(4, 1, 1) for part in (mel, condition)]
        return model.loss(*more, VALID.repeat(4, 1), draws((4 * LINES, BINS, FRAMES), rng))

    taught(loss, list(model.denoiser.parameters()), steps)
    with torch.no_grad():
        found = last(model.sample(condition, blurry, VALID, rng, Sampling(sampler, 10)))
    assert float((found - mel).abs().mean()) < float((blurry - mel).abs().mean()) / 3


def test_a_flow_learns_contours_by_heart_and_takes_a_region_again() -> None:
    torch.manual_seed(0)
    flow = ContourFlow(1, 8, WaveNetConfig(channels=24, layers=3, dilation_cycle=3))
    condition, mel = world()
    contours = mel[:, :1] + 2
    rng = torch.Generator().manual_seed(1)
    everything = torch.ones(LINES, FRAMES, dtype=torch.bool)

    def loss() -> Tensor:
        more = [part.repeat(4, 1, 1) for part in (condition, contours)]
        noise = torch.randn(4 * LINES, 1, FRAMES, generator=rng)
        drawn = {"moments": torch.rand(4 * LINES, generator=rng), "noise": noise}
        return flow.loss(*more, everything.repeat(4, 1), VALID.repeat(4, 1), drawn)

    taught(loss, list(flow.parameters()), 150)
    noise = torch.randn(LINES, 1, FRAMES, generator=rng)
    with torch.no_grad():
        found = flow.draw(condition, contours, everything, noise, 6)
        again = flow.draw(condition, contours, everything & (torch.arange(FRAMES) < 8), noise, 6)
    assert float((found - contours).abs().mean()) < float((contours - contours.mean()).abs().mean()) / 3
    assert torch.equal(again[:, :, 8:], contours[:, :, 8:])
    assert not torch.equal(again[:, :, :8], contours[:, :, :8])


def test_frames_of_consonants_count_as_often_as_is_said() -> None:
    """The loss of mels is a mean in which they stand `consonant_weight` times; `line` has syllables of both kinds."""
    torch.manual_seed(0)
    model = DiffSinger(small())
    item = line(0, syllables=2)
    batch = model.collate([item], torch.Generator().manual_seed(0))

    def mel_loss(weight: float) -> Tensor:
        model.config = small(consonant_weight=weight)
        return model.eval().loss(batch, step=0).parts["mel"].detach()

    consonants = torch.isin(item.symbols, torch.tensor([SUNG_IDS[name] for name in "smnt"]))
    share = float(item.durations[consonants].sum() / item.durations.sum())
    plain, heavy, heavier = (float(mel_loss(weight)) for weight in (1.0, 3.0, 9.0))
    of_consonants = ((1 + 2 * share) * heavy - plain) / (2 * share)
    assert heavy != pytest.approx(plain, abs=1e-4)
    assert heavier == pytest.approx((plain + 8 * share * of_consonants) / (1 + 8 * share), rel=1e-4)
