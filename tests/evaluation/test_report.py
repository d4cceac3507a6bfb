"""Reports: what is written, in which order, and that JSON and paper agree."""

import json
import math

import pytest
import torch

from octet.core.errors import InvalidInput
from octet.evaluation.report import Report, Target, cpu_name, environment, markdown, number, write

RESULTS = {
    "pitch": {"recording": {"rmse_cents": math.nan}, "fastspeech2": {"rmse_cents": 31.24159, "gross": 0.0}},
    "speed": {"real_time_factor": 0.05, "threads": 2},
}
TARGETS = (
    Target("word error rate", 0.2, 0.15),
    Target("within 20 ms", 0.9, 0.85, direction="at least"),
    Target("first sound", 0.3, math.nan, unit="s"),
)
REPORT = Report("FastSpeech 2, tiny", {"cpu": "a|b", "threads": 2}, RESULTS, TARGETS, ("pitch.png",), ("A note.",))


def test_page_holds_all_in_order():
    page = markdown(REPORT).splitlines()
    expected = [
        "# FastSpeech 2, tiny",
        "A note.",
        "## Targets",
        "| metric | target | measured | met |",
        "| word error rate | at most 0.2 | 0.15 | yes |",
        "| within 20 ms | at least 0.9 | 0.85 | **no** |",
        "| first sound | at most 0.3 s | – s | **no** |",
        "## pitch",
        "| metric | recording | fastspeech2 |",
        "| rmse cents | – | 31.24 |",
        "| gross | – | 0 |",
        "## speed",
        "| metric | value |",
        "| real time factor | 0.05 |",
        "| threads | 2 |",
        "![pitch](pitch.png)",
        "## Environment",
        "| cpu | a\\|b |",
        "| threads | 2 |",
    ]
    assert [line for line in page if line and not line.startswith("| ---") and line != "|  |  |"] == expected


def test_json_holds_the_unrounded_numbers_and_null(tmp_path):
    write(REPORT, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())
    assert document["results"]["pitch"] == {
        "recording": {"rmse_cents": None},
        "fastspeech2": {"rmse_cents": 31.24159, "gross": 0.0},
    }
    assert [target["met"] for target in document["targets"]] == [True, False, False]
    assert list(document) == ["title", "environment", "results", "targets", "pictures", "notes"]
    assert (tmp_path / "report.md").read_text() == markdown(REPORT)


def test_infinity_is_spelled_out(tmp_path):
    write(Report("copy", {}, {"fidelity": {"si_sdr_db": math.inf, "other": -math.inf}}), tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["results"]["fidelity"] == {
        "si_sdr_db": "inf",
        "other": "-inf",
    }
    assert "| si sdr db | inf |" in (tmp_path / "report.md").read_text()


def test_the_same_results_give_the_same_files(tmp_path):
    for name in ("a", "b"):
        write(REPORT, tmp_path / name)
    assert (tmp_path / "a" / "report.json").read_bytes() == (tmp_path / "b" / "report.json").read_bytes()


def test_without_targets_there_is_no_table_of_them():
    assert "Targets" not in markdown(Report("none", {}, {}))


def test_a_target_is_met_at_its_bound():
    assert Target("a", 1.0, 1.0).met
    assert Target("a", 1.0, 1.0, direction="at least").met
    assert not Target("a", 1.0, 2.0).met
    assert Target("a", 1.0, 2.0, direction="at least").met


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (-0.00012345, "-0.0001234"), (12345.6, "12346"), (999.94, "999.9"), (math.inf, "inf"), (7.0, "7")],
)
def test_numbers_are_shown_with_four_digits(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize("scores", [{"a": 1.0, "b": {"c": 2.0}}, {"a": "text"}])
def test_results_of_another_nesting_are_refused(scores, tmp_path):
    with pytest.raises(InvalidInput, match="one number or mapping"):
        write(Report("bad", {}, {"section": scores}), tmp_path)
    assert not list(tmp_path.iterdir())


def test_environment_names_machine_versions_command_and_date():
    found = environment("octet bench", "2026-01-02")
    assert list(found)[:2] == ["date", "command"]
    assert (found["date"], found["command"]) == ("2026-01-02", "octet bench")
    assert found["torch"] == torch.__version__
    assert found["threads"] == torch.get_num_threads()
    assert int(found["cores"]) >= 1
    assert found["cpu"]


def test_cpu_name_is_read_where_the_system_tells_it(tmp_path):
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nmodel name\t: Fast 9000\nmodel name\t: Fast 9000\n")
    assert cpu_name(told) == "Fast 9000"
    assert cpu_name(tmp_path / "absent")
