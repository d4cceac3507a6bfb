"""The verb `demo`: something to hear from every bundled model, and a page with players."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from octet.core.files import require_writable, write_text
from octet.core.progress import Progress, Step, silent
from octet.jobs.speak import Model, Report, speak


@dataclass(frozen=True)
class Piece:
    """One sound of the demo."""

    title: str
    text: str
    model: str = "fastspeech2"
    voice: str | None = None
    language: str | None = None
    speed: float = 1.0
    pitch_semitones: float = 0.0

    @property
    def options(self) -> dict[str, object]:
        """As `SpeechRequest` takes them."""
        names = ("text", "voice", "language", "speed", "pitch_semitones")
        return {name: getattr(self, name) for name in names}


ENGLISH = "Good morning! I would like two cups of coffee and a slice of lemon cake, please."
PIECES = (
    Piece("English, voice slt", ENGLISH, voice="slt"),
    Piece("English, voice rms", ENGLISH, voice="rms"),
    Piece("English, voice awb", ENGLISH, voice="awb"),
    Piece("English, voice kal", ENGLISH, voice="kal"),
    Piece("한국어", "안녕하세요. 오늘은 2026년 11월 22일, 날씨가 참 맑습니다."),
    Piece("中文", "你好，今天天气很好，我们去公园散步吧。"),
    Piece("日本語", "こんにちは。きょうは とても いい てんき ですね。"),
    Piece("Deutsch", "Guten Tag! Heute scheint die Sonne, und wir gehen spazieren."),
    Piece("Français", "Bonjour, il fait beau aujourd'hui et nous allons au marché."),
    Piece("Español", "Buenos días, hoy hace sol y vamos a pasear por el parque."),
    Piece("Faster and higher", ENGLISH, voice="slt", speed=1.25, pitch_semitones=3),
    Piece("FastSpeech 2s: text to waveform in one model", ENGLISH, model="fastspeech2s", voice="slt"),
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Octet: a demo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
figure {{ margin: 1.5rem 0; }} figcaption {{ font-weight: 600; }} audio {{ width: 100%; }}
img {{ width: 100%; image-rendering: auto; }} p {{ margin: .25rem 0; color: #555; }}
</style></head><body>
<h1>Octet</h1>
<p>Made on this machine, by the bundled models, without a network.</p>
{figures}
</body></html>
"""
FIGURE = """<figure><figcaption>{title}</figcaption><p lang="">{text}</p>
<audio controls preload="none" src="{sound}"></audio>
<img src="{picture}" alt="spectrogram of: {title}"></figure>"""


def demo(folder: Path, on_progress: Progress = silent) -> tuple[Path, list[Path]]:
    """Write the sounds, their spectrograms and `index.html` to `folder`; the page's path and the sounds'.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    page = folder / "index.html"
    require_writable(page)
    figures, sounds = [], []
    for number, piece in enumerate(PIECES, start=1):
        sound = folder / f"{number:02}-{piece.model}-{piece.voice or 'voice'}.wav"
        report = speak(Model(piece.model), piece.options)
        report.audio.save(sound)
        picture = _picture(report, sound.with_suffix(".png"))
        figures.append(_figure(piece, sound, picture))
        sounds.append(sound)
        on_progress(Step("demo", number, len(PIECES)))
    write_text(page, PAGE.format(figures="\n".join(figures)))
    return page, sounds


def _figure(piece: Piece, sound: Path, picture: Path) -> str:
    title, text = html.escape(piece.title), html.escape(piece.text)
    return FIGURE.format(title=title, text=text, sound=sound.name, picture=picture.name)


def _picture(report: Report, path: Path) -> Path:
    import torch

    from octet.audio.spectrogram import mel, tiny
    from octet.evaluation.pictures import spectrogram_png

    spec = tiny()
    audio = torch.from_numpy(report.audio.resample(spec.sample_rate_hz).samples[0])
    spectrogram_png(mel(audio, spec).numpy(), path, frame_rate_hz=spec.frame_rate_hz)
    return path
