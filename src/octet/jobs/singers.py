"""DiffSinger and DiffSpeech in training: their recipes, their corpora, and how they sound on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from octet.audio import spectrogram
from octet.core.errors import InvalidInput
from octet.core.training import SpeechExample, SungExample
from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.encoder import Phones
from octet.jobs.recipes import Recipe
from octet.jobs.samples import Sample, sung_aloud, vocoded
from octet.systems.diffsinger import held_out, recipe
from octet.systems.diffsinger.model import DiffSinger
from octet.systems.diffsinger.speech import DiffSpeech

if TYPE_CHECKING:
    from octet.audio.spectrogram import MelSpec

SINGING = {
    "diffsinger-tiny": (recipe.tiny, spectrogram.tiny),
    "diffsinger-paper": (recipe.paper, recipe.popcs_spec),
    "diffsinger-midi-a": (recipe.midi_a, recipe.popcs_spec),
    "diffsinger-midi-b": (recipe.midi_b, recipe.popcs_spec),
}
SPEAKING = {
    "diffspeech-tiny": (recipe.tiny_speech, spectrogram.tiny),
    "diffspeech-paper": (recipe.paper_speech, spectrogram.ljspeech),
}


def recipe_of(name: str) -> Recipe:
    """The recipe of one of these names."""
    if name in SPEAKING:
        preset, spec = SPEAKING[name]
        statistics, judge = spoken_statistics, held_out.judge_speech
        return Recipe(DiffSpeech, preset, "acoustic.spec", of_speech, spec(), measure=statistics, judge=judge)
    preset, spec = SINGING[name]
    told = {"reads": "singing", "measure": recipe.measure, "judge": held_out.judge_singing}
    return Recipe(DiffSinger, preset, "spec", of_singing, spec(), **told)


def dataset_of(folders: Sequence[Path], spec: MelSpec, split: str) -> Any:
    """The features of one corpus of singing.

    Raises:
        InvalidInput: several corpora, or one without features.
    """
    from octet.data.singing import SingingDataset

    if len(folders) > 1:
        raise InvalidInput(f"this recipe trains on one corpus, {len(folders)} were given: give --data once")
    return SingingDataset(folders[0], spec, split=split)


def spoken_statistics(examples: Iterable[SpeechExample]) -> Any:
    """What DiffSpeech's configuration carries of a corpus: FastSpeech 2's statistics, and the range of mels."""
    from octet.systems.fastspeech2.recipe import measure

    mels = recipe.MelMeter()

    def seen() -> Iterator[SpeechExample]:
        for example in examples:
            mels.add(example.mel)
            yield example

    return measure(seen()), mels.read()


def of_speech(model: DiffSpeech, example: SpeechExample) -> Sample:
    """DiffSpeech: everything predicted; audio when the vocoder that its configuration names is there."""
    rng = torch.Generator().manual_seed(0)
    batch = model.collate([example], rng)
    device = next(model.parameters()).device
    parts = [batch[name].to(device) for name in ("symbols", "accents", "languages", "speakers")]
    ones = torch.ones(parts[0].shape, device=device)
    wishes = Controls(speed=ones, pitch_semitones=0 * ones, energy=ones, frames=(-ones).long())
    mel, _ = model.generate(Phones(*parts), wishes, rng)
    return Sample(mel[0], vocoded(model.config.acoustic.vocoder, mel))


def of_singing(model: DiffSinger, example: SungExample) -> Sample:
    """DiffSinger: everything predicted but what its version is given."""
    mel, sung = held_out.sung_again(model, example)
    return Sample(mel[0], sung_aloud(model.config.vocoder, mel, sung.f0_hz * sung.voiced))
