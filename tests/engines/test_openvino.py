"""The OpenVINO engine against torch's: the same logits, the same greedy tokens, sessions, precisions."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from tests.families.token_lm.examples import SMALL, decoder, lengths_mask, tokens, told, vectors

from octet.engines.openvino_engine import OpenVinoEngine, OpenVinoSession
from octet.engines.prepare import PRECISIONS, Precision, prepared
from octet.engines.quantize import Quantized, restored
from octet.families.token_lm import patterns
from octet.families.token_lm.conditions import Conditions, stack
from octet.families.token_lm.engine import Engine, TorchEngine
from octet.families.token_lm.generate import generate
from octet.families.token_lm.guidance import doubly_guided, guided
from octet.families.token_lm.transformer import TokenDecoder
from octet.nn.sampling import GREEDY

pytest.importorskip("openvino")

MELODIC = SMALL.model_copy(update={"cross_attention": False})
PLAIN = Conditions()
GAPS = lengths_mask(3, 5).flip(1)  # what is not valid may stand in front
CONDITIONS = {
    "nothing": PLAIN,
    "text of one length": Conditions(cross=vectors(2, 5)),
    "text of two lengths": told(3, 6),
    "half of the rows see": stack([told(4), PLAIN]),
    "melody": Conditions(prefix=vectors(2, 5)),
    "melody and text of two lengths": Conditions(prefix=vectors(2, 5), prefix_valid=lengths_mask(5, 3)),
    "text of two lengths, then tokens": Conditions(prefix=vectors(2, 5), prefix_valid=GAPS),
    "melody read first, text attended to": Conditions(cross=vectors(2, 3), prefix=vectors(2, 5)),
}


@cache
def model(cross_attention: bool) -> TokenDecoder:
    return decoder(SMALL if cross_attention else MELODIC).requires_grad_(False)


@cache
def turned() -> TokenDecoder:
    return decoder(SMALL.model_copy(update={"rotary": True})).requires_grad_(False)


@cache
def engine(precision: Precision = "fp32", cross_attention: bool = True) -> OpenVinoEngine:
    made = model(cross_attention)
    return OpenVinoEngine(made.config, prepared(made, precision), precision)


def difference(found: Engine, expected: Engine, conditions: Conditions, known: int, steps: int, rows: int = 2) -> float:
    """The largest of all logits on the way."""
    sequence = tokens(rows, steps)
    a, b = (each.start(conditions, sequence[:, :, :known], steps) for each in (found, expected))
    largest = (a.logits - b.logits).abs().max()
    for step in range(known, steps):
        largest = max(largest, (a.step(sequence[:, :, step]) - b.step(sequence[:, :, step])).abs().max())
    return float(largest)


@pytest.mark.parametrize("known", [1, 4])
@pytest.mark.parametrize("conditions", CONDITIONS.values(), ids=CONDITIONS.keys())
def test_logits_are_torchs(conditions: Conditions, known: int) -> None:
    assert difference(engine(), TorchEngine(model(True)), conditions, known, steps=12) < 1e-4


def test_logits_are_torchs_without_cross_attention() -> None:
    conditions = CONDITIONS["melody and text of two lengths"]
    assert difference(engine(cross_attention=False), TorchEngine(model(False)), conditions, 2, steps=12) < 1e-4


@pytest.mark.parametrize("conditions", ["half of the rows see", "text of two lengths, then tokens"])
def test_rotary_logits_are_torchs(conditions: str) -> None:
    ours = OpenVinoEngine(turned().config, prepared(turned(), "fp32"), "fp32")
    assert difference(ours, TorchEngine(turned()), CONDITIONS[conditions], 3, steps=30) < 1e-4


def test_logits_are_torchs_after_the_past_has_grown_for_long() -> None:
    conditions = stack([told(4), PLAIN])
    assert difference(engine(), TorchEngine(model(True)), conditions, 3, steps=700) < 1e-4


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_batches_of_any_size(rows: int) -> None:
    conditions = stack([told(*range(2, 2 + rows))])
    assert difference(engine(), TorchEngine(model(True)), conditions, 2, steps=6, rows=rows) < 1e-4


def test_greedy_tokens_are_torchs() -> None:
    told_to, prompt = told(3, 6), tokens(2, 5)
    hows = [
        guided(told_to, PLAIN, 3.0),
        guided(told_to, PLAIN, 1.0),
        doubly_guided([told_to, PLAIN, PLAIN], 3.0, 5.0),
    ]
    pattern = patterns.delay(4).pattern(205)
    for how in hows:
        made = [
            torch.cat(list(generate(each, how, pattern, prompt, GREEDY, torch.Generator())), dim=2)
            for each in (engine(), TorchEngine(model(True)))
        ]
        assert made[0].shape[2] == 200
        assert torch.equal(*made)


def test_the_null_half_gets_exactly_nothing_from_attention() -> None:
    """Whatever the other half is told, down to the last bit."""
    sequence = tokens(2, 6)
    ways = (told(4), Conditions(cross=1e6 * vectors(1, 3)))
    logits = [engine().start(stack([way, PLAIN]), sequence, 6).logits for way in ways]
    assert torch.equal(logits[0][1], logits[1][1])
    assert not torch.equal(logits[0][0], logits[1][0])


def test_sessions_do_not_disturb_each_other() -> None:
    sequence = tokens(2, 8)

    def begun() -> OpenVinoSession:
        return engine().start(told(3, 6), sequence[:, :, :2], steps=8)

    alone = begun()
    expected = [alone.step(sequence[:, :, step]) for step in range(2, 8)]
    first, second = begun(), engine().start(PLAIN, tokens(3, 4, seed=9), steps=30)
    for step in range(2, 8):
        assert torch.equal(first.step(sequence[:, :, step]), expected[step - 2])
        second.step(tokens(3, 1, seed=step)[:, :, 0])


def test_logits_stay_what_they_were() -> None:
    session = engine().start(PLAIN, tokens(1, 2), steps=3)
    before = session.logits
    kept = before.clone()
    session.step(tokens(1, 1)[:, :, 0])
    assert torch.equal(before, kept)


def test_a_session_ends_where_it_was_said_to() -> None:
    session = engine().start(PLAIN, tokens(1, 2), steps=3)
    session.step(tokens(1, 1)[:, :, 0])
    with pytest.raises(ValueError, match="position 4 in a cache for 3"):
        session.step(tokens(1, 1)[:, :, 0])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("rotary", [False, True])
def test_the_past_is_lengthened_where_it_lies(precision: Precision, rotary: bool) -> None:
    """Attention and its past are one operation; else the past is copied at every step."""
    made = turned() if rotary else model(True)
    graph = OpenVinoEngine(made.config, prepared(made, precision), precision).step_graph
    attending = graph.inputs_of("ScaledDotProductAttention")
    assert len(attending) == SMALL.layers
    for inputs in attending:
        assert inputs.count("MemoryInput") == 2
        assert "Concatenation" not in inputs


@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_quantised_weights_compute_what_their_restored_matrices_do(precision: Precision) -> None:
    """So that the error is that of the weights, which tests/engines/test_quantize.py bounds, and of a float16 past."""
    restored_model = TokenDecoder(SMALL).requires_grad_(False).eval()
    state = dict(model(True).state_dict())
    for name, weight in prepared(model(True), precision).items():
        if isinstance(weight, Quantized) and name != "heads.weight":
            state[name] = restored(weight)
        elif isinstance(weight, Quantized):
            state |= {f"heads.{k}.weight": head for k, head in enumerate(restored(weight).chunk(SMALL.codebooks))}
    restored_model.load_state_dict(state)
    conditions = stack([told(4), PLAIN])
    assert difference(engine(precision), TorchEngine(restored_model), conditions, 3, steps=40) < 5e-3


@pytest.mark.parametrize(
    ("precision", "bound"), [("bf16", 0.03), ("int8", 0.03), ("w8a8", 0.1), ("int4", 0.5), ("w4a8", 0.5)]
)
@pytest.mark.parametrize("conditions", [told(3, 6), CONDITIONS["melody"]], ids=["text", "melody"])
def test_coarser_weights_stay_near(precision: Precision, bound: float, conditions: Conditions) -> None:
    """The mean error of the logits of a random model, relative to their deviation."""
    sequence = tokens(2, 30)
    found = engine(precision).start(conditions, sequence, 30).logits
    expected = TorchEngine(model(True)).start(conditions, sequence, 30).logits
    assert float((found - expected).abs().mean() / expected.std()) < bound
