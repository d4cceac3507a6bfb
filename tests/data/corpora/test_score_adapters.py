"""Adapters of public corpora of scores, each on a miniature of the real layout."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from tests.data.corpora import layouts
from tests.systems.musecoco.examples import song

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import emopia, lakh, maestro, midicaps, pop909
from octet.data.manifest import ScoreRow
from octet.jobs.prepare import Making, prepare
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes

ONE, TWO = "0a" * 16, "ff" * 16


def piece(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    midi.write(path, song(60, 64, 67, 72))
    return path


def _lakh(root: Path) -> Path:
    track = "TRAAAGR128F425B14B"
    piece(root / "lmd_matched" / "A" / "A" / "A" / track / f"{ONE}.mid")
    piece(root / "lmd_matched" / "B" / "A" / "A" / "TRBAAGR128F425B14B" / f"{ONE}.mid")  # a copy
    piece(root / "lmd_full" / "f" / f"{TWO}.mid")
    layouts.text(root / "lmd_full" / "a" / f"{'ab' * 16}.mid", "no MIDI at all")
    layouts.text(root / "msd-MAGD-genreAssignment.cls", f"# track\tgenre\n{track}\tEasy_Listening\n")
    return root


def _pop909(root: Path) -> Path:
    piece(root / "POP909" / "001" / "001.mid")
    piece(root / "POP909" / "001" / "versions" / "001-v1.mid")
    piece(root / "POP909" / "002" / "002.mid")
    layouts.text(root / "POP909" / "001" / "key_audio.txt", "0.0\t10.0\tGb:maj\n")
    return root


def _maestro(root: Path) -> Path:
    rows = (
        "canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration",
        "Frédéric Chopin,Ballade,train,2018,2018/one.midi,2018/one.wav,2.0",
        'Franz Schubert / Franz Liszt,"Erlkönig, D. 328",validation,2018,2018/two.midi,2018/two.wav,2.0',
        "Alban Berg,Sonata,test,2018,2018/missing.midi,2018/missing.wav,2.0",
    )
    layouts.text(root / "maestro-v3.0.0" / "maestro-v3.0.0.csv", "\n".join(rows) + "\n")
    for name in ("one", "two"):
        piece(root / "maestro-v3.0.0" / "2018" / f"{name}.midi")
    return root


def _emopia(root: Path) -> Path:
    for name in ("Q1_0vLPYiPN7qY_0", "Q3_0vLPYiPN7qY_1", "Q4_other song_0"):
        piece(root / "EMOPIA_1.0" / "midis" / f"{name}.mid")
    layouts.text(root / "EMOPIA_1.0" / "label.csv", "ID,4Q\nQ1_0vLPYiPN7qY_0,1\n")
    return root


def _midicaps(root: Path) -> Path:
    piece(root / "lmd_full" / "0" / f"{ONE}.mid")
    row = {
        "location": f"lmd_full/0/{ONE}.mid",
        "caption": "A melodic pop song with a piano and drums, in the key of F# minor, in 4/4, at a Moderate tempo.",
        "genre": ["electronic", "pop"],
        "genre_prob": [0.6, 0.3],
        "key": "F# minor",
        "time_signature": "4/4",
        "tempo": 110,
        "tempo_word": "Moderate tempo",
        "duration": 245,
        "duration_word": "Song",
        "instrument_summary": ["Piano", "Drums", "Trumpet"],
        "test_set": True,
    }
    missing = row | {"location": f"lmd_full/f/{TWO}.mid", "test_set": False}
    layouts.text(root / "train.json", json.dumps(row) + "\n" + json.dumps(missing) + "\n")
    return root


LAYOUTS = {lakh: _lakh, pop909: _pop909, maestro: _maestro, emopia: _emopia, midicaps: _midicaps}
ADAPTERS = pytest.mark.parametrize("adapter", LAYOUTS, ids=lambda adapter: adapter.__name__.rpartition(".")[2])


def adapted(adapter: ModuleType, tmp_path: Path) -> dict[str, ScoreRow]:
    count = adapter.adapt(LAYOUTS[adapter](tmp_path / "in"), tmp_path / "out")
    rows = list(manifest.read(tmp_path / "out", ScoreRow))
    assert len(rows) == count
    return {row.id: row for row in rows}


@ADAPTERS
def test_rows_name_files_where_they_are(adapter: ModuleType, tmp_path: Path) -> None:
    for row in adapted(adapter, tmp_path).values():
        assert Path(row.midi).is_relative_to((tmp_path / "in").resolve())
        assert row.duration_seconds == pytest.approx(2.0)
        assert row.source == adapter.CORPUS.name
        assert row.licence


@ADAPTERS
def test_another_layout_is_refused_in_one_line(adapter: ModuleType, tmp_path: Path) -> None:
    piece(tmp_path / "in" / "hello.mid")
    with pytest.raises(InvalidInput) as error:
        adapter.adapt(tmp_path / "in", tmp_path / "out")
    assert adapter.CORPUS.expected in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_lakh_takes_each_file_once_with_the_genre_of_its_track(tmp_path: Path) -> None:
    rows = adapted(lakh, tmp_path)
    assert set(rows) == {ONE, TWO}
    assert rows[ONE].attributes == Attributes(genres=("Easy Listening",))
    assert rows[TWO].attributes is None


def test_pop909_leaves_versions_out(tmp_path: Path) -> None:
    assert set(adapted(pop909, tmp_path)) == {"001", "002"}


def test_maestro_knows_composers_and_splits(tmp_path: Path) -> None:
    rows = adapted(maestro, tmp_path)
    assert {name: (row.attributes and row.attributes.artist, row.split) for name, row in rows.items()} == {
        "one": ("Chopin", "train"),
        "two": (None, "test"),
    }
    assert all(row.performed for row in rows.values())


def test_emopia_reads_the_emotion_and_keeps_songs_together(tmp_path: Path) -> None:
    rows = adapted(emopia, tmp_path)
    assert [row.attributes and row.attributes.emotion for row in rows.values()] == ["happy", "sad", "calm"]
    assert len({row.split for name, row in rows.items() if "0vLPYiPN7qY" in name}) == 1


def test_midicaps_says_what_its_caption_names(tmp_path: Path) -> None:
    (row,) = adapted(midicaps, tmp_path).values()
    assert row.split == "test"
    assert row.captions[0].says == Attributes(
        tonic=6, mode="minor", metre="4/4", bpm=110, genres=("Pop Rock",), instruments=("piano", "drum")
    )


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"location": 3, "caption": "x"}', '{"location": "a"}', "[" * 9999])
def test_midicaps_refuses_other_lines(line: str, tmp_path: Path) -> None:
    layouts.text(tmp_path / "in" / "train.json", line + "\n")
    with pytest.raises(InvalidInput, match=r"is no line of MidiCaps"):
        midicaps.adapt(tmp_path / "in", tmp_path / "out")


def test_midicaps_reads_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    layouts.text(tmp_path / "in" / "train.json", json.dumps({"location": "../../x.mid", "caption": "x"}) + "\n")
    with pytest.raises(InvalidInput, match="outside of its folder"):
        midicaps.adapt(tmp_path / "in", tmp_path / "out")


def test_prepare_computes_the_notes(tmp_path: Path) -> None:
    made = prepare("pop909", tmp_path / "out", Making(source=_pop909(tmp_path / "in")), workers=1)
    assert made == {"pieces": 2, "hours": pytest.approx(4 / 3600)}
    assert list((tmp_path / "out" / "notes" / "remigen2").glob("*.safetensors"))
