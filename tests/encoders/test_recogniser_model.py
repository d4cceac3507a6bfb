import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from octet.audio.spectrogram import tiny
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.core.training import SpeechExample
from octet.encoders.recogniser import model, recipe
from octet.encoders.recogniser.augment import Augmentation
from octet.encoders.recogniser.model import UNKNOWN, Recogniser, RecogniserConfig, normalised
from octet.text.phonemes import PAUSES, SYMBOL_IDS, SYMBOLS

SMALL = RecogniserConfig(mel=tiny(), channels=32, hidden_channels=64, blocks=2, augmentation=None)
COLOURS = torch.randn(len(SYMBOLS), 80, generator=torch.Generator().manual_seed(0))


def _rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _utterance(number: int, phones: int = 10) -> SpeechExample:
    """Each phone has a spectrum of its own and lasts 4 to 8 frames; the first is a comma."""
    rng = _rng(number)
    symbols = torch.randint(1, len(SYMBOLS), (phones,), generator=rng)
    symbols[0] = SYMBOL_IDS[","]
    durations = torch.randint(4, 9, (phones,), generator=rng)
    mel = COLOURS[symbols].repeat_interleave(durations, dim=0).T.contiguous()
    frames = torch.zeros(mel.shape[1])
    zeros = torch.zeros_like(symbols)
    return SpeechExample(
        str(number),
        "",
        "en",
        "one",
        torch.zeros(len(frames) * 200),
        mel,
        frames,
        frames,
        symbols,
        zeros,
        zeros,
        durations,
    )


def test_a_row_does_not_depend_on_what_fills_up_the_batch() -> None:
    torch.manual_seed(0)
    recogniser = Recogniser(SMALL)
    mel = torch.randn(2, 80, 41)
    for frames in (20, 21):
        together = recogniser(mel, torch.tensor([frames, 41]))
        alone = recogniser(mel[:1, :, :frames], torch.tensor([frames]))
        torch.testing.assert_close(together.frames[:1, :frames], alone.frames)
        torch.testing.assert_close(together.ctc[:1, : (frames + 1) // 2], alone.ctc)
    assert together.ctc.shape == (2, 21, len(SYMBOLS))
    assert together.frames.shape == (2, 41, len(SYMBOLS))


def test_a_frame_is_influenced_no_further_than_said() -> None:
    torch.manual_seed(0)
    recogniser, reach = Recogniser(SMALL), SMALL.context_frames
    mel = torch.randn(1, 80, 200)
    changed = mel.clone()
    changed[:, :, 100] += 5.0
    lengths = torch.tensor([200])
    moved = (recogniser(mel, lengths).frames != recogniser(changed, lengths).frames).any(dim=-1)[0].nonzero()[:, 0]
    assert 100 - reach <= int(moved.min()) < 100 < int(moved.max()) <= 100 + reach
    assert reach % 2 == 0


def test_loudness_colour_and_digital_silence_make_no_difference() -> None:
    mel = 0.5 * torch.randn(80, 50, generator=_rng())
    colour = torch.linspace(0, 1, 80)[:, None]
    torch.testing.assert_close(normalised(mel + 3.0), normalised(mel))
    torch.testing.assert_close(normalised(mel + colour), normalised(mel))
    mel[0, 0] = 4.0
    quiet, silent = mel.clone(), mel.clone()
    quiet[:, 30:], silent[:, 30:] = -4.5, -11.5
    torch.testing.assert_close(normalised(quiet), normalised(silent))


def test_batches_hold_targets_without_pauses_and_frames_with_silence() -> None:
    items = [_utterance(0, 6), _utterance(1, 9)]
    batch = Recogniser(SMALL).collate(items, _rng())
    assert batch["mel"].shape == (2, 80, int(batch["frames"].max()))
    for row, item in enumerate(items):
        said = [int(symbol) for symbol in item.symbols if SYMBOLS[int(symbol)] not in PAUSES]
        assert batch["said"][row, : int(batch["said_lengths"][row])].tolist() == said
        assert batch["sounding"][row, : int(item.durations[0])].tolist() == [SYMBOL_IDS["sil"]] * int(item.durations[0])
        assert (batch["sounding"][row, int(batch["frames"][row]) :] == UNKNOWN).all()


def test_frames_without_known_phones_teach_the_frame_head_nothing() -> None:
    recogniser = Recogniser(SMALL)
    unknown = replace(_utterance(0), durations=torch.zeros(0, dtype=torch.long))
    losses = recogniser.loss(recogniser.collate([unknown], _rng()), step=0)
    losses.total.backward()
    assert float(losses.parts["frame"]) == 0.0
    assert float(losses.parts["ctc"]) > 0.0
    assert float(recogniser.frame_head.weight.grad.abs().max()) == 0.0
    assert float(recogniser.ctc_head.weight.grad.abs().max()) > 0.0


def test_speech_faster_than_the_steps_gives_a_finite_loss() -> None:
    recogniser = Recogniser(SMALL)
    item = _utterance(0, 4)
    fast = replace(item, mel=item.mel[:, :4], durations=torch.ones(4, dtype=torch.long))
    assert torch.isfinite(recogniser.loss(recogniser.collate([fast], _rng()), step=0).total)


def test_augmentation_works_in_training_only_and_by_the_generator() -> None:
    items = [_utterance(0), _utterance(1)]
    plain = Recogniser(SMALL).collate(items, _rng())["mel"]
    recogniser = Recogniser(SMALL.model_copy(update={"augmentation": Augmentation()}))
    changed = recogniser.collate(items, _rng(1))["mel"]
    assert not torch.equal(changed, plain)
    assert torch.equal(recogniser.collate(items, _rng(1))["mel"], changed)
    assert torch.equal(recogniser.eval().collate(items, _rng(1))["mel"], plain)


def test_an_artifact_comes_back_as_the_same_model(tmp_path: Path) -> None:
    torch.manual_seed(1)
    recogniser = Recogniser(SMALL).eval()
    kind, config, state = recogniser.artifact()
    artifacts.save(tmp_path, kind, config, state)
    loaded = Recogniser.load(tmp_path)
    mel, frames = torch.randn(1, 80, 30), torch.tensor([30])
    assert loaded.config == SMALL
    assert not loaded.training
    torch.testing.assert_close(loaded(mel, frames), recogniser(mel, frames), rtol=0, atol=0)


def test_a_foreign_or_broken_artifact_is_refused(tmp_path: Path) -> None:
    kind, config, state = Recogniser(SMALL).artifact()
    artifacts.save(tmp_path / "other", "vocos", config, state)
    with pytest.raises(InvalidArtifact, match="'vocos'"):
        Recogniser.load(tmp_path / "other")
    artifacts.save(tmp_path / "odd", kind, {**config, "channels": "many"}, state)
    with pytest.raises(InvalidArtifact, match="channels"):
        Recogniser.load(tmp_path / "odd")
    artifacts.save(tmp_path / "wide", kind, {**config, "channels": 64}, state)
    with pytest.raises(InvalidArtifact, match="shape"):
        Recogniser.load(tmp_path / "wide")


def test_the_bundled_size() -> None:
    config, plan = recipe.tiny()
    parameters = sum(weight.numel() for weight in Recogniser(config).parameters())
    assert config == model.tiny()
    assert 2.0e6 < parameters < 2.3e6
    assert plan.batch_frames == 6000
    json.dumps(config.model_dump(mode="json"))


def test_it_learns_made_utterances() -> None:
    torch.manual_seed(0)
    recogniser = Recogniser(SMALL)
    items = [_utterance(number) for number in range(8)]
    batch = recogniser.collate(items, _rng())
    optimizer = torch.optim.AdamW(recogniser.parameters(), lr=1e-2)
    first = float(recogniser.loss(batch, step=0).total.detach())
    for step in range(100):
        optimizer.zero_grad()
        losses = recogniser.loss(batch, step=step)
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(recogniser.parameters(), 1.0)
        optimizer.step()
    assert float(losses.total.detach()) < 0.1 * first
    heard = recogniser(batch["mel"], batch["frames"]).frames.argmax(dim=-1)
    known = batch["sounding"] != UNKNOWN
    assert float((heard == batch["sounding"])[known].float().mean()) > 0.98
