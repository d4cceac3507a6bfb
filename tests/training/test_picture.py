import numpy as np

from octet.training.picture import spectrogram_picture


def test_low_bins_are_at_the_bottom_and_louder_is_lighter():
    spectrogram = np.linspace(0, 1, 40)[:, None].repeat(7, axis=1)  # louder with the bin
    picture = spectrogram_picture(spectrogram)
    assert picture.shape == (80, 7, 3)
    lightness = picture.astype(float) @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(lightness[:, 0]) <= 0)
    assert lightness[0, 0] > 200
    assert lightness[-1, 0] < 20


def test_what_is_not_finite_is_drawn_and_does_not_flatten_the_rest():
    spectrogram = np.tile(np.linspace(0, 1, 50), (3, 1))
    spectrogram[0, 0], spectrogram[1, 0], spectrogram[2, 0] = np.nan, -np.inf, np.inf
    picture = spectrogram_picture(spectrogram, pixels_per_bin=1)
    assert picture[0, 0].min() > picture[1, 0].max()  # +inf, in the top row, is light, -inf dark
    assert np.array_equal(picture[0, 25], picture[1, 25])
    assert len(np.unique(picture[1], axis=0)) > 30
    assert spectrogram_picture(np.full((2, 2), -np.inf)).shape == (4, 2, 3)
