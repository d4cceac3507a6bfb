"""Parts of an acoustic model as its configuration describes them."""

from __future__ import annotations

from octet.families.acoustic.adaptor import EnergyHead, EnergyScale, PitchHead, VarianceAdaptor
from octet.families.acoustic.config import AcousticConfig
from octet.families.acoustic.fft_block import FFTBlock, FFTStack
from octet.families.acoustic.pitch import ContourPitch, PitchScale, WaveletPitch, masked_mae, masked_mse
from octet.families.acoustic.variance import QuantizedEmbedding, VariancePredictor, log_edges, uniform_edges


def stack(config: AcousticConfig, layers: int) -> FFTStack:
    """So many of the blocks that the encoder and the mel decoder are made of."""
    return FFTStack(
        [
            FFTBlock(config.width, config.heads, config.inner_width, config.kernels, config.dropout)
            for _ in range(layers)
        ]
    )


def adaptor(config: AcousticConfig) -> VarianceAdaptor:
    """The variance adaptor, with the predictors that the configuration asks for."""
    pitch = None if config.pitch == "none" else _pitch(config)
    energy = _energy(config) if config.energy else None
    return VarianceAdaptor(_predictor(config), pitch, energy, config.level == "phone")


def _predictor(config: AcousticConfig, outputs: int = 1) -> VariancePredictor:
    return VariancePredictor(
        config.width, config.predictor_width, config.predictor_kernel, config.predictor_dropout, outputs
    )


def _pitch(config: AcousticConfig) -> PitchHead:
    statistics = config.statistics
    scale = PitchScale(statistics.f0_mean, statistics.f0_deviation)
    edges = log_edges(statistics.f0_low_hz, statistics.f0_high_hz, config.bins)
    embedding = QuantizedEmbedding(edges, config.width)
    if config.pitch != "cwt":
        return PitchHead(ContourPitch(_predictor(config), scale, config.pitch == "contour"), embedding)
    frame_seconds = 1 / config.spec.frame_rate_hz
    return PitchHead(WaveletPitch(_predictor(config, 10), config.width, scale, frame_seconds), embedding)


def _energy(config: AcousticConfig) -> EnergyHead:
    statistics = config.statistics
    embedding = QuantizedEmbedding(uniform_edges(0, statistics.energy_high, config.bins), config.width)
    scale = EnergyScale(statistics.energy_mean, statistics.energy_deviation)
    error = masked_mse if config.energy_error == "squared" else masked_mae
    return EnergyHead(_predictor(config), embedding, scale, error, config.foretold_energy)
