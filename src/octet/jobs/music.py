"""The verb `music`: a prompt and a model make a sound file that says how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.files import require_writable
from octet.core.progress import Progress, silent
from octet.jobs.load import load, require_made_with

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.engines.prepare import Precision
    from octet.engines.select import EngineName
    from octet.systems.musicgen.generate import Musician

BUNDLED = "musicgen"
LOUDNESS_LUFS = -14.0  # of files, as the published code writes them


@dataclass(frozen=True)
class Model:
    """Which weights play: a name, id or path each, as `octet.load` takes them."""

    name: str
    codec: str | None = None
    text_encoder: str | None = None
    engine: EngineName | None = None
    weights: Precision | None = None


def music_to_file(
    model: Model, options: dict[str, Any], output: Path, *, normalise: bool = True, on_progress: Progress = silent
) -> Waveform:
    """Make music into a sound file; `options` are the fields of `MusicRequest`. Returns what was written.

    The file is at -14 LUFS, or quieter where its peaks ask for it, unless `normalise` is false.

    Raises:
        InvalidInput: an option, a sound or the model's name cannot be used; a file that cannot be written.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.audio.files import require_format
    from octet.systems.musicgen.request import request_of

    require_format(output)
    require_writable(output)
    request_of(**options)
    return _written(_musician(model).generate(**options, on_progress=on_progress), output, normalise)


def stream(model: Model, options: dict[str, Any]) -> Iterator[Waveform]:
    """The pieces of the music, as they are made.

    Raises:
        InvalidInput: as `music_to_file`, before the first piece is asked for.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.systems.musicgen.request import request_of

    request_of(**options)
    return _musician(model).stream(**options)


def replay(file: Path, metadata: dict[str, Any], output: Path, on_progress: Progress = silent) -> Waveform:
    """Make the music of a file again, from what it says of itself, into `output`.

    Raises:
        InvalidInput: the file's own words are damaged, or the model's weights are not those any more.
    """
    try:
        model, options = Model(**metadata["model"]), dict(metadata["request"])
        normalise = bool(metadata["normalised"])
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(f"what {file} says of how it was made is damaged: it cannot be replayed") from None
    player = _musician(model)
    labels = {"model_hash": model.name, "codec_hash": "its codec", "text_encoder_hash": "its text encoder"}
    require_made_with(file, metadata, player.source, labels)
    return _written(player.generate(**options, on_progress=on_progress), output, normalise)


def _musician(model: Model) -> Musician:
    from octet.systems.musicgen.generate import Musician

    names = asdict(model)
    name = names.pop("name")
    loaded = load(name, **names)
    if not isinstance(loaded, Musician):
        raise InvalidInput(f"{model.name} speaks and plays no music: load a MusicGen")
    return loaded


def _written(music: Waveform, output: Path, normalise: bool) -> Waveform:
    from octet.audio import loudness

    rate = music.sample_rate_hz
    samples = loudness.normalise(music.samples, rate, LOUDNESS_LUFS) if normalise else music.samples
    music = replace(music, samples=samples, metadata={**music.metadata, "normalised": normalise})
    music.save(output)
    return music
