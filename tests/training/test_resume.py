"""Runs that are killed, stopped or out of room, and the same run in two processes."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from tests.training.toys import train

from octet.core.artifacts import load_state, read_safetensors
from octet.core.errors import InvalidInput
from octet.training.checkpoint import checkpoints, read_progress
from octet.training.interrupt import Stopped
from octet.training.run import Run

# All that a continuation can lose: dropout, noise from the collate generator, an adversary, batches across epochs.
EVERYTHING = {
    "model": {"dropout": 0.3, "noise": 0.1, "adversarial": True},
    "plan": {"steps": 24, "checkpoint_every": 5, "accumulation": 3},
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    # Sums are then taken in one order, in this process and in those it starts.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("whole")
    train(run, EVERYTHING)
    return run


def start(folder, runs, **environment):
    command = [sys.executable, str(Path(__file__).with_name("toys.py")), str(folder), json.dumps(runs)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **environment}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def final(run):
    return read_safetensors(checkpoints(run)[-1] / "trainer.safetensors")


def assert_same_to_the_bit(run, other):
    mine, its = final(run), final(other)
    assert mine.keys() == its.keys()
    assert {name.split(".")[0] for name in mine} == {"model", "ema", "optimizer"}
    assert all(torch.equal(mine[name], its[name]) for name in mine)


def without_times(run):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in row.items() if "second" not in name} for row in rows]


@pytest.mark.slow
def test_a_killed_and_continued_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, whole):
    slowed = {**EVERYTHING, "model": {**EVERYTHING["model"], "delay_seconds": 0.05}}
    process = start(tmp_path, {"killed": slowed})
    assert any(line.strip() == "step 13" for line in process.stdout), process.stderr.read()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    run = tmp_path / "killed"
    assert [folder.name for folder in checkpoints(run)] == ["step-00000005", "step-00000010"]
    (run / "checkpoints" / ".step-00000015-left").mkdir()  # as if it had been killed while writing
    train(run, slowed)
    assert_same_to_the_bit(run, whole)
    assert read_progress(checkpoints(run)[-1]).step == 24
    assert not list((run / "checkpoints").glob(".*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_continue_and_does(tmp_path, whole, number):
    def interrupt(step):
        if step.done == 7:
            signal.raise_signal(number)

    handler = signal.getsignal(number)
    with pytest.raises(Stopped, match="stopped at step 8: give the same command again to continue from there"):
        train(tmp_path, EVERYTHING, interrupt)
    assert signal.getsignal(number) == handler
    assert read_progress(checkpoints(tmp_path)[-1]).step == 8
    train(tmp_path, EVERYTHING)
    assert_same_to_the_bit(tmp_path, whole)


def test_a_second_ctrl_c_stops_at_once(tmp_path):
    def interrupt_twice(step):
        if step.done == 7:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, EVERYTHING, interrupt_twice)
    assert [folder.name for folder in checkpoints(tmp_path)] == ["step-00000005"]


def test_the_log_of_a_broken_off_run_continues_as_if_it_were_one(tmp_path, whole):
    def break_off(step):
        if step.done == 12:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(tmp_path, EVERYTHING, break_off)
    with (tmp_path / "metrics.jsonl").open("a") as log:
        log.write('{"step": 12, "lo')  # a line cut short
    assert max(Run.open(tmp_path).metric("loss")[0]) == 10
    train(tmp_path, EVERYTHING)
    assert without_times(tmp_path) == without_times(whole)


def test_a_run_works_outside_the_main_thread(tmp_path, whole):
    thread = threading.Thread(target=train, args=(tmp_path, EVERYTHING))
    thread.start()
    thread.join(60)
    assert_same_to_the_bit(tmp_path, whole)


def test_a_full_disk_is_said_and_the_last_good_checkpoint_kept(tmp_path):
    def to(steps):
        return {"plan": {"steps": steps, "schedule": "constant"}}

    train(tmp_path, to(4))
    before = load_state(checkpoints(tmp_path)[-1])
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit on the size of files makes the operating system refuse the write, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(InvalidInput) as caught:
            train(tmp_path, to(8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    message = str(caught.value)
    assert message.startswith(f"cannot write checkpoint {tmp_path}/checkpoints/step-00000008 (")
    assert message.endswith("checkpoints/step-00000004 is kept: make room and run the same command again")
    assert "\n" not in message
    assert [folder.name for folder in (tmp_path / "checkpoints").iterdir()] == ["step-00000004"]
    after = load_state(checkpoints(tmp_path)[-1])
    assert all(torch.equal(before[name], after[name]) for name in before)
    train(tmp_path, to(8))
    train(tmp_path / "whole", to(8))
    assert_same_to_the_bit(tmp_path, tmp_path / "whole")


RUNS = {
    "plain": {"plan": {"steps": 12}},
    # The last length is a batch of its own, of which the second process gets nothing.
    "uneven": {"plan": {"steps": 12, "accumulation": 2}, "lengths": [9, 12, 20, 11, 7, 79]},
    "adversarial": {
        "plan": {"steps": 12, "accumulation": 2, "checkpoint_every": 6},
        "model": {"adversarial": True, "adversarial_from_step": 3},
    },
    "bf16": {"plan": {"steps": 3, "precision": "bf16"}},
}


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "ACCELERATE_USE_CPU": "true"}
    both = [start(folder, RUNS, RANK=rank, LOCAL_RANK=rank, LOCAL_WORLD_SIZE="2", **common) for rank in "01"]
    for process in both:
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"), [("plain", 1e-5), ("uneven", 1e-5), ("adversarial", 1e-5), ("bf16", 1e-2)]
)
def test_two_processes_equal_one_with_the_same_global_batch(tmp_path, two_processes, name, tolerance):
    train(tmp_path, RUNS[name])
    two, one = final(two_processes / name), final(tmp_path)
    assert two.keys() == one.keys()
    weights = [key for key in one if key.startswith(("model.", "ema."))]
    assert max(float((two[key] - one[key]).abs().max()) for key in weights) < tolerance
    for metric in ("loss", "gradient_norm"):
        values = [Run.open(run).metric(metric)[1] for run in (two_processes / name, tmp_path)]
        assert values[0] == pytest.approx(values[1], rel=max(1e-4, tolerance))
