import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.encoders.recogniser.augment import Augmentation, masked, with_noise


def _rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40))
def test_masks_are_whole_bands_and_stretches_of_bounded_size(seed: int, bins: int, frames: int) -> None:
    config = Augmentation(frequency_masks=2, frequency_mask_bins=3, time_masks=1, time_mask_frames=5)
    kept = masked(torch.ones(bins, frames), config, _rng(seed)) == 1
    bands, stretches = ~kept.any(dim=1), ~kept.any(dim=0)
    if not bands.all() and not stretches.all():
        assert torch.equal(kept, ~(bands[:, None] | stretches[None]))
        assert int(bands.sum()) <= 2 * 3
        assert int(stretches.sum()) <= 5


def test_masks_of_every_width_up_to_the_widest_occur() -> None:
    config = Augmentation(frequency_masks=0, time_masks=1, time_mask_frames=3)
    widths = {int((masked(torch.ones(2, 30), config, _rng(seed)) == 0)[0].sum()) for seed in range(60)}
    assert widths == {0, 1, 2, 3}


def test_the_input_is_left_as_it_was_and_the_generator_decides() -> None:
    mel = torch.randn(20, 50, generator=_rng(0))
    before = mel.clone()
    config = Augmentation(noise_share=1.0)
    for change in (masked, with_noise):
        assert torch.equal(change(mel, config, _rng(3)), change(mel, config, _rng(3)))
        assert not torch.equal(change(mel, config, _rng(3)), change(mel, config, _rng(4)))
    assert torch.equal(mel, before)


@pytest.mark.parametrize("near", [2.0, 5.0])
def test_noise_fills_silence_as_far_below_the_peak_as_asked(near: float) -> None:
    mel = torch.full((20, 400), -11.5)
    mel[:, :50] = 1.0
    config = Augmentation(noise_share=1.0, noise_below_peak=(near, near))
    noisy = with_noise(mel, config, _rng(0))
    assert float(noisy[:, 50:].mean()) == pytest.approx(1.0 - near, abs=0.1)
    assert float((noisy - mel)[:, :50].max()) < 1.0


def test_a_share_of_the_utterances_stays_clean() -> None:
    mel = torch.randn(20, 50, generator=_rng(0))
    config = Augmentation(noise_share=0.5)
    clean = sum(torch.equal(with_noise(mel, config, _rng(seed)), mel) for seed in range(100))
    assert 30 < clean < 70
    assert torch.equal(with_noise(mel, Augmentation(noise_share=0.0), _rng(0)), mel)
