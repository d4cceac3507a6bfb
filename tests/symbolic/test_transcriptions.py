from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.symbolic import transcriptions

OPENCPOP = (
    "2001000001|感受SP停|g an sh ou ou SP t ing|C4 C4 D#4/Eb4 D#4/Eb4 E4 rest F4 F4|"
    "0.4 0.4 0.3 0.3 0.2 0.5 0.6 0.6|0.1 0.3 0.1 0.2 0.2 0.5 0.1 0.5|0 0 0 0 1 0 0 0\n"
)
HEAD = "name,ph_seq,ph_dur,ph_num,note_seq,note_dur"
OPENVPI = f"{HEAD}\none,SP l a l a,0.4 0.1 0.7 0.1 0.5,2 2 1,rest C4 D4 E4,0.5 0.4 0.4 0.5\n"


def test_opencpop_notes_begin_with_their_vowels():
    (phrase,) = transcriptions.parse(OPENCPOP).values()
    assert [(note.pitch, note.lyric, note.slur, round(note.duration_seconds, 6)) for note in phrase.notes] == [
        (None, "SP", False, 0.1),
        (60, "感", False, 0.4),
        (63, "受", False, 0.2),
        (64, "", True, 0.2),
        (None, "SP", False, 0.6),
        (65, "停", False, 0.5),
    ]
    assert [(phone.symbol, phone.note) for phone in phrase.phones] == [
        ("SP", 0),
        ("g", 0),
        ("an", 1),
        ("sh", 1),
        ("ou", 2),
        ("SP", 4),
        ("t", 4),
        ("ing", 5),
    ]
    assert phrase.language == "zh"


def test_openvpi_notes_that_begin_no_word_are_slurs(tmp_path):
    (tmp_path / "transcriptions.csv").write_text(OPENVPI, encoding="utf-8-sig")
    phrase = transcriptions.read(tmp_path / "transcriptions.csv")["one"]
    assert [note.slur for note in phrase.notes] == [False, False, True, False]
    assert [phone.note for phone in phrase.phones] == [0, 0, 1, 1, 3]


def test_openvpi_slurs_and_glides_are_read_where_given():
    head, row = OPENVPI.strip().split("\n")
    (phrase,) = transcriptions.parse(
        f"{head},note_slur,note_glide\n{row},0 0 0 1,none up none none\n".replace("2 2 1", "2 2 1")
    ).values()
    assert [note.slur for note in phrase.notes] == [False, False, False, True]
    assert phrase.notes[1].glide == "up"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing\n", "'nothing' heads no list of labels"),
        ("", "heads no list"),
        ("a|b|c\n", "line 1: it has 3 fields"),
        (OPENCPOP.replace("0 0 0 0 1 0 0 0", "0"), "line 1: .*slurs has 1"),
        (f"{HEAD}\none,a,0.1\n", "line 2: the column ph_num is missing"),
        (OPENVPI.replace("2 2 1", "2 2"), "the_sum_of_ph_num has 4"),
        (OPENVPI.replace("2 2 1", "1 1 1 1 1"), "it has 5 words and 4 notes"),
        (OPENVPI.replace("0.7", "-0.7"), "the phone a lasts -0.7 s"),
    ],
)
def test_lines_that_are_none_are_named(text, message):
    with pytest.raises(InvalidInput, match=message):
        transcriptions.parse(text)


@given(st.sampled_from([OPENCPOP, OPENVPI]), st.data())
def test_damaged_lists_are_refused_or_read_but_nothing_else(good, data):
    letters = list(good)
    for place in data.draw(st.lists(st.integers(0, len(letters) - 1), max_size=5)):
        letters[place] = data.draw(st.sampled_from([*" |,.-0a\n\0", "ㅏ"]))
    with suppress(InvalidInput):
        assert isinstance(transcriptions.parse("".join(letters)), dict)
