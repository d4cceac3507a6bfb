"""An artifact is a folder: `config.json`, `model.safetensors` and `README.md`, the card.

`config.json` is `{"kind": ..., "format": 1, "config": {...}}`, where `kind` names the module that reads it
(`fastspeech2`, `vocos`, `recogniser`, ...). Tensors are stored in 32, 16 or 8 bits by choice of the writer and always
read as float32. In 8 bits a matrix is whole numbers from -127 to 127, int8, and a scale for each of its rows, float16
by the name of the matrix and ":scale". Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from octet.core.errors import InvalidArtifact
from octet.core.files import atomic_path, write_text

if TYPE_CHECKING:
    import torch

Config = TypeVar("Config", bound=BaseModel)

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"
FORMAT = 1
SCALE = ":scale"  # a colon is in no parameter's name
LARGEST_CODE = 127
LEAST_SCALE = 2.0**-24  # of float16, above zero

Bits = Literal[8, 16, 32]


def save(
    folder: Path,
    kind: str,
    config: Mapping[str, Any],
    state: Mapping[str, torch.Tensor],
    *,
    card: str = "",
    bits: Bits = 32,
) -> None:
    """Write an artifact folder with floating-point tensors in so many bits; 8 are for matrices, and 16 for the rest."""
    from safetensors.torch import save_file

    tensors: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        tensors |= _stored(name, tensor.detach().cpu().contiguous(), bits)
    with atomic_path(folder / WEIGHTS) as temporary:
        save_file(tensors, temporary)
    document = {"kind": kind, "format": FORMAT, "config": dict(config)}
    write_text(folder / CONFIG, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    if card:
        write_text(folder / CARD, card)


def is_artifact(path: Path) -> bool:
    """Whether a folder is an artifact of Octet's rather than public weights, which often have a `config.json` too."""
    try:
        document = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and {"kind", "format"} <= document.keys()


def load_config(folder: Path, kind: str | None = None) -> tuple[str, dict[str, Any]]:
    """The kind and configuration of an artifact folder.

    Raises:
        InvalidArtifact: no readable `config.json`, or of another kind than asked for.
    """
    path = folder / CONFIG
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found, version, config = document["kind"], document["format"], document["config"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidArtifact(f"{path} is not an Octet configuration ({type(error).__name__}: {error})") from None
    if version != FORMAT:
        raise InvalidArtifact(f"{path} has format {version}; this Octet reads {FORMAT}: update Octet")
    if kind is not None and found != kind:
        raise InvalidArtifact(f"{folder} holds a model of kind {found!r}; {kind!r} was expected")
    return found, config


def validated(model: type[Config], config: Mapping[str, Any], source: Path) -> Config:
    """The configuration as its own type.

    Raises:
        InvalidArtifact: a field is missing, unknown or out of range; the first is named.
    """
    try:
        return model.model_validate(config)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidArtifact(f"{source / CONFIG}: {field}: {first['msg'].removeprefix('Value error, ')}") from None


def load_state(folder: Path, wanted: Callable[[str], bool] | None = None) -> dict[str, torch.Tensor]:
    """The tensors of an artifact folder, floating-point ones as float32; only those of `wanted` names, if given.

    Raises:
        InvalidArtifact: missing, truncated, or not weights that Octet wrote.
    """
    path = folder / WEIGHTS
    found = read_safetensors(path, None if wanted is None else lambda name: wanted(name.removesuffix(SCALE)))
    return {name: _restored(name, tensor, found, path) for name, tensor in found.items() if not name.endswith(SCALE)}


def read_safetensors(path: Path, wanted: Callable[[str], bool] | None = None) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors file; those of other names than the `wanted` ones are not read.

    Raises:
        InvalidArtifact: missing, truncated, or not safetensors.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if wanted is None or wanted(name)]  # noqa: SIM118 - it is no mapping
            tensors: dict[str, torch.Tensor] = {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError, ValueError) as error:
        raise InvalidArtifact(f"{path} is not a readable safetensors file ({error}); fetch it again") from None
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def read_torch_file(path: Path, *, allowing: Sequence[type] = ()) -> Any:
    """The content of a torch checkpoint (`.pt`, `.pth.tar`, `.bin`, `.ckpt`), tensors and plain containers only.

    A tensor is read from the disk when it is first used, unless the file is of torch's old format.

    Args:
        allowing: classes besides that are known to hold data only, as `argparse.Namespace`.

    Raises:
        InvalidArtifact: truncated, or it holds objects whose loading would run code.
    """
    import torch

    try:
        with torch.serialization.safe_globals(list(allowing)):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except FileNotFoundError:
        raise InvalidArtifact(f"{path} does not exist") from None
    except Exception as error:  # a damaged file ends in nearly any: struct.error, IndexError, AssertionError, ...
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise InvalidArtifact(f"{path} is damaged or holds more than tensors, and was not loaded ({reason})") from None


def float32(name: str, tensor: torch.Tensor, source: Path) -> torch.Tensor:
    """A tensor out of a torch file as float32, if it is as large as the file says that it is.

    Such a file may hold a view of a few bytes that claims to be terabytes, and would be once copied.

    Raises:
        InvalidArtifact: such a view, or sparse, quantised or without content.
    """
    import torch

    plain = tensor.layout is torch.strided and not tensor.is_quantized and tensor.device.type == "cpu"
    if not plain or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise InvalidArtifact(f"{source} does not hold what it says of {name}: fetch it again")
    return tensor.float() if tensor.is_floating_point() else tensor


def load_state_into(module: torch.nn.Module, state: Mapping[str, torch.Tensor], source: Path) -> None:
    """Load weights strictly.

    Raises:
        InvalidArtifact: names or shapes differ; the first few differences are listed.
    """
    expected = module.state_dict()
    wrong = [f"{name} is missing" for name in expected if name not in state]
    wrong += [f"{name} is unknown" for name in state if name not in expected]
    wrong += [
        f"{name} has shape {tuple(state[name].shape)}, expected {tuple(expected[name].shape)}"
        for name in expected
        if name in state and state[name].shape != expected[name].shape
    ]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise InvalidArtifact(f"{source} does not fit its configuration: {'; '.join(wrong[:3])}{more}")
    module.load_state_dict(state)


def _stored(name: str, tensor: torch.Tensor, bits: Bits) -> dict[str, torch.Tensor]:
    if not tensor.is_floating_point() or bits == 32:
        return {name: tensor}
    if bits == 16 or tensor.dim() < 2:
        return {name: tensor.half()}
    rows = tensor.float().flatten(1)
    scales = (rows.abs().amax(1, keepdim=True) / LARGEST_CODE).clamp(min=LEAST_SCALE).half()
    codes = (rows / scales).round().clamp(-LARGEST_CODE, LARGEST_CODE)
    return {name: codes.char().view(tensor.shape), name + SCALE: scales[:, 0]}


def _restored(name: str, tensor: torch.Tensor, found: Mapping[str, torch.Tensor], path: Path) -> torch.Tensor:
    scales = found.get(name + SCALE)
    if scales is None:
        return tensor
    if tensor.dim() < 2 or tensor.is_floating_point() or scales.shape != tensor.shape[:1]:
        raise InvalidArtifact(f"{path}: {name} and its scales do not fit together; fetch it again")
    return tensor * scales.view(-1, *[1] * (tensor.dim() - 1))
