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
    reads: Literal["features", "sounds", "tokens", "labelled", "scores", "texts", "singing", "voice"] = "features"
    lora: LoraConfig | None = None
    measure: Callable[[Iterable[Any]], Any] | None = None
    judge: Callable[[Any, Any], dict[str, float]] | None = None


def recipe_of(name: str) -> Recipe:
    """One of `RECIPES`.

    Raises:
        InvalidInput: no recipe of that name.
    """
    if name in RECIPES:
        return RECIPES[name](name)
    close = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InvalidInput(f"no recipe called {name!r}: {hint}There are {', '.join(RECIPES)}")


def _fastspeech2(name: str) -> Recipe:
    from octet.audio import spectrogram
    from octet.jobs import samples
    from octet.systems.fastspeech2 import model, recipe

    if name.endswith("tiny"):
        return Recipe(model.FastSpeech2, recipe.tiny, "spec", samples.of_acoustic, spectrogram.tiny())
    return Recipe(model.FastSpeech2, recipe.paper, "spec", samples.of_acoustic, spectrogram.ljspeech())


def _fastspeech2s(name: str) -> Recipe:
    from octet.audio import spectrogram
    from octet.jobs import samples
    from octet.systems.fastspeech2 import recipe, waveform

    tiny = name.endswith("tiny")
    preset, spec = (recipe.tiny_2s, spectrogram.tiny()) if tiny else (recipe.paper_2s, spectrogram.ljspeech())
    return Recipe(waveform.FastSpeech2s, preset, "acoustic.spec", samples.of_waveform, spec)


def _vocoder(name: str) -> Recipe:
    from octet.jobs import samples
    from octet.vocoders import recipe
    from octet.vocoders.training import TrainableVocoder

    return Recipe(TrainableVocoder, getattr(recipe, _snake(name)), "generator.spec", samples.of_vocoder)


def _singing_vocoder(name: str) -> Recipe:
    from octet.jobs import samples
    from octet.vocoders import recipe
    from octet.vocoders.training import TrainableVocoder

    preset = getattr(recipe, _snake(name))
    return Recipe(TrainableVocoder, preset, "generator.spec", samples.of_sung_vocoder, reads="voice")


def _recogniser(name: str) -> Recipe:  # noqa: ARG001 - there is one
    from octet.encoders.recogniser import model, recipe

    return Recipe(model.Recogniser, recipe.tiny, "mel")


def _attributes(name: str) -> Recipe:  # noqa: ARG001 - there is one
    from octet.encoders.attributes import model, recipe

    return Recipe(model.AttributeJudge, recipe.tiny, "mel", reads="labelled")


def _spectral_codec(name: str) -> Recipe:
    from octet.codecs import recipe
    from octet.codecs.spectral_training import TrainableSpectralCodec
    from octet.jobs import samples

    preset = getattr(recipe, _snake(name))
    return Recipe(TrainableSpectralCodec, preset, "features", samples.of_codec, reads="sounds")


def _codec(name: str) -> Recipe:
    from octet.codecs import recipe
    from octet.codecs.training import TrainableCodec
    from octet.jobs import samples

    return Recipe(TrainableCodec, getattr(recipe, _snake(name)), "features", samples.of_codec, reads="sounds")


def _musicgen(name: str) -> Recipe:
    from octet.systems.musicgen import recipe

    size = name.removeprefix("musicgen-")
    if size == "tiny-lora":
        return Recipe(_player, _adapting, reads="tokens", lora=recipe.LORA)
    return Recipe(_player_of_codes if size == "tiny" else _player, getattr(recipe, size), reads="tokens")


def _musecoco(name: str) -> Recipe:
    from octet.systems.musecoco import model, recipe

    return Recipe(model.MuseCoco, recipe.PRESETS[name.removeprefix("musecoco-")], reads="scores")


def _musecoco_reader(name: str) -> Recipe:
    from octet.systems.musecoco import recipe
    from octet.systems.musecoco.text import AttributeReader

    preset = recipe.tiny_reader if name.endswith("tiny") else recipe.large_reader
    return Recipe(AttributeReader, preset, reads="texts")


def _singer(name: str) -> Recipe:
    from octet.jobs import singers

    return singers.recipe_of(name)


FAMILIES: dict[Callable[[str], Recipe], tuple[str, ...]] = {
    _fastspeech2: ("fastspeech2-tiny", "fastspeech2-paper"),
    _fastspeech2s: ("fastspeech2s-tiny", "fastspeech2s-paper"),
    _vocoder: ("vocoder-tiny", "vocoder-tiny-adversarial", "hifigan-v1", "hifigan-v2", "hifigan-v3", "vocos"),
    _singing_vocoder: ("singing-vocoder-tiny", "nsf-hifigan"),
    _recogniser: ("recogniser-tiny",),
    _attributes: ("attributes-tiny",),
    _spectral_codec: ("codec-tiny",),
    _codec: ("encodec-24khz", "encodec-32khz", "encodec-48khz", "soundstream"),
    _musicgen: (
        "musicgen-tiny",
        "musicgen-small",
        "musicgen-medium",
        "musicgen-large",
        "musicgen-melody",
        "musicgen-tiny-lora",
    ),
    _musecoco: ("musecoco-tiny", "musecoco-200m", "musecoco-1b"),
    _musecoco_reader: ("musecoco-reader-tiny", "musecoco-reader"),
    _singer: (
        "diffspeech-tiny",
        "diffspeech-paper",
        "diffsinger-tiny",
        "diffsinger-paper",
        "diffsinger-midi-a",
        "diffsinger-midi-b",
    ),
}
RECIPES = {name: family for family, names in FAMILIES.items() for name in names}


def _snake(name: str) -> str:
    return name.replace("-", "_")


def _adapting() -> tuple[BaseModel, Plan]:
    from octet.systems.musicgen import recipe

    return recipe.tiny()[0], recipe.finetuning()


def _player(config: Any) -> Any:
    """With the frozen text encoder that its configuration names."""
    from octet.jobs.musician import text_encoder_of
    from octet.systems.musicgen.model import MusicGen

    try:
        reads = text_encoder_of(config)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; or give its text encoder by its folder: --set model.text.name=FOLDER") from None
    return MusicGen(config, reads)


def _player_of_codes(config: Any) -> Any:
    """Beginning with the vectors of the codec that its configuration names, if it has any."""
    from octet.codecs.quantizer import ResidualQuantizer
    from octet.jobs.musician import load_codec
    from octet.systems.musicgen.recipe import begin_with_codes

    model, codec = _player(config), load_codec(config.codec)
    quantizer = getattr(codec, "quantizer", None)
    if isinstance(quantizer, ResidualQuantizer):
        begin_with_codes(model, [level.vectors for level in quantizer.levels])
    return model
