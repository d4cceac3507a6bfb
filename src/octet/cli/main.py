"""`octet`: the command line. Thin: each command checks its words and calls a job; nothing here imports torch.

Exit codes: 0 done, 1 an evaluation or check did not pass, 2 bad input (one line on stderr says what to do),
130 interrupted.
"""

from __future__ import annotations

import sys

import typer

from octet import __version__
from octet.cli import lab, speech, status
from octet.core.errors import OctetError

app = typer.Typer(
    name="octet",
    help="Eight published sound-generation systems that run, train, are measured and are served in the same way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"octet {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Say `octet COMMAND --help` for examples."""


for module in (speech, lab, status):
    module.register(app)


def main() -> None:
    """The installed command."""
    try:
        app()
    except OctetError as error:
        sys.stderr.write(f"octet: {' '.join(str(error).split())}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("octet: interrupted\n")
        sys.exit(130)
    except BrokenPipeError:  # the reader of a stream went away, which is its right
        sys.exit(0)
