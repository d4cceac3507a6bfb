"""The command line as a person meets it: in a process of its own, or (for many cases) in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from octet.cli.main import main

OCTET = Path(sys.executable).with_name("octet")
# As many threads as this process has: on another number, sums are rounded otherwise.
ENVIRONMENT = {**os.environ, "PYTHONWARNINGS": "error"}


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was written."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()


Octet = Callable[..., Outcome]


def installed(*words: str, data: bytes = b"", **options: Any) -> Outcome:
    """Run the installed command; `data` is its standard input."""
    command = [str(OCTET), *words]
    done = subprocess.run(command, input=data, capture_output=True, env=ENVIRONMENT, check=False, **options)
    return Outcome(done.returncode, done.stdout, done.stderr.decode())


def here(captured: pytest.CaptureFixture[bytes], *words: object) -> Outcome:
    """The same entrance without the start of a process."""
    captured.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = captured.readouterr()
    return Outcome(int(ended.value.code or 0), out, err.decode())


def refused(outcome: Outcome, *said: str) -> None:
    """Bad input: exit code 2, and one line on stderr that holds each of `said`."""
    assert outcome.code == 2, outcome
    assert outcome.out == b""
    assert outcome.err.startswith("octet: ")
    assert outcome.err.count("\n") == 1, outcome.err
    for words in said:
        assert words in outcome.err
