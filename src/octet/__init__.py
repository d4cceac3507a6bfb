"""Octet: eight published sound-generation systems that run, train, are measured and are served in the same way.

>>> import octet
>>> octet.load("fastspeech2").generate("Hello.", speed=1.1, seed=7).sample_rate_hz
16000
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from octet.core.version import VERSION

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.jobs.load import load

__version__ = VERSION
__all__ = ["Waveform", "__version__", "load"]


def __getattr__(name: str) -> Any:
    # Imported when first asked for: `octet --help` and `octet.__version__` must not wait for torch.
    if name == "load":
        from octet.jobs.load import load

        return load
    if name == "Waveform":
        from octet.audio.waveform import Waveform

        return Waveform
    raise AttributeError(f"module 'octet' has no attribute {name!r}")
