"""`octet` itself: help without torch, one line for a wrong option."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.cli.running import ENVIRONMENT, Octet, installed, refused

from octet import __version__
from octet.cli.main import app, main

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]


def test_help_needs_no_torch():
    code = (
        "import sys; from octet.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as ended: print(ended.code, {'torch', 'numpy', 'octet.jobs'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert done.stdout.splitlines()[-1] == "0 set()"


def test_the_installed_command_helps_and_refuses():
    assert "speak" in installed().text
    assert installed("--version").text == f"octet {__version__}\n"
    refused(installed("speek"), "speek", "octet --help")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(octet: Octet, command: str):
    outcome = octet(command, "--help")
    assert outcome.code == 0
    assert f"octet {command}" in outcome.text.split("Example", 1)[1]


def test_all_commands_are_in_the_help(octet: Octet):
    assert all(command in octet("--help").text for command in COMMANDS)
    assert octet().text == octet("-h").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["speak", "hi", "-o", "x.wav", "--system", "fastspeech9"],
            ["fastspeech9", "'fastspeech2', 'fastspeech2s', 'diffspeech'"],
        ),
        (["speak", "hi", "-o", "x.wav", "--speed", "fast"], ["--speed", "number"]),
        (["speak", "hi", "-o", "x.wav", "--sped", "1"], ["--sped", "--speed"]),
        (["speak", "hi", "-o"], ["-o", "argument"]),
        (["replay", "hello.wav"], ["--output", "octet replay --help"]),
        (["reproduce", "nothing", "--data", "."], ["'nothing'", "fastspeech2, musicgen, musecoco, diffsinger"]),
    ],
)
def test_a_wrong_option_is_one_line(octet: Octet, words: list[str], said: list[str]):
    refused(octet(*words), *said)


@pytest.mark.parametrize(("given", "kept"), [(None, "10000"), ("7", "7")])
def test_threads_spin_briefly_unless_the_environment_says_otherwise(monkeypatch, given: str | None, kept: str):
    monkeypatch.setenv("GOMP_SPINCOUNT", given or "")
    if given is None:
        monkeypatch.delenv("GOMP_SPINCOUNT")
    with pytest.raises(SystemExit):
        main(["--version"])
    assert os.environ["GOMP_SPINCOUNT"] == kept
