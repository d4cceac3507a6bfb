"""From a prompt to music with MusicGen: of any length, by windows, and sounding while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from octet.audio.waveform import Waveform
from octet.codecs.contract import Codec
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.core.version import VERSION
from octet.engines.prepare import Precision
from octet.engines.select import EngineName, engine_for
from octet.families.token_lm.engine import Engine
from octet.families.token_lm.generate import Windows, generate_long
from octet.families.token_lm.guidance import Guided
from octet.families.token_lm.sound import Coarse, Interleaved, decode_stream, sound_of, tokens_of
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.request import MusicRequest, Sound, request_of

PIECE_SECONDS = 0.5  # of the shortest piece of a stream but the last


@dataclass(frozen=True)
class Listening:
    """How sounds are heard that music is to follow. What is missing cannot be asked for."""

    chroma: Callable[[Waveform], Tensor] | None = None  # of a melody, (F, 12), one bin of each frame 1
    melody_stems: Callable[[Waveform], Waveform] | None = None  # takes drums and bass out of a melody first
    style: Callable[[Waveform], Tensor] | None = None  # (F, features) of an excerpt


class Musician:
    """A loaded model with its codec: `generate` returns a `Waveform`, `stream` its pieces as they are made.

    The codec is on the model's device. `source` says where the weights came from; a waveform's metadata repeat it
    beside the request. `engine` and `weights` are those of `engines.select.engine_for`.

    Raises:
        InvalidInput: the codec is not of this model, or the engine cannot run it.
        MissingExtra: the engine is not installed.
    """

    def __init__(
        self,
        model: MusicGen,
        codec: Codec,
        *,
        engine: Engine | EngineName = "torch",
        weights: Precision | None = None,
        listening: Listening | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model.eval()
        self.codec = _fitting(model, codec)
        self.engine = _engine(model, engine, weights)
        self.listening = listening or Listening()
        self.source = dict(source or {})

    def generate(self, prompt: str = "", *, on_progress: Progress = silent, **options: Any) -> Waveform:
        """Music; options are the fields of `MusicRequest`.

        Raises:
            InvalidInput: an unknown option, a value out of range, a sound that cannot be read, a beginning that is
                longer than what is asked for.
        """
        return self.generate_all([prompt], on_progress=on_progress, **options)[0]

    def generate_all(self, prompts: Sequence[str], *, on_progress: Progress = silent, **options: Any) -> list[Waveform]:
        """Music for several prompts in one batch, all else being equal.

        Raises:
            InvalidInput: as `generate`; or there are no prompts.
        """
        requests = _requests(prompts, options)
        codes = torch.cat(list(self._tokens(requests, on_progress)), dim=2)
        sounds = self._sound(sound_of(codes, self.codec))
        return [replace(s, metadata=self.provenance(r)) for s, r in zip(sounds, requests, strict=True)]

    def stream(self, prompt: str = "", *, on_progress: Progress = silent, **options: Any) -> Iterator[Waveform]:
        """The pieces of what `generate` returns, to rounding, each as soon as it can sound.

        Raises:
            InvalidInput: as `generate` does, before the first piece is asked for.
        """
        tokens = self._tokens(_requests([prompt], options), on_progress)
        frames = round(PIECE_SECONDS * self.codec.frame_rate_hz)
        return (self._sound(audio)[0] for audio in decode_stream(self.codec, tokens, frames))

    def provenance(self, request: MusicRequest) -> dict[str, Any]:
        """What sound of this model says of itself: version, model, and the request but for defaults."""
        asked = request.model_dump(exclude_defaults=True, exclude_none=True, mode="json")
        return {"octet": VERSION, "verb": "music", **self.source, "request": asked}

    def _tokens(self, requests: Sequence[MusicRequest], on_progress: Progress) -> Iterator[Tensor]:
        """Codec tokens (B, K, n), those of the beginning first; all input is read before this returns."""
        request, config = requests[0], self.model.config
        frames = max(1, round(request.duration_seconds * self.codec.frame_rate_hz))
        windows = Windows(config.segment_frames, config.stride_frames)
        beginning = self._beginning(request.continue_from).repeat(len(requests), 1, 1)
        if beginning.shape[2] > min(frames, windows.frames):
            longest = min(frames, windows.frames) / self.codec.frame_rate_hz
            raise InvalidInput(f"continue_from is longer than {longest:g} seconds: give less of it, or ask for more")
        pieces = generate_long(
            self.engine,
            self._guiding(requests, frames > windows.frames),
            config.pattern,
            frames,
            windows,
            beginning,
            request.sampling(config.temperature),
            torch.Generator(self._device).manual_seed(request.seed),
        )
        return _reported(beginning, pieces, frames, on_progress)

    def _guiding(self, requests: Sequence[MusicRequest], by_windows: bool) -> Callable[[int], Guided]:
        """The conditions of the window that begins at a frame: its own part of the melody, which goes round."""
        asked, own = requests[0], self.model.config
        scale = own.guidance_scale if asked.guidance_scale is None else asked.guidance_scale
        self.model.require_hearing(asked.melody is not None, asked.style is not None)
        style = self._style(asked, len(requests))
        melody = self._melody(asked.melody, by_windows)

        @torch.inference_mode()
        def conditions(start: int) -> Guided:
            chroma = None if melody is None else melody(start).repeat(len(requests), 1, 1)
            told = self.model.read([request.prompt for request in requests], chroma, style)
            return self.model.guided(told, scale, asked.text_guidance_scale)

        return conditions

    def _melody(self, sound: Sound | None, by_windows: bool) -> Callable[[int], Tensor] | None:
        """The chroma (F, 12) of the window that begins at a frame; of a short music, that of the whole melody."""
        if sound is None:
            return None
        hear, stems = self.listening.chroma, self.listening.melody_stems
        if hear is None:
            raise InvalidInput("nothing was given that hears a melody: load the model with its chroma")
        whole = _audible("melody", sound)

        def chroma(start: int) -> Tensor:
            begins = start / self.codec.frame_rate_hz
            part = _around(whole, begins, self.model.config.segment_seconds) if by_windows else whole
            return hear(part if stems is None else stems(part))

        return chroma

    def _style(self, asked: MusicRequest, rows: int) -> Tensor | None:
        """Features (B, F, features) of an excerpt from anywhere in the sound, which the seed chooses."""
        if asked.style is None or self.model.config.style is None:
            return None
        if self.listening.style is None:
            raise InvalidInput("nothing was given that hears a style: load the model with its features")
        sound = _audible("style", asked.style)
        count = round(self.model.config.style.excerpt_seconds * sound.sample_rate_hz)
        spare = max(0, sound.samples.shape[1] - count)
        rng = torch.Generator().manual_seed(asked.seed)
        first = int(torch.randint(spare + 1, (), generator=rng))
        excerpt = replace(sound, samples=sound.samples[:, first : first + count])
        return self.listening.style(excerpt).repeat(rows, 1, 1)

    def _beginning(self, sound: Sound | None) -> Tensor:
        if sound is None:
            return torch.zeros(1, self.codec.codebooks, 0, dtype=torch.long, device=self._device)
        return tokens_of(_audible("continue_from", sound), self.codec, self._device)

    def _sound(self, audio: Tensor) -> list[Waveform]:
        return [Waveform(row.clamp(-1, 1).cpu().numpy(), self.codec.sample_rate_hz) for row in audio]

    @property
    def _device(self) -> torch.device:
        return self.model.decoder.norm.weight.device


def _engine(model: MusicGen, engine: Engine | EngineName, weights: Precision | None) -> Engine:
    if isinstance(engine, str):
        return engine_for(model.decoder, engine, weights)
    if weights is not None:
        raise InvalidInput(f"weights {weights} were asked for of an engine that has its own: name the engine instead")
    return engine


def _requests(prompts: Sequence[str], options: Mapping[str, Any]) -> list[MusicRequest]:
    if not prompts:
        raise InvalidInput("no prompts were given: give one, which may be empty")
    return [request_of(prompt, **options) for prompt in prompts]


def _audible(name: str, sound: Sound) -> Waveform:
    heard = sound if isinstance(sound, Waveform) else Waveform.load(sound)
    if not heard.samples.shape[1]:
        raise InvalidInput(f"{name} holds no sound: give one of some length")
    return heard


def _around(sound: Waveform, start_seconds: float, seconds: float) -> Waveform:
    """A part of a sound that is repeated without end."""
    first, count = (round(time * sound.sample_rate_hz) for time in (start_seconds, seconds))
    places = np.arange(first, first + count) % sound.samples.shape[1]
    return replace(sound, samples=sound.samples[:, places])


def _reported(beginning: Tensor, pieces: Iterator[Tensor], frames: int, on_progress: Progress) -> Iterator[Tensor]:
    done = beginning.shape[2]
    yield beginning
    for piece in pieces:
        done += piece.shape[2]
        on_progress(Step("music", done, frames))
        yield piece


def _fitting(model: MusicGen, codec: Codec) -> Codec:
    """The codec, of as many channels as the model and by as many of its codebooks, the first ones."""
    config = model.config
    each = config.decoder.codebooks // config.channels
    if codec.codebooks > each:
        codec = Coarse(codec, each)
    if codec.channels != config.channels:
        codec = Interleaved(codec, config.channels)
    mine = (config.decoder.codebooks, config.decoder.vocabulary, config.frame_rate_hz)
    given = (codec.codebooks, codec.codebook_size, codec.frame_rate_hz)
    if mine != given:
        raise InvalidInput(
            f"the model speaks {mine[0]} codebooks of {mine[1]} at {mine[2]:g} Hz and the codec {given[0]} of "
            f"{given[1]} at {given[2]:g} Hz: give the codec it was trained with"
        )
    return codec
