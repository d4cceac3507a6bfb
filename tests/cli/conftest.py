"""`octet(...)` runs a command within the test's process."""

from __future__ import annotations

from functools import partial

import pytest
from tests.cli.running import Octet, here


@pytest.fixture
def octet(capfdbinary: pytest.CaptureFixture[bytes]) -> Octet:
    return partial(here, capfdbinary)
