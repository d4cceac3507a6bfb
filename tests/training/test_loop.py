"""The loop in this process: learning, accumulation, precision, the adversarial step, what is refused."""

import math
import random

import pytest
import torch
from tests.training.toys import Corpus, Toy, ToyConfig, plan

from octet.core.artifacts import load_config, load_state, read_safetensors
from octet.core.errors import InvalidInput
from octet.training.checkpoint import checkpoints
from octet.training.compute import Compute
from octet.training.log import Evaluation
from octet.training.loop import fit
from octet.training.run import Run

CPU = Compute(device="cpu")


def trained(run, model=None, corpus=None, **changes):
    """The raw weights after a run."""
    model = model or Toy(ToyConfig())
    fit(model, corpus or Corpus(), plan(**changes), run, compute=CPU)
    return {name: value.clone() for name, value in model.state_dict().items()}


def largest_difference(a, b):
    assert a.keys() == b.keys()
    return max(float((a[name] - b[name]).abs().max()) for name in a)


def test_a_tiny_model_learns_its_corpus(tmp_path):
    last = fit(Toy(ToyConfig()), Corpus(), plan(steps=150, learning_rate=0.03), tmp_path, compute=CPU)
    steps, losses = Run.open(tmp_path).metric("loss")
    assert steps[-1] == 150
    assert losses[0] > 0.5
    assert losses[-1] < 0.001
    assert last == tmp_path / "checkpoints" / "step-00000150"
    model = Toy(ToyConfig())
    assert load_config(last, "toy")[1] == ToyConfig().model_dump()
    model.load_state_dict(load_state(last))
    batch = model.collate([Corpus()[0]], torch.Generator())
    assert model.loss(batch, step=0).total < 0.01  # the averaged weights, which follow a little behind


def test_accumulating_two_half_batches_is_one_whole_batch(tmp_path):
    # Eight examples in all, of different lengths: two batches of 80 padded frames, or one of 160.
    halves = trained(tmp_path / "halves", batch_frames=80, accumulation=2, steps=10)
    whole = trained(tmp_path / "whole", batch_frames=160, steps=10)
    assert Run.open(tmp_path / "halves").metric("epoch")[1][-1] == 9  # indeed an epoch a step
    assert largest_difference(halves, whole) < 1e-5
    assert largest_difference(whole, trained(tmp_path / "less", batch_frames=80, steps=10)) > 1e-3


def test_bf16_trains_and_differs_from_fp32_and_keeps_fp32_weights(tmp_path):
    weights = trained(tmp_path / "bf16", precision="bf16", steps=100, learning_rate=0.03)
    exact = trained(tmp_path / "fp32", precision="fp32", steps=100, learning_rate=0.03)
    assert Run.open(tmp_path / "bf16").metric("loss")[1][-1] < 0.01
    assert 0 < largest_difference(weights, exact) < 0.5
    assert {value.dtype for value in weights.values()} == {torch.float32}


def test_a_norm_is_clipped_to_its_limit_and_0_is_no_limit(tmp_path):
    def update(**changes):
        # Plain gradients would be hidden by Adam's scaling: one step from equal moments shows them in its moments.
        fit(Toy(ToyConfig()), Corpus(), plan(steps=1, **changes), tmp_path / str(changes), compute=CPU)
        state = read_safetensors(tmp_path / str(changes) / "checkpoints" / "step-00000001" / "trainer.safetensors")
        moments = [value for name, value in state.items() if name.endswith("exp_avg")]
        return math.sqrt(sum(float((moment / 0.1).square().sum()) for moment in moments))  # 1 - beta1

    norm = Run.open(tmp_path / "{'clip_norm': 0.0}").metric("gradient_norm")[1][0] if update(clip_norm=0.0) else 0
    assert update(clip_norm=0.0) == pytest.approx(norm, rel=1e-4)
    assert norm > 0.1
    assert update(clip_norm=0.1) == pytest.approx(0.1, rel=1e-3)


def test_the_saved_artifact_has_averaged_weights_and_the_model_keeps_its_own(tmp_path):
    weights = trained(tmp_path, steps=10)
    saved = load_state(tmp_path / "checkpoints" / "step-00000010")
    state = read_safetensors(tmp_path / "checkpoints" / "step-00000010" / "trainer.safetensors")
    for name in saved:
        assert torch.equal(saved[name], state[f"ema.{name}"])
        assert torch.equal(weights[name], state[f"model.{name}"])
    assert largest_difference(saved, weights) > 1e-4
    none = trained(tmp_path / "none", steps=10, ema_decay=0.0)
    assert largest_difference(load_state(tmp_path / "none" / "checkpoints" / "step-00000010"), none) == 0


def test_an_adversarial_pair_steps_both_sides_as_written_out_by_hand(tmp_path):
    changes = {"steps": 3, "batch_frames": 160, "warmup_steps": 1, "schedule": "constant", "clip_norm": 0.0}
    config = ToyConfig(adversarial=True)
    looped = trained(tmp_path, Toy(config), **changes)

    model = Toy(config)
    judge = list(model.discriminator.parameters())
    rest = [weight for name, weight in model.named_parameters() if not name.startswith("discriminator")]
    generator = torch.optim.AdamW(rest, lr=0.01, betas=(0.9, 0.98), weight_decay=0.0)
    discriminator = torch.optim.AdamW(judge, lr=0.001, betas=(0.9, 0.98), weight_decay=0.0)
    batch = model.collate([Corpus()[i] for i in range(8)], torch.Generator())
    for step in range(3):
        losses = model.loss(batch, step=step)
        generator.zero_grad()
        losses.total.backward()
        generator.step()
        fake, real = losses.generated
        discriminator.zero_grad()
        model.discriminator_loss(fake.detach(), real, step=step).total.backward()
        discriminator.step()
    assert largest_difference(looped, model.state_dict()) < 1e-6


def test_a_discriminator_waits_until_there_is_audio_for_it(tmp_path):
    config = ToyConfig(adversarial=True, adversarial_from_step=5)
    before = {name: value.clone() for name, value in Toy(config).discriminator.state_dict().items()}
    early, late = Toy(config), Toy(config)
    trained(tmp_path / "early", early, steps=5)
    trained(tmp_path / "late", late, steps=6)
    assert largest_difference(before, early.discriminator.state_dict()) == 0
    assert largest_difference(before, late.discriminator.state_dict()) > 0


def test_older_checkpoints_go_and_the_newest_stay(tmp_path):
    trained(tmp_path, steps=20, checkpoint_every=4, keep_checkpoints=3)
    assert [folder.name for folder in checkpoints(tmp_path)] == ["step-00000012", "step-00000016", "step-00000020"]


def test_a_finished_run_given_again_trains_no_further_and_more_steps_continue_it(tmp_path):
    weights = trained(tmp_path, steps=6, schedule="constant")
    assert largest_difference(trained(tmp_path, steps=6, schedule="constant"), weights) == 0
    continued = trained(tmp_path, steps=9, schedule="constant")
    whole = trained(tmp_path / "whole", steps=9, schedule="constant")
    assert largest_difference(continued, whole) == 0
    assert len(Run.open(tmp_path).document["commands"]) == 3


def test_a_budget_ends_the_run_annealed_and_evaluated(tmp_path):
    config, seen = ToyConfig(delay_seconds=0.02), []
    run = plan(steps=10**6, warmup_steps=1)

    def evaluate(model, step):
        seen.append((step, model.training, torch.is_grad_enabled()))
        return Evaluation({"answer": 42.0})

    fit(Toy(config), Corpus(), run, tmp_path, compute=CPU, budget_minutes=0.7 / 60, evaluate=evaluate)
    opened = Run.open(tmp_path)
    last = int(opened.last_checkpoint.name.removeprefix("step-"))
    assert 5 < last < 40
    assert opened.metric("learning_rate")[1][-1] < 0.01 * 0.05
    assert seen == [(last, False, False)]
    assert opened.metric("evaluation/answer")[1].tolist() == [42.0]


def test_an_evaluation_changes_nothing_in_training(tmp_path):
    # While it runs, the next batch is being made, slowly, by a model whose `collate` differs outside of training.
    config = ToyConfig(noise=0.5, dropout=0.2, collate_seconds=0.01)

    def evaluate(model, step):  # noqa: ARG001 - the callback's signature
        model.collate([Corpus()[0]], torch.Generator())
        return Evaluation({"random": float(torch.rand(()) + random.random())})

    watched = Toy(config)
    fit(watched, Corpus(), plan(steps=12, evaluate_every=2), tmp_path / "watched", compute=CPU, evaluate=evaluate)
    alone = trained(tmp_path / "alone", Toy(config), steps=12, evaluate_every=2)
    assert Run.open(tmp_path / "watched").metric("evaluation/random")[0].tolist() == [2, 4, 6, 8, 10, 12]
    assert largest_difference(watched.state_dict(), alone) == 0


def test_progress_is_reported_step_by_step(tmp_path):
    heard = []
    fit(Toy(ToyConfig()), Corpus(), plan(steps=3), tmp_path, compute=CPU, on_progress=heard.append)
    assert [(step.phase, step.done, step.total) for step in heard] == [("train", n, 3) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, "plan.seed = 0, not 1"),
        ({"batch_frames": 90}, "plan.batch_frames = 80, not 90"),
        ({"learning_rate": 0.5}, "plan.learning_rate = 0.01, not 0.5"),
    ],
)
def test_a_folder_of_another_plan_is_refused(tmp_path, changes, message):
    trained(tmp_path, steps=1)
    with pytest.raises(InvalidInput, match=message):
        trained(tmp_path, steps=1, **changes)


def test_a_folder_of_another_model_or_corpus_is_refused(tmp_path):
    trained(tmp_path, steps=1)
    with pytest.raises(InvalidInput, match=r"model.config.dropout = 0.0, not 0.5"):
        trained(tmp_path, Toy(ToyConfig(dropout=0.5)), steps=1)
    with pytest.raises(InvalidInput, match=r"data.examples = 8, not 3"):
        trained(tmp_path, corpus=Corpus([10, 10, 10]), steps=1)


def test_a_loss_that_is_not_finite_ends_the_run_and_spoils_no_checkpoint(tmp_path):
    with pytest.raises(InvalidInput, match=r"loss is (nan|inf) by step \d+: give a smaller"):
        trained(tmp_path, steps=40, learning_rate=1e25, checkpoint_every=1, warmup_steps=1, clip_norm=0.0)
    for folder in checkpoints(tmp_path):
        assert all(torch.isfinite(value).all() for value in load_state(folder).values())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_gpu_is_said_in_one_line(tmp_path):
    with pytest.raises(InvalidInput, match="no CUDA device"):
        fit(Toy(ToyConfig()), Corpus(), plan(), tmp_path, compute=Compute(device="cuda"))


def test_threads_are_torchs(tmp_path):
    before = torch.get_num_threads()
    fit(Toy(ToyConfig()), Corpus(), plan(steps=1), tmp_path / "a", compute=Compute(device="cpu", threads=before + 1))
    assert torch.get_num_threads() == before + 1
    torch.set_num_threads(before)
    fit(Toy(ToyConfig()), Corpus(), plan(steps=1), tmp_path / "b", compute=CPU)
    assert torch.get_num_threads() == before
