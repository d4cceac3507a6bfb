"""The verb `train`: a recipe's name and a prepared corpus become a model.

Systems meet the training loop only here. A recipe's module is imported when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.core.training import Plan
from octet.training.compute import Compute

if TYPE_CHECKING:
    from octet.audio.spectrogram import MelSpec
    from octet.data.features import SpeechDataset
    from octet.jobs.samples import Sampler

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
    "recogniser-tiny",
)
MEASURED_EXAMPLES = 2000  # are enough for a corpus's mean pitch and energy


@dataclass(frozen=True)
class Recipe:
    """A model class, the preset of its configuration and plan, and where in the configuration its MelSpec stands.

    With `spec`, the preset takes the corpus's speakers and statistics, which are measured on features of that MelSpec.
    """

    model: Callable[[Any], Any]
    preset: Callable[..., tuple[BaseModel, Plan]]
    spec_at: str
    sampler: Sampler | None = None
    spec: MelSpec | None = None


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
        case "recogniser-tiny":
            from octet.encoders.recogniser import model as recogniser
            from octet.encoders.recogniser import recipe as recognisers

            return Recipe(recogniser.Recogniser, recognisers.tiny, "mel")
    raise _unknown(name)


def train(
    recipe: str,
    data: Path,
    out: Path,
    *,
    overrides: Mapping[str, str] | None = None,
    init_from: str | None = None,
    budget_minutes: float | None = None,
    compute: Compute | None = None,
    on_progress: Progress = silent,
) -> Path:
    """Train a recipe on the corpus in `data` into the run folder `out`, or continue the run there.

    `overrides` are texts by setting, such as {"plan.steps": "100", "model.width": "64"}. The run begins with what fits
    of the weights of `init_from` (a bundled name, hub id, artifact, checkpoint or run); how many do is reported as
    progress. It ends, annealed, within `budget_minutes`.

    Returns:
        The last checkpoint, which is an artifact folder.

    Raises:
        InvalidInput: an unknown recipe or setting, no features for its MelSpec, or as `octet.training.loop.fit` says.
        Stopped: interrupted by its user, after a checkpoint.
    """
    import torch

    from octet.training.loop import fit

    chosen = recipe_of(recipe)
    config, plan = configured(chosen, data, overrides or {})
    model = _initial(chosen.model, config, plan.seed)
    if init_from is not None:
        _start_from(model, init_from, on_progress)
    spec = attrgetter(chosen.spec_at)(config)
    dataset, evaluate = _dataset(data, spec), _evaluation(chosen, data, spec, plan)
    run = partial(fit, budget_minutes=budget_minutes, compute=compute or Compute(), on_progress=on_progress)
    try:
        return run(model, dataset, plan, out, evaluate=evaluate)
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def configured(recipe: Recipe, data: Path, overrides: Mapping[str, str]) -> tuple[Any, Plan]:
    """The complete model configuration and plan."""
    from octet.training.overrides import overridden

    if recipe.spec is None:
        config, plan = recipe.preset()
    else:
        # Statistics depend on the MelSpec, so its settings must be known before the rest of the configuration is.
        root = f"model.{recipe.spec_at}."
        early = {name.removeprefix(root): text for name, text in overrides.items() if name.startswith(root)}
        spec = overridden({"spec": recipe.spec}, {f"spec.{name}": text for name, text in early.items()})["spec"]
        dataset = _dataset(data, spec)
        config, plan = recipe.preset(dataset.speakers, _statistics(dataset))
    both = overridden({"model": config, "plan": plan}, overrides)
    return both["model"], both["plan"]


def _initial(model: Callable[[Any], Any], config: Any, seed: int) -> Any:
    import torch

    torch.manual_seed(seed)
    return model(config)


def _statistics(dataset: SpeechDataset) -> Any:
    from octet.systems.fastspeech2.recipe import measure
    from octet.training.held_out import some

    return measure(dataset[index] for index in some(len(dataset), MEASURED_EXAMPLES))


def _dataset(data: Path, spec: MelSpec, split: str = "train") -> SpeechDataset:
    from octet.data.features import SpeechDataset

    return SpeechDataset(data, spec, split=split)


def _evaluation(recipe: Recipe, data: Path, spec: MelSpec, plan: Plan) -> Any:
    """Losses and samples of the corpus's test split; nothing where it has none."""
    from octet.jobs.samples import sampled
    from octet.training.held_out import held_out_losses

    try:
        dataset = _dataset(data, spec, "test")
    except InvalidInput:
        return None

    def evaluate(model: Any, step: int) -> Any:
        return sampled(recipe.sampler, model, dataset, spec, held_out_losses(model, dataset, plan, step))

    return evaluate


def _start_from(model: Any, name: str, on_progress: Progress) -> None:
    from octet.jobs.load import resolve
    from octet.training.warm_start import warm_start

    taken, total = warm_start(model, resolve(name))
    on_progress(Step(f"weights from {name}", taken, total))


def _unknown(name: str) -> InvalidInput:
    close = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return InvalidInput(f"no recipe called {name!r}: {hint}There are {', '.join(RECIPES)}")
