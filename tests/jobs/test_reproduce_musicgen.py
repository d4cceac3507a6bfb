"""The findings of MusicGen's reproduction follow from its figures."""

from pathlib import Path

import numpy as np
import pytest
from tests.data.pieces import codec, pieces
from tests.jobs.players import small
from tests.jobs.test_evaluate_music import needs_a_font
from tests.jobs.test_train_music import MUSIC

from octet.core.errors import InvalidInput
from octet.families.token_lm import patterns
from octet.jobs.evaluate_musicgen import Settings
from octet.jobs.prepare import Making, prepare
from octet.jobs.reproduce_musicgen import findings, likelihood_findings, reproduce_musicgen, steps_of, variants


def row(right: float, steps: float = 503) -> dict[str, float]:
    return {"right": right, "chance": 0.4, "steps": steps}


GOOD = {
    "delay": row(0.8),
    "parallel": row(0.6, 500),
    "coarse first": row(0.6, 1000),
    "flatten": row(0.79, 2000),
    "without melody": row(0.78),
}
MELODY = {"delay": {"given_melody": 0.6, "another_melody": 0.2}}


def verdicts(scores: dict[str, dict[str, float]], melody: dict[str, dict[str, float]], captions: int) -> list[str]:
    return [line.split(":")[0] for line in findings(scores, melody, captions)]


def test_what_points_the_papers_way_is_reproduced() -> None:
    assert verdicts(GOOD, MELODY, 100) == ["Reproduced"] * 5


def test_what_points_the_other_way_is_not() -> None:
    turned = GOOD | {"parallel": row(0.95), "flatten": row(0.95)}
    flat = {"delay": {"given_melody": 0.25, "another_melody": 0.2}}
    no, yes = "Not reproduced", "Reproduced"
    assert verdicts(turned, flat, 100) == [no, yes, no, yes, no]


def test_what_is_within_the_noise_or_not_learned_is_undecided() -> None:
    assert verdicts(GOOD | {"parallel": row(0.79), "flatten": row(0.82)}, {}, 100)[:3] == [
        "Undecided",
        "Reproduced",
        "Undecided",
    ]
    assert verdicts({name: row(0.41) for name in GOOD}, {}, 100) == ["Undecided"] * 4
    assert verdicts(GOOD, {}, 4)[0] == "Undecided"  # a few captions decide nothing


def test_likelihoods_decide_where_pieces_agree() -> None:
    """Paired over pieces: what all of them say counts, however much pieces differ among themselves."""
    pieces_differ = np.linspace(10.0, 30.0, 20)
    wavering = np.tile([1.0, -1.0], 10)
    nats = {"delay": pieces_differ, "parallel": pieces_differ + 0.5, "coarse first": pieces_differ + wavering}
    found = likelihood_findings(nats | {"flatten": pieces_differ + 0.2})
    assert [line.split(":")[0] for line in found] == ["Reproduced", "Undecided", "Not reproduced"]
    assert "20 against 20.5 nats a frame" in found[0]


def test_variants_differ_in_pattern_and_in_hearing() -> None:
    made = variants(4)
    assert made["flatten"]["model.pattern"] == patterns.flatten(4).model_dump_json()
    assert made["without melody"] == made["delay"] | {"model.chroma_frames": "0"}
    steps = [steps_of(spec(4), 500) for spec in (patterns.delay, patterns.parallel, patterns.flatten)]
    assert steps == [503, 500, 2000]


def test_too_few_captions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least 2 captions"):
        reproduce_musicgen(tmp_path, tmp_path, Settings(captions=1), minutes=1.0)


@pytest.mark.slow
@needs_a_font
def test_the_whole_reproduction_in_small(tmp_path: Path) -> None:
    pieces(tmp_path / "music")
    hears = codec(tmp_path / "codec")
    prepare("tokens", tmp_path / "music", Making(codec=str(hears)), workers=1)
    players = small(tmp_path / "players")
    settings = Settings(judge=str(players / "judge"), engine="torch", captions=2, seconds=1.0)
    own = MUSIC | {"model.codec": str(hears)}
    report = reproduce_musicgen(tmp_path / "music", tmp_path / "out", settings, minutes=1.0, overrides=own)
    assert set(report.results["captions"]) == set(GOOD)
    assert report.results["captions"]["flatten"]["steps"] == 200
    assert set(report.results["melody"]["delay"]) == {"given_melody", "another_melody"}
    assert len(report.notes) == 8
    nats = report.results["likelihood"]
    assert nats["delay"]["less for delay"] == 0
    assert all(row["nats a frame"] > 0 for row in nats.values())
    assert (tmp_path / "out" / "report.md").is_file()
