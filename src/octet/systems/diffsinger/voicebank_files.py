"""The files of an openvpi voicebank as OpenUtau uses it: `dsconfig.yaml` folders with ONNX graphs.

BANK/dsconfig.yaml       acoustic graph, phonemes, speakers, what mel is made     (required)
BANK/dsdur/              linguistic and duration graphs                           (or "dur" in the main file)
BANK/dspitch/            linguistic and pitch graphs
BANK/dsvariance/         linguistic and variance graphs
BANK/dsvocoder/          vocoder.yaml and its graph, or a folder that the main file names
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from octet.core.errors import InvalidArtifact
from octet.engines.onnx_graph import OnnxGraph

MOST_BYTES: Final = 20_000_000  # of a text file; dictionaries are the largest
CONFIG: Final = "dsconfig.yaml"
VOCODER: Final = "vocoder.yaml"


class PartConfig(BaseModel):
    """What is read of a `dsconfig.yaml` or `vocoder.yaml`; they say more, which the graphs' inputs tell as well."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    phonemes: str | None = None
    languages: str | None = None
    acoustic: str | None = None
    linguistic: str | None = None
    dur: str | None = None
    pitch: str | None = None
    variance: str | None = None
    vocoder: str | None = None
    model: str | None = None  # the graph of a vocoder
    speakers: tuple[str, ...] = ()
    hidden_size: int = Field(default=256, ge=1, le=65_536)
    sample_rate: int = Field(default=44_100, ge=1000, le=768_000)
    hop_size: int = Field(default=512, ge=1, le=65_536)
    num_mel_bins: int = Field(default=128, ge=1, le=1024)
    mel_base: Literal["e", "10"] = "10"  # older voicebanks, which do not say
    max_depth: float = Field(default=1.0, ge=0)
    use_continuous_acceleration: bool = False

    @field_validator("mel_base", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value)

    @property
    def frame_rate_hz(self) -> float:
        return self.sample_rate / self.hop_size


@dataclass(frozen=True)
class Part:
    """A folder of a voicebank: its configuration, the ids of its phonemes and languages, its speakers' vectors."""

    folder: Path
    config: PartConfig
    phonemes: dict[str, int]
    languages: dict[str, int] = field(default_factory=dict)
    speakers: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def graph(self, name: str | None, what: str) -> OnnxGraph:
        """A graph that the configuration names.

        Raises:
            InvalidArtifact: it names none, or the file is missing or broken.
        """
        if not name:
            raise InvalidArtifact(f"{self.folder / CONFIG} names no {what}")
        return OnnxGraph(inside(self.folder, name))


def read_part(folder: Path, *, file: str = CONFIG, phonemes: bool = True) -> Part:
    """A folder with its configuration.

    Raises:
        InvalidArtifact: a file is missing or cannot be used; which one is said.
    """
    document = read_yaml(folder / file)
    try:
        config = PartConfig.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidArtifact(f"{folder / file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if not phonemes:
        return Part(folder, config, {})
    if config.phonemes is None:
        raise InvalidArtifact(f"{folder / file} names no phonemes")
    ids = _ids(inside(folder, config.phonemes))
    languages = _ids(inside(folder, config.languages)) if config.languages else {}
    return Part(
        folder, config, ids, languages, {Path(name).name: _vector(folder, name, config) for name in config.speakers}
    )


def inside(folder: Path, name: str) -> Path:
    """A file that a configuration names, which must lie in the voicebank.

    Raises:
        InvalidArtifact: it would lead elsewhere.
    """
    path = folder / name
    roots = {folder.resolve(), folder.resolve().parent}
    if Path(name).is_absolute() or not any(path.resolve().is_relative_to(root) for root in roots):
        raise InvalidArtifact(f"{folder} names {name!r}, which lies outside the voicebank")
    return path


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        InvalidArtifact: missing, too large, or no mapping.
    """
    try:
        document = yaml.safe_load(_text(file))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidArtifact(f"{file} is not YAML ({type(error).__name__})") from None
    if not isinstance(document, dict):
        raise InvalidArtifact(f"{file} holds no settings")
    return document


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InvalidArtifact(f"{file} is larger than {MOST_BYTES} bytes")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidArtifact(f"{file} is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArtifact(f"{file} cannot be read ({type(error).__name__})") from None


def _ids(file: Path) -> dict[str, int]:
    """Names to ids, of a JSON object or list, or of a text with a name a line."""
    text = _text(file)
    if file.suffix != ".json":
        return {name: number for number, name in enumerate(text.splitlines()) if name.strip()}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArtifact(f"{file} is not JSON ({type(error).__name__})") from None
    pairs = {str(name): number for number, name in enumerate(found)} if isinstance(found, list) else found
    if not isinstance(pairs, dict) or not all(type(number) is int and number >= 0 for number in pairs.values()):
        raise InvalidArtifact(f"{file} does not say which name has which number")
    return pairs


def _vector(folder: Path, name: str, config: PartConfig) -> NDArray[np.float32]:
    """A speaker's embedding: raw float32 numbers, as many as the configuration says."""
    file = inside(folder, f"{name}.emb")
    try:
        vector = np.fromfile(file, dtype="<f4")
    except OSError:
        raise InvalidArtifact(f"{file} is missing") from None
    if vector.shape != (config.hidden_size,) or not np.isfinite(vector).all():
        raise InvalidArtifact(f"{file} does not hold {config.hidden_size} numbers")
    return vector
