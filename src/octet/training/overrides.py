"""`--set model.width=64`: single values of a frozen configuration, by dotted name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from octet.core.errors import InvalidInput


def overridden(configs: Mapping[str, BaseModel], settings: Mapping[str, str]) -> dict[str, Any]:
    """The same configurations, of the same types, with the settings in place.

    Args:
        configs: by the first part of a setting's name, such as `model` and `plan`.
        settings: texts by dotted names, read as YAML (`0.5`, `true`, `null`, `[8, 8, 4]`).

    Raises:
        InvalidInput: an unknown name (close ones are offered), or a value that does not fit its type.
    """
    documents = {root: config.model_dump(round_trip=True) for root, config in configs.items()}
    for name, text in settings.items():
        _put(documents, name, text)
    return {root: _validated(root, type(config), documents[root], settings) for root, config in configs.items()}


def flatten(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one with dotted names.

    >>> flatten({"a": {"b": 1}, "c": 2})
    {'a.b': 1, 'c': 2}
    """
    flat: dict[str, Any] = {}
    for name, value in document.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def _put(documents: dict[str, Any], name: str, text: str) -> None:
    *path, last = name.split(".")
    place: Any = documents
    for part in path:
        place = place.get(part) if isinstance(place, dict) else None
    if not path or not isinstance(place, dict) or last not in place:
        raise _unknown(name, sorted(flatten(documents)))
    try:
        place[last] = yaml.safe_load(text)
    except yaml.YAMLError:
        place[last] = text


def _validated(root: str, kind: type[BaseModel], document: Any, settings: Mapping[str, str]) -> BaseModel:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = [root, *map(str, first["loc"])]
        guilty = next((f"--set {name}={text}" for name, text in settings.items() if _leads_to(name, where)), None)
        raise InvalidInput(f"{guilty or '.'.join(where)}: {first['msg'].removeprefix('Value error, ')}") from None


def _leads_to(name: str, where: Sequence[str]) -> bool:
    # Where types are chosen by a tag, pydantic puts the tag into the place of the error: a.tag.b for a.b.
    rest = iter(where)
    return all(part in rest for part in name.split("."))


def _unknown(name: str, known: Sequence[str]) -> InvalidInput:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    same_end = [other for other in known if other.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
    offered = list(dict.fromkeys([*same_end, *close]))[:3] or list(known)[:8]
    return InvalidInput(f"--set {name}: there is no such setting; close are {', '.join(offered)}")
