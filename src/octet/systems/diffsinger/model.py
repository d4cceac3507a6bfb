"""DiffSinger: singing voice synthesis via shallow diffusion mechanism (Liu et al., arXiv 2105.02446; figure 1).

    score -> score encoder -> length regulator -> + pitch [+ curves] = E_m -> auxiliary decoder -> blurry mel
                                                                        |                             |
                                                                        `-----> denoiser <--- noisy at step k
                                                                                    `-> mel (shallow.py)

Trained in the paper's stages (section 4.1.2): warm-up of all but the diffusion with the auxiliary decoder's loss, the
boundary predictor, and the denoiser, for which the rest stands still.

Departures from the paper, each a switch or a generalisation:
    * several singers and languages (families/acoustic/encoder.py), and breath as a phone;
    * durations and pitch may be predicted: the paper is given both. `pitch="regressed"` is the public version MIDI-A,
      "none" MIDI-B, in which diffusion alone decides on pitch; "flow" draws it from the notes (pitch.py);
    * `curves` of energy, breathiness, voicing and tension, drawn likewise, as later public versions have them;
    * `consonant_weight`: frames of consonants, which are few and short, may count more in the loss of mels;
    * blocks are post-LN, as FastSpeech 2's paper has them; the public weights are pre-LN (published.py);
    * the stages share one run, and a stage's learning rate falls as the plan says.

B batch, P phones, T frames, M mel bins, D width.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from octet.core.training import Batch, Losses, SungExample
from octet.families.acoustic.batch import masked_l1
from octet.families.acoustic.encoder import Phones
from octet.families.acoustic.length import frame_to_phone, regulate
from octet.families.acoustic.variance import QuantizedEmbedding, VariancePredictor, log_edges
from octet.nn.masks import padding_mask
from octet.systems.diffsinger.batch import collate
from octet.systems.diffsinger.config import CURVES, Config
from octet.systems.diffsinger.contours import ContourFlow
from octet.systems.diffsinger.durations import duration_losses, fitted
from octet.systems.diffsinger.encoder import ScoreEncoder, ScorePhones, stack
from octet.systems.diffsinger.pitch import NotePitch, RegressedPitch, to_hz
from octet.systems.diffsinger.shallow import BOUNDARY, WARMUP, Sampling, ShallowDiffusion
from octet.text.phonemes import CONSONANTS, SYMBOL_IDS

F0_BINS = 256
_CONSONANTS = [SYMBOL_IDS[symbol] for symbol in CONSONANTS]
PREDICTOR_GRADIENT = 0.1  # of the predictors', that reaches the score encoder


@dataclass(frozen=True)
class Told:
    """What a singer is told besides the score. F0 and curves count outside `retake` (B, T), which is all by default."""

    notes: Tensor  # (B, T) MIDI numbers, rests filled
    durations: Tensor | None = None  # (B, P)
    word_frames: Tensor | None = None  # (B, W)
    f0_hz: Tensor | None = None  # (B, T), unvoiced frames interpolated
    voiced: Tensor | None = None  # (B, T)
    curves: Tensor | None = None  # (B, 4, T), NaN where they are left to the singer
    retake: Tensor | None = None
    expressiveness: float = 1.0
    vibrato: float = 1.0
    curve_offsets: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Sung:
    """Everything that is decided before the mel. `f0_hz` (B, T) is continuous; with pitch "none" it is the notes'."""

    durations: Tensor  # (B, P)
    valid: Tensor  # (B, T)
    f0_hz: Tensor
    voiced: Tensor  # (B, T)
    curves: Tensor | None  # (B, 4, T)
    condition: Tensor  # (B, D, T)
    blurry: Tensor  # (B, M, T)


class DiffSinger(nn.Module):
    """Score in, mel spectrogram out."""

    pitch: RegressedPitch | NotePitch | None
    curve_means: Tensor
    curve_deviations: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        width, statistics = config.width, config.statistics
        self.encoder = ScoreEncoder(config)
        self.duration = _predictor(config) if config.durations == "predicted" else None
        self.pitch = _pitch(config)
        edges = log_edges(statistics.f0_low_hz, statistics.f0_high_hz, F0_BINS)
        self.pitch_embedding = QuantizedEmbedding(edges, width) if config.pitch != "none" else None
        self.curves = ContourFlow(len(CURVES), width, config.flow) if config.curves else None
        self.curve_embedding = nn.Linear(len(CURVES), width) if config.curves else None
        self.decoder = stack(config, config.decoder_layers)
        self.to_mel = nn.Linear(width, config.spec.mel_bins)
        self.diffusion = ShallowDiffusion(config.diffusion, statistics.mel, width)
        self.register_buffer("curve_means", torch.tensor(statistics.curve_means)[:, None], persistent=False)
        self.register_buffer("curve_deviations", torch.tensor(statistics.curve_deviations)[:, None], persistent=False)
        self.stage = WARMUP

    @property
    def stages(self) -> tuple[float, float, float]:
        return self.config.diffusion.stages

    def enter_stage(self, number: int) -> None:
        """Warm-up trains all but the diffusion, which the other two stages train. Pitch and curves always learn."""
        self.stage = number
        contours = [module for module in (self.pitch, self.curves) if module is not None]
        for module in self.children():
            if module is not self.diffusion and module not in contours:
                module.requires_grad_(number == WARMUP)
        self.diffusion.enter_stage(number)

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; stages are entered
        """The losses of the stage; those of pitch and curves in every stage."""
        score = score_of(batch)
        encoded = self.encoder(score)
        valid = padding_mask(batch["durations"].sum(1), batch["mel"].shape[2])
        frames = regulate(encoded, batch["durations"])
        parts = self._variance_losses(score, encoded, frames, valid, batch)
        condition = self._condition(frames, valid, batch["f0_hz"], batch["curves"])
        if self.stage == WARMUP:
            parts["mel"] = masked_l1(self._decode(condition, valid), batch["mel"], self._weights(batch, valid))
        else:
            parts |= self._diffusion_loss(batch, condition.detach(), valid)
        return Losses(torch.stack(list(parts.values())).sum(), parts)

    def _variance_losses(
        self, score: ScorePhones, encoded: Tensor, frames: Tensor, valid: Tensor, batch: Batch
    ) -> dict[str, Tensor]:
        parts: dict[str, Tensor] = {}
        if self.duration is not None and self.stage == WARMUP:
            predicted = self.duration(lessened(encoded), score.valid)[:, :, 0]
            parts |= duration_losses(predicted, batch["durations"], score.words, score.valid)
        frames = lessened(frames)
        if isinstance(self.pitch, RegressedPitch):
            parts |= self.pitch.losses(frames, batch["f0_hz"], batch["voiced"], valid)
        if isinstance(self.pitch, NotePitch):
            parts |= self.pitch.losses(frames, batch, valid)
        if self.curves is not None:
            told = self._pitched(frames, batch["f0_hz"].detach())
            draws = {"moments": batch["moments"], "noise": batch["curve_noise"]}
            parts["curves"] = self.curves.loss(
                told.mT, self._standardised(batch["curves"]), batch["retake"], valid, draws
            )
        return parts

    def _diffusion_loss(self, batch: Batch, condition: Tensor, valid: Tensor) -> dict[str, Tensor]:
        mel, diffusion = batch["mel"], self.diffusion
        if self.stage == BOUNDARY:
            with torch.no_grad():
                blurry = self._decode(condition, valid)
            return {"boundary": diffusion.boundary_step(mel, blurry, valid, batch)}
        return {"denoiser": diffusion.loss(mel, condition.mT, self._weights(batch, valid), batch)}

    def _weights(self, batch: Batch, valid: Tensor) -> Tensor:
        """How much each frame (B, T) counts: those of consonants more, or as much as others, padding nothing."""
        symbols = batch["symbols"].gather(1, frame_to_phone(batch["durations"]))
        consonants = torch.isin(symbols, torch.tensor(_CONSONANTS, device=symbols.device))
        return valid * (1 + (self.config.consonant_weight - 1) * consonants)

    def _decode(self, condition: Tensor, valid: Tensor) -> Tensor:
        """The auxiliary decoder: (B, T, D) -> blurry mel (B, M, T), at the bottom of its range where padded."""
        mel: Tensor = self.to_mel(self.decoder(condition, valid)).mT
        return torch.where(valid[:, None], mel, self.diffusion.low)

    def _condition(self, frames: Tensor, valid: Tensor, f0_hz: Tensor, curves: Tensor | None) -> Tensor:
        """E_m (B, T, D): the encoded score with pitch and curves."""
        x = self._pitched(frames, f0_hz)
        if self.curve_embedding is not None and curves is not None:
            x = x + self.curve_embedding(self._standardised(curves).mT)
        return x * valid[:, :, None]

    def _pitched(self, frames: Tensor, f0_hz: Tensor) -> Tensor:
        return frames if self.pitch_embedding is None else frames + self.pitch_embedding(f0_hz)

    def _standardised(self, curves: Tensor) -> Tensor:
        return (curves - self.curve_means) / self.curve_deviations

    @torch.inference_mode()
    def prepare(self, score: ScorePhones, told: Told, rng: torch.Generator, flow_steps: int = 8) -> Sung:
        """Durations, pitch, curves, the condition and the blurry mel, of a score."""
        encoded = self.encoder(score)
        durations = self._durations(encoded, score, told)
        valid = padding_mask(durations.sum(1), told.notes.shape[1])
        frames = regulate(encoded, durations)
        frames = nn.functional.pad(frames, (0, 0, 0, told.notes.shape[1] - frames.shape[1]))
        f0_hz, voiced = self._f0(frames, valid, told, rng, flow_steps)
        curves = self._curves(frames, f0_hz, told, rng, flow_steps)
        condition = self._condition(frames, valid, f0_hz, curves)
        blurry = self._decode(condition, valid)
        return Sung(durations, valid, f0_hz, voiced, curves, condition.mT, blurry)

    @torch.inference_mode()
    def sample(self, sung: Sung, rng: torch.Generator, how: Sampling = Sampling()) -> Iterator[Tensor]:  # noqa: B008
        """Mels (B, M, T), one after each step of the sampler; the last is the one to hear."""
        yield from self.diffusion.sample(sung.condition, sung.blurry, sung.valid, rng, how)

    def _durations(self, encoded: Tensor, score: ScorePhones, told: Told) -> Tensor:
        if told.durations is not None:
            return told.durations
        if self.duration is None or told.word_frames is None:
            raise ValueError("this model is given durations")
        predicted = torch.expm1(self.duration(encoded, score.valid)[:, :, 0]) * score.valid
        return fitted(predicted, score.words, told.word_frames)

    def _f0(self, frames: Tensor, valid: Tensor, told: Told, rng: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """F0 and voicing of every frame: the given one where nothing is to be taken again."""
        known = to_hz(told.notes) if told.f0_hz is None else told.f0_hz
        retake = self._retake(told, told.f0_hz)
        voiced = torch.ones_like(valid) if told.voiced is None else told.voiced
        if isinstance(self.pitch, RegressedPitch):
            f0_hz, heard = self.pitch.predict(frames, valid)
        elif isinstance(self.pitch, NotePitch):
            noise = torch.randn(len(known), 1, known.shape[1], generator=rng).to(known)
            offsets = self.pitch.draw(frames, told.notes, known, retake, noise, steps)
            shaped = self.pitch.shaped(offsets, told.expressiveness, told.vibrato)
            f0_hz, heard = to_hz(self.pitch.base(told.notes) + shaped), self.pitch.voiced(frames, valid)
        else:
            return known, voiced & valid
        return torch.where(retake, f0_hz, known), torch.where(retake, heard, voiced) & valid

    def _curves(self, frames: Tensor, f0_hz: Tensor, told: Told, rng: torch.Generator, steps: int) -> Tensor | None:
        if self.curves is None:
            return None
        batch, length = f0_hz.shape
        unknown = torch.full((batch, len(CURVES), length), torch.nan, device=f0_hz.device)
        given = unknown if told.curves is None else told.curves
        retake = given.isnan().any(1) | self._retake(told, told.curves)
        known = torch.where(given.isnan(), self.curve_means, given)
        noise = torch.randn(batch, len(CURVES), length, generator=rng).to(f0_hz)
        told_by = self._pitched(frames, f0_hz).mT
        drawn = self.curves.draw(told_by, self._standardised(known), retake, noise, steps)
        offsets = torch.tensor(told.curve_offsets, device=drawn.device)[:, None]
        shifted = drawn * self.curve_deviations + self.curve_means + offsets
        return torch.where(given.isnan() | self._retake(told, told.curves)[:, None], shifted, given)

    def _retake(self, told: Told, known: Tensor | None) -> Tensor:
        if known is None:
            return torch.ones_like(told.notes, dtype=torch.bool)
        return torch.zeros_like(told.notes, dtype=torch.bool) if told.retake is None else told.retake

    def collate(self, items: Sequence[SungExample], rng: torch.Generator) -> Batch:
        return collate(items, self.config, rng)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Without the boundary predictor, which only trains; what it found is kept."""
        state = {name: value for name, value in self.state_dict().items() if ".boundary." not in name}
        return "diffsinger", self.config.model_dump(mode="json"), state

    def for_generation(self) -> DiffSinger:
        """This model as `artifact` stores it."""
        del self.diffusion.boundary
        return self


def score_of(batch: Batch) -> ScorePhones:
    """The score's part of a batch."""
    phones = Phones(batch["symbols"], batch["accents"], batch["languages"], batch["speakers"])
    return ScorePhones(phones, *(batch[name] for name in ("note_pitches", "note_seconds", "slurs", "words")))


def lessened(x: Tensor) -> Tensor:
    """The same values, through which but a tenth of the gradient passes."""
    return x * PREDICTOR_GRADIENT + x.detach() * (1 - PREDICTOR_GRADIENT)


def _predictor(config: Config, outputs: int = 1) -> VariancePredictor:
    return VariancePredictor(
        config.width,
        config.predictor_width,
        config.predictor_kernel,
        config.predictor_dropout,
        outputs,
        config.predictor_layers,
    )


def _pitch(config: Config) -> RegressedPitch | NotePitch | None:
    if config.pitch == "regressed":
        return RegressedPitch(_predictor(config, 2))
    if config.pitch == "flow":
        return NotePitch(ContourFlow(1, config.width, config.flow), _predictor(config), config.spec.frame_rate_hz)
    return None
