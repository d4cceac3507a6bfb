"""The verb `evaluate` for MuseCoco: whether texts are understood, attributes met, and music is like music.

Texts are of templates that training never sees, and of a hundred sentences written by hand. Wishes are drawn as in
training, of pieces that no corpus has. Attributes are read off the music by the extractor, which knows no model.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.data.corpora import scores
from octet.data.corpora.captions import LANGUAGES, by_hand, caption
from octet.data.corpora.composer.compose import Piece, agree
from octet.evaluation import control, musicality
from octet.evaluation.arrays import mean
from octet.evaluation.report import Report, Target, environment, write
from octet.jobs.load import load
from octet.symbolic import midi, remigen
from octet.symbolic.attributes import extract
from octet.symbolic.score import Score
from octet.systems.musecoco import wishes
from octet.systems.musecoco.batch import Composed, compose_each
from octet.systems.musecoco.examples import TextExample, said_by, some
from octet.systems.musecoco.generate import Composer
from octet.systems.musecoco.request import ScoreRequest
from octet.systems.musecoco.text import AttributeReader

CANDIDATES = 4
MOST_COPIED_BARS = 4
MOST_TRAINING_MUSIC = 1000  # pieces, of which figures of musicality are means
_CORPUS_SEED = 1  # of `octet prepare scores`
_LANGUAGE_NAMES = {"en": "English", "ko": "Korean"}
_TEXTS_AT_ONCE = 64


@dataclass(frozen=True)
class Settings:
    """What is measured, and how much: `pieces` are composed in all, four a wish; `training` pieces may be copied."""

    model: str | None = None
    reader: str | None = None
    pieces: int = 1000
    texts: int = 1000
    training: int = 20_000


def evaluate_musecoco(out: Path, settings: Settings, *, on_progress: Progress = silent) -> Report:
    """Measure both stages, and write report.json and report.md to `out`.

    Raises:
        InvalidInput: no such model, or too little to measure.
        MissingExtra: symusic is not installed.
    """
    if min(settings.pieces, settings.texts) < 2 * CANDIDATES or settings.training < 1:
        raise InvalidInput(f"at least {2 * CANDIDATES} pieces and texts are needed, and one of training")
    composer = _composer(settings)
    held_out = [scores.composed(number) for number in range(settings.pieces)]
    results: dict[str, Any] = {"composer_and_extractor": made_pieces(held_out)}
    if composer.reader is not None:
        results |= _texts(composer.reader, settings.texts, on_progress)
    results |= _music(composer, held_out, settings, on_progress)
    report = Report(
        title=f"musecoco: {settings.model or 'bundled'}",
        environment=environment(_command(settings), time.strftime("%Y-%m-%d")),
        results=results,
        targets=targets(results),
        notes=_NOTES,
    )
    write(report, out)
    return report


def made_pieces(pieces: Sequence[Piece]) -> dict[str, float]:
    """How many have the attributes they were planned with, and come back from tokens as they are on the grid."""
    tokens = [remigen.encode(piece.score) for piece in pieces]
    return {
        "pieces": float(len(pieces)),
        "agreement": mean([float(agree(extract(piece.score), piece.attributes)) for piece in pieces]),
        "exact_round_trips": mean([float(_again(one) == one) for one in tokens]),
    }


def held_out_texts(count: int) -> list[TextExample]:
    """Captions by templates for testing, English and Korean by turns, half of them requests."""
    return [_text(number, LANGUAGES[number % 2], request=number % 4 > 1) for number in range(count)]


def wished(pieces: Sequence[Piece]) -> list[dict[str, int]]:
    """Of each piece a few attributes, drawn as training draws them."""
    rng = torch.Generator().manual_seed(0)
    return [some(piece.attributes, rng) for piece in pieces]


def targets(results: Mapping[str, Any]) -> list[Target]:
    """What was promised, and what came of it."""
    found = [
        ("composer and extractor agree", 1.0, results["composer_and_extractor"]["agreement"]),
        ("exact round trips through tokens", 1.0, results["composer_and_extractor"]["exact_round_trips"]),
        ("pieces that can be read", 1.0, results["outputs"]["read_back"]),
        ("attributes met, one sample", 0.80, results["attributes_met"]["one sample"]["asa"]),
        ("attributes met, best of four", 0.90, results["attributes_met"]["best of four"]["asa"]),
    ]
    for language, least in (("English", 0.97), ("Korean", 0.95)):
        if "texts" in results:
            accuracy = results["texts"][f"templates, {language}"]["said_accuracy"]
            found.append((f"attributes understood, {language} templates", least, accuracy))
    copies = Target(f"pieces with more than {MOST_COPIED_BARS} copied bars", 0.0, results["copies"]["model"]["copied"])
    return [*(Target(*one, direction="at least") for one in found), copies]


_NOTES = (
    "`said_accuracy` is of values that a text says, `unsaid_accuracy` of keys that it says nothing of.",
    "`asa` is the average sample-wise accuracy; `as_published` leaves out what the published script leaves out.",
    "`one sample, as wishes` rules nothing out but what no piece may have: the paper's way to sample.",
)


def _composer(settings: Settings) -> Composer:
    loaded = load(settings.model or "musecoco", reader=settings.reader, engine="torch")
    if not isinstance(loaded, Composer):
        raise InvalidInput(f"{settings.model} composes no scores: load a MuseCoco")
    return loaded


def _text(number: int, language: str, *, request: bool) -> TextExample:
    rng = random.Random(f"held-out text {number}")
    piece = scores.composed(rng.getrandbits(40))
    return said_by(str(number), caption(piece.attributes, language, rng, test=True, request=request))


def _texts(reader: AttributeReader, count: int, on_progress: Progress) -> dict[str, Any]:
    of_templates = held_out_texts(count)
    of_hands = [said_by(one.text, one) for one in by_hand()]
    hands = {language: [one.language == language for one in by_hand()] for language in LANGUAGES}
    sets = {}
    for place, language in enumerate(LANGUAGES):
        sets[f"templates, {_LANGUAGE_NAMES[language]}"] = of_templates[place :: len(LANGUAGES)]
    for language, chosen in hands.items():
        name = f"written by hand, {_LANGUAGE_NAMES[language]}"
        sets[name] = [one for one, of_language in zip(of_hands, chosen, strict=True) if of_language]
    keys = list(reader.config.values)
    overall, each = {}, {}
    for done, (name, examples) in enumerate(sets.items(), start=1):
        answers = _read(reader, [one.text for one in examples])
        said = [{key: value for key, value in one.told.items() if key in keys} for one in examples]
        overall[name] = control.understanding(said, answers, keys)
        each[name] = control.by_key(said, answers, {key: _group(key) for key in keys})
        on_progress(Step("reading", done, len(sets)))
    return {"texts": overall, "understood_by_attribute": each}


def _read(reader: AttributeReader, texts: Sequence[str]) -> list[dict[str, int]]:
    batches = [texts[start : start + _TEXTS_AT_ONCE] for start in range(0, len(texts), _TEXTS_AT_ONCE)]
    return [{one.key: one.value for one in heard} for batch in batches for heard in reader.read(batch)]


def _music(composer: Composer, held_out: Sequence[Piece], settings: Settings, on_progress: Progress) -> dict[str, Any]:
    told = wished(held_out[: settings.pieces // CANDIDATES])
    made = _composed(composer, told, CANDIDATES, on_progress, enforce=True)
    free = _composed(composer, told, 1, on_progress, enforce=False)
    training = [scores.composed(seed) for seed in scores.seeds(settings.training, _CORPUS_SEED)]
    known = control.runs([_bars(remigen.encode(remigen.in_c(one.score))) for one in training], MOST_COPIED_BARS + 1)
    others = [_bars(remigen.encode(remigen.in_c(piece.score))) for piece in held_out]
    own = [_bars(remigen.from_ids(one.tokens)) for one in made]
    likes = [piece.score for piece in training[:MOST_TRAINING_MUSIC]]
    length = MOST_COPIED_BARS + 1
    return {
        "attributes_met": {
            "one sample": _accuracies(made),
            "best of four": _accuracies(_best(made)),
            "one sample, as wishes": _accuracies(free),
        },
        "met_by_attribute": {"one sample": _met_by_attribute(made), "one sample, as wishes": _met_by_attribute(free)},
        "outputs": {"pieces": float(len(made)), "read_back": mean([float(_reads_back(one.score)) for one in made])},
        "musicality": {
            "model": musicality.evaluate([one.score for one in made]),
            "training music": musicality.evaluate(likes),
        },
        "copies": {
            "model": control.copied(own, known, length),
            "composer, other pieces": control.copied(others, known, length),
        },
    }


def _composed(
    composer: Composer, told: Sequence[Mapping[str, int]], each: int, on_progress: Progress, *, enforce: bool
) -> list[Composed]:
    """`each` pieces a wish, one after the other."""
    requests = [ScoreRequest(classes=one, enforce=enforce) for one in told for _ in range(each)]
    return compose_each(composer.model, requests, on_progress=on_progress)


def _met(piece: Composed) -> dict[str, bool]:
    asked = wishes.objective(piece.brief.asked)
    return wishes.met(asked, wishes.told_by(extract(piece.score)))


def _best(made: Sequence[Composed]) -> list[Composed]:
    fours = [made[start : start + CANDIDATES] for start in range(0, len(made), CANDIDATES)]
    return [max(four, key=lambda one: sum(_met(one).values())) for four in fours]


def _accuracies(made: Sequence[Composed]) -> dict[str, float]:
    met = [_met(one) for one in made]
    return {
        "asa": control.average_sample_wise_accuracy(met),
        "as_published": control.published_accuracy(met, [_uncounted(one.score) for one in made]),
    }


def _uncounted(score: Score) -> Collection[str]:
    """The number of bars of a piece that has more than any class, which the published script passes over."""
    return () if "B1s1" in wishes.told_by(extract(score)) else ("B1s1",)


def _met_by_attribute(made: Sequence[Composed]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for one in made:
        for key, met in _met(one).items():
            absent = key.startswith("I1s2") and one.brief.asked[key] == wishes.ABSENT
            found.setdefault("absent instruments" if absent else _group(key), []).append(float(met))
    return {name: mean(values) for name, values in sorted(found.items())}


def _group(key: str) -> str:
    """An attribute's name; instruments and genres are one each."""
    kind = key.partition("_")[0]
    return {"I1s2": "instruments", "S4": "genres"}.get(kind) or wishes.named(key, 0)[0]


def _bars(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """What sounds in each bar, and when; how hard and how fast is left out."""
    bars: list[list[str]] = []
    for token in tokens:
        if token.startswith("s-"):
            bars.append([])
        elif token[0] in "oipd":
            bars[-1].append(token)
    return [tuple(bar) for bar in bars]


def _again(tokens: Sequence[str]) -> list[str]:
    """Tokens of the score of tokens, through a MIDI file."""
    return remigen.encode(midi.decode(midi.encode(remigen.decode(tokens))))


def _reads_back(score: Score) -> bool:
    """Whether a MIDI file of it holds the same notes, some at least."""
    found = midi.decode(midi.encode(score))
    return 0 < _sounds(found) == _sounds(score)


def _sounds(score: Score) -> int:
    return sum(len(track.notes) for track in score.tracks)


def _command(settings: Settings) -> str:
    given = {"model": settings.model, "reader": settings.reader}
    options = "".join(f" --{name} {value}" for name, value in given.items() if value)
    return f"octet evaluate musecoco{options} --pieces {settings.pieces}"
