"""Descriptions of spectrograms that tests and goldens share: the presets, and odd ones."""

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec

SPECS = {
    "tiny": spectrogram.tiny(),
    "ljspeech": spectrogram.ljspeech(),
    "espnet": spectrogram.espnet(),
    "vocos": spectrogram.vocos_24khz(),
    "odd": MelSpec(
        sample_rate_hz=11025,
        fft_samples=600,
        window_samples=441,
        hop_samples=98,
        mel_bins=23,
        low_hz=55.5,
        high_hz=5000,
        scale="htk",
        normalization="slaney",
        power=2,
        log="log10",
    ),
    "prime": MelSpec(
        sample_rate_hz=7919,
        fft_samples=510,
        window_samples=509,
        hop_samples=127,
        mel_bins=31,
        low_hz=13,
        high_hz=3959.5,
        normalization="none",
        power=2,
        padding="center",
    ),
}
