"""The verb `train`: a recipe's name and a prepared corpus become a model.

Systems meet the training loop only here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.core.training import Plan
from octet.jobs.recipes import Recipe, recipe_of
from octet.training.compute import Compute

if TYPE_CHECKING:
    from octet.audio.spectrogram import MelSpec
    from octet.data.features import SpeechDataset
    from octet.training.loader import Dataset

MEASURED_EXAMPLES = 2000  # are enough for a corpus's mean pitch and energy


def train(
    recipe: str,
    data: Path | Sequence[Path],
    out: Path,
    *,
    overrides: Mapping[str, str] | None = None,
    init_from: str | None = None,
    budget_minutes: float | None = None,
    compute: Compute | None = None,
    on_progress: Progress = silent,
) -> Path:
    """Train a recipe on the corpus in `data`, or on several, into the run folder `out`, or continue the run there.

    `overrides` are texts by setting, such as {"plan.steps": "100", "model.width": "64"}. The run begins with what fits
    of the weights of `init_from` (a bundled name, hub id, artifact, checkpoint or run); how many do is reported as
    progress. It ends, annealed, within `budget_minutes`.

    Returns:
        The last checkpoint, which is an artifact folder.

    Raises:
        InvalidInput: an unknown recipe or setting, a corpus without the features or tokens that it reads, several where
            it takes one, an adaptation of nothing or of another model, or as `octet.training.loop.fit` says.
        Stopped: interrupted by its user, after a checkpoint.
    """
    import torch

    from octet.training.checkpoint import checkpoints
    from octet.training.loop import fit

    chosen, folders = recipe_of(recipe), [data] if isinstance(data, Path) else list(data)
    if chosen.lora is not None and init_from is None:
        raise InvalidInput(f"{recipe} adapts a model that is there already: give it with --init-from MODEL")
    config, plan = configured(chosen, folders, overrides or {})
    dataset = split_of(chosen, folders, config)  # before a model that may be large
    model = _initial(chosen, config, plan.seed, init_from, on_progress)
    if init_from is None and not checkpoints(out):
        _begin(model, dataset, plan, on_progress)
    evaluate = _evaluation(chosen, folders, config, plan)
    run = partial(fit, budget_minutes=budget_minutes, compute=compute or Compute(), on_progress=on_progress)
    try:
        return run(model, dataset, plan, out, evaluate=evaluate)
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def configured(recipe: Recipe, folders: Sequence[Path], overrides: Mapping[str, str]) -> tuple[Any, Plan]:
    """The complete model configuration and plan."""
    from octet.training.overrides import overridden

    if recipe.spec is None:
        config, plan = recipe.preset()
    else:
        # Statistics depend on the MelSpec, so its settings must be known before the rest of the configuration is.
        root = f"model.{recipe.spec_at}."
        early = {name.removeprefix(root): text for name, text in overrides.items() if name.startswith(root)}
        spec = overridden({"spec": recipe.spec}, {f"spec.{name}": text for name, text in early.items()})["spec"]
        dataset = _speakers_dataset(recipe, folders, spec)
        config, plan = recipe.preset(dataset.speakers, _statistics(recipe, dataset))
    both = overridden({"model": config, "plan": plan}, overrides)
    return both["model"], both["plan"]


def _initial(recipe: Recipe, config: Any, seed: int, init_from: str | None, on_progress: Progress) -> Any:
    """The model as training begins with it."""
    import torch

    from octet.nn.lora import adapt

    torch.manual_seed(seed)
    model = recipe.model(config)
    if init_from is not None:
        _start_from(model, init_from, on_progress, entirely=recipe.lora is not None)
    if recipe.lora is not None:
        adapt(model.decoder, recipe.lora)
    return model


def _begin(model: Any, dataset: Dataset, plan: Plan, on_progress: Progress) -> None:
    """Show a model that wants it what it will learn from: the first batches of the plan."""
    from octet.data.batching import Position
    from octet.training.loader import Loader

    if not hasattr(model, "begin"):
        return
    count = model.config.begin_batches
    with closing(Loader(dataset, model, plan).steps(Position())) as steps:
        batches = []
        for number, step in enumerate(islice(steps, count)):
            on_progress(Step("beginning", number, count))
            batches += step.batches
    model.begin(batches)
    on_progress(Step("beginning", count, count))


def _statistics(recipe: Recipe, dataset: Any) -> Any:
    from octet.systems.fastspeech2 import recipe as fastspeech2
    from octet.training.held_out import some

    measure = recipe.measure or fastspeech2.measure
    return measure(dataset[index] for index in some(len(dataset), MEASURED_EXAMPLES))


def split_of(recipe: Recipe, folders: Sequence[Path], config: Any, split: str = "train") -> Dataset:
    """One split of corpora, as a recipe reads them.

    Raises:
        InvalidInput: features or tokens are missing, the split is empty, or a recipe takes one corpus only.
    """
    match recipe.reads:
        case "features" | "singing":
            return _speakers_dataset(recipe, folders, _spec(recipe, config), split)
        case "voice":
            from octet.data.singing import voice_of

            return _together(lambda folder: voice_of(folder, _spec(recipe, config), split), folders)
        case "sounds":
            from octet.data.sounds import SoundDataset

            return _together(lambda folder: SoundDataset(folder, _spec(recipe, config), split), folders)
        case "tokens":
            return _together(partial(_tokens, config, split), folders)
        case "scores":
            from octet.systems.musecoco.corpus import ScoreDataset

            return _together(lambda folder: ScoreDataset(folder, split), folders)
        case "texts":
            from octet.systems.musecoco.corpus import TextDataset

            return _together(lambda folder: TextDataset(folder, split), folders)
        case "labelled":
            from octet.data.labelled import LabelledDataset

            return _together(lambda folder: LabelledDataset(folder, _spec(recipe, config), split), folders)


def _speakers_dataset(recipe: Recipe, folders: Sequence[Path], spec: MelSpec, split: str = "train") -> Any:
    """Of a corpus that says who speaks, or sings."""
    if recipe.reads == "singing":
        from octet.jobs.singers import dataset_of

        return dataset_of(folders, spec, split)
    return _features(folders, spec, split)


def _features(folders: Sequence[Path], spec: MelSpec, split: str = "train") -> SpeechDataset:
    from octet.data.features import SpeechDataset

    if len(folders) > 1:
        raise InvalidInput(f"this recipe trains on one corpus, {len(folders)} were given: give --data once")
    return SpeechDataset(folders[0], spec, split=split)


def _tokens(config: Any, split: str, folder: Path) -> Dataset:
    """Of the codec that a MusicGen's configuration names."""
    from octet.data.tokens import TokenDataset
    from octet.jobs.load import model_hash, resolve

    try:
        key = model_hash(resolve(config.codec or ""))
    except InvalidInput as error:
        raise InvalidInput(f"{error}; say which codec the tokens are of: --set model.codec=CODEC") from None
    return TokenDataset(folder, key, split, segment_frames=config.segment_frames)


def _together(open_one: Callable[[Path], Dataset], folders: Sequence[Path]) -> Dataset:
    from octet.data.sounds import Together

    return Together([open_one(folder) for folder in folders])


def _spec(recipe: Recipe, config: Any) -> MelSpec:
    spec: MelSpec = attrgetter(recipe.spec_at)(config)
    return spec


def _evaluation(recipe: Recipe, folders: Sequence[Path], config: Any, plan: Plan) -> Any:
    """Losses and samples of the test splits; nothing where a corpus has none."""
    from octet.jobs.samples import sampled
    from octet.training.held_out import held_out_losses
    from octet.training.log import Evaluation

    try:
        dataset = split_of(recipe, folders, config, "test")
    except InvalidInput:
        return None

    def evaluate(model: Any, step: int) -> Evaluation:
        losses = held_out_losses(model, dataset, plan, step)
        if recipe.judge is not None:
            losses |= recipe.judge(model, dataset)
        if recipe.sampler is None:
            return Evaluation(losses)
        return sampled(recipe.sampler, model, dataset, _spec(recipe, config), losses)

    return evaluate


def _start_from(model: Any, name: str, on_progress: Progress, *, entirely: bool) -> None:
    from octet.jobs.load import resolve
    from octet.training.warm_start import warm_start

    taken, total = warm_start(model, resolve(name))
    if entirely and taken < total:
        raise InvalidInput(f"{taken} of {total} weights fit those of {name}: give the settings that it was made with")
    on_progress(Step(f"weights from {name}", taken, total))
