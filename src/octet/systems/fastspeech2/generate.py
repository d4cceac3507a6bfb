"""From text to sound with FastSpeech 2 or 2s: sentence by sentence, so that long texts stream in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from octet.audio.spectrogram import MelSpec
from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.families.acoustic.adaptor import Adapted, Controls
from octet.families.acoustic.encoder import Phones
from octet.text import frontend
from octet.text.lexicon import Lexicon
from octet.text.phonemes import ACCENT_IDS, LANGUAGE_IDS, SILENCE, SYMBOL_IDS, Phone, Sentence, Word


class SpeechRequest(BaseModel):
    """What to say and how. One model for Python, command line and server."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    voice: str | None = None  # by default, the voice of the text's language
    language: str | None = None  # by default, detected
    speed: float = Field(default=1.0, ge=0.25, le=4.0)  # above 1 is faster
    pitch_semitones: float = Field(default=0.0, ge=-24, le=24)
    energy: float = Field(default=1.0, ge=0.1, le=4.0)
    ssml: bool = False
    seed: int = 0  # FastSpeech 2 draws nothing; kept so that a request means the same everywhere


class AcousticToAudio(Protocol):
    """A whole chain from phones to audio: FastSpeech 2 with its vocoder, or FastSpeech 2s alone."""

    spec: MelSpec
    speakers: tuple[str, ...]

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Audio (B, 1, N) and what the variance adaptor decided."""


@dataclass(frozen=True)
class WordTime:
    """When a written word sounds, in seconds from the start of the whole audio."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class Spoken:
    """One sentence as sound. `unpronounced` lists characters that were spoken around."""

    text: str
    audio: Waveform
    words: tuple[WordTime, ...]
    unpronounced: str


class Speaker:
    """A loaded voice model: `generate` returns a `Waveform`, `stream` its sentences as they are made."""

    def __init__(self, chain: AcousticToAudio, lexicon: Lexicon | None = None) -> None:
        self.chain = chain
        self.lexicon = lexicon

    @property
    def voices(self) -> tuple[str, ...]:
        return self.chain.speakers

    def generate(self, text: str, **options: object) -> Waveform:
        """Speak `text`; options are the fields of `SpeechRequest`.

        Raises:
            InvalidInput: nothing to say, an unknown voice or language, malformed SSML, a value out of range.
        """
        parts = [spoken.audio for spoken in self.stream(SpeechRequest.model_validate({"text": text, **options}))]
        return Waveform.concatenate(parts)

    def stream(self, request: SpeechRequest) -> Iterator[Spoken]:
        """The sentences of a request, each as soon as it is made; word times run on."""
        self._check_voice(request.voice)
        offset_seconds = 0.0
        for sentence in frontend.sentences(
            request.text, language=request.language, lexicon=self.lexicon, ssml=request.ssml
        ):
            spoken = self._speak(sentence, request, offset_seconds)
            offset_seconds += spoken.audio.duration_seconds
            yield spoken

    def _speak(self, sentence: Sentence, request: SpeechRequest, offset_seconds: float) -> Spoken:
        language = main_language(sentence)
        voice = self._voice(sentence.voice or request.voice, language)
        phones, wishes, owners = encode(sentence, self.voices.index(voice), request, self.chain.spec.frame_rate_hz)
        audio, adapted = self.chain.render(phones, wishes)
        samples = audio[0].clamp(-1, 1).numpy()
        words = word_times(sentence, owners, adapted.variances.durations[0], self.chain.spec.frame_rate_hz)
        return Spoken(
            text=sentence.text,
            audio=Waveform(samples, self.chain.spec.sample_rate_hz),
            words=tuple(
                WordTime(w.text, w.start_seconds + offset_seconds, w.end_seconds + offset_seconds) for w in words
            ),
            unpronounced="".join(word.unpronounced for word in sentence.words),
        )

    def _voice(self, wanted: str | None, language: str) -> str:
        self._check_voice(wanted)
        return wanted or (language if language in self.voices else self.voices[0])

    def _check_voice(self, voice: str | None) -> None:
        if voice is not None and voice not in self.voices:
            raise InvalidInput(f"unknown voice {voice!r}: choose one of {', '.join(self.voices)}")


def main_language(sentence: Sentence) -> str:
    """The language most of the sentence's phones are in."""
    languages = [word.language for word in sentence.words for _ in word.phones]
    return max(dict.fromkeys(languages), key=languages.count)


def encode(
    sentence: Sentence, speaker: int, request: SpeechRequest, frame_rate_hz: float
) -> tuple[Phones, Controls, list[int]]:
    """A sentence as the model's input, a batch of one; and for each phone the number of its word, -1 at the edges."""
    language = main_language(sentence)
    edge = Word("", (Phone(SILENCE),), language)
    words = [edge, *sentence.words, edge]
    spread = [(number - 1, word, phone) for number, word in enumerate(words) for phone in word.phones]
    owners = [-1 if word is edge else number for number, word, _ in spread]

    def integers(values: list[int]) -> Tensor:
        return torch.tensor([values])

    phones = Phones(
        symbols=integers([SYMBOL_IDS[phone.symbol] for _, _, phone in spread]),
        accents=integers([ACCENT_IDS[phone.accent] for _, _, phone in spread]),
        languages=integers([LANGUAGE_IDS[word.language] for _, word, _ in spread]),
        speakers=torch.tensor([speaker]),
    )
    wishes = Controls(
        speed=torch.tensor([[word.prosody.speed * request.speed for _, word, _ in spread]]),
        pitch_semitones=torch.tensor(
            [[word.prosody.pitch_semitones + request.pitch_semitones for _, word, _ in spread]]
        ),
        energy=torch.tensor([[word.prosody.energy * request.energy for _, word, _ in spread]]),
        frames=integers([_fixed_frames(word, frame_rate_hz) for _, word, _ in spread]),
    )
    return phones, wishes, owners


def word_times(sentence: Sentence, owners: list[int], durations: Tensor, frame_rate_hz: float) -> list[WordTime]:
    """Start and end of each word that has a letter or digit, from phone durations (P,) in frames."""
    ends = durations.cumsum(0).tolist()
    starts = [0, *ends[:-1]]
    times = []
    for number, word in enumerate(sentence.words):
        mine = [phone for phone, owner in enumerate(owners) if owner == number]
        if mine and any(character.isalnum() for character in word.text):
            times.append(WordTime(word.text, starts[mine[0]] / frame_rate_hz, ends[mine[-1]] / frame_rate_hz))
    return times


def _fixed_frames(word: Word, frame_rate_hz: float) -> int:
    return -1 if word.pause_seconds is None else round(word.pause_seconds * frame_rate_hz)
