from __future__ import annotations

import io
import warnings
import zipfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.symbolic.music import SUNG

from octet.core.errors import InvalidInput
from octet.symbolic import musicxml
from octet.symbolic.score import Key, Lyric, Metre, Note, Score, Slur, Tempo, Track

HYMN = Score(
    (
        Track(
            52, (Note(0, 67, 480, 90), Note(480, 72, 960), Note(1440, 71, 240), Note(1680, 69, 2000)), name="Soprano"
        ),
        Track(0, (Note(0, 36, 480), Note(480, 42, 240)), is_drum=True, name="Drums"),
        Track(19, (Note(480, 48, 1440), Note(480, 52, 1440), Note(960, 55, 480)), name="Organ"),
    ),
    (Tempo.of(96), Tempo.of(77.3, 700)),
    (Metre(0, 3, 4), Metre(480, 3, 4)),
    (Key(0, 0, "major"),),
    (
        Lyric(0, "A", track=0),
        Lyric(0, "참", verse=2, track=0),
        Lyric(480, "maz", "begin", track=0),
        Lyric(1440, "ing", "end", extends=True, track=0),
    ),
    (Slur(1440, 1680, 0),),
)


def measure(*content, **attributes):
    said = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<measure {said}>{''.join(content)}</measure>"


def note(step="C", duration=4, octave=4, inside="", before="", words=()):
    lines = "".join(
        f'<lyric number="{number}"><syllabic>single</syllabic><text>{text}</text></lyric>' for number, text in words
    )
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{before}{pitch}<duration>{duration}</duration>{inside}{lines}</note>"


def repeat(direction, **attributes):
    said = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<barline><repeat direction="{direction}" {said}/></barline>'


def ending(numbers, kind):
    return f'<barline><ending number="{numbers}" type="{kind}"/></barline>'


START = "<attributes><divisions>4</divisions><time><beats>1</beats><beat-type>4</beat-type></time></attributes>"


def document(*measures, parts=""):
    head = f'<part-list><score-part id="P1"><part-name>Voice</part-name>{parts}</score-part></part-list>'
    return f'<score-partwise version="4.0">{head}<part id="P1">{"".join(measures)}</part></score-partwise>'.encode()


def read(*measures, parts=""):
    first = measures[0].replace(">", ">" + START, 1)
    return musicxml.decode(document(first, *measures[1:], parts=parts))


def pitches(score):
    return [note.pitch for track in score.tracks for note in track.notes]


def sung(score, verse=1):
    return " ".join(lyric.text for lyric in score.lyrics if lyric.verse == verse)


@given(SUNG)
def test_what_is_written_is_read_again(score):
    assert musicxml.decode(musicxml.encode(score)) == score


@pytest.mark.parametrize("name", ["hymn.musicxml", "hymn.xml", "hymn.mxl"])
def test_files_are_told_apart_by_content(tmp_path, name):
    musicxml.write_musicxml(HYMN, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(b"PK") == name.endswith(".mxl")
    (tmp_path / name).rename(tmp_path / "other.xml")
    assert musicxml.read_musicxml(tmp_path / "other.xml") == HYMN


def test_music21_reads_the_same(tmp_path):
    music21 = pytest.importorskip("music21")
    musicxml.write_musicxml(HYMN, tmp_path / "hymn.musicxml")
    found = music21.converter.parse(tmp_path / "hymn.musicxml", forceSource=True)
    soprano, _, organ = found.parts
    joined = soprano.stripTies().flatten().notes
    assert [(float(n.offset) * 480, n.pitch.midi, round(float(n.quarterLength) * 480)) for n in joined] == [
        (n.start_ticks, n.pitch, n.duration_ticks) for n in HYMN.tracks[0].notes
    ]
    assert [[lyric.text for lyric in n.lyrics] for n in joined] == [["A", "참"], ["maz"], ["ing"], []]
    assert {n.midi for chord in organ.flatten().notes for n in chord.pitches} == {48, 52, 55}
    marks = soprano.flatten().getElementsByClass(music21.tempo.MetronomeMark)
    assert [round(mark.getQuarterBPM(), 1) for mark in marks] == [96.0, 77.3]


def test_partitura_reads_the_same(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its parser imports a module that Python has renamed
        partitura = pytest.importorskip("partitura")
        musicxml.write_musicxml(HYMN, tmp_path / "hymn.musicxml")
        parts = partitura.load_musicxml(tmp_path / "hymn.musicxml").parts
        found = [
            sorted((int(n["onset_div"]), int(n["pitch"]), int(n["duration_div"])) for n in part.note_array())
            for part in (parts[0], parts[2])
        ]
    expected = [[(n.start_ticks, n.pitch, n.duration_ticks) for n in HYMN.tracks[index].notes] for index in (0, 2)]
    assert found == expected


def test_what_music21_writes_is_read(tmp_path):
    music21 = pytest.importorskip("music21")
    line = music21.converter.parse("tinyNotation: 3/4 c4 d8~ d8 e4 f2.", format="tinyNotation")
    line.recurse().notes[0].lyric = "la"
    line.write("musicxml", fp=tmp_path / "line.musicxml")
    score = musicxml.read_musicxml(tmp_path / "line.musicxml")
    assert [(n.start_ticks, n.pitch, n.duration_ticks) for n in score.tracks[0].notes] == [
        (0, 60, 480),
        (480, 62, 480),
        (960, 64, 480),
        (1440, 65, 1440),
    ]
    assert sung(score) == "la"


def test_ties_join_notes_and_words_stay_with_the_first():
    tied = [note(duration=4, inside='<tie type="start"/>', words=[(1, "la")]), note(inside='<tie type="stop"/>')]
    score = read(*(measure(part) for part in tied))
    assert score.tracks[0].notes == (Note(0, 60, 960),)
    assert score.lyrics == (Lyric(0, "la", track=0),)


def test_slurs_and_extensions_mark_a_melisma():
    slur = "<notations><slur type='{}'/></notations>"
    held = "<lyric><syllabic>end</syllabic><text>ah</text><extend/></lyric>"
    score = read(measure(note(inside=slur.format("start") + held)), measure(note("D", inside=slur.format("stop"))))
    assert score.slurs == (Slur(0, 480, 0),)
    assert score.lyrics == (Lyric(0, "ah", "end", extends=True, track=0),)


def test_two_syllables_on_a_note_are_one():
    lyric = (
        "<lyric><syllabic>end</syllabic><text>che</text><elision>‿</elision>"
        "<syllabic>single</syllabic><text>al</text></lyric>"
    )
    assert read(measure(note(inside=lyric))).lyrics == (Lyric(0, "che‿al", "end", track=0),)


def test_repeats_and_endings_are_played_out():
    score = read(
        measure(note("C")),
        measure(repeat("forward"), note("D")),
        measure(ending("1, 2", "start"), note("E"), ending("1, 2", "stop"), repeat("backward")),
        measure(ending("3", "start"), note("F"), ending("3", "stop")),
        measure(note("G")),
        measure(note("A"), repeat("backward", times=3)),
    )
    assert pitches(score) == [60, *[62, 64] * 2, 62, 65, *[67, 69] * 3]
    assert [metre.start_ticks for metre in score.metres] == [0]


@pytest.mark.parametrize(
    ("sounds", "order"),
    [
        ({2: 'dacapo="yes"', 0: 'fine="yes"'}, "CDEC"),
        ({2: 'dacapo="yes"'}, "CDECDEFG"),
        ({1: 'segno="s"', 3: 'dalsegno="s"', 2: 'fine="yes"'}, "CDEFDE"),
        ({3: 'dacapo="yes"', 1: 'tocoda="c"', 4: 'coda="c"'}, "CDEFCDG"),
        ({3: 'dalsegno="nowhere"', 1: 'tocoda="lost"', 4: 'coda="c"'}, "CDEFCDG"),
        ({1: 'tocoda="c"', 3: 'dacapo="yes"'}, "CDEFCDEFG"),
    ],
)
def test_one_jump_back_is_played(sounds, order):
    marks = [f"<direction><sound {sounds[place]}/></direction>" if place in sounds else "" for place in range(5)]
    score = read(*(measure(note(step), mark) for step, mark in zip("CDEFG", marks, strict=True)))
    assert pitches(score) == ["C D EF G A".index(step) + 60 for step in order]


def test_after_a_jump_repeats_are_not_taken():
    jump = '<sound dacapo="yes"/>'
    score = read(measure(note("C"), repeat("backward")), measure(note("D"), jump), measure(note("E")))
    assert pitches(score) == [60, 60, 62, 60, 62, 64]


def test_lines_of_text_follow_the_repeats():
    score = read(
        measure(note(words=[(1, "one"), (2, "two"), (3, "three"), (4, "four")]), repeat("backward")),
        measure(repeat("forward"), note(words=[(1, "chorus")]), repeat("backward")),
        measure(note(words=[(1, "first"), (2, "second")])),
    )
    assert sung(score) == "one two chorus chorus first"
    assert sung(score, 2) == "three four second"


def test_a_pickup_is_a_bar_cut_short():
    time = "<attributes><divisions>4</divisions><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
    bars = [measure(time, note(), number=0, implicit="yes"), measure(note(duration=12)), measure(note(duration=12))]
    score = musicxml.decode(document(*bars))
    assert score.metres == (Metre(0, 3, 4), Metre(480, 3, 4))
    assert [bar.start_ticks for bar in score.bars()] == [0, 480, 1920]


def test_transposing_instruments_are_brought_to_concert_pitch():
    clarinet = (
        "<attributes><key><fifths>2</fifths></key><transpose><chromatic>-2</chromatic>"
        "<octave-change>-1</octave-change></transpose></attributes>"
    )
    score = read(measure(clarinet, note("D")))
    assert pitches(score) == [62 - 14]
    assert score.keys == (Key(0, 0, "major"),)


def test_voices_that_sing_become_tracks():
    lower = f"<backup><duration>4</duration></backup>{note('A', octave=3, inside='<voice>2</voice>')}"
    both = read(measure(note(inside="<voice>1</voice>", words=[(1, "la")]), lower))
    assert [track.notes[0].pitch for track in both.tracks] == [60, 57]
    assert both.lyrics[0].track == 0
    played = read(measure(note(inside="<voice>1</voice>"), lower))
    assert len(played.tracks) == 1


def test_chords_rests_and_gaps_keep_their_places():
    rest = "<note><rest/><duration>2</duration></note>"
    score = read(
        measure(rest, note("E", 2), note("G", 2, before="<chord/>")),
        measure("<forward><duration>1</duration></forward>", note("C", 3)),
    )
    assert score.tracks[0].notes == (Note(240, 64, 240), Note(240, 67, 240), Note(600, 60, 360))


def test_grace_notes_are_left_out():
    grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
    assert pitches(read(measure(grace, note()))) == [60]


def test_drums_have_the_keys_of_their_instruments():
    parts = (
        '<midi-instrument id="kick"><midi-channel>10</midi-channel><midi-unpitched>37</midi-unpitched>'
        "</midi-instrument>"
    )
    drum = "<note><unpitched/><duration>4</duration>{}</note>"
    score = read(measure(drum.format('<instrument id="kick"/>')), measure(drum.format("")), parts=parts)
    assert score.tracks[0].is_drum
    assert pitches(score) == [36, 38]


def test_tempos_are_read_as_they_sound_or_else_as_printed():
    printed = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>c. 60</per-minute></metronome></direction-type>{}</direction>"
    )
    later = '<direction><offset>2</offset><sound tempo="100"/></direction>'
    score = read(measure(printed.format(""), note()), measure(printed.format('<sound tempo="72"/>'), later, note()))
    assert [(tempo.start_ticks, tempo.bpm) for tempo in score.tempos] == [
        (0, pytest.approx(90)),
        (480, pytest.approx(72, rel=1e-5)),
        (720, 100),
    ]


def test_a_repeat_goes_back_to_the_tempo_of_its_start():
    fast = '<sound tempo="200"/>'
    score = read(measure('<sound tempo="100"/>', note()), measure(fast, note(), repeat("backward")))
    assert [(tempo.start_ticks, tempo.bpm) for tempo in score.tempos] == [(0, 100), (480, 200), (960, 100), (1440, 200)]


def test_scores_arranged_by_time_are_read():
    timed = (
        f'<score-timewise><measure number="1"><part id="P1">{START}{note()}</part><part id="P2">{note("E")}</part>'
        f'</measure><measure number="2"><part id="P1">{note("D")}</part></measure></score-timewise>'
    )
    score = musicxml.decode(timed.encode())
    assert [[n.pitch for n in track.notes] for track in score.tracks] == [[60, 62], [64]]


def test_odd_metres_are_added_up():
    beats = "<beats>3+2</beats><beat-type>8</beat-type><beats>1</beats><beat-type>4</beat-type>"
    time = f"<attributes><time>{beats}</time></attributes>"
    assert read(measure(time, note(duration=14))).metres == (Metre(0, 7, 8),)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<score-partwise>&b;</score-partwise>"""
OUTSIDE = b"""<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><score-partwise>&a;</score-partwise>"""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (BOMB, "declares an entity"),
        (OUTSIDE, "declares an entity"),
        (b"<a>" * 100 + b"</a>" * 100, "64 levels"),
        (b"hello", "no well-formed XML"),
        (b"", "no well-formed XML"),
        (b"<svg/>", "no MusicXML score: its root is <svg>"),
        (b"<score-partwise/>", "has no part"),
        (b"PK\x03\x04nothing", "damaged zip file"),
        (document(measure(note(duration="many"))), "part P1, measure 1: a duration is 'many'"),
        (document(measure(note(duration="-4"))), "a duration is -4 quarter notes"),
        (document(measure(note("H"))), "a letter from A to G; given 'H'"),
        (document(measure(note(octave=12))), "measure 1: a note's pitch is from 0 to 127"),
        (document(measure('<sound tempo="0"/>', note())), "a tempo is 0 quarter notes"),
        (document(measure("<attributes><divisions>0</divisions></attributes>")), "divisions are positive"),
        (document(measure(START.replace(">4</beat-type", ">3</beat-type"))), "a power of two from 1 to 64; given 3"),
    ],
)
def test_what_is_no_score_is_refused_in_a_line(data, message):
    with pytest.raises(InvalidInput, match=message) as refused:
        musicxml.decode(data)
    assert "\n" not in str(refused.value)


def test_external_document_types_are_neither_fetched_nor_missed():
    data = document(measure(START, note()))
    assert pitches(musicxml.decode(b'<!DOCTYPE score-partwise SYSTEM "file:///nowhere.dtd">' + data)) == [60]


def packed(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr("META-INF/container.xml" if name == "container" else name, content)
    return buffer.getvalue()


def test_packed_bombs_and_gaps_are_refused():
    root = '<container><rootfiles><rootfile full-path="score"/></rootfiles></container>'
    with pytest.raises(InvalidInput, match="'score' unpacks to more than 32 MiB"):
        musicxml.decode(packed(container=root, score=b" " * (33 << 20)))
    with pytest.raises(InvalidInput, match="no member 'score'"):
        musicxml.decode(packed(container=root))
    with pytest.raises(InvalidInput, match="names no score"):
        musicxml.decode(packed(container="<container/>"))
    with pytest.raises(InvalidInput, match="no member 'META-INF"):
        musicxml.decode(packed(score="<score-partwise/>"))


def test_large_files_are_refused_by_name(tmp_path):
    with (tmp_path / "large.musicxml").open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(InvalidInput, match=r"large\.musicxml is larger than 32 MiB"):
        musicxml.read_musicxml(tmp_path / "large.musicxml")
    with pytest.raises(InvalidInput, match="cannot read"):
        musicxml.read_musicxml(tmp_path / "nowhere.musicxml")


def test_endless_repeats_end():
    many = [measure(note(), repeat("backward", times=10**6)) for _ in range(20)]
    assert len(pitches(read(*many))) == 20 * 32


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from([musicxml.encode(HYMN), musicxml._packed(musicxml.encode(HYMN))]))
def test_damaged_files_are_refused_or_read_but_nothing_else(data, good):
    whole = bytearray(good)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    with suppress(InvalidInput):
        assert isinstance(musicxml.decode(bytes(whole[:cut])), Score)


_TAGS = ["note", "duration", "divisions", "beats", "beat-type", "fifths", "octave", "alter", "offset", "chromatic"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_TAGS), st.text(max_size=8) | st.floats().map(str) | st.integers().map(str))
def test_strange_values_are_refused_or_read_but_nothing_else(tag, value):
    text = "".join(letter for letter in value if letter.isprintable() and letter not in "<&")
    strange = (
        f"<attributes><{tag}>{text}</{tag}><key><{tag}>{text}</{tag}></key></attributes><note><{tag}>{text}</{tag}>"
    )
    inside = f"{strange}<pitch><step>C</step><{tag}>{text}</{tag}></pitch></note>{note()}"
    with suppress(InvalidInput):
        assert isinstance(read(measure(inside)), Score)


def test_words_without_a_track_go_under_a_note_that_starts_with_them():
    score = replace(HYMN, lyrics=(Lyric(480, "la"), Lyric(481, "lost")))
    assert musicxml.decode(musicxml.encode(score)).lyrics == (Lyric(480, "la", track=0),)
