"""The doctor on this machine, and on machines with one fault each."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from octet.core import artifacts
from octet.jobs.doctor import (
    Check,
    check_extra,
    check_flite,
    check_network,
    check_room,
    check_weights,
    check_writable,
    doctor,
    extras,
    healthy,
)


@pytest.fixture
def bundled(tmp_path):
    """A folder with one small model."""
    state = {"weight": torch.ones(3, 4)}
    artifacts.save(tmp_path / "weights" / "toy", "vocos", {}, state, card="---\nlicense: apache-2.0\n---\nA toy.\n")
    return tmp_path / "weights"


def test_a_healthy_machine(bundled, tmp_path):
    checks = {check.name: check for check in doctor(tmp_path, bundled)}
    assert list(checks)[:2] == ["python", "torch"]
    assert list(checks)[-5:] == ["flite", "model toy", "write permission", "disk room", "network"]
    for name in ("python", "torch", "espeak-ng", "model toy", "write permission", "network"):
        assert checks[name].status == "ok", checks[name]
    assert torch.__version__ in checks["torch"].detail


def test_every_finding_that_is_not_ok_has_a_remedy(tmp_path):
    assert all(check.remedy for check in doctor(tmp_path, tmp_path) if check.status != "ok")


def test_extras_are_those_a_user_can_ask_for():
    found = extras()
    assert {"japanese", "train", "corpus", "evaluate"} <= set(found)
    assert not {"all", "test", "check"} & set(found)
    assert found["evaluate"] == ["pocketsphinx", "pystoi"]  # jiwer is an oracle of tests alone


def test_an_extra_is_there_when_all_its_packages_are():
    there, partly = check_extra("x", ["numpy", "torch"]), check_extra("x", ["numpy", "no-such-package", "nor-this"])
    assert there.status == "ok"
    assert "numpy" in there.detail
    assert (partly.status, partly.detail) == ("absent", "without no-such-package, nor-this")
    assert partly.remedy == "pip install 'octet[x]'"


def test_weights_are_read_hashed_and_licensed(bundled):
    (check,) = check_weights(bundled)
    assert check.status == "ok"
    assert check.detail.startswith("vocos, 0.00 M numbers, hash ")
    assert check.detail.endswith(", apache-2.0")


def test_a_changed_weight_changes_the_hash(bundled):
    (before,) = check_weights(bundled)
    artifacts.save(bundled / "toy", "vocos", {}, {"weight": torch.zeros(3, 4)})
    (after,) = check_weights(bundled)
    assert before.detail != after.detail


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("model.safetensors", "cut off", "not a readable safetensors file"),
        ("config.json", "{}", "not an Octet configuration"),
        ("README.md", "no word on it", "no licence"),
    ],
)
def test_a_damaged_model_is_broken_and_the_others_are_still_seen(bundled, file, content, reason):
    shutil.copytree(bundled / "toy", bundled / "whole")
    (bundled / "toy" / file).write_text(content)
    damaged, whole = check_weights(bundled)
    assert damaged.status == "broken"
    assert reason in damaged.detail
    assert whole.status == "ok"


def test_without_bundled_models_the_network_is_named(tmp_path):
    assert [check.status for check in check_weights(tmp_path)] == ["absent"]
    assert check_network(tmp_path).status == "absent"


def test_flite_is_looked_for_on_the_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_flite().status == "absent"
    program = tmp_path / "flite"
    program.touch(mode=0o755)
    assert check_flite() == Check("flite", "ok", str(program))


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_broken(tmp_path):
    tmp_path.chmod(0o500)
    assert check_writable(tmp_path).status == "broken"


def test_a_folder_that_is_not_there_is_broken_and_does_not_stop_the_rest(tmp_path):
    checks = {check.name: check for check in doctor(tmp_path / "absent", tmp_path)}
    assert (checks["write permission"].status, checks["disk room"].status) == ("broken", "broken")
    assert "network" in checks


def test_room_is_that_of_the_disk():
    free_gib = shutil.disk_usage(Path()).free / 2**30
    check = check_room(Path())
    assert (check.status == "ok") == (free_gib >= 1)
    assert check.detail.endswith("GiB free")


def test_absent_is_healthy_and_broken_is_not():
    assert healthy([Check("a", "ok", ""), Check("b", "absent", "")])
    assert not healthy([Check("a", "ok", ""), Check("b", "broken", "")])
