"""`octet`: the command line. Thin: each command checks its words and calls a job; nothing here imports torch.

Exit codes: 0 done, 1 `doctor` found something wrong, 2 bad input (one line on stderr says what to do),
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import typer

from octet.cli import compose, lab, music, sing, speech, status
from octet.core.errors import OctetError
from octet.core.version import VERSION

UsageError: Any = typer.BadParameter.__base__  # typer gives no name of its own to what all wrong options raise

app = typer.Typer(
    name="octet",
    help="Eight published sound-generation systems that run, train, are measured and are served in the same way.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"octet {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Say `octet COMMAND --help` for examples."""


for module in (speech, sing, music, compose, lab, status):
    module.register(app)


def main(words: list[str] | None = None) -> NoReturn:
    """The installed command; `words` are those after its name, by default the process's. Without any, it helps."""
    # OpenMP's threads else wait long for each other in busy loops: far slower where another program uses a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    words = sys.argv[1:] if words is None else words
    try:
        code = app(words or ["--help"], prog_name="octet", standalone_mode=False)
    except OctetError as error:
        code = _told(str(error), 2)
    except UsageError as error:
        command = error.ctx.command_path if error.ctx else "octet"
        reason = error.format_message().replace("Value error, ", "")
        code = _told(f"{reason} ({command} --help shows examples)", 2)
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    if code == 130:
        _told("interrupted", 130)
    sys.exit(code or 0)


def _told(reason: str, code: int) -> int:
    sys.stderr.write(f"octet: {' '.join(reason.split())}\n")
    return code
