from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.data.corpora.composer.genres import STYLES
from octet.data.corpora.composer.harmony import SCALES, chord, progression, voiced


@pytest.mark.parametrize(
    ("numeral", "mode", "tones"),
    [
        ("I", "major", (0, 4, 7)),
        ("vi", "major", (9, 0, 4)),
        ("V7", "major", (7, 11, 2, 5)),
        ("I7", "major", (0, 4, 7, 11)),
        ("ii7", "major", (2, 5, 9, 0)),
        ("i", "minor", (0, 3, 7)),
        ("VI", "minor", (8, 0, 3)),
        ("VII", "minor", (10, 2, 5)),
        ("V", "minor", (7, 11, 2)),
        ("iio7", "minor", (2, 5, 8, 0)),
    ],
)
def test_numerals_are_read(numeral, mode, tones):
    assert chord(numeral, mode).tones == tones
    assert (chord(numeral, mode).root, chord(numeral, mode).fifth) == (tones[0], tones[2])


@pytest.mark.parametrize("numeral", ["", "x", "I9", "iix", "Iv"])
def test_what_is_no_numeral_is_refused(numeral):
    with pytest.raises(ValueError, match=r"is no Roman numeral|not in"):
        chord(numeral, "major")


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_style_stays_in_its_scale_the_leading_tone_apart(mode):
    allowed = {*SCALES[mode], 11}
    for style in STYLES.values():
        written = style.major if mode == "major" else style.minor
        assert any(numerals.split()[0].rstrip("7") in ("I", "i") for numerals in written)
        for numerals in written:
            for found in progression(numerals, mode):
                assert set(found.tones) <= allowed, numerals


TONES = st.lists(st.integers(0, 11), min_size=2, max_size=4, unique=True)


@given(TONES, TONES, st.integers(0, 11), st.integers(30, 70), st.integers(11, 30))
def test_voices_stay_in_range_hold_their_tones_and_move_little(first, second, tonic, low, width):
    high = low + width
    before = voiced(first, tonic, (), low, high)
    after = voiced(second, tonic, before, low, high)
    for tones, pitches in ((first, before), (second, after)):
        assert low <= min(pitches) <= max(pitches) <= high
        assert sorted((pitch - tonic) % 12 for pitch in pitches) == sorted(tones)
        assert list(pitches) == sorted(set(pitches))
    if width >= 23:
        assert all(min(abs(pitch - other) for other in before) <= 6 for pitch in after)


def test_from_c_to_f_two_voices_move_and_one_stays():
    home = voiced((0, 4, 7), 0, (60, 64, 67), 55, 79)
    assert home == (60, 64, 67)
    assert voiced((5, 9, 0), 0, home, 55, 79) == (60, 65, 69)
