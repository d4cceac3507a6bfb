"""Commands that tell: `models`, `doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(models)
    app.command()(doctor)


def models(as_json: bool = typer.Option(False, "--json", help="As JSON.")) -> None:
    """List what is bundled: kind, voices, size, licence, and what public weights can be loaded.

    Example:

        octet models
    """
    from octet.jobs.models import LOADABLE, bundled

    rows = bundled()
    if as_json:
        typer.echo(json.dumps({"bundled": [asdict(row) for row in rows], "loadable": LOADABLE}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row.name:18} {row.kind:14} {row.mebibytes:5.1f} MiB  {row.licence:12} {' '.join(row.voices)}")
    typer.echo("\nPublic weights that load (--model, --vocoder):")
    for layout, what in LOADABLE.items():
        typer.echo(f"  {layout:44} {what}")


def doctor(
    folder: Path = typer.Argument(Path(), help="Where you mean to write."),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Check this machine, and say how to mend what does not work.

    Example:

        octet doctor
    """
    from octet.jobs.doctor import doctor as job
    from octet.jobs.doctor import healthy

    checks = job(folder)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(f"{check.status:7} {check.name:20} {check.detail}{'  ->  ' * bool(check.remedy)}{check.remedy}")
    if not healthy(checks):
        raise typer.Exit(1)
