"""From a text and attributes to a score with MuseCoco: understood, composed, moved to its key, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.core.version import VERSION
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes, extract
from octet.symbolic.remigen import decode, from_ids, in_c, to_ids
from octet.symbolic.score import Key, Note, Score, Tempo, Track, uninterrupted
from octet.systems.musecoco import wishes
from octet.systems.musecoco.brief import Brief, brief_of, rules_of
from octet.systems.musecoco.config import TONIC
from octet.systems.musecoco.decoder import Decoder
from octet.systems.musecoco.grammar import metre
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.request import ScoreRequest, beginning_tokens, request_of
from octet.systems.musecoco.sample import sample
from octet.systems.musecoco.text import AttributeReader, Understood

_HIGHEST_PITCH = 127


class Line(NamedTuple):
    """An attribute in words; `confidence` where a text said it, `met` where it can be read off a score."""

    name: str
    value: str
    confidence: float | None
    met: bool | None


@dataclass(frozen=True)
class Report:
    """What was understood, asked and met. Keys and values are those of the prefix (see `wishes.named`)."""

    understood: tuple[Understood, ...]
    asked: Mapping[str, int]
    met: Mapping[str, bool]  # of what is asked and objective
    contradictions: tuple[str, ...] = ()
    accuracies: tuple[float | None, ...] = ()  # of all candidates
    exact: Attributes = Attributes()  # noqa: RUF009 - frozen; what was asked for in numbers and names

    @property
    def accuracy(self) -> float | None:
        """The share of objective attributes that are met, as MuseCoco counts it; None where none were asked for."""
        return accuracy(self.met)

    def lines(self) -> list[Line]:
        """Everything that was asked for, to be shown."""
        sure = {one.key: one.confidence for one in self.understood if self.asked.get(one.key) == one.value}
        return [Line(*wishes.named(key, value), sure.get(key), self.met.get(key)) for key, value in self.asked.items()]


@dataclass(frozen=True)
class Composition:
    """A score with the report on it; `metadata` say how it was made."""

    score: Score
    report: Report
    metadata: Mapping[str, Any]

    def save(self, path: str | Path) -> None:
        """Write a MIDI file atomically.

        Raises:
            InvalidInput: the folder cannot be written.
            MissingExtra: symusic is not installed.
        """
        midi.write(Path(path), self.score)


class Composer:
    """Both stages, loaded: `understand` reads a text, `generate` composes. Without a reader only attributes count.

    `source` says where the weights came from; a composition's metadata repeat it beside the request. `decoder` is what
    runs the model, if not itself.
    """

    def __init__(
        self,
        model: MuseCoco,
        reader: AttributeReader | None = None,
        *,
        decoder: Decoder | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model.eval()
        self.decoder: Decoder = decoder or self.model
        self.reader = None if reader is None else reader.eval()
        self.source = dict(source or {})

    def understand(self, text: str) -> tuple[Understood, ...]:
        """What a text says, with how sure the reader is of it; nothing of an empty one.

        Raises:
            InvalidInput: there is a text and no reader.
        """
        if not text.strip():
            return ()
        if self.reader is None:
            raise InvalidInput(
                "this composer has no reader of text: give one (--reader; octet train musecoco-reader-tiny makes one) "
                "or attributes in the place of a prompt"
            )
        return self.reader.read([text])[0]

    def generate(self, prompt: str = "", *, on_progress: Progress = silent, **options: Any) -> Composition:
        """A piece; options are the fields of `ScoreRequest`.

        Raises:
            InvalidInput: an unknown option or name, a value out of range, attributes that contradict each other, a
                beginning that cannot be read or is too long.
        """
        request = request_of(prompt, **options)
        understood = self.understand(request.prompt)
        beginning = _beginning(request)
        brief = brief_of(request, understood, None if beginning is None else _inherited(beginning))
        scores = self._composed(request, brief, beginning, on_progress)
        verdicts = [wishes.met(wishes.objective(brief.asked), _found(score)) for score in scores]
        accuracies = tuple(accuracy(verdict) for verdict in verdicts)
        best = max(range(len(scores)), key=lambda index: accuracies[index] or 0.0)
        report = Report(understood, brief.asked, verdicts[best], brief.contradictions, accuracies, brief.exact)
        return Composition(scores[best], report, self.provenance(request))

    def provenance(self, request: ScoreRequest) -> dict[str, Any]:
        """What a piece of this model says of itself: version, model, and the request but for defaults."""
        asked = request.model_dump(exclude_defaults=True, exclude_none=True, mode="json")
        return {"octet": VERSION, "verb": "compose", **self.source, "request": asked}

    def _composed(
        self, request: ScoreRequest, brief: Brief, beginning: Score | None, on_progress: Progress
    ) -> list[Score]:
        begun = [] if beginning is None else to_ids(beginning_tokens(in_c(beginning)))
        rules = rules_of(brief, enforce=request.enforce, begun_bars=from_ids(begun).count("b-1"))
        pieces = sample(
            self.decoder,
            wishes.prefix(brief.told),
            begun,
            rules,
            request.candidates,
            request.sampling,
            torch.Generator(self.decoder.device).manual_seed(request.seed),
            lambda bars: on_progress(Step("composing", bars, rules.bars[1])),
        )
        exact_bpm = brief.exact.bpm if request.enforce else None
        return [
            in_key(score_of(piece, exact_bpm), brief.told.get(TONIC), 0 if beginning is None else _down(beginning))
            for piece in pieces
        ]


def accuracy(met: Mapping[str, bool]) -> float | None:
    """The share of what is met; None of nothing."""
    return sum(met.values()) / len(met) if met else None


def score_of(piece: Sequence[int], exact_bpm: float | None = None) -> Score:
    """The score of finished bars; no note sounds beyond the last. `exact_bpm` takes the place of the written tempos."""
    tokens = from_ids(piece)
    end = sum(metre(int(token[2:])).bar_ticks for token in tokens if token.startswith("s-"))
    score = decode(tokens)
    tracks = tuple(replace(track, notes=tuple(_until(end, note) for note in track.notes)) for track in score.tracks)
    tempos = score.tempos if exact_bpm is None else (Tempo.of(exact_bpm),)
    return replace(score, tracks=tracks, tempos=tempos)


def in_key(score: Score, tonic: int | None, semitones: int = 0) -> Score:
    """The score moved to a tonic, up or down, whichever is nearer; without a tonic moved by `semitones`.

    Models compose in C major and A minor, and a key is what is heard (see `attributes.extract`).
    """
    found = extract(score)
    if found.tonic is None or found.mode is None:
        return score
    if tonic is not None:
        semitones = (tonic - found.tonic + 5) % 12 - 5
    tracks = tuple(track if track.is_drum else _moved(track, semitones) for track in score.tracks)
    return replace(score, tracks=tracks, keys=(Key(0, (found.tonic + semitones) % 12, found.mode),))


def _until(end: int, note: Note) -> Note:
    return replace(note, duration_ticks=min(note.duration_ticks, max(1, end - note.start_ticks)))


def _moved(track: Track, semitones: int) -> Track:
    """Higher or lower; what would leave MIDI's range stays in it, an octave off."""
    notes = (replace(note, pitch=_folded(note.pitch + semitones)) for note in track.notes)
    return replace(track, notes=tuple(uninterrupted(notes)))


def _folded(pitch: int) -> int:
    return pitch + 12 if pitch < 0 else pitch - 12 if pitch > _HIGHEST_PITCH else pitch


def _beginning(request: ScoreRequest) -> Score | None:
    """The music that is to be continued.

    Raises:
        InvalidInput: a file that cannot be read, or no notes in it.
    """
    given = request.continue_from
    if given is None:
        return None
    score = given if isinstance(given, Score) else midi.read(given)
    beginning_tokens(score)
    return score


def _inherited(beginning: Score) -> Attributes:
    """What a continuation takes over where nothing else is asked for."""
    found = extract(beginning)
    return Attributes(instruments=found.instruments, metre=found.metre, mode=found.mode, bpm=_writable(found.bpm))


def _writable(bpm: float | None) -> float | None:
    return None if bpm is None else min(max(bpm, 16.0), 256.0)


def _down(beginning: Score) -> int:
    """How far a beginning lies above the key it is continued in."""
    found = extract(beginning)
    return 0 if found.tonic is None else (found.tonic - (0 if found.mode == "major" else 9)) % 12


def _found(score: Score) -> dict[str, int]:
    return wishes.told_by(extract(score))
