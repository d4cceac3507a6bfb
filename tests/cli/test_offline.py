"""The bundled models speak where there is no network at all."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.running import ENVIRONMENT, OCTET

ALONE = ["unshare", "--map-root-user", "--net"]
can_be_alone = shutil.which("unshare") and subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_be_alone, reason="this machine lets nobody leave its network")
def test_speaking_without_a_network(tmp_path: Path):
    for name in ("OCTET_OFFLINE", "HF_HUB_OFFLINE"):
        assert name not in ENVIRONMENT
    command = [*ALONE, OCTET, "speak", "안녕하세요. Hello.", "-o", tmp_path / "hello.wav"]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "hello.wav").stat().st_size > 10_000
