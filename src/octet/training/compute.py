"""Where a run computes: the one place that knows Accelerate."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from octet.core.errors import InvalidInput, require


class Compute(BaseModel):
    """Where to train: `auto` takes a GPU where there is one. `threads` is for the CPU, None for torch's choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = Field(default=None, ge=1)


def accelerator_for(compute: Compute, precision: Literal["fp32", "bf16"]) -> Any:
    """An `accelerate.Accelerator`; several processes are found by the environment that a launcher sets.

    Raises:
        InvalidInput: no CUDA device although one was asked for.
        MissingExtra: Accelerate is not installed.
    """
    import torch

    accelerate = require("accelerate", extra="train")
    if compute.device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput("there is no CUDA device here: give --device cpu, or install a torch build with CUDA")
    if compute.threads is not None:
        torch.set_num_threads(compute.threads)
    # Accelerate keeps its first settings for the life of the process; a second run may want others.
    accelerate.state.AcceleratorState._reset_state(reset_partial_state=not torch.distributed.is_initialized())
    # A model may leave parts of itself out of a step, as one side of an adversarial pair always does.
    unused = accelerate.DistributedDataParallelKwargs(find_unused_parameters=True)
    return accelerate.Accelerator(
        cpu=compute.device == "cpu",
        mixed_precision="bf16" if precision == "bf16" else "no",
        kwargs_handlers=[unused],
    )
