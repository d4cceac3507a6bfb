"""A spectrogram as a picture, without a plotting package.

The colours run from dark blue over red to light yellow with rising lightness, so that they also read in grey.
"""

from __future__ import annotations

import numpy as np

ANCHORS = np.array(
    [[5, 5, 30], [55, 15, 100], [125, 30, 110], [195, 55, 80], [240, 110, 45], [250, 180, 60], [255, 250, 190]]
)


def spectrogram_picture(spectrogram: np.ndarray, pixels_per_bin: int = 2) -> np.ndarray:
    """Colours of a spectrogram (M, T), low bins at the bottom, as uint8 (M * pixels_per_bin, T, 3).

    The 1st to the 99.5th percentile of the finite values span the colours, so that single outliers and log-zeros do
    not flatten the rest.
    """
    finite = spectrogram[np.isfinite(spectrogram)]
    low, high = np.percentile(finite, (1, 99.5)) if finite.size else (0.0, 1.0)
    shade = np.nan_to_num((spectrogram[::-1] - low) / max(high - low, 1e-9), nan=0.0, posinf=1.0, neginf=0.0)
    place = np.clip(shade, 0, 1) * (len(ANCHORS) - 1)
    channels = [np.interp(place, np.arange(len(ANCHORS)), ANCHORS[:, c]) for c in range(3)]
    return np.repeat(np.stack(channels, axis=-1).astype(np.uint8), pixels_per_bin, axis=0)
