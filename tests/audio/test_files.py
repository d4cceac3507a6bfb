"""Real files of every format, whole and broken."""

import contextlib
import json
import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.audio import files
from octet.core.errors import InvalidInput

SUFFIXES = [".wav", ".flac", ".ogg", ".opus", ".mp3"]
PROVENANCE = {
    "system": "fastspeech2",
    "request": {"text": '안녕하세요, "octet"! \\ é 😀\n둘째 줄', "speed": 1.1, "seed": 7},
}


def tone(sample_rate_hz: int, channels: int = 1, seconds: float = 0.5, f0_hz: float = 440.0) -> np.ndarray:
    times = np.arange(round(seconds * sample_rate_hz)) / sample_rate_hz
    phases = np.arange(1, channels + 1)[:, None]
    return (0.4 * np.sin(2 * np.pi * f0_hz * times[None] + phases)).astype(np.float32)


def signal_to_noise_db(reference: np.ndarray, heard: np.ndarray) -> float:
    return 10 * np.log10((reference**2).mean() / ((reference - heard) ** 2).mean())


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate_hz", [8000, 16000, 24000, 48000])
def test_every_format_returns_what_it_was_given(tmp_path, suffix, channels, sample_rate_hz):
    given_samples = tone(sample_rate_hz, channels)
    files.write(tmp_path / f"a{suffix}", given_samples, sample_rate_hz, PROVENANCE)
    samples, rate = files.read(tmp_path / f"a{suffix}")
    assert (rate, samples.shape, samples.dtype) == (sample_rate_hz, given_samples.shape, np.float32)
    assert signal_to_noise_db(given_samples, samples) > (80 if suffix in {".wav", ".flac"} else 12)
    assert files.read_metadata(tmp_path / f"a{suffix}") == PROVENANCE


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("sample_rate_hz", [11025, 22050, 32000, 44100])
def test_rates_of_the_44100_family(tmp_path, suffix, sample_rate_hz):
    files.write(tmp_path / f"a{suffix}", tone(sample_rate_hz), sample_rate_hz)
    samples, rate = files.read(tmp_path / f"a{suffix}")
    assert (rate, samples.shape) == (sample_rate_hz, (1, round(0.5 * sample_rate_hz)))


@given(values=st.lists(st.floats(-1, 1, width=32), max_size=50), bits=st.sampled_from([16, 24, 32]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wav_loses_nothing_but_its_own_rounding_and_nothing_on_the_second_pass(tmp_path, values, bits):
    given_samples = np.array([values], dtype=np.float32)
    files.write(tmp_path / "a.wav", given_samples, 16000, bits=bits)
    once, _ = files.read(tmp_path / "a.wav")
    step = 0.0 if bits == 32 else 2.0 ** (1 - bits)
    assert np.abs(once - given_samples).max(initial=0.0) <= step  # a whole step only at +1, which PCM lacks
    files.write(tmp_path / "b.wav", once, 16000, bits=bits)
    np.testing.assert_array_equal(files.read(tmp_path / "b.wav")[0], once)


@pytest.mark.parametrize("bits", [16, 24])
def test_flac_is_lossless(tmp_path, bits):
    samples = np.rint(tone(16000, 2) * 2 ** (bits - 1)).astype(np.float32) / np.float32(2 ** (bits - 1))
    files.write(tmp_path / "a.flac", samples, 16000, bits=bits)
    np.testing.assert_array_equal(files.read(tmp_path / "a.flac")[0], samples)
    assert soundfile.info(tmp_path / "a.flac").subtype == f"PCM_{bits}"


def test_loud_samples_are_clipped_and_never_wrap(tmp_path):
    loud = np.array([[1.5, -1.5, 0.999999, -1.0, 1.0, 3e9]], dtype=np.float32)
    for bits in (16, 24):
        files.write(tmp_path / "a.wav", loud, 16000, bits=bits)
        samples, _ = files.read(tmp_path / "a.wav")
        assert (np.sign(samples) == np.sign(loud)).all()
        assert np.abs(samples).min() > 0.9999
    files.write(tmp_path / "a.wav", loud, 16000, bits=32)
    np.testing.assert_array_equal(files.read(tmp_path / "a.wav")[0], loud)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_sample(tmp_path, suffix):
    files.write(tmp_path / f"a{suffix}", np.full((1, 1), 0.25, np.float32), 16000, PROVENANCE)
    assert files.read(tmp_path / f"a{suffix}")[0].shape == (1, 1)
    assert files.read_metadata(tmp_path / f"a{suffix}") == PROVENANCE


def test_no_samples_fit_into_wav_only(tmp_path):
    nothing = np.zeros((2, 0), np.float32)
    files.write(tmp_path / "a.wav", nothing, 16000, PROVENANCE)
    assert files.read(tmp_path / "a.wav")[0].shape == (2, 0)
    assert files.read_metadata(tmp_path / "a.wav") == PROVENANCE
    for suffix in SUFFIXES[1:]:
        with pytest.raises(InvalidInput, match=r"no samples; use \.wav"):
            files.write(tmp_path / f"a{suffix}", nothing, 16000)


def test_a_flat_array_is_mono(tmp_path):
    files.write(tmp_path / "a.wav", tone(16000)[0], 16000)
    assert files.read(tmp_path / "a.wav")[0].shape == (1, 8000)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_long_korean_provenance(tmp_path, suffix):
    syllables = 8_000 if suffix == ".opus" else 100_000
    provenance = {"text": "말" * syllables}
    files.write(tmp_path / f"a{suffix}", tone(16000), 16000, provenance)
    assert files.read_metadata(tmp_path / f"a{suffix}") == provenance
    assert files.read(tmp_path / f"a{suffix}")[0].shape == (1, 8000)


def test_too_long_provenance_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"\.opus has room for 50000 bytes of metadata, given 60012"):
        files.write(tmp_path / "a.opus", tone(16000), 16000, {"text": "말" * 10_000})


def test_comments_of_other_programs_are_not_provenance(tmp_path):
    for comment in ("a fine recording", "[1, 2]"):
        with soundfile.SoundFile(tmp_path / "a.ogg", "w", 16000, 1) as file:
            file.comment = comment
            file.write(tone(16000)[0])
        assert files.read_metadata(tmp_path / "a.ogg") == {}
    files.write(tmp_path / "b.wav", tone(16000), 16000)
    assert files.read_metadata(tmp_path / "b.wav") == {}


def test_other_programs_read_our_comment(tmp_path):
    files.write(tmp_path / "a.wav", tone(16000), 16000, {"seed": 7})
    with soundfile.SoundFile(tmp_path / "a.wav") as file:
        assert json.loads(file.comment) == {"seed": 7}


def test_wav_from_a_pipe_has_no_size_and_is_read(tmp_path):
    data = bytearray(files.encode(tone(16000), 16000))
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "a.wav").write_bytes(data)
    assert files.read(tmp_path / "a.wav")[0].shape == (1, 8000)
    assert files.read_metadata(tmp_path / "a.wav") == {}


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_part_is_what_the_whole_has_there(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    rng = np.random.default_rng(0)
    files.write(path, 0.1 * rng.standard_normal((2, 16_000)), 8000)
    whole, _ = files.read(path)
    part, rate_hz = files.read(path, start_seconds=0.5, seconds=0.25)
    assert rate_hz == 8000
    np.testing.assert_allclose(part, whole[:, 4000:6000], atol=1e-6)
    end, _ = files.read(path, start_seconds=1.75, seconds=9)
    np.testing.assert_allclose(end, whole[:, 14_000:], atol=1e-6)
    with pytest.raises(InvalidInput, match="ends before 2 seconds"):
        files.read(path, start_seconds=2)


@pytest.mark.parametrize(("container", "subtype"), [("AIFF", "PCM_16"), ("AU", "PCM_16"), ("WAV", "ULAW")])
def test_further_formats_are_read(tmp_path, container, subtype):
    soundfile.write(tmp_path / "a", tone(16000)[0], 16000, format=container, subtype=subtype)
    samples, rate = files.read(tmp_path / "a")
    assert rate == 16000
    assert signal_to_noise_db(tone(16000), samples) > 30


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.995, 0.9, 0.5, 0.1, 0.001])
def test_cut_off_files_are_refused(tmp_path, suffix, kept, capfd):
    data = files.encode(tone(16000, seconds=3.0), 16000, suffix)
    (tmp_path / f"a{suffix}").write_bytes(data[: max(1, int(len(data) * kept))])
    with pytest.raises(InvalidInput, match=r"cut off|cannot read"):
        files.read(tmp_path / f"a{suffix}")
    capfd.readouterr()  # the MP3 decoder speaks to stderr


@given(
    suffix=st.sampled_from(SUFFIXES),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=5),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_headers_are_read_or_refused(tmp_path, suffix, changes, capfd):
    data = bytearray(files.encode(tone(16000, seconds=0.1), 16000, suffix, PROVENANCE))
    for place, value in changes:
        data[place] = value
    (tmp_path / "a").write_bytes(data)
    for reader in (files.read, files.read_metadata):
        with contextlib.suppress(InvalidInput):  # nothing else may come out
            reader(tmp_path / "a")
    capfd.readouterr()


def test_unusable_paths(tmp_path):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "song.m4a").write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom" + bytes(2000))
    (tmp_path / "text.wav").write_text("these are not sounds\n" * 40)
    (tmp_path / "kept.wav").mkdir()
    expected = {
        "missing.wav": "cannot read .*missing.wav: No such file",
        "empty.wav": "empty.wav is empty",
        "song.m4a": "cannot read .*song.m4a: .*expected WAV, FLAC.*convert",
        "text.wav": "cannot read .*text.wav",
        "kept.wav": "kept.wav is a folder",
    }
    for name, message in expected.items():
        for reader in (files.read, files.read_metadata):
            with pytest.raises(InvalidInput, match=message) as caught:
                reader(tmp_path / name)
            assert "\n" not in str(caught.value)


def test_float_files_with_nan_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([0.0, np.nan]), 16000, subtype="FLOAT")
    with pytest.raises(InvalidInput, match="not numbers"):
        files.read(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "shape", "rate", "bits", "message"),
    [
        ("a.m4a", (1, 10), 16000, 16, r"cannot write \.m4a: choose one of \.wav, \.flac"),
        ("a", (1, 10), 16000, 16, "cannot write a file without suffix"),
        ("a.mp3", (3, 10), 16000, 16, "cannot hold 3 channels, at most 2"),
        ("a.mp3", (1, 10), 96000, 16, "cannot hold 96000 Hz, only 8000"),
        ("a.opus", (1, 10), 22050, 16, "cannot hold 22050 Hz, only 8000, 12000"),
        ("a.wav", (1, 10), 0, 16, "cannot hold 0 Hz"),
        ("a.wav", (0, 10), 16000, 16, "cannot hold 0 channels"),
        ("a.flac", (1, 10), 16000, 32, r"\.flac has no 32-bit form"),
        ("a.mp3", (1, 10), 16000, 24, r"\.mp3 has no 24-bit form"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path, name, shape, rate, bits, message):
    with pytest.raises(InvalidInput, match=message):
        files.write(tmp_path / name, np.zeros(shape, np.float32), rate, bits=bits)
    assert list(tmp_path.iterdir()) == []


def test_nan_is_not_written(tmp_path):
    with pytest.raises(InvalidInput, match="not numbers"):
        files.write(tmp_path / "a.wav", np.array([[np.inf]], np.float32), 16000)


def test_a_full_disk_keeps_the_old_file(tmp_path):
    files.write(tmp_path / "a.wav", tone(16000), 16000)
    before = (tmp_path / "a.wav").read_bytes()
    program = (
        "import sys, resource, numpy as np\n"
        "from pathlib import Path\n"
        "from octet.audio import files\n"
        "from octet.core.errors import InvalidInput\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"  # the write fails where a full disk would fail it
        "try:\n    files.write(Path(sys.argv[1]), np.zeros((1, 100000), np.float32), 16000)\n"
        "except InvalidInput as error:\n    print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.wav")], capture_output=True, text=True, check=True
    )
    assert "cannot write" in ran.stdout
    assert "choose another place with room" in ran.stdout
    assert (tmp_path / "a.wav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_minutes_of_mp3_do_not_overflow_the_encoder(tmp_path):
    samples = np.tile(tone(16000, seconds=1.0), (1, 120))
    files.write(tmp_path / "a.mp3", samples, 16000)
    assert files.read(tmp_path / "a.mp3")[0].shape == samples.shape


def test_the_suffix_decides_whatever_its_case(tmp_path):
    files.write(tmp_path / "a.FLAC", tone(16000), 16000)
    assert soundfile.info(tmp_path / "a.FLAC").format == "FLAC"
    shutil.move(tmp_path / "a.FLAC", tmp_path / "a.wav")  # and reading looks at the content
    assert files.read(tmp_path / "a.wav")[1] == 16000
