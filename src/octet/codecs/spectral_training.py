"""Training the bundled codec (`octet.codecs.spectral`): a regression of loudness, through the quantiser.

It begins as a linear codec: the principal components of what is heard of the corpus, quantised by k-means, code for
code. Gradients then improve both halves and moving averages the codebooks, as in `octet.codecs.learning`.

Legend: B crops, N samples of a crop, F frequencies of a code, T codes, D latent dimension, n = B * T.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.audio.spectrogram import MelSpec
from octet.codecs.spectral import SpectralCodec, SpectralConfig
from octet.codecs.training import CodebookLearning, crops
from octet.core.errors import InvalidInput
from octet.core.training import Batch, Losses, Sounding
from octet.vocoders.losses import Weight

LATENT_SIZE = 4.0  # deviation of the first principal component, about what layer norms are made for
QUIETEST, LOUDEST = 0.5, 1.2  # what a recording's level is multiplied by, by lot


class SpectralTraining(BaseModel):
    """A spectral codec and how it is trained.

    `features` says at which rate a corpus is heard, which must be the codec's, and how long the frames are in which
    its recordings are counted. `begin_batches` are heard before the first step.

    Raises:
        InvalidInput: features at another rate, or crops shorter than a code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    codec: SpectralConfig
    features: MelSpec
    crop_samples: int = Field(default=32_000, ge=1, le=2**24)
    begin_batches: int = Field(default=40, ge=1, le=10_000)
    commitment_weight: Weight = 0.1
    learning: CodebookLearning = CodebookLearning()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks = {
            f"features at the codec's {self.codec.sample_rate_hz} Hz": self.features.sample_rate_hz
            == self.codec.sample_rate_hz,
            f"crops of at least {self.codec.code_samples} samples": self.crop_samples >= self.codec.code_samples,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"training a spectral codec needs {' and '.join(broken)}")
        return self


class TrainableSpectralCodec(nn.Module):
    """A `Trainable` (octet.core.training) around a spectral codec."""

    def __init__(self, config: SpectralTraining) -> None:
        super().__init__()
        self.config = config
        self.codec = SpectralCodec(config.codec)
        self.learner = config.learning.learner(self.codec.quantizer)
        self.codec.encoder.requires_grad_(not config.learning.frozen)

    def collate(self, items: Sequence[Sounding], rng: torch.Generator) -> Batch:
        """Cut every example into crops (`octet.codecs.training.crops`), each at a level of its own: audio (B, 1, N)."""
        audio = torch.cat([crops(item.audio, self.config.crop_samples, rng) for item in items])
        levels = QUIETEST + (LOUDEST - QUIETEST) * torch.rand(len(audio), 1, generator=rng)
        return {"audio": (levels * audio)[:, None]}

    @torch.no_grad()
    def begin(self, batches: Iterable[Batch]) -> None:
        """Become the linear codec of what these batches hold; called once, before training.

        Raises:
            InvalidInput: fewer frames than the latent has dimensions.
        """
        heard = [self.codec.loudness(batch["audio"]) for batch in batches]
        frames = torch.cat([part.transpose(1, 2).flatten(0, 1) for part in heard])
        self._begin_linear(frames)
        self.learner.begin(self.codec.quantizer, self.codec.encoder.linear(frames))

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002
        """Mean absolute error of loudness, and commitment."""
        heard = self.codec.loudness(batch["audio"])
        quantised = self.learner(self.codec.quantizer, self.codec.encoder(heard))
        error = (self.codec.decoder(quantised.latent).float() - heard).abs().mean()
        total = error + self.config.commitment_weight * quantised.commitment
        return Losses(
            total, {"loudness": error, "commitment": quantised.commitment, "perplexity": quantised.perplexity}
        )

    def copied(self, audio: torch.Tensor) -> torch.Tensor:
        """What becomes of audio (B, 1, N) on its way through all codebooks: (B, 1, N)."""
        return self.codec.decode(self.codec.encode(audio))[..., : audio.shape[-1]]

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, torch.Tensor]]:
        """The codec alone."""
        config = self.config.codec
        return config.kind, config.model_dump(mode="json"), self.codec.state_dict()

    def _begin_linear(self, frames: torch.Tensor) -> None:
        """Principal components of frames (n, F), there and back."""
        dimension = self.config.codec.dimension
        if len(frames) < dimension:
            raise InvalidInput(f"{len(frames)} frames cannot tell {dimension} principal components: give more sound")
        mean = frames.mean(dim=0)
        variances, directions = torch.linalg.eigh(torch.cov(frames.T))  # from the smallest on
        components = directions.flip(1)[:, :dimension]
        size = float(variances[-1].clamp(min=1e-12).sqrt()) / LATENT_SIZE
        there, back = self.codec.encoder.linear, self.codec.decoder.linear
        there.weight.copy_(components.T / size)
        there.bias.copy_(-(mean @ components) / size)
        back.weight.copy_(components * size)
        back.bias.copy_(mean)
