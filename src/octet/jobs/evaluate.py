"""The verb `evaluate`: a model measured on sentences it never saw, next to the teachers it learned from.

Judges are never trained on what they judge: English words are counted by pocketsphinx, phonemes of the other languages
by the bundled recogniser, which has heard the teachers but never a model, F0 by Octet's own pYIN while the corpus was
analysed by WORLD.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octet.audio.pitch import pyin
from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.data.corpora import sentences as corpus_sentences
from octet.data.corpora import teachers
from octet.data.corpora.respell import for_teacher
from octet.data.corpora.voices import VOICES
from octet.evaluation import fidelity, intelligibility
from octet.evaluation import pitch as pitch_chapter
from octet.evaluation.listener import Listener
from octet.evaluation.pictures import pitch_png, spectrogram_png
from octet.evaluation.report import Report, Target, environment, write
from octet.jobs.load import load
from octet.jobs.prepare import load_recogniser
from octet.text import frontend
from octet.text.phonemes import PAUSES

if TYPE_CHECKING:
    from octet.systems.fastspeech2.generate import Speaker

ENGLISH_VOICES = ("slt", "rms", "awb")
OTHER_LANGUAGES = ("ko", "zh", "ja", "de", "fr", "es")
SUBJECTS = ("fastspeech2", "fastspeech2s", "diffspeech")
WORD_ERROR_MARGIN, PHONEME_ERROR_MARGIN = 0.03, 0.05

Say = Callable[[str], Waveform]


def evaluate(
    subject: str,
    out: Path,
    *,
    model: str | None = None,
    sentences: int = 100,
    data: Path | None = None,
    on_progress: Progress = silent,
) -> Report:
    """Measure intelligibility, controls and pitch, and write report.json, report.md and pictures to `out`.

    A DiffSinger sings songs of the corpus in `data` (see `octet.jobs.evaluate_diffsinger`).

    Raises:
        InvalidInput: an unknown subject, or fewer than two sentences.
        MissingExtra: flite, or the packages of the extra `evaluate`, are not installed.
    """
    if subject == "diffsinger":
        from octet.jobs import evaluate_diffsinger

        return evaluate_diffsinger.evaluate(out, data=data, model=model, songs=sentences, on_progress=on_progress)
    if subject not in SUBJECTS:
        others = "codec, musicgen, musecoco, diffsinger"
        raise InvalidInput(f"no evaluation called {subject!r}: there are {', '.join(SUBJECTS)}, {others}")
    if sentences < 2:
        raise InvalidInput(f"at least 2 sentences are needed, given {sentences}")
    speaker = load(model or subject)
    results: dict[str, Any] = {}
    targets: list[Target] = []
    for voice in ENGLISH_VOICES:
        results[f"words_{voice}"] = _words(speaker, voice, sentences, on_progress)
        scores = results[f"words_{voice}"]
        limit = scores["teacher"]["word_error_rate"] + WORD_ERROR_MARGIN
        targets.append(Target(f"word error rate, {voice}", limit, scores["model"]["word_error_rate"]))
    for language in OTHER_LANGUAGES:
        results[f"phonemes_{language}"] = _phonemes(speaker, language, sentences, on_progress)
        scores = results[f"phonemes_{language}"]
        limit = scores["teacher"]["phoneme_error_rate"] + PHONEME_ERROR_MARGIN
        targets.append(Target(f"phoneme error rate, {language}", limit, scores["model"]["phoneme_error_rate"]))
    results["controls"], of_controls = _controls(speaker, on_progress)
    results["likeness_rms"] = _likeness(speaker, "rms", min(sentences, 20), out, on_progress)
    report = Report(
        title=f"{subject}: {model or 'bundled'}",
        environment=environment(f"octet evaluate {subject} --sentences {sentences}", time.strftime("%Y-%m-%d")),
        results=results,
        targets=[*targets, *of_controls],
        pictures=["teacher.png", "model.png", "pitch.png"],
    )
    write(report, out)
    return report


def teacher(voice: str, language: str) -> Say:
    """The corpus's own voice, reading what it would have read for the corpus."""

    def say(text: str) -> Waveform:
        utterance = teachers.speak(VOICES[voice], for_teacher(text, language), language)
        return Waveform(utterance.samples, teachers.SAMPLE_RATE_HZ)

    return say


def spoken_by(speaker: Speaker, voice: str, language: str, **options: Any) -> Say:
    """The model's voice."""
    return lambda text: speaker.generate(text, voice=voice, language=language, **options)


def _words(speaker: Speaker, voice: str, count: int, on_progress: Progress) -> dict[str, dict[str, float]]:
    texts = corpus_sentences.held_out("en")[:count]
    listener = Listener()
    scores = {}
    for who, say in (("teacher", teacher(voice, "en")), ("model", spoken_by(speaker, voice, "en"))):
        heard = []
        for number, text in enumerate(texts, start=1):
            audio = say(text)
            heard.append(listener.transcribe(audio.samples[0], audio.sample_rate_hz))
            on_progress(Step(f"listening to {who} {voice}", number, len(texts)))
        scores[who] = intelligibility.evaluate(texts, heard)
    return scores


def _phonemes(speaker: Speaker, language: str, count: int, on_progress: Progress) -> dict[str, dict[str, float]]:
    from octet.encoders.recogniser.listen import recognise

    texts = corpus_sentences.held_out(language)[:count]
    asked = [phones_of(text, language) for text in texts]
    recogniser = load_recogniser()
    scores = {}
    for who, say in (("teacher", teacher(language, language)), ("model", spoken_by(speaker, language, language))):
        heard = []
        for number, text in enumerate(texts, start=1):
            audio = say(text)
            heard.append(recognise(recogniser, audio.samples, audio.sample_rate_hz))
            on_progress(Step(f"listening to {who} {language}", number, len(texts)))
        scores[who] = intelligibility.evaluate_phones(asked, heard)
    return scores


def phones_of(text: str, language: str) -> list[str]:
    """The symbols that a text should sound as, pauses left out."""
    analysed = frontend.analyze(text, language=language)
    return [phone.symbol for sentence in analysed for phone in sentence.phones if phone.symbol not in PAUSES]


def _controls(speaker: Speaker, on_progress: Progress) -> tuple[dict[str, dict[str, float]], list[Target]]:
    """What speed, pitch and energy do to duration, median F0 and loudness, as ratios to the plain sentence."""
    texts = corpus_sentences.held_out("en")[:10]
    wishes: dict[str, dict[str, float]] = {
        "speed 0.8": {"speed": 0.8},
        "speed 1.25": {"speed": 1.25},
        "pitch +2": {"pitch_semitones": 2},
        "pitch -2": {"pitch_semitones": -2},
        "energy 0.7": {"energy": 0.7},
        "energy 1.3": {"energy": 1.3},
    }
    plain = _measures(speaker, texts, {})
    rows = {}
    for number, (name, wish) in enumerate(wishes.items(), start=1):
        rows[name] = {key: value / plain[key] for key, value in _measures(speaker, texts, wish).items()}
        on_progress(Step("trying the controls", number, len(wishes)))
    return rows, _control_targets(rows)


def _control_targets(rows: dict[str, dict[str, float]]) -> list[Target]:
    semitones = {"pitch +2": 2 ** (2 / 12), "pitch -2": 2 ** (-2 / 12)}
    targets = [
        Target(f"speed {speed}: error of the duration", 0.02, abs(rows[f"speed {speed}"]["duration"] * speed - 1))
        for speed in (0.8, 1.25)
    ]
    targets += [
        Target(f"{n}: error of median F0", 0.02, abs(rows[n]["f0"] / ratio - 1)) for n, ratio in semitones.items()
    ]
    rises = min(1 - rows["energy 0.7"]["loudness"], rows["energy 1.3"]["loudness"] - 1)
    targets.append(Target("energy 0.7, 1, 1.3: least change of loudness", 0.0, rises, direction="at least"))
    for name, row in rows.items():
        own = {"speed": "duration", "pitch": "f0", "energy": "loudness"}[name.split()[0]]
        worst = max(abs(value - 1) for key, value in row.items() if key != own)
        targets.append(Target(f"{name}: largest change of anything else", 0.03, worst))
    return targets


def _measures(speaker: Speaker, texts: Sequence[str], wish: dict[str, float]) -> dict[str, float]:
    audios = [speaker.generate(text, voice="rms", language="en", **wish) for text in texts]
    f0_hz = np.concatenate([f0_of(audio) for audio in audios])
    samples = np.concatenate([audio.samples[0] for audio in audios])
    return {
        "duration": sum(audio.duration_seconds for audio in audios),
        "f0": float(np.median(f0_hz[f0_hz > 0])),
        "loudness": float(np.sqrt(np.mean(samples[np.abs(samples) > 1e-3] ** 2))),
    }


def f0_of(audio: Waveform) -> NDArray[np.float32]:
    """F0 every 12.5 ms at 16 kHz, by pYIN."""
    return pyin(audio.samples[0], audio.sample_rate_hz, audio.sample_rate_hz // 80)


def _likeness(speaker: Speaker, voice: str, count: int, out: Path, on_progress: Progress) -> dict[str, float]:
    """Mel-cepstral distortion and pitch statistics against the teacher's reading; pictures of the first sentence."""
    texts = corpus_sentences.held_out("en")[:count]
    distortions, truths, estimates = [], [], []
    for number, text in enumerate(texts, start=1):
        truth, made = teacher(voice, "en")(text), spoken_by(speaker, voice, "en")(text)
        distortions.append(fidelity.mel_cepstral_distortion_db(mel_of(truth), mel_of(made)))
        truths.append(f0_of(truth))
        estimates.append(f0_of(made))
        if number == 1:
            spectrogram_png(mel_of(truth), out / "teacher.png")
            spectrogram_png(mel_of(made), out / "model.png")
            pitch_png({"teacher": truths[0], "model": estimates[0]}, out / "pitch.png")
        on_progress(Step("comparing with the teacher", number, len(texts)))
    return {"mel_cepstral_distortion_db": float(np.mean(distortions)), **pitch_chapter.evaluate(truths, estimates)}


def mel_of(audio: Waveform) -> NDArray[np.float64]:
    """Log-mel spectrogram (M, T) as the bundled models use it."""
    import torch

    from octet.audio.spectrogram import mel, tiny

    samples = audio.resample(tiny().sample_rate_hz).samples[0]
    return mel(torch.from_numpy(samples), tiny()).double().numpy()
