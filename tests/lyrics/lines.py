"""Songs of a few notes for tests of lyrics."""

from __future__ import annotations

from octet.symbolic.score import Score, Tempo
from octet.symbolic.song_line import LineNote, marked, song_of, words

TIMELINE = Score((), (Tempo.of(120),))


def song(text, language=""):
    """A quarter note a lyric, "," for a rest of a whole note; trailing hyphens join syllables to words."""
    notes, place, inside = [], 0, False
    for lyric in text.split():
        if lyric == ",":
            place += 1920
            continue
        joins = len(lyric) > 1 and lyric.endswith("-")
        where = ("middle" if inside else "begin") if joins else ("end" if inside else "single")
        note = marked(LineNote(place, place + 480, 60 + len(notes) % 5, lyric[:-1] if joins else lyric, where))
        notes += [note] if note else []
        place, inside = place + 480, joins or (inside and lyric == "-")
    return song_of(words(notes), TIMELINE, language=language)


def melody(notes):
    """Phrases of that many notes without words."""
    line, place = [], 0
    for count in notes:
        line += [LineNote(place + 480 * i, place + 480 * i + 480, 60 + i % 5) for i in range(count)]
        place += 480 * count + 1920
    return song_of(line, TIMELINE)


def phones(song):
    """What sounds in each note: "-" before a note that is held on, "|" between words in openvpi's sense."""
    parts = []
    for phrase in song.phrases:
        groups = [" ".join(phone.symbol for phone in phrase.phones if phone.note == head) for head in phrase.heads]
        parts.append(" | ".join(groups))
    return " || ".join(parts)
