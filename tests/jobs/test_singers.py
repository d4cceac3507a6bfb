"""DiffSpeech's and DiffSinger's recipes through the verb `train`."""

import pytest
from tests.jobs.corpora import tones

from octet.audio import spectrogram
from octet.core import artifacts
from octet.jobs.recipes import recipe_of
from octet.jobs.train import train

SMALL_DIFFUSION = {
    "model.diffusion.denoiser.channels": "8",
    "model.diffusion.denoiser.layers": "2",
    "model.diffusion.boundary_channels": "4",
    "model.diffusion.schedule.steps": "10",
    "model.diffusion.steps": "2",
}
SMALL_SPEECH = SMALL_DIFFUSION | {
    "model.acoustic.width": "16",
    "model.acoustic.inner_width": "16",
    "model.acoustic.predictor_width": "16",
}
PLAN = {"plan.steps": "6", "plan.evaluate_every": "6", "plan.checkpoint_every": "3", "plan.batch_frames": "400"}


def test_diffspeech_trains_in_three_stages_and_is_judged(tmp_path):
    corpus = tones(tmp_path / "corpus", spectrogram.tiny())
    last = train("diffspeech-tiny", corpus, tmp_path / "run", overrides=SMALL_SPEECH | PLAN)
    kind, config = artifacts.load_config(last)
    assert kind == "diffspeech"
    assert config["acoustic"]["speakers"] == ["one", "two"]
    assert len(config["mel"]["low"]) == 80
    log = (tmp_path / "run" / "metrics.jsonl").read_text()
    for name in ("boundary", "denoiser", "sampled_mel_l1", "blurry_mel_l1", "depth_learned", "depth_by_divergence"):
        assert name in log


@pytest.mark.parametrize("version", ["tiny", "paper", "midi-a", "midi-b"])
def test_singers_read_singing(version):
    assert recipe_of(f"diffsinger-{version}").reads == "singing"
