"""The verb `models`: what is bundled, and which public layouts load."""

from __future__ import annotations

import re
from dataclasses import dataclass

from octet.core.artifacts import CARD, WEIGHTS, load_config
from octet.core.hub import bundled_names
from octet.jobs.load import BUNDLED

LOADABLE = {
    "ming024 FastSpeech 2 *.pth.tar": "LJSpeech, LibriTTS, AISHELL-3; with --vocoder its HiFi-GAN",
    "jik876 HiFi-GAN generator_* + config.json": "V1, V2, V3 (--vocoder)",
    "transformers SpeechT5HifiGan": "folder or hub id (--vocoder)",
    "transformers FastSpeech2ConformerHifiGan": "folder or hub id (--vocoder)",
    "charactr Vocos config.yaml + weights": "folder or hub id (--vocoder)",
    "transformers musicgen, musicgen_melody": "folder or hub id (octet music --model)",
    "audiocraft state_dict.bin + compression_state_dict.bin": "folder or hub id; with --text-encoder a T5",
    "muzic attribute2music.pt, text2attribute": "checkpoint (octet compose --model), folder or hub id (--reader)",
    "transformers encodec, dac": "folder or hub id (--codec)",
    "MoonInTheRiver DiffSinger *.ckpt + config.yaml": "Opencpop MIDI-A, MIDI-B, with vocoder= theirs",
    "openvpi voicebank dsconfig.yaml + *.onnx": "folder; with vocoder= the folder of its vocoder.yaml",
}
_LICENCE = re.compile(r"^license:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Bundled:
    """One bundled artifact."""

    name: str
    kind: str
    mebibytes: float
    licence: str
    voices: tuple[str, ...]


def bundled() -> list[Bundled]:
    """All bundled artifacts, by name."""
    return [_describe(name) for name in bundled_names(BUNDLED)]


def _describe(name: str) -> Bundled:
    folder = BUNDLED / name
    kind, config = load_config(folder)
    card = folder / CARD
    licence = _LICENCE.search(card.read_text(encoding="utf-8")) if card.is_file() else None
    voices = config.get("speakers") or config.get("acoustic", {}).get("speakers", ())
    size = (folder / WEIGHTS).stat().st_size / 2**20
    return Bundled(name, kind, size, licence.group(1) if licence else "?", tuple(voices))
