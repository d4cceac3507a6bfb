from pathlib import Path

import numpy as np
import pytest

from octet.audio import files
from octet.audio.spectrogram import tiny
from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.labelled import EXCERPT_SECONDS, LabelledDataset, sounding
from octet.data.manifest import MusicRow
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes
from octet.symbolic.score import Note, Score, Tempo, Track

RATE = 16_000
QUARTER = 480
# Two quarters a second: the flute plays from 0 to 1 s, the piano from 12 to 13 s, drums throughout.
SCORE = Score(
    (
        Track(73, (Note(0, 72, 2 * QUARTER, 80),)),
        Track(0, (Note(24 * QUARTER, 60, 2 * QUARTER, 80),)),
        Track(0, tuple(Note(beat * QUARTER, 36, QUARTER // 2, 80) for beat in range(32)), is_drum=True),
    ),
    (Tempo.of(120.0),),
)
KNOWN = Attributes(instruments=("piano", "flute", "drum"), bpm=120.0, tonic=7, mode="minor")


def _corpus(folder: Path, **changes: object) -> Path:
    files.write(folder / "a.wav", np.full((1, 16 * RATE), 0.1, np.float32), RATE)
    midi.write(folder / "a.mid", SCORE)
    row = {"id": "a", "audio": "a.wav", "sample_rate_hz": RATE, "duration_seconds": 16.0, "attributes": KNOWN}
    manifest.write(folder, [MusicRow(**row | {"midi": "a.mid"} | changes)])
    return folder


def test_instruments_are_those_that_sound_between_two_times() -> None:
    assert sounding(SCORE, 0.0, 8.0) == ("flute", "drum")
    assert sounding(SCORE, 8.0, 16.0) == ("piano", "drum")
    assert sounding(SCORE, 0.0, 16.0) == ("piano", "flute", "drum")
    assert sounding(SCORE, 20.0, 30.0) == ()


def test_excerpts_say_what_plays_in_them_and_the_tempo_and_key_of_the_piece(tmp_path: Path) -> None:
    dataset = LabelledDataset(_corpus(tmp_path), tiny())
    assert len(dataset) == 2
    first, second = dataset[0], dataset[1]
    assert (first.instruments, second.instruments) == (("flute", "drum"), ("piano", "drum"))
    assert (first.bpm, first.tonic, first.mode) == (120.0, 7, "minor")
    assert len(first.audio) == dataset.lengths[0] * tiny().hop_samples <= EXCERPT_SECONDS * RATE


def test_without_a_score_the_whole_piece_answers_for_its_excerpts(tmp_path: Path) -> None:
    dataset = LabelledDataset(_corpus(tmp_path, midi=None), tiny())
    assert dataset[0].instruments == KNOWN.instruments


def test_a_corpus_that_tells_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no pieces of split 'train' of which instruments"):
        LabelledDataset(_corpus(tmp_path, attributes=None), tiny())
    with pytest.raises(InvalidInput, match="split 'test'"):
        LabelledDataset(_corpus(tmp_path), tiny(), "test")
