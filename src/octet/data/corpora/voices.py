"""The corpus `voices`: seven languages, ten speakers and any number of warped ones, with exact phone times.

English is spoken by four of flite's voices, the other six languages by one espeak speaker each, who also spends a
fifth of the time on the other languages, so that a model can tell speaker from language.

A quarter of what the ten say is moved up or down by WORLD, by a few semitones and nothing else: who only ever hears a
voice at its own pitch cannot tell the two apart, and would not follow a wish for another pitch.

The corpus is an endless list of utterances in a fixed order (`_plan`) of which `hours` takes a beginning. It is made
in shards of 64: a folder `audio/<shard>/` appears by one rename when all of it is there, so that an interrupted run
is continued by starting it again, and more hours only add shards.

The same settings give the same bytes on the same machine. Every shard has a process of its own, because espeak's pitch
flutters on from one call to the next (see `octet.text.espeak.synthesize`).
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from multiprocessing import get_context
from pathlib import Path

import soundfile

from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.core.progress import Progress, Step, silent
from octet.data import manifest
from octet.data.corpora.respell import for_teacher
from octet.data.corpora.sentences import normal_form, sentences
from octet.data.corpora.teachers import SAMPLE_RATE_HZ, Voice, require_flite, speak
from octet.data.corpora.warps import Warp, draw, warp
from octet.text.phonemes import LANGUAGES

SETTINGS = "voices.json"
RECIPE = 2  # raise it whenever the same settings would give another corpus
_SHARD = 64
_SPEED_RANGE = 0.1
_TEST_SHARE = 50  # one sentence, and one warped speaker, in this many is for testing
_HELD_OUT_SPEAKERS = 20
_WARPED_SHARE = 0.5  # of the time, if there are warped speakers
_MOVED_SHARE = 0.25  # of the ten speakers' utterances, in pitch alone
_MOVED_SEMITONES = 4.0  # at most

VOICES = {
    "slt": Voice("flite", "slt"),
    "rms": Voice("flite", "rms"),
    "awb": Voice("flite", "awb"),
    "kal": Voice("flite", "kal16"),
    "ko": Voice("espeak", "f1", pitch=52),
    "zh": Voice("espeak", "m3", pitch=50),
    "ja": Voice("espeak", "steph2", pitch=60),
    "de": Voice("espeak", "m1", pitch=40),
    "fr": Voice("espeak", "Annie", pitch=45),
    "es": Voice("espeak", "m6", pitch=58),
}
_SHARES = {
    "slt": 0.16,
    "rms": 0.16,
    "awb": 0.16,
    "kal": 0.04,
    **dict.fromkeys(("ko", "zh", "ja", "de", "fr", "es"), 0.48 / 6),
}
_OWN_LANGUAGE = 0.8
# How long a character of text takes, for planning only: hours are met to a few percent.
_SECONDS_A_CHARACTER = {"en": 0.055, "ko": 0.125, "zh": 0.22, "ja": 0.135, "de": 0.052, "fr": 0.047, "es": 0.053}
_LICENCES = {"flite": "flite voices, BSD-like (Carnegie Mellon University)", "espeak": "made with espeak-ng"}


@dataclass(frozen=True)
class _Item:
    index: int
    speaker: str
    voice: str
    language: str
    text: str
    speed: float
    change: Warp | None
    held_out_speaker: bool


@dataclass
class _Lane:
    """One speaker in one language, with its share of the corpus and the seconds it has so far."""

    speaker: str
    voice: str
    language: str
    share: float
    change: Warp | None = None
    held_out: bool = False
    seconds: float = 0.0


def make(
    folder: Path, *, hours: float, seed: int = 0, speakers: int = 0, workers: int = 1, on_progress: Progress = silent
) -> None:
    """Make the corpus, or what is missing of it, and write its manifest.

    Args:
        speakers: warped speakers besides the ten; half of the time is theirs.

    Raises:
        InvalidInput: the folder holds a corpus with other settings, or nothing is asked for.
        MissingExtra: flite, espeak-ng or pyworld is not installed.
    """
    if hours <= 0 or speakers < 0 or workers < 1:
        raise InvalidInput(
            f"hours must be above 0, speakers from 0, workers from 1; given {hours}, {speakers}, {workers}"
        )
    require_flite()
    _check_settings(folder, {"corpus": "voices", "recipe": RECIPE, "seed": seed, "speakers": speakers})
    items = list(_for_hours(_plan(seed, speakers), hours))
    slices = [items[start : start + _SHARD] for start in range(0, len(items), _SHARD)]
    shards = {folder / "audio" / _shard_name(shard): shard for shard in slices}
    missing = [(place, shard) for place, shard in shards.items() if not place.is_dir()]
    for made, _ in enumerate(_in_processes(_make_shard, missing, workers), start=1):
        on_progress(Step("making voices", len(shards) - len(missing) + made, len(shards)))
    _clear(folder / "audio")
    manifest.write(folder, chain.from_iterable(map(_rows_of, shards)))


def _check_settings(folder: Path, settings: dict[str, object]) -> None:
    path = folder / SETTINGS
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != settings:
            raise InvalidInput(
                f"{folder} holds a corpus made with {found}, asked for is {settings}; choose another folder"
            )
    else:
        write_text(path, json.dumps(settings) + "\n")


def _plan(seed: int, speakers: int) -> Iterator[_Item]:
    """Always the next utterance for the lane that is furthest behind its share."""
    rng = random.Random(f"voices {seed}")
    lanes = _lanes(speakers, rng)
    texts = {language: _endless(language, seed) for language in LANGUAGES}
    for index in count():
        lane = min(lanes, key=lambda lane: lane.seconds / lane.share)
        text = next(texts[lane.language])
        lane.seconds += _expected_seconds(text, lane.language)
        speed = round(rng.uniform(1 - _SPEED_RANGE, 1 + _SPEED_RANGE), 3)
        change = lane.change or _moved(rng)
        yield _Item(index, lane.speaker, lane.voice, lane.language, text, speed, change, lane.held_out)


def _moved(rng: random.Random) -> Warp | None:
    """Another pitch for some of the ten speakers' utterances."""
    semitones = round(rng.uniform(-_MOVED_SEMITONES, _MOVED_SEMITONES), 2)
    return Warp(pitch_semitones=semitones) if rng.random() < _MOVED_SHARE else None


def _lanes(speakers: int, rng: random.Random) -> list[_Lane]:
    base_share = 1 - _WARPED_SHARE if speakers else 1.0
    lanes = [
        _Lane(voice, voice, language, base_share * _SHARES[voice] * share)
        for voice in VOICES
        for language, share in _languages(voice).items()
    ]
    for number in range(speakers):
        voice = rng.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        name, change, held_out = f"w{number:03d}-{voice}", draw(rng), number % _HELD_OUT_SPEAKERS == 0
        for language, share in _languages(voice).items():
            lanes.append(_Lane(name, voice, language, _WARPED_SHARE / speakers * share, change, held_out))
    # A random start keeps lanes of equal share from marching in step through the grammar.
    for lane in lanes:
        lane.seconds = rng.uniform(0, 3) * lane.share
    return lanes


def _languages(voice: str) -> dict[str, float]:
    """What a voice speaks, in shares of its time: flite's only English, espeak's every language."""
    if VOICES[voice].teacher == "flite":
        return {"en": 1.0}
    others = [language for language in LANGUAGES if language != voice]
    return {voice: _OWN_LANGUAGE, **dict.fromkeys(others, (1 - _OWN_LANGUAGE) / len(others))}


def _endless(language: str, seed: int) -> Iterator[str]:
    return chain.from_iterable(sentences(language, seed + 1000 * round) for round in count())


def _expected_seconds(text: str, language: str) -> float:
    return 0.5 + len(text) * _SECONDS_A_CHARACTER[language]


def _for_hours(plan: Iterator[_Item], hours: float) -> Iterator[_Item]:
    seconds = 0.0
    for item in plan:
        yield item
        seconds += _expected_seconds(item.text, item.language) / (item.change.speed if item.change else 1.0)
        if seconds >= hours * 3600:
            return


def _in_processes(
    work: Callable[[Path, Sequence[_Item]], None], tasks: Sequence[tuple[Path, Sequence[_Item]]], workers: int
) -> Iterator[None]:
    """Every task in a new process: what espeak says depends on what its process has said before."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        futures = [pool.submit(work, *task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _shard_name(shard: Sequence[_Item]) -> str:
    """A shard is named by what is in it: a shorter last one does not pass for the full one of a longer run."""
    name = f"{shard[0].index // _SHARD:05d}"
    return name if len(shard) == _SHARD else f"{name}-{len(shard)}"


def _make_shard(place: Path, shard: Sequence[_Item]) -> None:
    """A folder of its own until it is whole: a process that outlived a killed run may be at the same shard."""
    place.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    rows = [_make_utterance(staging, f"audio/{place.name}", item) for item in shard]
    write_text(staging / "rows.jsonl", "".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows))
    staging.chmod(0o755)
    if not place.is_dir():
        staging.rename(place)


def _clear(audio: Path) -> None:
    """Without what runs that were stopped have left."""
    for staging in audio.glob(".*"):
        shutil.rmtree(staging, ignore_errors=True)


def _make_utterance(staging: Path, place: str, item: _Item) -> manifest.Row:
    voice = VOICES[item.voice]
    utterance = speak(voice, for_teacher(item.text, item.language), item.language, speed=item.speed)
    if item.change is not None:
        utterance = warp(utterance, item.change)
    identifier = f"{item.index:07d}-{item.speaker}"
    soundfile.write(staging / f"{identifier}.flac", utterance.samples, SAMPLE_RATE_HZ, subtype="PCM_16")
    return manifest.Row(
        id=identifier,
        audio=f"{place}/{identifier}.flac",
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_seconds=utterance.duration_seconds,
        text=item.text,
        language=item.language,
        speaker=item.speaker,
        split="test" if item.held_out_speaker or _is_test_sentence(item.text) else "train",
        licence=_LICENCES[voice.teacher],
        source=f"{voice.teacher} {voice.name}",
        phones=utterance.phones,
    )


@cache
def _is_test_sentence(text: str) -> bool:
    """By the sentence alone, so that nobody's training sentence is anybody's test sentence."""
    return int.from_bytes(hashlib.sha256(normal_form(text).encode()).digest()[:4], "big") % _TEST_SHARE == 0


def _rows_of(shard: Path) -> Iterator[manifest.Row]:
    with (shard / "rows.jsonl").open(encoding="utf-8") as lines:
        yield from (manifest.Row.model_validate_json(line) for line in lines)
