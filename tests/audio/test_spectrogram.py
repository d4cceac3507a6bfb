"""Mel spectrograms: goldens of librosa, parity with transformers, and the algebra of filters and frames."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from safetensors.numpy import load_file
from tests.audio.examples import SPECS

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec, energy, magnitude, mel, mel_filters, require_same, tiny
from octet.core.errors import InvalidInput

GOLDEN = load_file(Path(__file__).parent.parent / "golden" / "spectrogram.safetensors")


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return 0.2 * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", SPECS)
def test_filters_are_those_of_librosa(name):
    spec = SPECS[name]
    expected = np.zeros(spec.mel_bins * (spec.fft_samples // 2 + 1))
    expected[GOLDEN[f"{name}.filters.at"]] = GOLDEN[f"{name}.filters"]
    np.testing.assert_allclose(mel_filters(spec).numpy().ravel(), expected, rtol=2e-7, atol=1e-9)


@pytest.mark.parametrize("name", SPECS)
def test_spectrograms_are_those_of_librosa(name):
    heard = mel(torch.from_numpy(GOLDEN["audio"]), SPECS[name]).numpy()
    assert heard.shape == GOLDEN[f"{name}.mel"].shape
    scale = 1.0 if SPECS[name].log == "ln" else np.log(10)
    assert np.abs(heard - GOLDEN[f"{name}.mel"]).max() * scale < 1e-5  # in log: a relative error


@pytest.mark.parametrize("name", ["tiny", "ljspeech", "espnet", "vocos"])  # it rounds half of an odd rate down
def test_spectrograms_are_those_of_transformers(name):
    from transformers.audio_utils import mel_filter_bank, window_function
    from transformers.audio_utils import spectrogram as reference

    spec = SPECS[name]
    audio = noise(4001, seed=1)
    filters = mel_filter_bank(
        num_frequency_bins=spec.fft_samples // 2 + 1,
        num_mel_filters=spec.mel_bins,
        min_frequency=spec.low_hz,
        max_frequency=spec.high_hz,
        sampling_rate=spec.sample_rate_hz,
        norm="slaney" if spec.normalization == "slaney" else None,
        mel_scale=spec.scale,
    )
    pad = (spec.fft_samples - spec.hop_samples) // 2
    expected = reference(
        np.pad(audio.numpy(), pad, mode="reflect") if spec.padding == "hop" else audio.numpy(),
        np.pad(window_function(spec.window_samples, "hann"), _sides(spec.fft_samples - spec.window_samples)),
        frame_length=spec.fft_samples,
        hop_length=spec.hop_samples,
        fft_length=spec.fft_samples,
        power=float(spec.power),
        center=spec.padding == "center",
        pad_mode="reflect",
        mel_filters=filters,
        mel_floor=spec.floor,
        log_mel="log" if spec.log == "ln" else "log10",
    )
    np.testing.assert_allclose(mel(audio, spec).numpy(), expected, atol=1e-5)


def _sides(missing: int) -> tuple[int, int]:
    return missing // 2, missing - missing // 2


specs = st.fixed_dictionaries(
    {
        "sample_rate_hz": st.integers(4000, 48000),
        "fft_samples": st.integers(32, 600).map(lambda half: 2 * half),
        "window_samples": st.integers(20, 1200),
        "hop_samples": st.integers(1, 500).map(lambda half: 2 * half),
        "mel_bins": st.integers(1, 40),
        "low_hz": st.floats(0, 900),
        "high_hz": st.floats(1000, 2000),
        "scale": st.sampled_from(["slaney", "htk"]),
        "normalization": st.sampled_from(["slaney", "none"]),
        "padding": st.sampled_from(["hop", "center"]),
    }
)


def usable(fields: dict) -> MelSpec:
    window = min(fields["window_samples"], fields["fft_samples"])
    spec = MelSpec(**{**fields, "window_samples": window, "hop_samples": min(fields["hop_samples"], window // 4 * 2)})
    try:
        mel_filters(spec)
    except InvalidInput:
        assume(False)  # bins narrower than the FFT resolves
    return spec


@given(fields=specs)
@settings(max_examples=40)
def test_filters_are_triangles_that_hand_over_to_each_other(fields):
    spec = usable(fields)
    filters = mel_filters(spec).double()
    assert filters.shape == (spec.mel_bins, spec.fft_samples // 2 + 1)
    assert (filters >= 0).all()
    frequencies = torch.linspace(0, spec.sample_rate_hz / 2, filters.shape[1], dtype=torch.float64)
    assert filters[:, (frequencies < spec.low_hz) | (frequencies > spec.high_hz)].sum() < 1e-12
    centres = [filter_.argmax().item() for filter_ in filters]
    assert centres == sorted(centres)
    if spec.normalization == "none":
        inside = filters[:, centres[0] + 1 : centres[-1]]
        torch.testing.assert_close(inside.sum(0), torch.ones(inside.shape[1], dtype=torch.float64))


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_slaney_normalised_filters_have_unit_area(scale):
    spec = tiny().model_copy(update={"fft_samples": 1 << 15, "scale": scale})
    area = mel_filters(spec).sum(dim=1) * spec.sample_rate_hz / spec.fft_samples
    torch.testing.assert_close(area, torch.ones(80), rtol=1e-3, atol=0)


@given(fields=specs, samples=st.integers(1200, 4000))
@settings(max_examples=40)
def test_the_number_of_frames_is_known(fields, samples):
    spec = usable(fields)
    audio = noise(samples)
    expected = samples // spec.hop_samples + (spec.padding == "center")
    assert spec.frames(samples) == expected
    assert mel(audio, spec).shape == (spec.mel_bins, expected)
    assert energy(audio, spec).shape == (expected,)


@given(fields=specs, gain=st.floats(0.5, 50.0), power=st.sampled_from([1, 2]))
@settings(max_examples=25)
def test_gain_adds_to_the_logarithm(fields, gain, power):
    spec = usable({**fields, "power": power, "floor": 1e-12})
    audio = noise(2400)
    louder, expected = mel(gain * audio, spec).exp(), gain**power * mel(audio, spec).exp()
    # Where a bin is nearly empty by chance, float32 leaves it less exact, compared with what is full.
    torch.testing.assert_close(louder, expected, rtol=1e-4, atol=1e-6 * float(expected.max()))


@given(fields=specs, hops=st.integers(1, 3))
@settings(max_examples=25)
def test_a_shift_by_hops_shifts_frames(fields, hops):
    spec = usable(fields)
    audio = noise(6000)
    edge = spec.fft_samples // spec.hop_samples + 1  # frames that see the reflected ends
    later = mel(audio[hops * spec.hop_samples :], spec)
    frames = slice(edge, later.shape[1] - edge - 1)
    expected = mel(audio, spec)[:, hops:]
    torch.testing.assert_close(later[:, frames], expected[:, : later.shape[1]][:, frames], rtol=0, atol=1e-4)


def test_frames_are_centred_where_they_say():
    for spec, sample in ((tiny(), 20 * 200 + 100), (spectrogram.espnet(), 20 * 256)):
        click = torch.zeros(8192)
        click[sample] = 1.0
        heard = energy(click, spec)
        assert heard.argmax() == 20
        torch.testing.assert_close(heard[19], heard[21])


def test_energy_is_the_norm_of_the_magnitudes():
    audio = noise(3000)
    torch.testing.assert_close(energy(audio, tiny()), magnitude(audio, tiny()).square().sum(0).sqrt())
    # Parseval: over a whole FFT the squares sum to those of the windowed samples.
    spec = spectrogram.ljspeech()
    samples = noise(1024 + 2 * 384)
    frame = samples[256 * 3 + 128 - 512 :][:1024] * torch.hann_window(1024)
    both_sides = 2 * energy(samples, spec)[3] ** 2 - torch.fft.rfft(frame)[[0, -1]].abs().square().sum()
    torch.testing.assert_close(both_sides / 1024, frame.square().sum(), rtol=1e-4, atol=0)


def test_leading_dimensions_are_kept():
    audio = noise(2, 3, 2000)
    batched = mel(audio, tiny())
    assert batched.shape == (2, 3, 80, 10)
    torch.testing.assert_close(batched[1, 2], mel(audio[1, 2], tiny()))
    assert energy(audio, tiny()).shape == (2, 3, 10)


def test_silence_is_the_floor_and_can_be_trained_through():
    silence = torch.zeros(2000, requires_grad=True)
    heard = mel(silence, tiny())
    torch.testing.assert_close(heard, torch.full_like(heard, np.log(1e-5)))
    (heard.sum() + energy(silence, tiny()).sum()).backward()
    assert torch.isfinite(silence.grad).all()


def test_filters_cached_in_inference_mode_can_be_trained_through():
    spec = tiny().model_copy(update={"mel_bins": 17, "window_samples": 798})  # not cached by another test
    with torch.inference_mode():
        mel(noise(2000), spec)
    audio = noise(2000).requires_grad_()
    mel(audio, spec).sum().backward()
    assert audio.grad.abs().sum() > 0


def test_spectrograms_are_measured_in_float32_whatever_surrounds_them():
    expected = mel(noise(2000), tiny())
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(mel(noise(2000), tiny()), expected, rtol=0, atol=0)
    assert mel(noise(2000).bfloat16(), tiny()).dtype == torch.float32


@pytest.mark.parametrize(("spec", "least"), [(tiny(), 413), (spectrogram.espnet(), 513)])
def test_too_short_audio_is_refused(spec, least):
    assert mel(noise(least), spec).shape[-1] == spec.frames(least)
    for samples in (0, least - 1):
        with pytest.raises(InvalidInput, match=f"{samples} samples are too few .* at least {least}"):
            mel(noise(samples), spec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"high_hz": 8001}, "0 <= low_hz < high_hz <= 8000"),
        ({"low_hz": 8000}, "0 <= low_hz < high_hz"),
        ({"low_hz": -1}, "0 <= low_hz"),
        ({"window_samples": 1025}, "0 < hop_samples <= window_samples <= fft_samples"),
        ({"hop_samples": 802}, "hop_samples <= window_samples"),
        ({"hop_samples": 0}, "0 < hop_samples"),
        ({"hop_samples": 201}, "an even hop_samples where padding is 'hop'"),
        ({"fft_samples": 1023}, "an even fft_samples"),
        ({"mel_bins": 0}, "1 to 1024 mel bins"),
        ({"mel_bins": 10**9}, "1 to 1024 mel bins"),
        ({"fft_samples": 2**30}, "at most 65536 fft_samples"),
        ({"sample_rate_hz": 10**12}, "a sample rate of at most 768000 Hz"),
        ({"floor": 0.0}, "a finite floor above 0"),
        ({"floor": float("inf")}, "a finite floor above 0"),
    ],
)
def test_contradictions_are_refused(change, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        MelSpec(**{**tiny().model_dump(), **change})
    assert "\n" not in str(caught.value)


def test_unknown_fields_are_refused_and_specs_survive_json():
    with pytest.raises(ValidationError, match="Extra inputs"):
        MelSpec(**tiny().model_dump(), n_mels=80)
    assert MelSpec.model_validate_json(tiny().model_dump_json()) == tiny()
    assert hash(tiny()) == hash(tiny())


def test_bins_that_would_always_be_empty_are_refused():
    with pytest.raises(InvalidInput, match="400 mel bins are too many for 1024 FFT samples"):
        mel(noise(2000), tiny().model_copy(update={"mel_bins": 400}))


def test_only_the_same_description_is_accepted():
    require_same(tiny(), tiny())
    with pytest.raises(
        InvalidInput, match=r"sample_rate_hz 16000 against 22050; .*hop_samples 200 against 256"
    ) as caught:
        require_same(tiny(), spectrogram.ljspeech())
    assert "mel_bins" not in str(caught.value)
    for field, value in {"log": "log10", "floor": 1e-7, "scale": "htk", "power": 2, "padding": "center"}.items():
        with pytest.raises(InvalidInput, match=f"\\({field} "):
            require_same(tiny(), tiny().model_copy(update={field: value}))
