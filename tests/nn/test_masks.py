import torch

from octet.nn.masks import padding_mask


def test_the_mask_is_true_on_the_first_length_positions() -> None:
    mask = padding_mask(torch.tensor([0, 2, 4]))
    assert mask.dtype == torch.bool
    assert mask.tolist() == [[False] * 4, [True, True, False, False], [True] * 4]


def test_a_given_maximum_sets_the_width() -> None:
    assert padding_mask(torch.tensor([1]), 3).tolist() == [[True, False, False]]
    assert padding_mask(torch.tensor([3]), 2).tolist() == [[True, True]]


def test_no_rows() -> None:
    assert padding_mask(torch.zeros(0, dtype=torch.long)).shape == (0, 0)
