"""The verb `replay`: the sound of a file again, from the request that the file carries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from octet.core.errors import InvalidInput
from octet.core.files import require_writable
from octet.core.progress import Progress, silent

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.symbolic.score import Score


def replay(file: Path, output: Path, on_progress: Progress = silent) -> Waveform | Score:
    """Make a file's sound or score again, from what it says of itself, into `output`.

    Raises:
        InvalidInput: no provenance of Octet in the file, or the model's weights are not those any more.
    """
    from octet.audio.files import read_metadata, require_format
    from octet.jobs import compose, music, sing, speak

    composed = file.suffix.lower() in compose.MIDI
    metadata = compose.said_by_midi(file) if composed else read_metadata(file)
    verbs: dict[str, Callable[..., Waveform | Score]] = {
        "speak": speak.replay,
        "music": music.replay,
        "sing": sing.replay,
        "compose": compose.replay,
    }
    again = verbs.get(str(metadata.get("verb")))
    (compose.require_score_format if composed or again is compose.replay else require_format)(output)
    require_writable(output)
    if again is None or "request" not in metadata:
        written = " or ".join(f"octet {verb}" for verb in verbs)
        raise InvalidInput(f"{file} does not say how it was made; only files written by {written} can be replayed")
    return again(file, metadata, output, on_progress)
