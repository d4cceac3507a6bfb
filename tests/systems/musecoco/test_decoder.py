"""OpenVINO's steps against torch's, and composing with them."""

from __future__ import annotations

import pytest
import torch
from tests.systems.musecoco.examples import model, player

from octet.core.errors import InvalidInput
from octet.engines.quantize import quantized, restored
from octet.symbolic.attributes import extract
from octet.systems.musecoco.decoder import OpenVinoDecoder, decoder_for
from octet.systems.musecoco.generate import Composer
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.wishes import prefix

pytest.importorskip("openvino")

BEGINNING = torch.tensor([prefix({"K1": 0}), prefix({"T1s1": 2})])
STEPS = torch.tensor([[688, 679], [968, 933], [6, 6], [134, 262], [323, 430], [524, 524]])


@torch.inference_mode()
def logits(decoder: object) -> torch.Tensor:
    """(B, T, V) after a beginning, over steps, of which the last four are of one row that was taken twice."""
    found, state = decoder(BEGINNING)  # type: ignore[operator]
    rows = [found[:, -1]]
    for number, tokens in enumerate(STEPS):
        if number == 2:
            state = state.rows(torch.tensor([1, 1]))
        found, state = decoder(tokens[:, None], state)  # type: ignore[operator]
        rows.append(found[:, 0])
    return torch.stack(rows, 1)


def test_steps_are_those_of_torch() -> None:
    made = model()
    decoder, name = decoder_for(made, "auto")
    assert name == "openvino"
    assert isinstance(decoder, OpenVinoDecoder)
    torch.testing.assert_close(logits(decoder), logits(made), atol=1e-4, rtol=1e-4)


def test_eight_bits_are_those_of_rounded_weights() -> None:
    made = model()
    decoder, _ = decoder_for(made, weights="int8")
    rounded = MuseCoco(made.config).eval()
    state = made.state_dict()
    matrices = [name for name, weight in state.items() if weight.dim() == 2 and not name.startswith("embedding.")]
    rounded.load_state_dict(state | {name: restored(quantized(state[name], 8)) for name in matrices})
    ours, wanted = logits(decoder), logits(rounded)
    # The beginning is read with the weights as they are, so that what is remembered differs a little.
    assert (ours - wanted).abs().max() < 0.1 * wanted.std()


def test_a_branch_leaves_what_it_shares_alone() -> None:
    decoder, _ = decoder_for(model())
    with torch.inference_mode():
        _, state = decoder(BEGINNING)
        first, _ = decoder(STEPS[0][:, None], state)
        decoder(STEPS[1][:, None], state)
        again, _ = decoder(STEPS[0][:, None], state)
    assert torch.equal(first, again)


def test_it_composes() -> None:
    made = player()
    decoder, _ = decoder_for(made)
    score = Composer(made, decoder=decoder).generate(bars=2, metre="2/4", candidates=2, seed=1).score
    assert extract(score).bars == 2


def test_torch_runs_no_eight_bits() -> None:
    assert decoder_for(model(), "torch")[1] == "torch"
    with pytest.raises(InvalidInput, match="int8 are for the engine openvino"):
        decoder_for(model(), "torch", "int8")
    with pytest.raises(InvalidInput, match="fp32 or int8"):
        decoder_for(model(), weights="int4")  # type: ignore[arg-type]
