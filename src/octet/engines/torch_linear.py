"""Linear layers over rounded weights, run by torch's own kernels on the CPU; what stands in for a decoder's layers.

    int8    FBGEMM multiplies whole numbers. What is multiplied is split into two of 7 bits each, coarse and fine, which
            keeps 14 of its bits and costs no second reading of the weights: so only weights are rounded
    w8a8    likewise, but with the coarse one alone, of 8 bits
    int4    a kernel restores weights group by group on their way to a product in bfloat16

Torch's own way with int8 and bfloat16, `_weight_int8pack_mm`, was no faster than the split and rounds more. Rows have a
scale each, so that none depends on the others. FBGEMM takes its matrices as quantised tensors, which torch 2.13 means
to give up one day: `require_kernels` says so then.

Legend: R rows, I inputs, O outputs.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from octet.core.errors import InvalidInput
from octet.engines.prepare import Precision, Weights
from octet.engines.quantize import Quantized, unpacked
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder

_WHOLE = (
    "aten._make_per_channel_quantized_tensor",
    "quantized.linear_prepack",
    "quantized.linear_with_input_q_dq_qweight_dq_output_fp32",
)
_GROUPED = ("aten._convert_weight_to_int4pack_for_cpu", "aten._weight_int4pack_mm_for_cpu")
KERNELS: dict[str, tuple[str, ...]] = {"int8": _WHOLE, "w8a8": _WHOLE, "int4": _WHOLE + _GROUPED}
"""What each precision calls; some are torch's private names, which may go."""


class WholeLinear(nn.Module):
    """Without a bias, of a matrix (O, I) with 8 bits."""

    def __init__(self, weight: Quantized, *, split: bool) -> None:
        """`split` keeps 14 bits of what is multiplied, in two parts of 7; without it there is one part, of 8."""
        super().__init__()
        self.split = split
        self.largest = 63 if split else 127  # with 7 bits, no processor's sums of two products overflow 16
        self.packed: Any = _packed(weight)

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)."""
        rows = x.flatten(0, -2)
        unit = rows.abs().amax(1, keepdim=True).clamp(min=torch.finfo(x.dtype).tiny) / self.largest
        rows = rows / unit
        made = self._split(rows) if self.split else self._product(rows)
        return (made * unit).view(*x.shape[:-1], -1)

    def _split(self, rows: Tensor) -> Tensor:
        """Of what rounding leaves, at most a half, too."""
        rounded, finer = rows.round(), 2 * self.largest
        coarse, fine = self._product(torch.cat([rounded, (rows - rounded) * finer])).chunk(2)
        return coarse + fine / finer

    def _product(self, rows: Tensor) -> Tensor:
        """Of rows (R, I) between plus and minus `largest`, rounded: (R, O)."""
        multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
        product: Tensor = multiply(rows, 1.0, self.largest + 1, self.packed)
        return product


class GroupedLinear(nn.Module):
    """Without a bias, of a matrix (O, I) with 4 bits."""

    def __init__(self, weight: Quantized) -> None:
        """A matrix as `prepare.prepared` stores it.

        Raises:
            InvalidInput: of sizes that torch's kernel does not have.
        """
        super().__init__()
        outputs, inputs = weight.shape
        self.group = inputs // weight.scales.shape[1]
        if outputs % 16 or self.group % 32:
            raise InvalidInput(
                f"torch's int4 wants inputs in 32s and outputs in 16s, not {inputs} to {outputs}: int8 takes any"
            )
        codes = unpacked(weight.codes).int() + 8  # the kernel counts from 0
        self.packed: Tensor = torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes, 1)
        self.scales = torch.stack([weight.scales.T, torch.zeros_like(weight.scales.T)], dim=2).bfloat16()

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)."""
        rows = x.flatten(0, -2).bfloat16()
        made: Tensor = torch.ops.aten._weight_int4pack_mm_for_cpu(rows, self.packed, self.group, self.scales)
        return made.to(x.dtype).view(*x.shape[:-1], -1)


def rounded_decoder(config: DecoderConfig, weights: Weights, precision: Precision) -> TokenDecoder:
    """A decoder whose linear layers are those of `weights`, which `prepare.prepared` made for this precision.

    Raises:
        InvalidInput: sizes that torch cannot run at this precision.
    """
    with torch.device("meta"):
        decoder = TokenDecoder(config).eval().requires_grad_(False)
    whole: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if isinstance(weight, Tensor):
            whole[name] = weight
        elif name == "heads.weight":
            heads = _heads(weight, config.codebooks)
            decoder.heads = nn.ModuleList(_linear(head, precision) for head in heads)
        else:
            decoder.set_submodule(name.removesuffix(".weight"), _linear(weight, precision))
    decoder.load_state_dict(whole, assign=True)
    return decoder


def require_kernels(precision: Precision) -> None:
    """Find out before the work, not after it.

    Raises:
        InvalidInput: this torch or this processor cannot run linear layers at this precision.
    """
    instead = "the engine openvino (pip install 'octet[openvino]'), or weights fp32"
    if precision not in KERNELS:
        raise InvalidInput(f"torch runs no {precision}, but {', '.join(KERNELS)}; else take {instead}")
    missing = [kernel for kernel in KERNELS[precision] if not _exists(kernel)]
    if missing or torch.backends.quantized.engine not in ("x86", "fbgemm"):
        raise InvalidInput(
            f"torch {torch.__version__} here has no {', '.join(missing) or 'FBGEMM'} for {precision}: take {instead}"
        )
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.11 does not tell
    if precision == "w8a8" and not capabilities.get("avx512_vnni"):
        raise InvalidInput(f"torch's w8a8 wants a processor with AVX-512 VNNI: take int8, or {instead}")


def _packed(weight: Quantized) -> Any:
    """As FBGEMM wants it, which then keeps nothing of `weight`."""
    scales = weight.scales[:, 0].double()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"torch\.quantize_per_tensor", category=UserWarning)
        matrix = torch.ops.aten._make_per_channel_quantized_tensor(
            weight.codes, scales, torch.zeros_like(scales, dtype=torch.int64), 0
        )
        return torch.ops.quantized.linear_prepack(matrix, None)


def _linear(weight: Quantized, precision: Precision) -> WholeLinear | GroupedLinear:
    """Heads have 8 bits under int4 too."""
    return GroupedLinear(weight) if weight.bits == 4 else WholeLinear(weight, split=precision != "w8a8")


def _heads(weight: Quantized, count: int) -> list[Quantized]:
    """One matrix of all heads, of 8 bits, apart again."""
    parts = zip(weight.codes.chunk(count), weight.scales.chunk(count), strict=True)
    return [Quantized(codes, scales, weight.bits) for codes, scales in parts]


def _exists(kernel: str) -> bool:
    space, name = kernel.split(".")
    return hasattr(getattr(torch.ops, space), name)
