"""Settings that all tests share."""

import pytest
from hypothesis import settings

# Timings on a busy machine are no property of the code; the slowest examples are found by `pytest --durations`.
settings.register_profile("octet", deadline=None)
settings.load_profile("octet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that interrupt their own process come first.

    Where a processor has AMX, OpenVINO asks the kernel for signal frames that are larger than the stack on which
    pytest's faulthandler runs: once it has been loaded, the next signal kills the process.
    """
    items.sort(key=lambda item: not item.path.match("training/test_resume.py"))
