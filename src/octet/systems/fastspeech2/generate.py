"""From text to sound with FastSpeech 2 or 2s: sentence by sentence, so that long texts stream in bounded memory."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from torch import Tensor

from octet.audio.spectrogram import MelSpec, require_same
from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.version import VERSION
from octet.families.acoustic.adaptor import Adapted, Controls
from octet.families.acoustic.encoder import Phones
from octet.systems.fastspeech2 import ming024_symbols
from octet.systems.fastspeech2.model import FastSpeech2
from octet.systems.fastspeech2.waveform import FastSpeech2s
from octet.text import frontend
from octet.text.lexicon import parse as parse_lexicon
from octet.text.phonemes import ACCENT_IDS, LANGUAGE_IDS, SILENCE, SYMBOL_IDS, SYMBOLS, Sentence, Word
from octet.vocoders.contract import Vocoder

ENGLISH_VOICE = "rms"  # of the bundled English voices the one that recognisers understand best


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
    lexicon: str = ""  # the lines of a user lexicon (octet.text.lexicon), not its path, so that a request is whole
    seed: int = 0  # FastSpeech 2 draws nothing; kept so that a request means the same everywhere

    @field_validator("text", "lexicon")
    @classmethod
    def _unicode(cls, text: str) -> str:
        try:  # bytes of another encoding on the command line arrive as lone surrogates
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"not Unicode text (character {error.start}): convert it to UTF-8") from None
        return text


class Chain(Protocol):
    """A whole way from phones to audio: FastSpeech 2 with its vocoder, or FastSpeech 2s alone."""

    @property
    def spec(self) -> MelSpec: ...

    @property
    def speakers(self) -> tuple[str, ...]: ...

    def spell(self, sentence: Sentence) -> list[Token]:
        """The sentence as the model's own symbols."""

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Audio (B, 1, N) and what the variance adaptor decided."""


class Token(NamedTuple):
    """A symbol of a model's vocabulary, and the number of the word it belongs to (-1 at the sentence's edges)."""

    symbol: int
    accent: int
    language: int
    word: int


class SharedInventory:
    """Spelling for models trained by Octet: phones of the shared inventory, silence at both edges."""

    def spell(self, sentence: Sentence) -> list[Token]:
        edge = Token(SYMBOL_IDS[SILENCE], 0, LANGUAGE_IDS[main_language(sentence)], -1)
        inner = [
            Token(SYMBOL_IDS[phone.symbol], ACCENT_IDS[phone.accent], LANGUAGE_IDS[word.language], number)
            for number, word in enumerate(sentence.words)
            for phone in word.phones
        ]
        return [edge, *inner, edge]


class Ming024Table:
    """Spelling for ming024's weights: their own table, no accents or languages, no edges."""

    def spell(self, sentence: Sentence) -> list[Token]:
        return [
            Token(symbol, 0, 0, number)
            for number, word in enumerate(sentence.words)
            for symbol in ming024_symbols.spell(word)
        ]


class MelChain:
    """FastSpeech 2, then a vocoder of the very same mel spectrogram.

    Raises:
        InvalidInput: the vocoder was made for other spectrograms.
    """

    def __init__(self, model: FastSpeech2, vocoder: Vocoder) -> None:
        require_same(model.config.spec, vocoder.spec)
        self.model = model
        self.vocoder = vocoder
        self.spell = (SharedInventory() if model.config.symbols == len(SYMBOLS) else Ming024Table()).spell
        self.spec = model.config.spec
        self.speakers = model.config.speakers

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        mel, adapted = self.model.generate(phones, wishes)
        return self.vocoder.decode(mel), adapted


class WaveformChain:
    """FastSpeech 2s, which needs no vocoder."""

    def __init__(self, model: FastSpeech2s) -> None:
        self.model = model
        self.spell = SharedInventory().spell
        self.spec = model.config.acoustic.spec
        self.speakers = model.config.acoustic.speakers

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        return self.model.generate(phones, wishes)


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
    """A loaded voice model: `generate` returns a `Waveform`, `stream` its sentences as they are made.

    `source` says where the weights came from (`model`, `model_hash`, ...); a waveform's metadata repeat it beside the
    request, so that `octet replay` can make the sound again from a saved file.
    """

    def __init__(self, chain: Chain, source: Mapping[str, Any] | None = None) -> None:
        self.chain = chain
        self.source = dict(source or {})

    @property
    def voices(self) -> tuple[str, ...]:
        """Names for `SpeechRequest.voice`."""
        return self.chain.speakers

    def generate(self, text: str, **options: Any) -> Waveform:
        """Speak `text`, mono at the model's rate; options are the fields of `SpeechRequest`.

        Raises:
            InvalidInput: nothing to say, an unknown option, voice or language, malformed SSML, a value out of range.
        """
        request = request_of(text, **options)
        audio = join([spoken.audio for spoken in self.stream(request)])
        return replace(audio, metadata=self.provenance(request))

    def stream(self, text: str | SpeechRequest, **options: Any) -> Iterator[Spoken]:
        """The sentences of what `generate` returns, each as soon as it is made; word times run on.

        Raises:
            InvalidInput: as `generate` does, before the first sentence is asked for. The name of a voice within SSML
                is found wrong only when its sentence comes.
        """
        fields = text.model_dump() if isinstance(text, SpeechRequest) else {"text": text}
        request = request_of(**(fields | options))
        self._check_voice(request.voice)
        lexicon = parse_lexicon(request.lexicon) if request.lexicon else None
        read = frontend.sentences(request.text, language=request.language, lexicon=lexicon, ssml=request.ssml)
        return self._spoken(read, request)

    def provenance(self, request: SpeechRequest) -> dict[str, Any]:
        """What sound of this model says of itself: version, model, and the request but for defaults."""
        return {
            "octet": VERSION,
            "verb": "speak",
            **self.source,
            "request": request.model_dump(exclude_defaults=True),
        }

    def _spoken(self, sentences: Iterator[Sentence], request: SpeechRequest) -> Iterator[Spoken]:
        offset_seconds = 0.0
        for sentence in sentences:
            spoken = self._speak(sentence, request, offset_seconds)
            offset_seconds += spoken.audio.duration_seconds
            yield spoken

    def _speak(self, sentence: Sentence, request: SpeechRequest, offset_seconds: float) -> Spoken:
        voice = self._voice(sentence.voice or request.voice, main_language(sentence))
        tokens = self.chain.spell(sentence)
        if not tokens:
            raise InvalidInput(f"this model has no symbols for {sentence.text[:40]!r}; choose one of that language")
        rate = self.chain.spec.frame_rate_hz
        audio, adapted = self.chain.render(
            phones_of(tokens, self.voices.index(voice)), controls_of(tokens, sentence, request, rate)
        )
        samples = audio[0].clamp(-1, 1).numpy()
        return Spoken(
            text=sentence.text,
            audio=Waveform(samples, self.chain.spec.sample_rate_hz),
            words=word_times(sentence, tokens, adapted.variances.durations[0].double() / rate, offset_seconds),
            unpronounced="".join(word.unpronounced for word in sentence.words),
        )

    def _voice(self, wanted: str | None, language: str) -> str:
        self._check_voice(wanted)
        preferred = (wanted, language, ENGLISH_VOICE, self.voices[0])
        return next(voice for voice in preferred if voice in self.voices)

    def _check_voice(self, voice: str | None) -> None:
        if voice is not None and voice not in self.voices:
            raise InvalidInput(f"unknown voice {voice!r}: choose one of {', '.join(self.voices)}")


def request_of(text: str, **options: Any) -> SpeechRequest:
    """A checked request.

    Raises:
        InvalidInput: an unknown option or a value out of range, in one line.
    """
    try:
        return SpeechRequest.model_validate({"text": text, **options})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(SpeechRequest.model_fields)
            raise InvalidInput(f"unknown option {name!r}: choose from {known}") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{name}: {reason}, given {reprlib.repr(first['input'])}") from None


def join(parts: Sequence[Waveform]) -> Waveform:
    """One waveform of several that follow each other."""
    return Waveform(np.concatenate([part.samples for part in parts], axis=1), parts[0].sample_rate_hz)


def main_language(sentence: Sentence) -> str:
    """The language most of the sentence's phones are in."""
    languages = [word.language for word in sentence.words for _ in word.phones]
    return max(dict.fromkeys(languages), key=languages.count)


def phones_of(tokens: Sequence[Token], speaker: int) -> Phones:
    """A batch of one sentence."""
    symbols, accents, languages, _ = (torch.tensor([column]) for column in zip(*tokens, strict=True))
    return Phones(symbols, accents, languages, torch.tensor([speaker]))


def controls_of(tokens: Sequence[Token], sentence: Sentence, request: SpeechRequest, frame_rate_hz: float) -> Controls:
    """The request's wishes, times those of each word (SSML), for each phone."""
    plain = Word("", (), "en")
    words = [sentence.words[token.word] if token.word >= 0 else plain for token in tokens]
    fixed = [-1 if word.pause_seconds is None else round(word.pause_seconds * frame_rate_hz) for word in words]
    return Controls(
        speed=torch.tensor([[word.prosody.speed * request.speed for word in words]]),
        pitch_semitones=torch.tensor([[word.prosody.pitch_semitones + request.pitch_semitones for word in words]]),
        energy=torch.tensor([[word.prosody.energy * request.energy for word in words]]),
        frames=torch.tensor([fixed]),
    )


def word_times(
    sentence: Sentence, tokens: Sequence[Token], durations_seconds: Tensor, offset_seconds: float
) -> tuple[WordTime, ...]:
    """Start and end of each word that has a letter or digit, from the tokens' durations (P,).

    Durations are float64: in float32, an hour's times would be a quarter of a millisecond off.
    """
    ends = (durations_seconds.cumsum(0) + offset_seconds).tolist()
    starts = [offset_seconds, *ends[:-1]]
    times = []
    for number, word in enumerate(sentence.words):
        mine = [position for position, token in enumerate(tokens) if token.word == number]
        if mine and any(character.isalnum() for character in word.text):
            times.append(WordTime(word.text, starts[mine[0]], ends[mine[-1]]))
    return tuple(times)
