"""The inverse STFT: the identity after a forward one, and torch's own where that exists."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.vocoders.istft import istft


def aligned_stft(audio: torch.Tensor, window: torch.Tensor, hop: int, *, centred: bool) -> torch.Tensor:
    pad = (len(window) - (0 if centred else hop)) // 2
    padded = F.pad(audio, (pad, pad + hop))
    spectrum = torch.stft(padded, len(window), hop, window=window, center=False, return_complex=True)
    return spectrum[..., : audio.shape[-1] // hop]


@settings(max_examples=25)
@given(hop=st.sampled_from([4, 10, 16]), overlap=st.sampled_from([3.0, 4.0, 5.2]), frames=st.integers(8, 30))
@pytest.mark.parametrize("centred", [True, False])
def test_it_inverts_a_forward_transform_except_at_the_ends(centred, hop, overlap, frames):
    window = torch.hann_window(round(hop * overlap / 2) * 2, dtype=torch.float64)
    audio = torch.randn(2, frames * hop, dtype=torch.float64, generator=torch.Generator().manual_seed(frames))
    back = istft(aligned_stft(audio, window, hop, centred=centred), window, hop, centred=centred)
    assert back.shape == audio.shape
    edge = len(window)  # there, frames that the spectrum does not have would be needed
    torch.testing.assert_close(back[:, edge:-edge], audio[:, edge:-edge], rtol=0, atol=1e-10)


def test_centred_frames_give_what_torch_gives_and_one_hop_more():
    window, hop = torch.hann_window(64), 16
    spectrum = torch.randn(2, 33, 20, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))
    spectrum[:, [0, -1]] = spectrum[:, [0, -1]].real + 0j  # of a real signal
    ours, theirs = istft(spectrum, window, hop, centred=True), torch.istft(spectrum, 64, hop, window=window)
    assert ours.shape[-1] == theirs.shape[-1] + hop
    torch.testing.assert_close(ours[:, :-hop], theirs, rtol=0, atol=1e-5)


def test_one_frame_is_enough():
    audio = istft(torch.ones(1, 33, 1, dtype=torch.complex64), torch.hann_window(64), 16, centred=False)
    assert audio.shape == (1, 16)
    assert torch.isfinite(audio).all()
