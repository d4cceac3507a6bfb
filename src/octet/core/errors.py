"""Errors that a person can act on, and the one way to ask for an optional package."""

from __future__ import annotations

import importlib
from types import ModuleType


class OctetError(Exception):
    """A problem the caller can solve. The message says what was given, what was expected and what to do.

    The command line prints it as one line and exits with `exit_code`.
    """

    exit_code = 2


class InvalidInput(OctetError):
    """Text, audio, a file or an option that cannot be used as given."""


class InvalidArtifact(OctetError):
    """A weight file or folder that is damaged, hostile or not of the expected kind."""


class MissingExtra(OctetError):
    """An optional package is needed and not installed."""


def require(module: str, *, extra: str | None) -> ModuleType:
    """Import a package of one of Octet's extras, or say how to install it.

    >>> require("json", extra=None).loads("[1]")
    [1]

    Args:
        extra: the extra of Octet that brings the package; None where the base install does, but a damaged
            environment may still lack it.

    Raises:
        MissingExtra: the package is not installed; the message holds the install command.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        # A module missing *inside* an installed package is that package's fault and must show as such.
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise
        wanted = "octet" if extra is None else f"'octet[{extra}]'"
        raise MissingExtra(f"this needs the package {module!r}: run  pip install {wanted}") from None
