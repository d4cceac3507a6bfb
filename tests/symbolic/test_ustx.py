from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.symbolic import ustx, ustx_write
from octet.symbolic.score import Metre, Score, Tempo
from octet.symbolic.song import F0, Curve, Song
from octet.symbolic.song_line import LineNote, line_of, song_of

NOTE = """  - position: {}
    duration: 480
    tone: {}
    lyric: {}
    pitch:
      data:
      - {{x: -40, y: 0, shape: io}}
      - {{x: 40, y: 0, shape: io}}
      snap_first: true
    vibrato: {{length: {}, period: 200, depth: 50, in: 10, out: 10, shift: 0, drift: 0}}
"""


def project(*notes, curves="  curves: []\n", parts=""):
    return (
        "name: Song\nustx_version: 0.6\nresolution: 480\n"
        "time_signatures:\n- {bar_position: 0, beat_per_bar: 3, beat_unit: 4}\n"
        "- {bar_position: 2, beat_per_bar: 4, beat_unit: 4}\n"
        "tempos:\n- {position: 0, bpm: 120}\n- {position: 960, bpm: 60}\n"
        "tracks:\n- {singer: a}\nvoice_parts:\n- name: Lead\n  track_no: 0\n  position: 480\n  notes:\n"
        + "".join(NOTE.format(*note) for note in notes)
        + curves
        + parts
    )


PLAIN = project((0, 60, "no", 0), (480, 62, "+", 0), (960, 64, "+~", 0), (2400, 65, "true [t r u]", 0))


def test_notes_lyrics_tempos_and_metres_are_read(tmp_path):
    (tmp_path / "song.ustx").write_text(PLAIN, encoding="utf-8-sig")
    song = ustx.read(tmp_path / "song.ustx", language="en")
    assert [(n.start_ticks, n.end_ticks, n.pitch, n.lyric, n.syllabic, n.slur) for n in line_of(song)] == [
        (480, 960, 60, "no", "begin", False),
        (960, 1440, 62, "+", "end", False),
        (1440, 1920, 64, "", "single", True),
        (2880, 3360, 65, "true", "single", False),
    ]
    assert song.timeline.tempos == (Tempo.of(120), Tempo.of(60, 960))
    assert song.timeline.metres == (Metre(0, 3, 4), Metre(2880, 4, 4))
    assert (song.title, song.language) == ("Lead", "en")
    assert not any(phrase.curves for phrase in song.phrases)


def pitches(song, *times):
    (phrase,) = song.phrases
    curve = phrase.curves[F0]
    places = phrase.start_seconds + np.arange(len(curve.values)) * curve.step_seconds
    return np.interp(times, places, 69 + 12 * np.log2(np.array(curve.values) / 440))


def test_vibrato_and_deviation_bend_f0():
    swung = ustx.parse(project((0, 60, "la", 0), (480, 62, "la", 50)))
    assert pitches(swung, 0.7, 1.75, 1.65) == pytest.approx([60, 62.5, 61.5], abs=0.02)
    bent = "  curves:\n  - {abbr: pitd, xs: [0, 480], ys: [100, 100]}\n"
    assert pitches(ustx.parse(project((0, 60, "la", 0), curves=bent)), 0.7) == pytest.approx([61], abs=0.02)


def test_gender_and_velocity_become_curves():
    drawn = "  curves:\n  - {abbr: genc, xs: [0, 480], ys: [50, 50]}\n  - {abbr: velc, xs: [0, 480], ys: [200, 200]}\n"
    (phrase,) = ustx.parse(project((0, 60, "la", 0), curves=drawn)).phrases
    middle = len(phrase.curves["gender"].values) // 2
    assert phrase.curves["gender"].values[middle] == pytest.approx(0.5)
    assert phrase.curves["velocity"].values[middle] == pytest.approx(2.0)
    assert phrase.curves["velocity"].values[0] == pytest.approx(1.0)


def test_f0_is_written_as_a_deviation_and_read_again():
    song = song_of([LineNote(480, 960, 60, "la"), LineNote(960, 1920, 64, "la")], Score((), (Tempo.of(120),)))
    (phrase,) = song.phrases
    count = round(phrase.duration_seconds / 0.005)
    times = phrase.start_seconds + np.arange(count) * 0.005
    wave = 62 + 0.5 * np.sin(2 * np.pi * 5 * times)
    curve = Curve(0.005, tuple((440 * 2 ** ((wave - 69) / 12)).tolist()))
    drawn = replace(song, phrases=(replace(phrase, curves={F0: curve}),))
    again = ustx.parse(ustx_write.render(drawn))
    inside = times[(times > 0.55) & (times < 1.95) & (abs(times - 1.0) > 0.02)]
    assert pitches(again, *inside) == pytest.approx(62 + 0.5 * np.sin(2 * np.pi * 5 * inside), abs=0.05)


def test_cents_are_kept():
    song = song_of([LineNote(0, 480, 60.25, "la")], Score(()))
    assert line_of(ustx.parse(ustx_write.render(song)))[0].pitch == 60.25


def test_parts_are_chosen_by_name_or_number():
    other = "- name: Alto\n  track_no: 1\n  position: 0\n  notes:\n" + NOTE.format(0, 50, "lo", 0)
    both = project((0, 60, "la", 0), parts=other)
    assert line_of(ustx.parse(both, part="alto"))[0].pitch == 50
    assert line_of(ustx.parse(both, part=1))[0].pitch == 60
    with pytest.raises(InvalidInput, match="which part is sung\\? Name one of 1 'Lead', 2 'Alto'"):
        ustx.parse(both)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no voice_parts"),
        ("{", "no readable YAML"),
        ("[" * 500, "no readable YAML|nested too deeply"),
        ("a: &x [1]\nvoice_parts: *x", "aliases"),
        (
            "voice_parts: !!python/object/apply:os.system [ls]",
            "voice_parts is no list of entries|which part|no voice part",
        ),
        ("voice_parts: []", "no voice part has a note"),
        (PLAIN.replace("tone: 62", "tone: high"), "note 2 of part 'Lead': tone holds 'high'"),
        (PLAIN.replace("duration: 480", "duration: 0", 1), "note 1 of part 'Lead': it lasts from tick 480 to 480"),
        (PLAIN.replace("bpm: 60", "bpm: 0"), "make no tempo"),
        (PLAIN.replace("position: 480\n  notes", "position: 99999999999\n  notes"), "ticks; at most"),
        (PLAIN.replace("beat_unit: 4", "beat_unit: 3", 1), "power of two"),
        (project((0, 60, "la", 0), (0, 64, "la", 0)), "two notes at one time"),
        (project((0, 60, "la", 50)).replace("period: 200", "period: 0"), "a vibrato's period is 0 ms"),
    ],
)
def test_what_is_no_song_is_refused(text, message):
    with pytest.raises(InvalidInput, match=message):
        ustx.parse(text)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_are_refused_or_read_but_nothing_else(data):
    drawn = "  curves:\n  - {abbr: pitd, xs: [0, 480], ys: [100, 100]}\n"
    letters = list(project((0, 60, "la", 50), curves=drawn))
    for place in data.draw(st.lists(st.integers(0, len(letters) - 1), max_size=6)):
        letters[place] = data.draw(st.sampled_from([*"0-:,.[]{}&*!\n9e", ""]))
    with suppress(InvalidInput):
        assert isinstance(ustx.parse("".join(letters)), Song)
