"""Songs at random, as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from octet.symbolic.song import CURVES, F0, Curve, Phrase, Song, SungNote, SungPhone

SECONDS = st.floats(0.01, 4.0)
PITCHES = st.integers(4000, 8400).map(lambda cents: cents / 100)
SYMBOLS = st.sampled_from(["a", "ang", "sh", "ɹ", "tɕ", "zh"])
LANGUAGES = st.sampled_from(["", "zh", "ja"])


@st.composite
def phrases(draw, timed=True):
    """A phrase of notes with phones and curves, of any shape that a `.ds` file holds."""
    notes = [SungNote(draw(SECONDS), None, "SP")]
    for kind in draw(st.lists(st.sampled_from(["note", "note", "slur", "rest"]), min_size=1, max_size=8)):
        if kind == "rest" or (kind == "slur" and notes[-1].pitch is None):
            notes.append(SungNote(draw(SECONDS), None, draw(st.sampled_from(["SP", "AP"]))))
        else:
            notes.append(SungNote(draw(SECONDS), draw(PITCHES), "la" * (kind == "note"), slur=kind == "slur"))
    notes.append(SungNote(draw(SECONDS), draw(PITCHES), "lo", glide=draw(st.sampled_from(["none", "up"]))))
    return Phrase(draw(st.floats(0, 100)), tuple(notes), draw(phones(notes, timed)), **draw(told(notes)))


@st.composite
def phones(draw, notes, timed):
    durations = SECONDS | st.just(0.0) if timed and draw(st.booleans()) else st.none()
    found = []
    for index, note in enumerate(notes):
        if not note.slur:
            symbols = draw(st.lists(SYMBOLS, min_size=1, max_size=3)) if note.pitch else [note.lyric]
            for symbol in symbols:
                language = draw(LANGUAGES) if note.pitch else ""
                found.append(SungPhone(symbol, index, duration_seconds=draw(durations), language=language))
    return tuple(found)


@st.composite
def told(draw, notes):
    seconds = sum(note.duration_seconds for note in notes)
    step = draw(st.sampled_from([0.005, 0.01, 512 / 44100]))
    names = draw(st.lists(st.sampled_from(CURVES), unique=True))

    def curve(values):
        count = max(1, round(seconds / step))
        few = draw(st.lists(values, min_size=1, max_size=5))
        return Curve(step, tuple((few * (count // len(few) + 1))[:count]))

    constants = draw(st.dictionaries(st.sampled_from([name for name in CURVES if name != F0]), st.floats(-1, 1)))
    return {
        "curves": {name: curve(st.floats(-96, 1100)) for name in names},
        "constants": {name: value for name, value in constants.items() if name not in names},
        "singers": draw(st.sampled_from([{}, {"a": 1.0}, {"a": 0.25, "b": 0.75}, {"a": curve(st.floats(0, 1))}])),
        "text": draw(st.sampled_from(["", "SP la"])),
        "language": draw(LANGUAGES),
        "seed": draw(st.none() | st.integers(0, 2**32)),
    }


SONGS = st.builds(Song, st.lists(phrases(), min_size=1, max_size=3).map(tuple))
