import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.families.acoustic.length import average_by_phone, frame_to_phone, regulate, round_cumulatively

durations = st.lists(st.floats(0, 40), min_size=1, max_size=40)


@given(durations)
def test_rounded_durations_never_drift_more_than_half_a_frame(values: list[float]) -> None:
    real = torch.tensor([values], dtype=torch.float64)
    rounded = round_cumulatively(real)
    assert (rounded >= 0).all()
    assert (rounded.cumsum(1) - real.cumsum(1)).abs().max() <= 0.5 + 1e-6


@given(durations, st.floats(0.3, 3.0))
def test_speed_scales_the_whole(values: list[float], speed: float) -> None:
    real = torch.tensor([values], dtype=torch.float64)
    assert abs(int(round_cumulatively(real / speed).sum()) - float(real.sum()) / speed) <= 0.5 + 1e-6


def test_whole_durations_stay_as_they_are() -> None:
    whole = torch.tensor([[3, 0, 1, 7]])
    assert torch.equal(round_cumulatively(whole.float()), whole)


def test_regulator_repeats_and_pads() -> None:
    hidden = torch.arange(6.0).reshape(2, 3, 1)
    frames = regulate(hidden, torch.tensor([[2, 0, 1], [1, 1, 3]]))
    assert frames[:, :, 0].tolist() == [[0, 0, 2, 0, 0], [3, 4, 5, 5, 5]]


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(sum))
def test_average_by_phone_inverts_the_regulator(lengths: list[int]) -> None:
    spans = torch.tensor([lengths])
    values = torch.arange(1.0, len(lengths) + 1)[None, :, None]
    averaged = average_by_phone(regulate(values, spans)[:, :, 0], spans)
    expected = values[:, :, 0] * (spans > 0)
    torch.testing.assert_close(averaged, expected)
    assert frame_to_phone(spans).shape[1] == sum(lengths)
