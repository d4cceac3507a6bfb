"""`octet.load`: a bundled model by name, a hub id, or a path, ready to generate.

Kinds are told by the artifact's `config.json`; public layouts by their files. Nothing bundled needs a network, and a
damaged or hostile model is refused before it speaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core import artifacts, hub
from octet.core.errors import InvalidInput

if TYPE_CHECKING:
    from octet.engines.prepare import Precision
    from octet.engines.select import EngineName
    from octet.systems.diffsinger.generate import Singer
    from octet.systems.diffsinger.published_generate import PublishedSinger
    from octet.systems.diffsinger.voicebank import Voicebank
    from octet.systems.fastspeech2.generate import Speaker
    from octet.systems.musecoco.generate import Composer
    from octet.systems.musicgen.generate import Musician
    from octet.vocoders.contract import Vocoder

BUNDLED = Path(__file__).parents[1] / "weights"
SYSTEMS = {
    "fastspeech2": "fastspeech2-tiny",
    "fastspeech2s": "fastspeech2s-tiny",
    "diffspeech": "diffspeech-tiny",
    "diffsinger": "diffsinger-tiny",
    "musicgen": "musicgen-tiny",
    "musecoco": "musecoco-tiny",
}  # a system's name loads its tiny model


def load(
    name: str | Path,
    *,
    vocoder: str | Path | None = None,
    codec: str | Path | None = None,
    text_encoder: str | Path | None = None,
    reader: str | Path | None = None,
    engine: EngineName | None = None,
    weights: Precision | None = None,
    offline: bool | None = None,
) -> Speaker | Singer | PublishedSinger | Voicebank | Musician | Composer:
    """A voice model, which speaks, a DiffSinger, which sings, a MusicGen, which plays, or a MuseCoco, which composes.

    `generate` makes a waveform, `stream` its parts; a composer's makes a score with a report on it.

    >>> speaker = load("fastspeech2")
    >>> "ko" in speaker.voices
    True
    >>> audio = speaker.generate("안녕하세요.", speed=1.2)
    >>> audio.channels, audio.sample_rate_hz
    (1, 16000)

    Args:
        name: a system ("fastspeech2", "fastspeech2s", "diffspeech", "diffsinger", "musicgen", "musecoco"), a bundled
            artifact, a hub id "owner/name", or a path to an artifact folder, to a checkpoint of a run, or to public
            weights (ming024's `*.pth.tar`; MusicGen of transformers or of audiocraft; muzic's `attribute2music.pt`).
        vocoder: likewise, for a model that makes mels; by default the one its configuration names.
        codec: likewise, for a MusicGen; by default the one its configuration names or its folder holds.
        text_encoder: for a MusicGen whose folder holds none: a T5, or a reader where its configuration has one.
        reader: what understands a MuseCoco's prompts; by default the bundled one.
        engine, weights: what runs a MusicGen or a MuseCoco, and in which precision (`octet.engines.select`); by
            default "auto".
        offline: never ask the hub; by default as OCTET_OFFLINE or HF_HUB_OFFLINE say.

    Raises:
        InvalidInput: no such model, a vocoder for other spectrograms, or a part that the model does not have.
        InvalidArtifact: damaged or hostile weights.
    """
    path = resolve(name, offline=offline)
    parts = {
        "vocoder": vocoder,
        "codec": codec,
        "text_encoder": text_encoder,
        "reader": reader,
        "engine": engine,
        "weights": weights,
    }
    given = {part: value for part, value in parts.items() if value is not None}
    kind = _kind_of(path, name)
    unknown = next((part for part in given if part not in kind.takes), None)
    if unknown is not None:
        raise InvalidInput(f"{name} is a {kind.name} and takes no {unknown}: leave it out")
    return kind.load(path, name, offline=offline, **given)  # type: ignore[no-any-return]


def load_vocoder(name: str | Path, *, offline: bool | None = None) -> Vocoder:
    """A vocoder: a bundled name, a hub id, or a path to an artifact folder or to public weights.

    Raises:
        InvalidInput: no such vocoder.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.vocoders import contract, published

    path = resolve(name, offline=offline)
    return contract.load(path) if artifacts.is_artifact(path) else published.load(path)


def resolve(name: str | Path, *, offline: bool | None = None) -> Path:
    """The folder or file that a model's name stands for: a system's is its bundled model, a run's its last checkpoint.

    Raises:
        InvalidInput: nothing of that name.
    """
    tiny = SYSTEMS.get(str(name))
    if tiny is None:
        path = hub.resolve(str(name), bundled=BUNDLED, offline=offline)
        checkpoints = sorted((path / "checkpoints").glob("step-*"))
        return checkpoints[-1] if checkpoints else path
    return bundled(tiny) or hub.resolve(tiny, bundled=BUNDLED, offline=offline)


def require_made_with(file: Path, said: Mapping[str, Any], here: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Refuse to replay what was made with other weights; `labels` tell by hash whose weights they are.

    Raises:
        InvalidInput: a hash in the file differs from the one here.
    """
    for part, label in labels.items():
        made, found = said.get(part), here.get(part)
        if made != found:
            raise InvalidInput(f"{file} was made with {part} {made}; {label} here has {found}: install that one")


def model_hash(path: Path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a model's files: configuration and weights of an artifact."""
    files = [path]
    if artifacts.is_artifact(path):
        files = [path / artifacts.CONFIG, path / artifacts.WEIGHTS]
    elif path.is_dir():
        files = sorted(path.iterdir())
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            _add(digest, file)
    return digest.hexdigest()[:16]


def is_musecoco(path: Path) -> bool:
    """Whether a folder or file is a second stage of MuseCoco, of Octet's or of muzic's."""
    if artifacts.is_artifact(path):
        return artifacts.load_config(path)[0] == "musecoco"
    return path.is_file() and path.suffix == ".pt"


def _add(digest: hashlib._Hash, file: Path) -> None:
    """In pieces: weights may be larger than memory."""
    with file.open("rb") as content:
        while piece := content.read(1 << 20):
            digest.update(piece)


def _is_public_singer(path: Path) -> bool:
    """A `.ckpt` with `config.yaml` beside it, or a folder of them: MoonInTheRiver's layout."""
    folder = path if path.is_dir() else path.parent
    checkpoints = folder.glob("*.ckpt") if path.is_dir() else [path] if path.suffix == ".ckpt" else []
    return (folder / "config.yaml").is_file() and any(checkpoints)


def _is_musicgen(path: Path) -> bool:
    if artifacts.is_artifact(path):
        return artifacts.load_config(path)[0] == "musicgen"
    from octet.systems.musicgen.published import is_published

    return is_published(path)


def _is_voicebank(path: Path) -> bool:
    return (path / "dsconfig.yaml").is_file()


def _artifact(kind: str) -> Callable[[Path], bool]:
    return lambda path: artifacts.is_artifact(path) and artifacts.load_config(path)[0] == kind


def _voicebank(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.singer import voicebank

    return voicebank(path, name, **parts)


def _public_singer(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.singer import public_singer

    return public_singer(path, name, **parts)


def _singer(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.singer import singer

    return singer(path, name, **parts)


def _composer(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.composer import composer

    return composer(path, name, **parts)


def _musician(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.musician import musician

    return musician(path, name, **parts)


def _fastspeech2(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.speaker import fastspeech2

    return fastspeech2(path, name, **parts)


def _fastspeech2s(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.speaker import fastspeech2s

    return fastspeech2s(path, name, **parts)


def _diffspeech(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.speaker import diffspeech

    return diffspeech(path, name, **parts)


def _public_speaker(path: Path, name: str | Path, **parts: Any) -> Any:
    from octet.jobs.speaker import public_speaker

    return public_speaker(path, name, **parts)


@dataclass(frozen=True)
class _Kind:
    """A kind of model: how it is known, what loads it, and which parts of `load` it takes."""

    name: str
    knows: Callable[[Path], bool]
    load: Callable[..., Any]  # (path, name, **parts)
    takes: tuple[str, ...] = ()


_KINDS = (
    _Kind("voicebank", _is_voicebank, _voicebank, ("vocoder",)),
    _Kind("public DiffSinger", _is_public_singer, _public_singer, ("vocoder",)),
    _Kind("MuseCoco", is_musecoco, _composer, ("reader", "engine", "weights")),
    _Kind("MusicGen", _is_musicgen, _musician, ("codec", "text_encoder", "engine", "weights")),
    _Kind("FastSpeech 2", _artifact("fastspeech2"), _fastspeech2, ("vocoder",)),
    _Kind("FastSpeech 2s, which makes sound by itself", _artifact("fastspeech2s"), _fastspeech2s),
    _Kind("DiffSpeech", _artifact("diffspeech"), _diffspeech, ("vocoder",)),
    _Kind("DiffSinger", _artifact("diffsinger"), _singer, ("vocoder",)),
    _Kind("public FastSpeech 2", lambda path: not artifacts.is_artifact(path), _public_speaker, ("vocoder",)),
)


def _kind_of(path: Path, name: str | Path) -> _Kind:
    known = next((kind for kind in _KINDS if kind.knows(path)), None)
    if known is None:
        kind, _ = artifacts.load_config(path)
        raise InvalidInput(f"{name} is a {kind}, which does not speak: load one of {', '.join(SYSTEMS)}")
    return known


def bundled(name: str) -> Path | None:
    """The folder of a bundled artifact, if there is one of that name."""
    return BUNDLED / name if name in hub.bundled_names(BUNDLED) else None
