"""The corpus `singing`: melodies and lyrics that Octet makes itself and sings with the teachers' voices.

Seven singers in four languages and as many registers sing generated tunes to generated sentences. Known exactly are the
notes, the phones with their times and notes, the words, F0, voicing, and curves of loudness, breath and tension. A row
is a piece of a song: a line, or two short ones with a breath between them. How it is done is in `.singer`.

The corpus is an endless list of songs in a fixed order of which `hours` takes a beginning. It is made in shards of six
songs, each in a process of its own, because espeak's pitch flutters on from one call to the next. The same settings
give the same bytes on the same machine. Every twelfth song is for testing; no line is sung twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import numpy as np
import soundfile
from safetensors.numpy import save

from octet.core.errors import InvalidInput, require
from octet.core.progress import Progress, silent
from octet.data import manifest
from octet.data.corpora import shards
from octet.data.corpora.sentences import sentences
from octet.data.corpora.singer import expression, intonation, lyrics, tune
from octet.data.corpora.singer.performance import Manner, Performance, frame_times, perform
from octet.data.corpora.singer.singers import LANGUAGES, SINGERS, Singer
from octet.data.corpora.singer.timing import Note, Placed, place, with_rests
from octet.data.corpora.teachers import SAMPLE_RATE_HZ, require_flite
from octet.symbolic import midi, score

SETTINGS = "singing.json"
RECIPE = 1  # raise it whenever the same settings would give another corpus
_SHARD = 6
_TEST_EVERY, _TEST_AT = 12, 5
_LINES = 8
_LONGEST_PIECE_SECONDS = 14.0  # of two lines; a single one may be longer
_LEAD_SLOTS = 2  # of silence before a piece
_LONGEST_LINE = {"en": 42, "ko": 20, "zh": 12, "ja": 13}  # characters
_SLOTS_A_CHARACTER = {"en": 0.45, "ko": 1.15, "zh": 1.6, "ja": 2.0}  # for planning only: hours are met to a few percent
_SLOTS_A_LINE = 9
_MIDI_PROGRAM = 52  # choir
_LICENCES = {"flite": "flite voices, BSD-like (Carnegie Mellon University)", "espeak": "made with espeak-ng"}


@dataclass(frozen=True)
class _Song:
    index: int
    seed: int
    singer: str
    language: str
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.index:05d}-{self.singer}"


@dataclass
class _Lane:
    """A singer in a language, with its share of the corpus and the seconds that it has so far."""

    singer: str
    language: str
    share: float
    seconds: float


def make(folder: Path, *, hours: float, seed: int = 0, workers: int = 1, on_progress: Progress = silent) -> None:
    """Make the corpus, or what is missing of it, and write its manifest.

    Raises:
        InvalidInput: the folder holds a corpus with other settings, or nothing is asked for.
        MissingExtra: flite, espeak-ng, pyworld or symusic is not installed.
    """
    if hours <= 0 or workers < 1:
        raise InvalidInput(f"hours must be above 0, workers from 1; given {hours}, {workers}")
    require_flite()
    require("pyworld", extra="corpus")
    shards.check_settings(folder / SETTINGS, {"corpus": "singing", "recipe": RECIPE, "seed": seed})
    lines = shards.make(
        folder / "audio",
        list(_for_hours(_plan(seed), hours)),
        _SHARD,
        _fill,
        workers=workers,
        phase="making singing",
        on_progress=on_progress,
        fresh=True,
    )
    manifest.write(folder, (manifest.Row.model_validate_json(line) for line in lines))


def _plan(seed: int) -> Iterator[_Song]:
    """Always the next song for the lane that is furthest behind its share."""
    rng = random.Random(f"singing {seed}")
    lanes = [
        _Lane(name, language, singer.share * share, rng.uniform(0, 60) * singer.share * share)
        for name, singer in SINGERS.items()
        for language, share in singer.languages.items()
    ]
    texts = {language: _endless(language, seed) for language in LANGUAGES}
    for index in count():
        lane = min(lanes, key=lambda lane: lane.seconds / lane.share)
        song = _Song(
            index,
            rng.getrandbits(48),
            lane.singer,
            lane.language,
            tuple(next(texts[lane.language]) for _ in range(_LINES)),
        )
        lane.seconds += _expected_seconds(song)
        yield song


def _endless(language: str, seed: int) -> Iterator[str]:
    """Sentences that can be sung as a line."""
    for text in chain.from_iterable(sentences(language, seed + 1000 * round) for round in count(500)):
        if len(text) <= _LONGEST_LINE[language] and not any(character.isdigit() for character in text):
            yield text


def _outline(song: _Song) -> tuple[tune.Plan, random.Random]:
    rng = random.Random(f"song {song.seed}")
    return tune.plan(SINGERS[song.singer], rng), rng


def _expected_seconds(song: _Song) -> float:
    slots = sum(_SLOTS_A_LINE + _SLOTS_A_CHARACTER[song.language] * len(line) for line in song.lines)
    return slots * 30 / _outline(song)[0].bpm


def _for_hours(plan: Iterator[_Song], hours: float) -> Iterator[_Song]:
    seconds = 0.0
    for song in plan:
        yield song
        seconds += _expected_seconds(song)
        if seconds >= hours * 3600:
            return


def _fill(staging: Path, name: str, shard: Sequence[_Song]) -> str:
    rows = chain.from_iterable(_rows(staging, f"audio/{name}", song) for song in shard)
    return "".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows)


@dataclass(frozen=True)
class _Piece:
    """A line or two of a song, composed: notes on the grid, and the same with rests in seconds."""

    text: str
    line: lyrics.Line
    grid: tuple[tune.Note, ...]
    notes: tuple[Note, ...]


def _rows(staging: Path, place_name: str, song: _Song) -> Iterator[manifest.Row]:
    singer = SINGERS[song.singer]
    outline, rng = _outline(song)
    for number, piece in enumerate(_pieces(song, singer, outline, rng)):
        placed, performance = _performed(piece, singer, rng)
        identifier = f"{song.name}-{number}"
        soundfile.write(staging / f"{identifier}.flac", performance.samples, SAMPLE_RATE_HZ, subtype="PCM_16")
        midi.write(staging / f"{identifier}.mid", _score(piece, outline))
        (staging / f"{identifier}.safetensors").write_bytes(save(_curves(performance)))
        yield _row(song, piece, placed, f"{place_name}/{identifier}", outline.bpm)


def _pieces(song: _Song, singer: Singer, outline: tune.Plan, rng: random.Random) -> Iterator[_Piece]:
    """All lines composed, short neighbours together."""
    waiting: list[tuple[str, lyrics.Line, tune.Tune]] = []
    for number, text in enumerate(song.lines):
        line = lyrics.spoken(text, song.language, singer.voice)
        found = tune.tune(outline, number, [syllable.ends_clause for syllable in line.syllables], rng)
        slots = _LEAD_SLOTS + found.slots + sum(other.slots for _, _, other in waiting)
        if waiting and (len(waiting) == 2 or slots * 30 / outline.bpm > _LONGEST_PIECE_SECONDS):
            yield _piece(waiting, outline.bpm)
            waiting = []
        waiting.append((text, line, found))
    yield _piece(waiting, outline.bpm)


def _piece(lines: Sequence[tuple[str, lyrics.Line, tune.Tune]], bpm: int) -> _Piece:
    grid: list[tune.Note] = []
    slots, syllables = _LEAD_SLOTS, 0
    for _, line, found in lines:
        grid += [note._replace(start=slots + note.start, syllable=syllables + note.syllable) for note in found.notes]
        slots, syllables = slots + found.slots, syllables + len(line.syllables)
    notes = [
        Note(_seconds(note.start, bpm), _seconds(note.start + note.length, bpm), note.pitch, note.syllable)
        for note in grid
    ]
    return _Piece(
        " ".join(text for text, _, _ in lines),
        lyrics.joined([line for _, line, _ in lines]),
        tuple(grid),
        tuple(with_rests(notes, _seconds(slots, bpm))),
    )


def _seconds(slots: int, bpm: int) -> float:
    return round(slots * 30 / bpm, 4)


def _score(piece: _Piece, outline: tune.Plan) -> score.Score:
    ticks, grid = tune.SLOT_TICKS, piece.grid
    notes = tuple(score.Note(note.start * ticks, note.pitch, note.length * ticks) for note in grid)
    words = zip(grid, _lyrics_of([note.syllable for note in grid], piece.line), strict=True)
    return score.Score(
        (score.Track(_MIDI_PROGRAM, notes, name="voice"),),
        (score.Tempo.of(outline.bpm),),
        (score.Metre(0, outline.bar_slots // 2, 4),),
        (score.Key(0, outline.tonic, "major" if outline.mode == "major" else "minor"),),
        tuple(score.Lyric(note.start * ticks, text) for note, text in words),
    )


def _lyrics_of(syllables: Sequence[int], line: lyrics.Line) -> list[str]:
    """A word on the note where it begins, "+" for its next syllable, "-" for a note more on the same syllable."""
    texts = []
    for index, number in enumerate(syllables):
        syllable = line.syllables[number]
        held = index > 0 and syllables[index - 1] == number
        texts.append("-" if held else line.words[syllable.nucleus.word] if syllable.starts_word else "+")
    return texts


def _performed(piece: _Piece, singer: Singer, rng: random.Random) -> tuple[list[Placed], Performance]:
    placed = place(piece.notes, piece.line.syllables, rng)
    times = frame_times(placed[-1].end)
    manner = Manner(
        intonation.f0_hz(piece.notes, times, singer, rng),
        expression.loudness_db(piece.notes, times, singer, rng),
        expression.breath(piece.notes, times, singer, rng),
    )
    return placed, perform(piece.line, placed, manner, singer)


def _curves(performance: Performance) -> dict[str, np.ndarray]:
    """At frames of 5 ms, from 0 on."""
    known = performance.curves._asdict() | {"f0_hz": performance.f0_hz}
    return {
        **{name: values.astype(np.float32) for name, values in known.items()},
        "voiced": performance.voiced.astype(np.uint8),
    }


def _row(song: _Song, piece: _Piece, placed: Sequence[Placed], stem: str, bpm: int) -> manifest.Row:
    voice = SINGERS[song.singer].voice
    return manifest.Row(
        id=Path(stem).name,
        audio=f"{stem}.flac",
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_seconds=piece.notes[-1].end,
        text=piece.text,
        language=song.language,
        speaker=song.singer,
        split="test" if song.index % _TEST_EVERY == _TEST_AT else "train",
        licence=_LICENCES[voice.teacher],
        source=f"{voice.teacher} {voice.name}, sung by Octet",
        phones=tuple(
            manifest.PhoneTime(
                symbol=phone.symbol,
                accent=phone.accent,
                start_seconds=round(phone.start, 4),
                end_seconds=round(phone.end, 4),
            )
            for phone in placed
        ),
        sung=_sung(song, piece, placed, stem, bpm),
    )


def _sung(song: _Song, piece: _Piece, placed: Sequence[Placed], stem: str, bpm: int) -> manifest.Sung:
    syllables = [note.syllable for note in piece.notes if note.syllable is not None]
    texts = iter(_lyrics_of(syllables, piece.line))
    notes = (
        manifest.SungNote(start_seconds=note.start, end_seconds=note.end)
        if note.pitch is None
        else manifest.SungNote(start_seconds=note.start, end_seconds=note.end, pitch=note.pitch, lyric=next(texts))
        for note in piece.notes
    )
    return manifest.Sung(
        song=song.name,
        notes=tuple(notes),
        phone_notes=tuple(phone.note for phone in placed),
        words=_words(piece.line, placed),
        bpm=bpm,
        midi=f"{stem}.mid",
        curves=f"{stem}.safetensors",
    )


def _words(line: lyrics.Line, placed: Sequence[Placed]) -> tuple[manifest.WordTime, ...]:
    of: dict[int, list[Placed]] = {}
    for phone in placed:
        if phone.sound is not None:
            of.setdefault(phone.sound.word, []).append(phone)
    return tuple(
        manifest.WordTime(
            text=line.words[number], start_seconds=round(phones[0].start, 4), end_seconds=round(phones[-1].end, 4)
        )
        for number, phones in of.items()
    )
