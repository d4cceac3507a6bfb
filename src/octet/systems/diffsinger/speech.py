"""DiffSpeech: text to speech by the same mechanism (arXiv 2105.02446, section 4.3 and appendix).

FastSpeech 2's encoder, variance adaptor and mel decoder, which is the auxiliary one here, then shallow diffusion on the
adapted sequence. The stages of training and the departures are those of model.py.

B batch, P phones, T frames, M mel bins, D width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from octet.core.training import Batch, Losses, SpeechExample
from octet.families.acoustic.adaptor import Adapted, Controls, Variances
from octet.families.acoustic.assembly import adaptor, stack
from octet.families.acoustic.batch import masked_l1
from octet.families.acoustic.encoder import PhonemeEncoder, Phones
from octet.families.diffusion.samplers import last
from octet.systems.diffsinger.batch import collate_spoken
from octet.systems.diffsinger.config import SpeechConfig
from octet.systems.diffsinger.shallow import BOUNDARY, WARMUP, Sampling, ShallowDiffusion


class DiffSpeech(nn.Module):
    """Phones in, mel spectrogram out."""

    def __init__(self, config: SpeechConfig) -> None:
        super().__init__()
        self.config = config
        acoustic = config.acoustic
        body = stack(acoustic, acoustic.encoder_layers)
        self.encoder = PhonemeEncoder(body, acoustic.width, len(acoustic.speakers), acoustic.symbols)
        self.adaptor = adaptor(acoustic)
        self.decoder = stack(acoustic, acoustic.decoder_layers)
        self.to_mel = nn.Linear(acoustic.width, acoustic.spec.mel_bins)
        self.diffusion = ShallowDiffusion(config.diffusion, config.mel, acoustic.width)
        self.stage = WARMUP

    @property
    def stages(self) -> tuple[float, float, float]:
        return self.config.diffusion.stages

    def enter_stage(self, number: int) -> None:
        """Warm-up trains all but the diffusion, which the other two stages train."""
        self.stage = number
        for module in self.children():
            if module is not self.diffusion:
                module.requires_grad_(number == WARMUP)
        self.diffusion.enter_stage(number)

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; stages are entered
        """FastSpeech 2's losses in the warm-up, then the boundary predictor's, then the denoiser's."""
        phones = Phones(batch["symbols"], batch["accents"], batch["languages"], batch["speakers"])
        truth = Variances(batch["durations"], batch["f0_hz"], batch["energy"])
        adapted, parts = self.adaptor(self.encoder(phones), phones.valid, truth, batch["gains"])
        if self.stage == WARMUP:
            parts["mel"] = masked_l1(self._decode(adapted), batch["mel"], adapted.valid)
        elif self.stage == BOUNDARY:
            with torch.no_grad():
                blurry = self._decode(adapted)
            parts = {"boundary": self.diffusion.boundary_step(batch["mel"], blurry, adapted.valid, batch)}
        else:
            condition = adapted.hidden.detach().mT
            parts = {"denoiser": self.diffusion.loss(batch["mel"], condition, adapted.valid, batch)}
        return Losses(torch.stack(list(parts.values())).sum(), parts)

    @torch.inference_mode()
    def generate(
        self,
        phones: Phones,
        wishes: Controls,
        rng: torch.Generator,
        how: Sampling = Sampling(),  # noqa: B008 - frozen
    ) -> tuple[Tensor, Adapted]:
        """Mel (B, M, T) and what the variance adaptor decided."""
        adapted = self.adaptor.generate(self.encoder(phones), phones.valid, wishes)
        hidden, blurry = adapted.hidden.mT, self._decode(adapted)
        return last(self.diffusion.sample(hidden, blurry, adapted.valid, rng, how)), adapted

    def copied(self, phones: Phones, batch: Batch, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """A batch said again with its true variances: sampled and blurry mel (B, M, T), and valid frames (B, T)."""
        truth = Variances(batch["durations"], batch["f0_hz"], batch["energy"])
        adapted, _ = self.adaptor(self.encoder(phones), phones.valid, truth, batch["gains"])
        blurry = self._decode(adapted)
        return (
            last(self.diffusion.sample(adapted.hidden.mT, blurry, adapted.valid, rng, Sampling())),
            blurry,
            adapted.valid,
        )

    def _decode(self, adapted: Adapted) -> Tensor:
        mel: Tensor = self.to_mel(self.decoder(adapted.hidden, adapted.valid)).mT
        return torch.where(adapted.valid[:, None], mel, self.diffusion.low)

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        return collate_spoken(items, self.config, rng)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Without the boundary predictor, which only trains; what it found is kept."""
        state = {name: value for name, value in self.state_dict().items() if ".boundary." not in name}
        return "diffspeech", self.config.model_dump(mode="json"), state

    def for_generation(self) -> DiffSpeech:
        """This model as `artifact` stores it."""
        del self.diffusion.boundary
        return self
