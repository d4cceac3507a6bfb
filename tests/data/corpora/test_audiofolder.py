from __future__ import annotations

import csv
import io
import json

import pytest
from tests.data.corpora import layouts

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import audiofolder

RECORDS = (
    {"file_name": "one.wav", "transcription": 'He said, "Good day".', "speaker_id": "a", "language": "en-US"},
    {"file_name": "more/two.wav", "transcription": "안녕하세요.", "speaker_id": "", "language": ""},
)


def put(folder, records, form="jsonl"):
    for record in records:
        layouts.tone(folder / record["file_name"])
    if form == "jsonl":
        return layouts.text(folder / "metadata.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in records))
    table = io.StringIO()
    writer = csv.DictWriter(table, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return layouts.text(folder / "metadata.csv", table.getvalue())


def adapted(tmp_path):
    count = audiofolder.adapt(tmp_path / "in", tmp_path / "out")
    rows = list(manifest.read(tmp_path / "out"))
    assert len(rows) == count
    return {row.id: row for row in rows}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_texts_speakers_and_languages(form, tmp_path):
    put(tmp_path / "in", RECORDS, form)
    rows = adapted(tmp_path)
    assert {name: (row.text, row.speaker, row.language) for name, row in rows.items()} == {
        "one.wav": ('He said, "Good day".', "a", "en"),
        "more/two.wav": ("안녕하세요.", "speaker", "ko"),
    }


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("character", ["\n", "\u2028"])
def test_a_text_of_several_lines_stays_one_text(form, character, tmp_path):
    put(tmp_path / "in", [{"file_name": "one.wav", "text": f"Good{character}day."}], form)
    assert adapted(tmp_path)["one.wav"].text == "Good day."


def test_a_csv_with_a_byte_order_mark_short_rows_and_long_rows(tmp_path):
    layouts.tone(tmp_path / "in" / "one.wav")
    layouts.text(tmp_path / "in" / "metadata.csv", "\ufefffile_name,text,speaker\none.wav,Hello.,a,b,c\none.wav\n\n")
    assert [(row.text, row.speaker) for row in adapted(tmp_path).values()] == [("Hello.", "a")]


def test_json_nulls_and_numbers(tmp_path):
    null = {"file_name": "none.wav", "text": None}
    put(
        tmp_path / "in",
        [{"file_name": "one.wav", "text": "Hello.", "speaker": 3, "language": None, "split": None}, null],
    )
    assert [(row.text, row.speaker, row.language) for row in adapted(tmp_path).values()] == [("Hello.", "3", "en")]


@pytest.mark.parametrize("column", ["text", "transcription", "sentence"])
def test_the_text_has_one_of_three_names(column, tmp_path):
    put(tmp_path / "in", [{"file_name": "one.wav", column: "Hello."}])
    assert adapted(tmp_path)["one.wav"].text == "Hello."


@pytest.mark.parametrize("place", ["test", "dev", "validation"])
def test_splits_by_folder_whether_metadata_lies_in_it_or_above(place, tmp_path):
    put(
        tmp_path / "in",
        [{"file_name": f"{place}/0.wav", "text": "Above."}, {"file_name": "train/0.wav", "text": "Above."}],
    )
    put(tmp_path / "in" / place, [{"file_name": "1.wav", "text": "Inside."}])
    rows = adapted(tmp_path)
    assert {name: row.split for name, row in rows.items()} == {
        f"{place}/0.wav": "test",
        "train/0.wav": "train",
        f"{place}/1.wav": "test",
    }


def test_a_named_split_goes_before_the_folder(tmp_path):
    put(tmp_path / "in", [{"file_name": "test/0.wav", "text": "Hello.", "split": "train"}])
    assert adapted(tmp_path)["test/0.wav"].split == "train"


def test_the_name_of_the_corpus_itself_says_nothing_of_splits(tmp_path):
    records = [{"file_name": f"{number}.wav", "text": f"Number {number}."} for number in range(4)]
    put(tmp_path / "test", records)
    put(tmp_path / "in", records)
    audiofolder.adapt(tmp_path / "test", tmp_path / "out")
    assert [row.split for row in manifest.read(tmp_path / "out")] == [row.split for row in adapted(tmp_path).values()]


def test_every_text_has_one_split_and_a_fiftieth_are_for_testing(tmp_path):
    folder = tmp_path / "in"
    layouts.tone(folder / "0.wav", seconds=0.01)
    lines = [json.dumps({"file_name": "0.wav", "text": f"Number {number % 500}."}) for number in range(1000)]
    layouts.text(folder / "metadata.jsonl", "\n".join(lines))
    audiofolder.adapt(folder, tmp_path / "out")
    splits = {(row.text, row.split) for row in manifest.read(tmp_path / "out")}
    assert len(splits) == 500
    assert 3 <= sum(split == "test" for _, split in splits) <= 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"file_name": "one.wav", "words": "Hello."}',
            "has the columns file_name, words; needed are file_name and a text",
        ),
        ('{"text": "Hello."}', "has the columns text; needed are file_name"),
        ("{", "line 1 is not a JSON object"),
        ("[1]", "line 1 is not a JSON object"),
        ('{"file_name": "one.wav", "text": "Hello.", "language": "tlh"}', "language 'tlh'; Octet speaks en, ko, zh"),
        (
            '{"file_name": "none.wav", "text": "Hello."}',
            "holds no audiofolder: expected metadata.csv or metadata.jsonl",
        ),
        ("", "holds no audiofolder"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused_in_one_line(content, message, tmp_path):
    layouts.tone(tmp_path / "in" / "one.wav")
    layouts.text(tmp_path / "in" / "metadata.jsonl", content)
    with pytest.raises(InvalidInput, match=message) as error:
        audiofolder.adapt(tmp_path / "in", tmp_path / "out")
    assert "\n" not in str(error.value)


def test_no_metadata_is_refused(tmp_path):
    layouts.tone(tmp_path / "in" / "one.wav")
    with pytest.raises(InvalidInput, match=r"holds no audiofolder: expected metadata\.csv"):
        audiofolder.adapt(tmp_path / "in", tmp_path / "out")
