"""What is bundled is told truly."""

from octet.core.artifacts import WEIGHTS
from octet.jobs.load import BUNDLED
from octet.jobs.models import bundled


def test_every_bundled_artifact_is_listed_with_its_voices_and_size():
    rows = {row.name: row for row in bundled()}
    assert set(rows) == {path.parent.name for path in BUNDLED.glob(f"*/{WEIGHTS}")}
    assert "ko" in rows["fastspeech2-tiny"].voices
    assert rows["vocoder-tiny"].voices == ()
    assert all(0 < row.mebibytes < 16 for row in rows.values())
