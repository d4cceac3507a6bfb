"""The verb `evaluate` for codecs: what is left of held-out speech and music, for each number of codebooks.

Speech is read by the corpus's teachers from sentences that no corpus has, music composed and rendered for this alone.
The judge of instruments, tempo and mode never heard a copy: it is asked about the originals and about the copies.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.data.corpora import bands, sentences
from octet.evaluation import attributes, codec
from octet.evaluation.arrays import mean
from octet.evaluation.report import Report, Target, environment, write
from octet.jobs.load import resolve
from octet.jobs.musician import load_codec

if TYPE_CHECKING:
    from octet.codecs.contract import Codec
    from octet.encoders.attributes.model import AttributeJudge

JUDGE = "attributes-tiny"
LONGEST_SECONDS = 10.0  # of a piece, as the judge hears it
LEAST_STOI, LEAST_CHROMA, LEAST_USED, MOST_LOST = 0.92, 0.95, 0.5, 0.05
READERS = (("slt", "en"), ("rms", "en"), ("awb", "en"), ("ko", "ko"), ("zh", "zh"), ("de", "de"))

Scores = dict[str, dict[str, float]]
Measure = Callable[[Any, Any, int], dict[str, float]]


@dataclass(frozen=True)
class Excerpt:
    """Music that nobody has heard before, and what is true of it."""

    sound: Waveform
    truth: attributes.Asked


@dataclass
class Copies:
    """What became of sounds: codes (K, T) and copies with all codebooks, and metrics by number of codebooks."""

    codes: list[Any] = field(default_factory=list)
    sounds: list[Waveform] = field(default_factory=list)
    scores: defaultdict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def means(self) -> Scores:
        """Of each metric over the sounds, nan left out."""
        return {count: _mean(rows) for count, rows in self.scores.items()}


def evaluate_codec(
    out: Path,
    *,
    model: str | None = None,
    judge: str | None = None,
    sentences: int = 100,
    pieces: int = 100,
    on_progress: Progress = silent,
) -> Report:
    """Measure copies of so many sentences and pieces, and write report.json and report.md to `out`.

    Args:
        model: a codec's name, hub id or path; by default the bundled one.
        judge: likewise, of attributes.

    Raises:
        InvalidInput: no such codec or judge, or fewer than two sentences or pieces.
        MissingExtra: flite, or packages of the extras `evaluate` and `music`, are not installed.
    """
    if sentences < 2 or pieces < 2:
        raise InvalidInput(f"at least 2 sentences and 2 captions are needed, given {sentences} and {pieces}")
    chosen, listener = load_codec(model or "codec-tiny"), load_judge(judge)
    spoken = copied(chosen, readings(sentences), codec.evaluate_speech, "copying speech", sentences, on_progress)
    played = excerpts(pieces)
    music = copied(chosen, (each.sound for each in played), codec.evaluate, "copying music", pieces, on_progress)
    results: dict[str, Any] = {"speech_by_codebooks": spoken.means, "music_by_codebooks": music.means}
    results["attributes"] = _judged(listener, played, music.sounds)
    results["use_of_codebooks"] = usage([*spoken.codes, *music.codes], chosen.codebook_size)
    command = f"octet evaluate codec --sentences {sentences} --captions {pieces}"
    report = Report(
        title=f"codec: {model or 'bundled'}",
        environment=environment(command, time.strftime("%Y-%m-%d")),
        results=results,
        targets=targets(results),
        notes=_notes(chosen),
    )
    write(report, out)
    return report


def load_judge(name: str | None = None) -> AttributeJudge:
    """The bundled judge of attributes, or another artifact of its kind.

    Raises:
        InvalidInput: there is none.
    """
    from octet.encoders.attributes.model import AttributeJudge

    try:
        return AttributeJudge.load(resolve(name or JUDGE))
    except InvalidInput as error:
        hint = "octet train attributes-tiny --data data/bands --out runs/judge, then --judge runs/judge"
        raise InvalidInput(f"{error}; train a judge with  {hint}") from None


def readings(count: int) -> Iterator[Waveform]:
    """Held-out sentences in several voices and languages, by turns."""
    from octet.jobs.evaluate import teacher

    for number in range(count):
        voice, language = READERS[number % len(READERS)]
        texts = sentences.held_out(language)
        yield teacher(voice, language)(texts[number // len(READERS) % len(texts)])


def excerpts(count: int) -> list[Excerpt]:
    """The beginnings of held-out pieces, each with the instruments that sound in it."""
    from octet.data.labelled import sounding

    made = []
    for held in bands.held_out(count):
        samples = held.mix[: round(LONGEST_SECONDS * bands.SAMPLE_RATE_HZ)]
        instruments = sounding(held.piece.score, 0.0, len(samples) / bands.SAMPLE_RATE_HZ)
        truth = attributes.asked_of(held.piece.attributes, instruments)
        made.append(Excerpt(Waveform(samples, bands.SAMPLE_RATE_HZ), truth))
    return made


def copied(
    chosen: Codec, sounds: Iterator[Waveform], measure: Measure, phase: str, total: int, on_progress: Progress
) -> Copies:
    """Every sound through the codec, decoded from ever more codebooks."""
    from octet.families.token_lm.sound import sound_of, tokens_of

    copies, rate = Copies(), chosen.sample_rate_hz
    for number, sound in enumerate(sounds, start=1):
        original = sound.mono().resample(rate).samples[0]
        codes = tokens_of(sound, chosen)
        copies.codes.append(codes[0].numpy())
        for count in numbers_of_codebooks(chosen.codebooks):
            copy = sound_of(codes[:, :count], chosen)[0].mean(dim=0).numpy()[: len(original)]
            filled = np.pad(copy, (0, len(original) - len(copy)))
            copies.scores[str(count)].append(measure(original, filled, rate))
        copies.sounds.append(Waveform(filled, rate))
        on_progress(Step(phase, number, total))
    return copies


def numbers_of_codebooks(codebooks: int) -> list[int]:
    """How many are tried: all numbers of a few codebooks, powers of two of many.

    >>> numbers_of_codebooks(4), numbers_of_codebooks(12)
    ([1, 2, 3, 4], [1, 2, 4, 8, 12])
    """
    if codebooks <= 8:
        return list(range(1, codebooks + 1))
    return sorted({1 << power for power in range(codebooks.bit_length()) if 1 << power <= codebooks} | {codebooks})


def usage(codes: Sequence[Any], size: int) -> Scores:
    """Both measures of use, by codebook."""
    shares = zip(codec.used_share(codes, size), codec.perplexity_share(codes, size), strict=True)
    return {f"codebook {k}": {"used": used, "perplexity": even} for k, (used, even) in enumerate(shares, start=1)}


def targets(results: Mapping[str, Any]) -> list[Target]:
    """What a codec is promised to keep."""
    speech, music = (list(results[f"{what}_by_codebooks"].values()) for what in ("speech", "music"))
    original, copy = results["attributes"]["originals"], results["attributes"]["copies"]
    used = min(row["used"] for row in results["use_of_codebooks"].values())
    promises = [
        Target("STOI of speech", LEAST_STOI, speech[-1]["stoi"], direction="at least"),
        Target("chroma cosine of music", LEAST_CHROMA, music[-1]["chroma_cosine"], direction="at least"),
    ]
    promises += [
        Target(f"{name} of copies", value - MOST_LOST, copy[name], direction="at least")
        for name, value in original.items()
    ]
    promises.append(Target("use of the least used codebook", LEAST_USED, used, direction="at least"))
    return [*promises, _improvement("speech", speech), _improvement("music", music)]


def _improvement(what: str, rows: Sequence[Mapping[str, float]]) -> Target:
    distances = [row["mel_distance"] for row in rows]
    least = min((before - after for before, after in pairwise(distances)), default=0.0)
    return Target(f"{what}: least gain in mel distance by a further codebook", 0.0, least, direction="at least")


def _judged(judge: AttributeJudge, played: Sequence[Excerpt], copies: Sequence[Waveform]) -> Scores:
    from octet.encoders.attributes.judge import listen

    truths = [each.truth for each in played]
    originals = list(listen(judge, (each.sound for each in played)))
    return {
        "originals": attributes.evaluate(truths, originals),
        "copies": attributes.evaluate(truths, list(listen(judge, copies))),
        "chance": attributes.chance(truths, originals),
    }


def _mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: mean([row[name] for row in rows if np.isfinite(row[name])]) for name in rows[0]}


def _notes(chosen: Codec) -> list[str]:
    rate = chosen.frame_rate_hz * np.log2(chosen.codebook_size) / 1000
    return [
        f"{chosen.sample_rate_hz} Hz, {chosen.frame_rate_hz:g} frames a second, {chosen.codebooks} codebooks of "
        f"{chosen.codebook_size}: {rate:.2f} kbit/s each."
    ]
