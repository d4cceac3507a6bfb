"""Settings that all tests share."""

from hypothesis import settings

# Timings on a busy machine are no property of the code; the slowest examples are found by `pytest --durations`.
settings.register_profile("octet", deadline=None)
settings.load_profile("octet")
