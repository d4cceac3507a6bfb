"""`octet.load`: a bundled model by name, a hub id, or a path, ready to generate.

Kinds are told by the artifact's `config.json`; public layouts by their files. Nothing bundled needs a network, and a
damaged or hostile model is refused before it speaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    "musicgen": "musicgen-tiny",
    "musecoco": "musecoco-tiny",
}  # a system's name loads its tiny model

_TRAINABLE = {
    "musecoco": "musecoco-tiny",
    "musecoco-tiny": "musecoco-tiny",
    "musecoco-reader-tiny": "musecoco-reader-tiny",
}  # names that say how to come by them where they are not bundled


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
        name: a system ("fastspeech2", "fastspeech2s", "diffsinger", "musicgen", "musecoco"), a bundled artifact, a hub
            id "owner/name", or a path to an artifact folder, to a checkpoint of a run, or to public weights (ming024's
            `*.pth.tar`; MusicGen of transformers or of audiocraft; muzic's `attribute2music.pt`).
        vocoder: likewise, for a FastSpeech 2; by default the one its configuration names.
        codec: likewise, for a MusicGen; by default the one its configuration names or its folder holds.
        text_encoder: a T5, for a MusicGen whose folder holds none.
        reader: what understands a MuseCoco's prompts; by default the bundled one.
        engine, weights: what runs a MusicGen or a MuseCoco, and in which precision (`octet.engines.select`); by
            default "auto".
        offline: never ask the hub; by default as OCTET_OFFLINE or HF_HUB_OFFLINE say.

    Raises:
        InvalidInput: no such model, a vocoder for other spectrograms, or a part that the model does not have.
        InvalidArtifact: damaged or hostile weights.
    """
    path = resolve(name, offline=offline)
    if (path / "dsconfig.yaml").is_file():
        from octet.jobs.singer import voicebank

        return voicebank(path, vocoder, offline)
    if _is_public_singer(path):
        from octet.jobs.singer import public_singer

        return public_singer(path, name, vocoder, offline)
    if is_musecoco(path):
        from octet.jobs.composer import composer

        _require_absent(name, "MuseCoco", vocoder=vocoder, codec=codec, text_encoder=text_encoder)
        return composer(path, name, reader=reader, engine=engine or "auto", weights=weights, offline=offline)
    _require_absent(name, "model of sound", reader=reader)
    if _is_musicgen(path):
        from octet.jobs.musician import musician

        _require_absent(name, "MusicGen", vocoder=vocoder)
        parts = {"codec": codec, "text_encoder": text_encoder, "weights": weights}
        return musician(path, name, engine=engine or "auto", offline=offline, **parts)
    _require_absent(name, "voice model", codec=codec, text_encoder=text_encoder, engine=engine, weights=weights)
    if not artifacts.is_artifact(path):
        return _published(path, name, vocoder, offline)
    kind, _ = artifacts.load_config(path)
    match kind:
        case "fastspeech2":
            return _fastspeech2(path, name, vocoder, offline)
        case "fastspeech2s":
            _require_absent(name, "fastspeech2s, which makes sound by itself", vocoder=vocoder)
            return _fastspeech2s(path, name)
        case "diffspeech":
            from octet.jobs.singer import speaker

            return speaker(path, name, vocoder, offline)
        case "diffsinger":
            from octet.jobs.singer import singer

            return singer(path, name, vocoder, offline)
        case _:
            raise InvalidInput(f"{name} is a {kind}, which does not speak: load one of {', '.join(SYSTEMS)}")


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
    if str(name) in _TRAINABLE and _bundled(_TRAINABLE[str(name)]) is None and not Path(name).exists():
        raise _not_bundled(_TRAINABLE[str(name)])
    if tiny is None:
        path = hub.resolve(str(name), bundled=BUNDLED, offline=offline)
        checkpoints = sorted((path / "checkpoints").glob("step-*"))
        return checkpoints[-1] if checkpoints else path
    return _bundled(tiny) or hub.resolve(tiny, bundled=BUNDLED, offline=offline)


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


def _not_bundled(name: str) -> InvalidInput:
    option = "--reader" if name.endswith("reader-tiny") else "--model"
    return InvalidInput(
        f"{name} is not bundled with this Octet: train it with  octet prepare scores --out data/scores  and  "
        f"octet train {name} --data data/scores --out runs/{name}  and give it with {option} runs/{name}"
    )


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


def _require_absent(name: str | Path, what: str, **parts: str | Path | None) -> None:
    for part, given in parts.items():
        if given is not None:
            raise InvalidInput(f"{name} is a {what} and takes no {part}: leave it out")


def _fastspeech2(path: Path, name: str | Path, vocoder: str | Path | None, offline: bool | None) -> Speaker:
    from octet.nn.filled import filled
    from octet.systems.fastspeech2.generate import MelChain, Speaker
    from octet.systems.fastspeech2.model import Config, FastSpeech2

    _, config = artifacts.load_config(path)
    model = filled(lambda: FastSpeech2(artifacts.validated(Config, config, path)), path)
    # A folder of the vocoder's name where one happens to work must not stand in for the bundled one.
    own = model.config.vocoder and (_bundled(model.config.vocoder) or model.config.vocoder)
    chosen = vocoder or own
    if chosen is None:
        raise InvalidInput(f"{path} names no vocoder: give one with vocoder=... (octet models lists the bundled ones)")
    chain = MelChain(model, load_vocoder(chosen, offline=offline))
    return Speaker(chain, _source(path, name, vocoder) | {"vocoder_hash": model_hash(resolve(chosen, offline=offline))})


def _fastspeech2s(path: Path, name: str | Path) -> Speaker:
    from octet.nn.filled import filled
    from octet.systems.fastspeech2.generate import Speaker, WaveformChain
    from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig

    _, config = artifacts.load_config(path)
    model = filled(lambda: FastSpeech2s(artifacts.validated(WaveformConfig, config, path)).for_generation(), path)
    return Speaker(WaveformChain(model), _source(path, name, None))


def _published(path: Path, name: str | Path, vocoder: str | Path | None, offline: bool | None) -> Speaker:
    from octet.systems.fastspeech2 import published
    from octet.systems.fastspeech2.generate import MelChain, Speaker

    model = published.load(path)
    if vocoder is None:
        raise InvalidInput(f"{path} holds no vocoder: give its HiFi-GAN with vocoder=PATH (--vocoder PATH)")
    chain = MelChain(model, load_vocoder(vocoder, offline=offline))
    return Speaker(
        chain, _source(path, name, vocoder) | {"vocoder_hash": model_hash(resolve(vocoder, offline=offline))}
    )


def _source(path: Path, name: str | Path, vocoder: str | Path | None) -> dict[str, Any]:
    """What a sound says of the model that made it; `model` holds the arguments that load it again."""
    names = {"name": str(name), "vocoder": None if vocoder is None else str(vocoder)}
    return {"model": names, "model_hash": model_hash(path)}


def _bundled(name: str) -> Path | None:
    return BUNDLED / name if name in hub.bundled_names(BUNDLED) else None
