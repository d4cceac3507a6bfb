"""The verb `demo`: something to hear from every bundled model, and a page with players.

A piece whose model is not bundled, or that needs a package which is not installed, is left out and named.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput, MissingExtra
from octet.core.files import require_writable, write_text
from octet.core.hub import bundled_names
from octet.core.progress import Progress, Step, silent
from octet.jobs.demo_songs import SONGS, Song, sing
from octet.jobs.load import BUNDLED, SYSTEMS, load
from octet.jobs.music import Model, music_to_file
from octet.jobs.speak import said

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform


@dataclass(frozen=True)
class Piece:
    """One sound of the demo."""

    title: str
    text: str
    language: str
    voice: str
    model: str = "fastspeech2"
    speed: float = 1.0
    pitch_semitones: float = 0.0

    @property
    def stem(self) -> str:
        """How its files are called."""
        return f"{self.model}-{self.language}-{self.voice}"

    @property
    def options(self) -> dict[str, Any]:
        """As `SpeechRequest` takes them."""
        names = ("text", "voice", "language", "speed", "pitch_semitones")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Tune:
    """Music of the demo."""

    title: str
    text: str
    language: str = "en"
    seconds: float = 8.0
    seed: int = 0
    model: str = "musicgen"

    @property
    def stem(self) -> str:
        """How its files are called."""
        return f"{self.model}-{self.seed}"


ENGLISH = "Good morning! I would like two cups of coffee and a slice of lemon cake, please."
KOREAN = "안녕하세요. 오늘은 2026년 11월 22일, 날씨가 참 맑습니다."
PIECES = (
    Piece("English, voice slt", ENGLISH, "en", "slt"),
    Piece("English, voice rms", ENGLISH, "en", "rms"),
    Piece("English, voice awb", ENGLISH, "en", "awb"),
    Piece("English, voice kal", ENGLISH, "en", "kal"),
    Piece("한국어", KOREAN, "ko", "ko"),
    Piece("中文", "你好，今天天气很好，我们去公园散步吧。", "zh", "zh"),
    Piece("日本語（かな）", "こんにちは。きょうは とても いい てんき ですね。", "ja", "ja"),
    Piece("日本語（漢字）", "今日はとても良い天気ですね。", "ja", "ja"),
    Piece("Deutsch", "Guten Tag! Heute scheint die Sonne, und wir gehen spazieren.", "de", "de"),
    Piece("Français", "Bonjour, il fait beau aujourd'hui et nous allons au marché.", "fr", "fr"),
    Piece("Español", "Buenos días, hoy hace sol y vamos a pasear por el parque.", "es", "es"),
    Piece("Faster and higher", ENGLISH, "en", "slt", speed=1.25, pitch_semitones=3),
    Piece("FastSpeech 2s: text to waveform in one model", ENGLISH, "en", "slt", model="fastspeech2s"),
    Piece("FastSpeech 2s, 한국어", KOREAN, "ko", "ko", model="fastspeech2s"),
    Piece("DiffSpeech: shallow diffusion", ENGLISH, "en", "slt", model="diffspeech"),
    Piece("DiffSpeech, 한국어", KOREAN, "ko", "ko", model="diffspeech"),
)
TUNES = (
    Tune("A tune", "A slow and sad piece for piano and strings.", seed=1),
    Tune("Another", "Fast, happy rock with guitar, bass and drums.", seed=2),
    Tune("음악", "경쾌하고 빠른 재즈, 피아노와 드럼.", "ko", seed=3),
)
SCORES = (
    Tune("A score", "A fast happy waltz for violin and piano, 16 bars.", seed=1, model="musecoco"),
    Tune("악보", "첼로와 하프로 연주하는 슬프고 느린 곡, 8마디.", "ko", seed=2, model="musecoco"),
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
FIGURE = """<figure><figcaption>{title}</figcaption><p lang="{language}">{text}</p>
<audio controls preload="none" src="{sound}"></audio>
<img src="{picture}" alt="spectrogram of: {title}"></figure>"""


@dataclass(frozen=True)
class Demo:
    """What was made: the page, the sounds, and a line for each piece that was left out."""

    page: Path
    sounds: tuple[Path, ...]
    left_out: tuple[str, ...]


def everything() -> tuple[Piece | Tune | Song, ...]:
    """All pieces."""
    return (*PIECES, *SONGS, *TUNES, *SCORES)


def demo(folder: Path, on_progress: Progress = silent, pieces: Sequence[Piece | Tune | Song] | None = None) -> Demo:
    """Write the sounds of `pieces`, by default of `everything`, their spectrograms and `index.html` to `folder`.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    page = folder / "index.html"
    require_writable(page)
    pieces = everything() if pieces is None else pieces
    loaded = cache(load)  # each model once
    blocks, sounds, left_out = [], [], []
    for number, piece in enumerate(pieces, start=1):
        sound = folder / f"{number:02}-{piece.stem}.wav"
        reason = _made(piece, sound, loaded)
        if reason is None:
            blocks.append(_figure(piece, sound))
            sounds.append(sound)
        else:
            left_out.append(f"{piece.title}: {reason}")
            blocks.append(f"<p>Left out: {html.escape(left_out[-1])}</p>")
        on_progress(Step("demo", number, len(pieces)))
    write_text(page, PAGE.format(figures="\n".join(blocks)))
    return Demo(page, tuple(sounds), tuple(left_out))


def _made(piece: Piece | Tune | Song, sound: Path, load: Callable[[str], Any]) -> str | None:
    """Make a piece's sound and picture, or say why it cannot be made here."""
    artifact = SYSTEMS.get(piece.model, piece.model)
    if artifact not in bundled_names(BUNDLED):
        return f"the model {artifact} is not bundled with this Octet"
    try:
        audio = _sounding(piece, sound, load)
    except (MissingExtra, InvalidInput) as error:  # kanji without the extra that reads it
        return str(error)
    _picture(audio, sound.with_suffix(".png"))
    return None


def _sounding(piece: Piece | Tune | Song, sound: Path, load: Callable[[str], Any]) -> Waveform:
    if isinstance(piece, Piece):
        return _spoken(piece, sound, load)
    return sing(piece, sound) if isinstance(piece, Song) else _played(piece, sound)


def _spoken(piece: Piece, sound: Path, load: Callable[[str], Any]) -> Waveform:
    from octet.systems.fastspeech2.generate import request_of

    audio = said(load(piece.model), request_of(**piece.options)).audio
    audio.save(sound)
    return audio


def _played(tune: Tune, sound: Path) -> Waveform:
    if tune.model == "musecoco":
        return _composed(tune, sound)
    options = {"prompt": tune.text, "duration_seconds": tune.seconds, "seed": tune.seed}
    return music_to_file(Model(tune.model), options, sound)


def _composed(tune: Tune, sound: Path) -> Waveform:
    """The score lies beside its sound."""
    from octet.audio.waveform import Waveform
    from octet.jobs import compose

    outputs = compose.Outputs(sound.with_suffix(".mid"), render=sound)
    compose.compose_to_files(compose.Model(tune.model), {"prompt": tune.text, "seed": tune.seed}, outputs)
    return Waveform.load(sound)


def _figure(piece: Piece | Tune | Song, sound: Path) -> str:
    title, text = html.escape(piece.title), html.escape(piece.text)
    picture = sound.with_suffix(".png").name
    return FIGURE.format(title=title, text=text, language=piece.language, sound=sound.name, picture=picture)


def _picture(audio: Waveform, path: Path) -> None:
    import torch

    from octet.audio.spectrogram import mel, tiny
    from octet.evaluation.pictures import spectrogram_png

    spec = tiny()
    samples = torch.from_numpy(audio.resample(spec.sample_rate_hz).samples[0])
    spectrogram_png(mel(samples, spec).numpy(), path, frame_rate_hz=spec.frame_rate_hz)
