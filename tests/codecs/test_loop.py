"""Codecs in the training loop: a continued run ends with the very numbers of one that was never interrupted."""

import pytest
import torch
from tests.codecs.examples import FEATURES, SHAPES, SPECTRAL, example

from octet.codecs.contract import load
from octet.codecs.spectral_training import SpectralTraining, TrainableSpectralCodec
from octet.codecs.training import CodebookLearning, CodecTraining, Judge, TrainableCodec
from octet.core.artifacts import read_safetensors
from octet.core.training import Plan
from octet.training.compute import Compute
from octet.training.loop import fit

LEARNING = CodebookLearning(dead_share=0.5, dropout=0.5)
JUDGE = Judge(filters=4, windows=(256, 64), from_step=1)


class Corpus:
    lengths = (30, 40, 50)  # frames of 80 samples

    def __getitem__(self, index):
        return example(80 * self.lengths[index], 100.0 + 40 * index)


def trainable(codec):
    settings = {"codec": codec, "features": FEATURES, "crop_samples": 2000, "learning": LEARNING}
    if codec is SPECTRAL:
        return TrainableSpectralCodec(SpectralTraining(**settings))
    return TrainableCodec(CodecTraining(**settings, judge=JUDGE))


def train(codec, run, steps):
    torch.manual_seed(0)
    plan = Plan(steps=steps, batch_frames=100, schedule="constant", warmup_steps=1)
    return fit(trainable(codec), Corpus(), plan, run, compute=Compute(device="cpu", threads=1))


@pytest.mark.slow
@pytest.mark.parametrize("codec", [SPECTRAL, SHAPES["24 kHz"]], ids=["spectral", "encodec"])
def test_a_continued_run_is_the_uninterrupted_one(codec, tmp_path):
    whole = train(codec, tmp_path / "whole", 6)
    train(codec, tmp_path / "halves", 3)
    halves = train(codec, tmp_path / "halves", 6)
    mine, its = (read_safetensors(checkpoint / "trainer.safetensors") for checkpoint in (whole, halves))
    assert mine.keys() == its.keys()
    assert all(torch.equal(mine[name], its[name]) for name in mine)
    assert load(whole).config == codec
