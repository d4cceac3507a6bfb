"""The recogniser learns thirty sentences of flite's, and the aligner finds their phones again."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.encoders.flite_corpus import AVAILABLE, SENTENCES, SPEC, example, speak

from octet.encoders.aligner import align_speech
from octet.encoders.recogniser.listen import recognise
from octet.encoders.recogniser.model import Recogniser, RecogniserConfig
from octet.text.phonemes import Phone

STEPS = 200
RATE = 8e-3


@pytest.mark.slow
@pytest.mark.skipif(not AVAILABLE, reason="flite makes the corpus of this test")
def test_it_learns_to_recognise_and_to_align(tmp_path: Path) -> None:
    spoken = [speak(text, tmp_path) for text in SENTENCES]
    items = [example(str(number), *utterance) for number, utterance in enumerate(spoken)]
    torch.manual_seed(0)
    recogniser = Recogniser(RecogniserConfig(mel=SPEC, channels=64, hidden_channels=192, blocks=3, augmentation=None))
    losses = _train(recogniser, items)
    assert losses[-1] < 0.01 * losses[0]
    recogniser.eval()
    errors_seconds = []
    for audio, phones in spoken:
        said = [phone.symbol for phone in phones if phone.symbol != "sil"]
        assert recognise(recogniser, audio, SPEC.sample_rate_hz) == said
        timed = align_speech(recogniser, audio, SPEC.sample_rate_hz, [Phone(phone.symbol) for phone in phones])
        errors_seconds += [
            abs(found.start_seconds - true.start_seconds) for found, true in zip(timed[1:], phones[1:], strict=True)
        ]
    assert np.mean(errors_seconds) < 0.004
    assert np.max(errors_seconds) < 0.015


def _train(recogniser: Recogniser, items: list) -> list[float]:
    optimizer = torch.optim.AdamW(recogniser.parameters(), lr=RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.15)
    rng = torch.Generator().manual_seed(0)
    losses = []
    for step in range(STEPS):
        chosen = torch.randperm(len(items), generator=rng)[:8].tolist()
        loss = recogniser.loss(recogniser.collate([items[index] for index in chosen], rng), step=step).total
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(recogniser.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return losses
