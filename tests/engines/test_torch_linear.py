"""Torch's engine with rounded weights: what layers compute, how near logits stay, what is kept, what is refused."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from tests.families.token_lm.examples import SMALL, decoder, lengths_mask, tokens, told, vectors
from torch import nn

from octet.core.errors import InvalidInput
from octet.engines import torch_linear
from octet.engines.prepare import Precision, prepared
from octet.engines.quantize import Quantized, quantized, restored
from octet.engines.torch_linear import KERNELS, GroupedLinear, WholeLinear, require_kernels, rounded_decoder
from octet.families.token_lm.conditions import Conditions, stack
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.transformer import TokenDecoder

PLAIN = Conditions()
MELODY = Conditions(prefix=vectors(2, 5), prefix_valid=lengths_mask(5, 3))


@pytest.fixture(autouse=True)
def _runnable(request: pytest.FixtureRequest) -> None:
    """Only what a test is about has to run here: w8a8 where it says so, else the other two."""
    given = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    about = given.get("precision", "w8a8" if given.get("split") is False else None)
    try:
        for precision in [about] if about else ["int8", "int4"]:
            require_kernels(precision)  # type: ignore[arg-type]
    except InvalidInput as error:
        pytest.skip(str(error))


@cache
def model() -> TokenDecoder:
    return decoder().requires_grad_(False)


@cache
def engine(precision: Precision) -> TorchEngine:
    return TorchEngine(rounded_decoder(SMALL, prepared(model(), precision), precision))


def of_restored_matrices(precision: Precision) -> TorchEngine:
    """In fp32, with the weights that are stored."""
    made = TokenDecoder(SMALL).requires_grad_(False).eval()
    state = dict(model().state_dict())
    for name, weight in prepared(model(), precision).items():
        if isinstance(weight, Quantized) and name != "heads.weight":
            state[name] = restored(weight)
        elif isinstance(weight, Quantized):
            state |= {f"heads.{k}.weight": head for k, head in enumerate(restored(weight).chunk(SMALL.codebooks))}
    made.load_state_dict(state)
    return TorchEngine(made)


def matrix(outputs: int, inputs: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(outputs, inputs, generator=torch.Generator().manual_seed(seed))


def activations(*shape: int) -> torch.Tensor:
    """Rows of very different sizes, the first of them nothing."""
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    made *= torch.logspace(-3, 3, shape[-2])[:, None]
    made[..., 0, :] = 0
    return made


@pytest.mark.parametrize("inputs", [2, 30, 96, 1024])
@pytest.mark.parametrize(("split", "steps"), [(True, 2 * 63 * 126), (False, 2 * 127)])
def test_what_is_multiplied_is_rounded_by_so_much_and_no_more(split: bool, steps: int, inputs: int) -> None:
    """Each number by at most a half step of its row; a part in 100,000 is left to float32."""
    weight = quantized(matrix(40, inputs), 8)
    x = activations(3, 5, inputs)
    exact = x.double() @ restored(weight).double().T
    largest = x.abs().amax(-1, keepdim=True).double()
    bound = largest * (restored(weight).double().abs().sum(1) * (1 / steps + 1e-5))
    error = (WholeLinear(weight, split=split)(x) - exact).abs()
    assert error.shape == (3, 5, 40)
    assert (error <= bound).all()
    assert torch.equal(error[:, 0], torch.zeros(3, 40).double())
    assert error[:, 1:].max() > 0


@pytest.mark.parametrize(("outputs", "inputs"), [(16, 32), (48, 64), (32, 384)])
def test_a_product_of_four_bits_is_right_to_bfloat16(outputs: int, inputs: int) -> None:
    weight = quantized(matrix(outputs, inputs), 4)
    x = activations(3, 5, inputs)
    exact = x.double() @ restored(weight).double().T
    error = (GroupedLinear(weight)(x) - exact).abs()
    largest = x.double().abs() @ restored(weight).double().abs().T
    assert (error <= 2**-7 * largest).all()
    assert torch.equal(error[:, 0], torch.zeros(3, outputs).double())


@pytest.mark.parametrize(("outputs", "inputs"), [(8, 32), (16, 16), (24, 64)])
def test_sizes_without_a_kernel_for_four_bits_are_refused(outputs: int, inputs: int) -> None:
    with pytest.raises(InvalidInput, match=f"not {inputs} to {outputs}: int8 takes any"):
        GroupedLinear(quantized(matrix(outputs, inputs), 4))


@pytest.mark.parametrize("conditions", [stack([told(4), PLAIN]), MELODY], ids=["text", "melody"])
def test_eight_bits_compute_what_their_restored_matrices_do(conditions: Conditions) -> None:
    """Step by step, within what is asked of OpenVINO too."""
    sequence = tokens(2, 40)
    a, b = (each.start(conditions, sequence[:, :, :3], 40) for each in (engine("int8"), of_restored_matrices("int8")))
    largest = (a.logits - b.logits).abs().max()
    for step in range(3, 40):
        largest = max(largest, (a.step(sequence[:, :, step]) - b.step(sequence[:, :, step])).abs().max())
    assert largest < 5e-3


def test_four_bits_compute_nearly_what_their_restored_matrices_do() -> None:
    """In bfloat16, which costs a thirtieth of what four bits do."""
    found, expected = (
        each.start(told(3, 6), tokens(2, 30), 30).logits for each in (engine("int4"), of_restored_matrices("int4"))
    )
    assert float((found - expected).abs().mean() / expected.std()) < 0.01


@pytest.mark.parametrize(("precision", "bound"), [("int8", 0.03), ("w8a8", 0.03), ("int4", 0.5)])
@pytest.mark.parametrize("conditions", [told(3, 6), MELODY], ids=["text", "melody"])
def test_coarser_weights_stay_near(precision: Precision, bound: float, conditions: Conditions) -> None:
    """The mean error of the logits of a random model, relative to their deviation."""
    found, expected = (
        each.start(conditions, tokens(2, 30), 30).logits for each in (engine(precision), TorchEngine(model()))
    )
    assert 1e-3 < float((found - expected).abs().mean() / expected.std()) < bound


@pytest.mark.parametrize("precision", KERNELS)
def test_the_null_half_gets_exactly_nothing_from_the_other(precision: Precision) -> None:
    """Whatever that is told, down to the last bit."""
    ways = (told(4), Conditions(cross=1e6 * vectors(1, 3)))
    logits = [engine(precision).start(stack([way, PLAIN]), tokens(2, 6), 6).logits for way in ways]
    assert torch.equal(logits[0][1], logits[1][1])
    assert not torch.equal(logits[0][0], logits[1][0])


@pytest.mark.parametrize("precision", KERNELS)
def test_no_matrix_is_kept_in_full(precision: Precision) -> None:
    made = engine(precision).decoder
    assert not [name for name, module in made.named_modules() if isinstance(module, nn.Linear)]
    kept = {name.split(".")[-2] for name, _ in made.named_parameters()}
    assert kept == {"0", "1", "2", "3", "self_norm", "cross_norm", "inner_norm", "norm"}  # embeddings and norms
    if precision == "int4":
        grouped = [module for module in made.modules() if isinstance(module, GroupedLinear)]
        assert len(grouped) == 7 * SMALL.layers
        assert grouped[0].packed.nbytes == 3 * SMALL.width * SMALL.width / 2


def test_what_torch_cannot_run_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match=r"runs no w4a8, but int8, w8a8, int4; else .*octet\[openvino\]"):
        require_kernels("w4a8")
    monkeypatch.setitem(torch_linear.KERNELS, "int4", ("aten._no_such_kernel",))
    with pytest.raises(InvalidInput, match=r"has no aten\._no_such_kernel for int4: take the engine openvino"):
        require_kernels("int4")
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    require_kernels("int8")
    with pytest.raises(InvalidInput, match=r"AVX-512 VNNI: take int8, or"):
        require_kernels("w8a8")


def test_other_backends_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.quantized, "engine", "qnnpack")
    with pytest.raises(InvalidInput, match="has no FBGEMM for int8"):
        require_kernels("int8")
