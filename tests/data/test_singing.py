from __future__ import annotations

import numpy as np
import pytest
import soundfile
import torch
from safetensors.numpy import save_file

from octet.audio.spectrogram import tiny
from octet.core.errors import InvalidInput
from octet.data import manifest, singing
from octet.data.manifest import PhoneTime, Row, Sung, SungNote
from octet.data.singing import SUNG_IDS, SingingDataset
from octet.data.sung_phones import given_to_notes, notes_of_vowels
from octet.text.phonemes import SYMBOLS

pytest.importorskip("pyworld", reason="curves are measured with WORLD")

RATE_HZ = 16_000
PHONES = (
    ("sil", 0.0, 0.3),
    ("AP", 0.3, 0.45),
    ("m", 0.45, 0.5),
    ("a", 0.5, 1.2),
    ("s", 1.2, 1.3),
    ("a", 1.3, 2.2),
    ("sil", 2.2, 2.5),
)
NOTES = (
    (0.0, 0.5, None, ""),
    (0.5, 1.3, 57.0, "ma"),
    (1.3, 1.8, 59.0, "sa"),
    (1.8, 2.2, 60.0, "-"),
    (2.2, 2.5, None, ""),
)


def phones():
    return tuple(PhoneTime(symbol=symbol, start_seconds=start, end_seconds=end) for symbol, start, end in PHONES)


def notes():
    return tuple(
        SungNote(start_seconds=start, end_seconds=end, pitch=pitch, lyric=lyric) for start, end, pitch, lyric in NOTES
    )


def tone(seconds=2.5):
    """A pulse-like voice on the notes, silent in rests."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    f0_hz = np.zeros_like(times)
    for start, end, pitch, _ in NOTES:
        if pitch is not None:
            f0_hz[(times >= start) & (times < end)] = 440 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    voice = sum(np.sin(k * phase) / k for k in range(1, 8)) * (f0_hz > 0)
    return (0.1 * voice + 1e-4 * np.random.default_rng(0).normal(size=len(times))).astype(np.float32)


def row(number=0, **changes):
    sung = {"song": "one", "notes": notes(), "phone_notes": (0, 0, 1, 1, 2, 2, 4)} | changes.pop("sung", {})
    values = {
        "id": f"piece-{number}",
        "audio": f"{number}.wav",
        "sample_rate_hz": RATE_HZ,
        "duration_seconds": 2.5,
        "text": "ma sa",
        "language": "ja",
        "speaker": "me",
        "phones": phones(),
    } | changes
    return Row(**values, sung=Sung(**sung))


def corpus(folder, *rows):
    for each in rows:
        soundfile.write(folder / each.audio, tone(), RATE_HZ, subtype="PCM_16")
    manifest.write(folder, rows)
    return folder


def test_breath_is_one_phone_more_than_speech_has():
    assert SUNG_IDS["AP"] == len(SYMBOLS) == len(SUNG_IDS) - 1


def test_features_have_the_shapes_that_are_promised(tmp_path):
    singing.prepare(corpus(tmp_path, row(0), row(1, split="test", speaker="you")), tiny())
    dataset = SingingDataset(tmp_path, tiny())
    example = dataset[0]
    frames = 200
    assert (len(dataset), dataset.lengths, dataset.speakers) == (1, [frames], ["me"])
    assert example.audio.shape == (frames * 200,)
    assert example.mel.shape == (80, frames)
    assert example.f0_hz.shape == (frames,)
    assert example.curves.shape == (4, frames)
    assert example.durations.sum() == example.note_durations.sum() == frames
    assert [SYMBOLS[k] if k < len(SYMBOLS) else "AP" for k in example.symbols] == [symbol for symbol, _, _ in PHONES]
    assert example.phone_notes.tolist() == [0, 0, 1, 1, 2, 2, 4]
    assert example.note_pitches.tolist() == [0, 57, 59, 60, 0]
    assert SingingDataset(tmp_path, tiny(), split="test")[0].speaker == "you"


def test_vowels_begin_in_the_frame_in_which_their_notes_do(tmp_path):
    singing.prepare(corpus(tmp_path, row()), tiny())
    example = SingingDataset(tmp_path, tiny())[0]
    starts = torch.cumsum(example.durations, 0) - example.durations
    note_starts = torch.cumsum(example.note_durations, 0) - example.note_durations
    vowels = example.symbols == SUNG_IDS["a"]
    assert torch.equal(starts[vowels], note_starts[example.phone_notes[vowels]])


def test_f0_and_curves_are_measured_where_the_corpus_has_none(tmp_path):
    singing.prepare(corpus(tmp_path, row()), tiny())
    example = SingingDataset(tmp_path, tiny())[0]
    assert example.f0_hz[60:80].median() == pytest.approx(220, rel=0.01)
    energy = example.curves[0]
    assert energy[60:80].mean() > energy[:15].mean() + 30
    assert (example.curves[2, 60:80] > example.curves[1, 60:80]).all()


def test_the_corpus_s_own_curves_are_taken_at_the_centres_of_frames(tmp_path):
    steps = 501
    known = {
        name: np.linspace(-40, -20, steps, dtype=np.float32) for name in ("energy_db", "breathiness_db", "voicing_db")
    }
    known |= {"tension": np.zeros(steps, np.float32), "f0_hz": np.full(steps, 300.0, np.float32)}
    known["voiced"] = (np.arange(steps) < 250).astype(np.uint8)
    save_file(known, tmp_path / "curves.safetensors")
    singing.prepare(corpus(tmp_path, row(sung={"curves": "curves.safetensors"})), tiny())
    example = SingingDataset(tmp_path, tiny())[0]
    assert example.f0_hz[:99].eq(300).all()
    assert example.f0_hz[101:].eq(0).all()
    assert example.curves[0, 0] == pytest.approx(-40 + 20 * 0.00625 / 2.5, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"phones": (*phones()[:3], phones()[3].model_copy(update={"symbol": "xyz"}), *phones()[4:])},
            "'xyz' is not one",
        ),
        ({"sung": {"phone_notes": (0, 1)}}, "7 phones, 2 numbers"),
        ({"sung": {"curves": "nowhere.safetensors"}}, "cannot be read"),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path, changes, message):
    with pytest.raises(InvalidInput, match=f"piece-0: .*{message}"):
        singing.prepare(corpus(tmp_path, row(**changes)), tiny())


def test_speech_is_no_singing(tmp_path):
    speech = row().model_copy(update={"sung": None})
    assert not singing.is_sung(corpus(tmp_path, speech))
    with pytest.raises(InvalidInput, match="has no score"):
        singing.prepare(tmp_path, tiny())


def test_missing_features_are_said_with_their_remedy(tmp_path):
    with pytest.raises(InvalidInput, match="octet prepare features"):
        SingingDataset(corpus(tmp_path, row()), tiny())


def test_phones_are_given_to_the_notes_that_they_sound_in():
    assert given_to_notes(phones(), notes()) == (0, 0, 1, 1, 2, 2, 4)


def test_closing_consonants_stay_with_their_vowel():
    closed = [*phones()[:6], PhoneTime(symbol="n", start_seconds=2.0, end_seconds=2.2), phones()[6]]
    assert given_to_notes(closed, notes()) == (0, 0, 1, 1, 2, 2, 2, 4)


def test_notes_are_made_of_pitch_where_there_is_no_score():
    made = list(notes_of_vowels(phones(), tone(), RATE_HZ))
    assert [note.pitch for note in made] == [None, None, 57, 59, None]
    assert [note.start_seconds for note in made] == [0, 0.3, 0.5, 1.3, 2.2]
    assert made[-1].end_seconds == 2.5
