import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.audio.waveform import Waveform
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.core.training import LabelledSound
from octet.encoders.attributes import features, judge, recipe
from octet.encoders.attributes.model import UNKNOWN, AttributeJudge, AttributesConfig, hearing, normalised
from octet.symbolic.attributes import TEMPO_CLASSES
from octet.symbolic.instruments import CLASSES

RATE = features.SAMPLE_RATE_HZ
SMALL = AttributesConfig(channels=(4, 6, 8, 8, 12), hidden=24, augmentation=None)


def _rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _tone(pitches: list[int], seconds: float = 2.0) -> torch.Tensor:
    time = torch.arange(round(seconds * RATE)) / RATE
    tones = [torch.sin(2 * math.pi * 440 * 2 ** ((pitch - 69) / 12) * time) for pitch in pitches]
    return 0.2 * torch.stack(tones).sum(0)


def _clicks(bpm: float, seconds: float = 8.0) -> torch.Tensor:
    audio = 0.001 * torch.randn(round(seconds * RATE), generator=_rng())
    for beat in range(int(seconds * bpm / 60)):
        start = round(beat * 60 / bpm * RATE)
        audio[start : start + 800] += 0.5 * torch.randn(len(audio[start : start + 800]), generator=_rng(beat))
    return audio


def _small(seed: int = 0) -> AttributeJudge:
    torch.manual_seed(seed)
    return AttributeJudge(SMALL).eval()


@pytest.mark.parametrize("pitch", [33, 45, 60, 71, 88])
def test_a_tone_is_heard_in_its_class_and_register(pitch: int) -> None:
    found = features.pitch_classes(_tone([pitch], 3.0)).mean(-1)
    assert divmod(int(found.argmax()), 12) == (0 if pitch < 52 else 1 if pitch < 76 else 2, pitch % 12)


@settings(max_examples=20)
@given(st.integers(0, 11), st.integers(0, 2**31))
def test_a_key_is_judged_the_same_from_every_tonic(steps: int, seed: int) -> None:
    torch.manual_seed(seed)
    head = AttributeJudge(SMALL).eval().key
    classes, frames = torch.rand(2, features.REGISTERS, 12, 9), torch.tensor([9, 5])
    plain, turned = head(classes, frames), head(classes.roll(steps, dims=2), frames)
    torch.testing.assert_close(turned.unflatten(1, (2, 12)), plain.unflatten(1, (2, 12)).roll(steps, dims=2))


def test_the_mode_is_the_sum_of_its_keys() -> None:
    logits = _small()(hearing([_tone([60, 64, 67])], SMALL.mel))
    keys = logits.key.softmax(-1)
    torch.testing.assert_close(logits.mode.exp(), torch.stack([keys[:, :12].sum(1), keys[:, 12:].sum(1)], dim=1))


@pytest.mark.parametrize("bpm", [60.0, 96.0, 150.0])
def test_what_recurs_with_the_beat_is_most_alike_a_beat_later(bpm: float) -> None:
    heard = hearing([_clicks(bpm)], SMALL.mel)
    regular = features.periodicity(heard.mel, heard.frames)[0].mean(0)
    lag = 60 / bpm * SMALL.mel.frame_rate_hz
    peak = 20 + int(regular[20:].argmax())
    assert regular[0] == pytest.approx(1.0, abs=1e-4)
    assert min(abs(peak - lag * times) for times in (1, 2, 3)) <= 1.5


def test_a_row_does_not_depend_on_what_fills_up_the_batch() -> None:
    short, long = _tone([60, 67], 2.3), _clicks(100.0, 5.0)
    model = _small()
    together = model(hearing([short, long], SMALL.mel))
    for row, audio in enumerate((short, long)):
        alone = model(hearing([audio], SMALL.mel))
        for both, single in zip(together, alone, strict=True):
            torch.testing.assert_close(both[row : row + 1], single, rtol=1e-4, atol=1e-5)


def test_loudness_makes_no_difference_and_silence_is_heard_without_complaint() -> None:
    mel = torch.randn(80, 40, generator=_rng())
    torch.testing.assert_close(normalised(mel + 3.0), normalised(mel))
    silent = _small()(hearing([torch.zeros(RATE)], SMALL.mel))
    assert all(torch.isfinite(part).all() for part in silent)


def test_batches_hold_labels_and_say_what_is_unknown() -> None:
    told = LabelledSound("a", _tone([60]), ("piano", "drum"), bpm=60.0, tonic=2, mode="minor")
    batch = _small().collate([told, LabelledSound("b", _tone([60]), (), bpm=140.0)], _rng())
    assert [CLASSES[index] for index in batch["instruments"][0].nonzero()[:, 0]] == ["piano", "drum"]
    assert batch["tempo"].tolist() == [TEMPO_CLASSES.index("slow"), TEMPO_CLASSES.index("fast")]
    assert batch["key"].tolist() == [12 + 2, UNKNOWN]


def test_what_is_unknown_teaches_nothing() -> None:
    model = _small()
    losses = model.loss(model.collate([LabelledSound("a", _tone([60]), ("piano",))], _rng()), step=0)
    losses.total.backward()
    assert float(losses.parts["tempo"]) == float(losses.parts["key"]) == 0.0
    assert float(model.tempo[0].weight.grad.abs().max()) == 0.0
    assert float(model.timbre.out.weight.grad.abs().max()) > 0.0


def test_augmentation_works_in_training_only_and_by_the_generator() -> None:
    items = [LabelledSound("a", _clicks(90.0, 3.0), ("drum",))]
    torch.manual_seed(0)
    model = AttributeJudge(AttributesConfig(channels=SMALL.channels, hidden=SMALL.hidden))
    first = model.collate(items, _rng(1))["mel"]
    assert torch.equal(model.collate(items, _rng(1))["mel"], first)
    plain = model.eval().collate(items, _rng(1))["mel"]
    assert not torch.equal(first, plain)
    assert torch.equal(plain, _small().collate(items, _rng(2))["mel"])


def _lesson(number: int) -> LabelledSound:
    """A major or minor triad, held or struck, at one of two speeds."""
    fast, minor, struck = number % 2, number // 2 % 2, number // 4 % 2
    tonic = number * 5 % 12
    chord = _tone([48 + tonic, 60 + tonic, 60 + tonic + (3 if minor else 4), 67 + tonic], 4.0)
    clicks = _clicks(150.0 if fast else 60.0, 4.0)
    audio = 0.3 * chord + (clicks if struck else 0.3 * clicks.cumsum(0).clamp(-1, 1).diff(prepend=torch.zeros(1)))
    names = ("piano", "drum") if struck else ("organ",)
    return LabelledSound(str(number), audio, names, 150.0 if fast else 60.0, tonic, "minor" if minor else "major")


def test_it_learns_made_lessons_and_is_asked_by_sound() -> None:
    torch.manual_seed(0)
    model = AttributeJudge(SMALL)
    items = [_lesson(number) for number in range(16)]
    batch = model.collate(items, _rng())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(60):
        losses = model.loss(batch, step=step)
        losses.total.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert losses.parts["mode_right"] > 0.9
    assert losses.parts["tempo_right"] > 0.9
    heard = list(judge.listen(model.eval(), (Waveform(item.audio.numpy(), RATE) for item in items)))
    assert np.mean([found.mode_name == item.mode for found, item in zip(heard, items, strict=True)]) > 0.9
    assert (
        np.mean([found.has_drums == ("drum" in item.instruments) for found, item in zip(heard, items, strict=True)])
        > 0.8
    )


def test_long_sounds_are_heard_in_windows_and_short_ones_are_filled_up() -> None:
    model = _small()
    audio = _clicks(100.0, 21.0).numpy()
    (whole,) = judge.listen(model, [Waveform(audio, RATE)])
    thirds = [Waveform(part, RATE) for part in np.array_split(audio, 3)]
    parts = list(judge.listen(model, thirds))
    torch.testing.assert_close(whole.tempo, torch.stack([part.tempo for part in parts]).mean(0))
    torch.testing.assert_close(whole.instruments, torch.stack([part.instruments for part in parts]).amax(0))
    assert set(parts[0].likeliest(28)) == set(CLASSES)
    (short,) = judge.listen(model, [Waveform(audio[:10], RATE)])
    assert torch.isfinite(short.mode).all()
    assert float(short.mode.sum()) == pytest.approx(1.0, abs=1e-5)


def test_an_artifact_comes_back_as_the_same_judge_and_a_foreign_one_is_refused(tmp_path: Path) -> None:
    model = _small(1)
    artifacts.save(tmp_path / "own", *model.artifact())
    loaded = AttributeJudge.load(tmp_path / "own")
    heard = hearing([_tone([60, 64])], SMALL.mel)
    assert loaded.config == SMALL
    torch.testing.assert_close(loaded(heard), model(heard), rtol=0, atol=0)
    _, config, state = model.artifact()
    artifacts.save(tmp_path / "other", "vocos", config, state)
    with pytest.raises(InvalidArtifact, match="'vocos'"):
        AttributeJudge.load(tmp_path / "other")
    artifacts.save(tmp_path / "wide", "attributes", {**config, "hidden": 48}, state)
    with pytest.raises(InvalidArtifact, match=r"wide"):
        AttributeJudge.load(tmp_path / "wide")


def test_the_bundled_size() -> None:
    config, plan = recipe.tiny()
    parameters = sum(weight.numel() for weight in AttributeJudge(config).parameters())
    assert parameters * 2 < 4 * 2**20
    assert plan.batch_frames == 16 * 800
    json.dumps(config.model_dump(mode="json"))
