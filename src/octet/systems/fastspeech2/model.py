"""FastSpeech 2 and 2s: fast and high-quality end-to-end text to speech (Ren et al., arXiv 2006.04558, final version).

    phonemes -> encoder -> variance adaptor -> mel decoder -> mel        (FastSpeech 2, figure 1a)
                                           `-> waveform decoder -> audio (FastSpeech 2s, figure 1d, see waveform.py)

Departures from the paper, each a switch or a generalisation whose default for `paper()` is the paper's choice:
    * several voices and languages (families/acoustic/encoder.py);
    * `level="phone"` averages pitch and energy over phones (as ming024's public implementation does), and
      `postnet_width` adds Tacotron 2's postnet (likewise); the paper has neither;
    * `energy_error="absolute"` and `foretold_energy` keep stops crisp (families/acoustic/adaptor.py);
    * `gain_augmentation_db` scales mel, energy and audio of a training utterance together, so that the energy control
      covers louder and softer speech than the corpus holds; 0 in the paper.

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
from octet.families.acoustic.batch import collate, draw_gains, masked_l1
from octet.families.acoustic.config import AcousticConfig as Config
from octet.families.acoustic.encoder import PhonemeEncoder, Phones
from octet.families.acoustic.postnet import Postnet


class FastSpeech2(nn.Module):
    """Phones in, mel spectrogram out."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        body = stack(config, config.encoder_layers)
        self.encoder = PhonemeEncoder(body, config.width, len(config.speakers), config.symbols)
        self.adaptor = adaptor(config)
        self.decoder = stack(config, config.decoder_layers)
        self.to_mel = nn.Linear(config.width, config.spec.mel_bins)
        self.postnet = Postnet(config.spec.mel_bins, config.postnet_width) if config.postnet_width else None

    def decode(self, adapted: Adapted) -> tuple[Tensor, Tensor]:
        """Mel before and after the postnet (the same without one), (B, M, T)."""
        hidden = self.decoder(adapted.hidden, adapted.valid)
        mel = (self.to_mel(hidden) * adapted.valid[:, :, None]).transpose(1, 2)
        return mel, mel if self.postnet is None else mel + self.postnet(mel)

    def adapt(self, batch: Batch) -> tuple[Adapted, dict[str, Tensor]]:
        """Encoder and variance adaptor with the true variances: the training path up to the decoders."""
        phones = Phones(batch["symbols"], batch["accents"], batch["languages"], batch["speakers"])
        truth = Variances(batch["durations"], batch["f0_hz"], batch["energy"])
        adapted, losses = self.adaptor(self.encoder(phones), phones.valid, truth, batch["gains"])
        return adapted, losses

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; nothing here is scheduled
        """Mel absolute error plus the variance losses, all of weight one (section 2.1)."""
        adapted, parts = self.adapt(batch)
        return self.acoustic_loss(batch, adapted, parts)

    def acoustic_loss(self, batch: Batch, adapted: Adapted, parts: dict[str, Tensor]) -> Losses:
        """The loss once the adaptor has run (FastSpeech 2s shares it)."""
        before, after = self.decode(adapted)
        parts = {"mel": masked_l1(after, batch["mel"], adapted.valid), **parts}
        if self.postnet is not None:
            parts["mel_before_postnet"] = masked_l1(before, batch["mel"], adapted.valid)
        return Losses(torch.stack(list(parts.values())).sum(), parts)

    @torch.inference_mode()
    def generate(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Mel (B, M, T) and what the adaptor decided."""
        adapted = self.adaptor.generate(self.encoder(phones), phones.valid, wishes)
        return self.decode(adapted)[1], adapted

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        """Pad a batch, each utterance at a random loudness."""
        return collate(items, draw_gains(len(items), self.config.gain_augmentation_db, rng), self.config)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        return "fastspeech2", self.config.model_dump(mode="json"), self.state_dict()
