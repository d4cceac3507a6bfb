"""The catalogue of recipes: what `octet train` takes by name. A recipe's module is imported when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from octet.core.errors import InvalidInput
from octet.core.training import Plan

if TYPE_CHECKING:
    from octet.audio.spectrogram import MelSpec
    from octet.jobs.samples import Sampler
    from octet.nn.lora import LoraConfig

RECIPES = (
    "fastspeech2-tiny",
    "fastspeech2-paper",
    "fastspeech2s-tiny",
    "fastspeech2s-paper",
    "vocoder-tiny",
    "vocoder-tiny-adversarial",
    "hifigan-v1",
    "hifigan-v2",
    "hifigan-v3",
    "vocos",
    "singing-vocoder-tiny",
    "nsf-hifigan",
    "recogniser-tiny",
    "codec-tiny",
    "encodec-24khz",
    "encodec-32khz",
    "encodec-48khz",
    "soundstream",
    "musicgen-tiny",
    "musicgen-small",
    "musicgen-medium",
    "musicgen-large",
    "musicgen-melody",
    "musicgen-tiny-lora",
    "diffspeech-tiny",
    "diffspeech-paper",
    "diffsinger-tiny",
    "diffsinger-paper",
    "diffsinger-midi-a",
    "diffsinger-midi-b",
)


@dataclass(frozen=True)
class Recipe:
    """A model class, the preset of its configuration and plan, and what it reads of a corpus.

    `spec_at` is where in the configuration the MelSpec of features or of sounds stands. With `spec`, the preset takes
    the corpus's speakers and statistics, which are measured on features of that MelSpec. With `lora`, the decoder of a
    model that is there already is adapted. `measure` makes the statistics of a corpus's examples, by default those of
    FastSpeech 2; `judge` makes figures of a model and held-out examples, beside its losses.
    """

    model: Callable[[Any], Any]
    preset: Callable[..., tuple[BaseModel, Plan]]
    spec_at: str = ""
    sampler: Sampler | None = None
    spec: MelSpec | None = None
    reads: Literal["features", "sounds", "tokens", "singing", "voice"] = "features"
    lora: LoraConfig | None = None
    measure: Callable[[Iterable[Any]], Any] | None = None
    judge: Callable[[Any, Any], dict[str, float]] | None = None


def recipe_of(name: str) -> Recipe:
    """The catalogue.

    Raises:
        InvalidInput: no recipe of that name.
    """
    from octet.audio import spectrogram
    from octet.jobs import samples

    match name:
        case "fastspeech2-tiny":
            from octet.systems.fastspeech2 import model, recipe

            return Recipe(model.FastSpeech2, recipe.tiny, "spec", samples.of_acoustic, spectrogram.tiny())
        case "fastspeech2-paper":
            from octet.systems.fastspeech2 import model, recipe

            return Recipe(model.FastSpeech2, recipe.paper, "spec", samples.of_acoustic, spectrogram.ljspeech())
        case "fastspeech2s-tiny":
            from octet.systems.fastspeech2 import recipe, waveform

            preset, spec = recipe.tiny_2s, spectrogram.tiny()
            return Recipe(waveform.FastSpeech2s, preset, "acoustic.spec", samples.of_waveform, spec)
        case "fastspeech2s-paper":
            from octet.systems.fastspeech2 import recipe, waveform

            preset, spec = recipe.paper_2s, spectrogram.ljspeech()
            return Recipe(waveform.FastSpeech2s, preset, "acoustic.spec", samples.of_waveform, spec)
        case "vocoder-tiny" | "vocoder-tiny-adversarial" | "hifigan-v1" | "hifigan-v2" | "hifigan-v3" | "vocos":
            from octet.vocoders import recipe as vocoders
            from octet.vocoders.training import TrainableVocoder

            preset = getattr(vocoders, name.replace("-", "_"))
            return Recipe(TrainableVocoder, preset, "generator.spec", samples.of_vocoder)
        case "singing-vocoder-tiny" | "nsf-hifigan":
            from octet.vocoders import recipe as vocoders
            from octet.vocoders.training import TrainableVocoder

            preset = getattr(vocoders, name.replace("-", "_"))
            return Recipe(TrainableVocoder, preset, "generator.spec", samples.of_sung_vocoder, reads="voice")
        case "recogniser-tiny":
            from octet.encoders.recogniser import model as recogniser
            from octet.encoders.recogniser import recipe as recognisers

            return Recipe(recogniser.Recogniser, recognisers.tiny, "mel")
        case "codec-tiny":
            from octet.codecs import recipe as codecs
            from octet.codecs.spectral_training import TrainableSpectralCodec

            return Recipe(TrainableSpectralCodec, codecs.codec_tiny, "features", samples.of_codec, reads="sounds")
        case "encodec-24khz" | "encodec-32khz" | "encodec-48khz" | "soundstream":
            from octet.codecs import recipe as codecs
            from octet.codecs.training import TrainableCodec

            preset = getattr(codecs, name.replace("-", "_"))
            return Recipe(TrainableCodec, preset, "features", samples.of_codec, reads="sounds")
        case "musicgen-tiny" | "musicgen-small" | "musicgen-medium" | "musicgen-large" | "musicgen-melody":
            from octet.systems.musicgen import recipe as musicgen

            return Recipe(_musicgen, getattr(musicgen, name.removeprefix("musicgen-")), reads="tokens")
        case "musicgen-tiny-lora":
            from octet.systems.musicgen import recipe as musicgen

            def adapting() -> tuple[BaseModel, Plan]:
                return musicgen.tiny()[0], musicgen.finetuning()

            return Recipe(_musicgen, adapting, reads="tokens", lora=musicgen.LORA)
        case _ if name.startswith(("diffspeech-", "diffsinger-")):
            from octet.jobs import singers

            if name in RECIPES:
                return singers.recipe_of(name)
    raise _unknown(name)


def _musicgen(config: Any) -> Any:
    """With the frozen text encoder that its configuration names."""
    from octet.systems.musicgen.model import MusicGen

    return MusicGen(config, _t5(config.text.name) if config.text.kind == "t5" else None)


def _t5(name: str) -> Any:
    from octet.encoders.text import t5
    from octet.jobs.load import resolve

    try:
        folder = resolve(name)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; or give a T5 by its folder: --set model.text.name=FOLDER") from None
    return t5.load(folder)


def _unknown(name: str) -> InvalidInput:
    close = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return InvalidInput(f"no recipe called {name!r}: {hint}There are {', '.join(RECIPES)}")
