"""The verb `prepare`: a corpus made or adapted, and what is computed of it: features of speech, tokens of music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.data import manifest

if TYPE_CHECKING:
    from octet.audio.spectrogram import MelSpec
    from octet.data.alignment import Aligner

ADAPTED = (
    *("ljspeech", "libritts", "vctk", "aishell3", "kss", "audiofolder", "folder"),
    *("opencpop", "popcs", "openvpi", "recordings"),
)
ADAPTED_MUSIC = ("musiccaps", "audiocraft", "fma")
ADAPTED_SCORES = ("lakh", "pop909", "maestro", "emopia", "midicaps")
CORPORA = (
    "voices",
    "singing",
    *ADAPTED,
    "features",
    "bands",
    *ADAPTED_MUSIC,
    "tokens",
    "scores",
    *ADAPTED_SCORES,
    "copies",
)


@dataclass(frozen=True)
class Making:
    """What to make, or from where to take it."""

    hours: float = 8.0
    pieces: int = 20_000
    seed: int = 1
    speakers: int = 0
    stems: bool = False
    codec: str = "codec-tiny"
    source: Path | None = None
    model: str = "diffsinger-tiny"


def prepare(
    corpus: str, out: Path, making: Making, *, spec: str = "tiny", workers: int = 2, on_progress: Progress = silent
) -> dict[str, Any]:
    """Make `voices`, `singing`, `bands` or `scores`, or adapt a corpus on disk.

    Speech gets features, and `features` computes only these; utterances whose phone times nobody knows are aligned by
    the bundled recogniser. Music is trained on as it is by codecs, and as `tokens` of a codec by language models;
    scores get their notes as tokens; `copies` have mels that a model made. All of it can be interrupted and called
    again: what is done already is kept.

    Returns:
        "utterances" or "pieces", and "hours".

    Raises:
        InvalidInput: an unknown corpus or codec, or a source that is not laid out as it should be.
        MissingExtra: what makes the corpus is not installed.
    """
    if corpus not in CORPORA:
        raise InvalidInput(f"no corpus called {corpus!r}: there are {', '.join(CORPORA)}")
    match corpus:
        case "voices":
            _make_voices(out, making, workers, on_progress)
        case "singing":
            _make_singing(out, making, workers, on_progress)
        case "bands":
            _make_bands(out, making, workers, on_progress)
        case "scores":
            _make_scores(out, making, workers, on_progress)
        case "tokens":
            _compute_tokens(out, making.codec, workers, on_progress)
        case "copies":
            _make_copies(out, making, on_progress)
            return _summary("utterances", list(manifest.read(out)))
        case "features":
            pass
        case _:
            _adapt(corpus, out, making.source)
    if corpus in ("bands", "tokens", *ADAPTED_MUSIC):
        return _summary("pieces", list(manifest.read(out, manifest.MusicRow)))
    if corpus in ("scores", *ADAPTED_SCORES):
        _compute_notes(out, workers, on_progress)
        return _summary("pieces", list(manifest.read(out, manifest.ScoreRow)))
    _compute_features(out, _spec(spec), workers, on_progress)
    return _summary("utterances", list(manifest.read(out)))


class RecogniserAligner:
    """Forced alignment with the bundled recogniser, loaded when first used, so that it can travel to processes."""

    def __init__(self) -> None:
        self._recogniser: Any = None

    def __call__(self, audio: Any, sample_rate_hz: int, phones: Any) -> Any:
        from octet.encoders.aligner import align_speech

        if self._recogniser is None:
            self._recogniser = load_recogniser()
        return align_speech(self._recogniser, audio, sample_rate_hz, phones)

    def __getstate__(self) -> dict[str, Any]:
        return {"_recogniser": None}


def bundled_aligner() -> Aligner:
    """What finds the phones of utterances that come without phone times."""
    return RecogniserAligner()


def load_recogniser(name: str = "recogniser-tiny") -> Any:
    """The bundled recogniser, or another artifact of its kind."""
    from octet.encoders.recogniser.model import Recogniser
    from octet.jobs.load import resolve

    return Recogniser.load(resolve(name))


def _make_voices(out: Path, making: Making, workers: int, on_progress: Progress) -> None:
    from octet.data.corpora import voices

    voices.make(
        out,
        hours=making.hours,
        seed=making.seed,
        speakers=making.speakers,
        workers=workers,
        on_progress=on_progress,
    )


def _make_singing(out: Path, making: Making, workers: int, on_progress: Progress) -> None:
    from octet.data.corpora import singing

    singing.make(out, hours=making.hours, seed=making.seed, workers=workers, on_progress=on_progress)


def _make_copies(out: Path, making: Making, on_progress: Progress) -> None:
    from octet.jobs.copies import copy_corpus

    if making.source is None:
        raise InvalidInput("say which corpus is to be copied: --from FOLDER")
    copy_corpus(making.source, out, making.model, hours=making.hours, on_progress=on_progress)


def _make_bands(out: Path, making: Making, workers: int, on_progress: Progress) -> None:
    from octet.data.corpora import bands

    bands.make(out, hours=making.hours, seed=making.seed, stems=making.stems, workers=workers, on_progress=on_progress)


def _make_scores(out: Path, making: Making, workers: int, on_progress: Progress) -> None:
    from octet.data.corpora import scores

    scores.make(out, pieces=making.pieces, seed=making.seed, workers=workers, on_progress=on_progress)


def _compute_features(out: Path, spec: MelSpec, workers: int, on_progress: Progress) -> None:
    from octet.data import features, singing

    known = all(row.phones for row in manifest.read(out))
    aligner = None if known else bundled_aligner()
    kind = singing if singing.is_sung(out) else features
    kind.prepare(out, spec, workers=workers, aligner=aligner, on_progress=on_progress)


def _compute_tokens(out: Path, codec: str, workers: int, on_progress: Progress) -> None:
    from octet.data import tokens
    from octet.jobs.load import model_hash, resolve

    path = resolve(codec)
    tokens.prepare(out, path, model_hash(path), workers=workers, on_progress=on_progress)


def _compute_notes(out: Path, workers: int, on_progress: Progress) -> None:
    from octet.systems.musecoco import corpus

    corpus.prepare(out, workers=workers, on_progress=on_progress)


def _summary(what: str, rows: Sequence[manifest.Row | manifest.MusicRow | manifest.ScoreRow]) -> dict[str, Any]:
    return {what: len(rows), "hours": sum(row.duration_seconds for row in rows) / 3600}


def _adapt(corpus: str, out: Path, source: Path | None) -> None:
    if source is None:
        raise InvalidInput(f"say where {corpus} lies on your disk: --from FOLDER")
    import_module(f"octet.data.corpora.{corpus}").adapt(source, out)


def _spec(name: str) -> MelSpec:
    from octet.audio import spectrogram

    match name:
        case "tiny":
            return spectrogram.tiny()
        case "ljspeech":
            return spectrogram.ljspeech()
        case "popcs":
            from octet.systems.diffsinger.recipe import popcs_spec

            return popcs_spec()
    raise InvalidInput(f"no mel spectrogram called {name!r}: there are tiny, ljspeech, popcs")
