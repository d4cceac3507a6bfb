"""The verb `bench` for MuseCoco: tokens a second, however much has been written, next to two other ways in one run.

recurrent         the memory of linear attention, by torch and by OpenVINO
recomputed        the whole prefix again for every token, as the published generator does it
softmax, cached   a transformer of the same size whose attention keeps keys and values

Each is timed at a length, not on the way to it. At the size of 1.2 billion parameters weights are random and made in 8
bits at once, and the limit is what memory can deliver: every token reads them all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.engines.openvino_graph import installed
from octet.engines.quantize import Quantized
from octet.evaluation.speed import measure
from octet.families.linear_attention import Memory
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder
from octet.systems.musecoco import recipe
from octet.systems.musecoco.config import Config
from octet.systems.musecoco.decoder import Decoder, decoder_for
from octet.systems.musecoco.model import MuseCoco, State

LENGTHS = (500, 2000, 5000)
_STEPS = 32
_LARGE_STEPS = 4
_GIGABYTE = 1e9

Rows = dict[str, float]


@dataclass(frozen=True)
class Shapes:
    """What is timed: a size at lengths of text, and a large one in 8 bits; None leaves that out."""

    small: Config
    lengths: Sequence[int] = LENGTHS
    large: Config | None = None
    steps: int = _STEPS


def shapes() -> Shapes:
    """The bundled size, and the published one of 1.2 billion parameters."""
    return Shapes(recipe.tiny()[0], large=recipe.large()[0])


def bench_musecoco(wanted: Shapes | None = None, *, threads: int = 2, on_progress: Progress = silent) -> Rows:
    """Tokens a second by name, ratios of them, and the share of the memory's bandwidth.

    Raises:
        InvalidInput: no lengths.
    """
    wanted = wanted or shapes()
    if not wanted.lengths or min(wanted.lengths) < 1:
        raise InvalidInput("give one length at least, of one token or more")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    rows: Rows = {"threads": threads}
    try:
        for number, part in enumerate(_parts(wanted), start=1):
            rows |= part()
            on_progress(Step("benchmark", number, len(wanted.lengths) + 1))
    finally:
        torch.set_num_threads(before)
    return rows


def _parts(wanted: Shapes) -> Iterator[Callable[[], Rows]]:
    torch.manual_seed(0)
    model = MuseCoco(wanted.small).eval()
    softmax = TokenDecoder(_softmax(wanted.small)).eval()
    for length in wanted.lengths:
        yield lambda length=length: _at(model, softmax, length, wanted.steps)  # type: ignore[misc]
    if wanted.large is not None and installed():
        large = wanted.large
        yield lambda: _large(large)


@torch.inference_mode()
def _at(model: MuseCoco, softmax: TokenDecoder, length: int, steps: int) -> Rows:
    tokens = torch.randint(4, model.config.vocabulary, (1, length))
    _, state = model(tokens)
    rows = {f"recurrent, torch, at {length}": _recurrent(model, tokens, state, steps)}
    if installed():
        decoder, _ = decoder_for(model, "openvino")
        rows[f"recurrent, openvino, at {length}"] = _recurrent(decoder, tokens, state, steps)
    rows[f"recomputed, at {length}"] = 1 / measure(lambda: model(tokens), repeats=3).median_seconds
    rows[f"softmax, cached, at {length}"] = _cached(softmax, tokens, steps)
    fastest = max(speed for name, speed in rows.items() if name.startswith("recurrent"))
    return rows | {
        f"recurrent / recomputed, at {length}": fastest / rows[f"recomputed, at {length}"],
        f"recurrent / softmax, at {length}": fastest / rows[f"softmax, cached, at {length}"],
    }


def _recurrent(decoder: Decoder, tokens: Tensor, state: State, steps: int) -> float:
    def decode() -> None:
        held = state
        for _ in range(steps):
            _, held = decoder(tokens[:, :1], held)

    return steps / measure(decode, repeats=3).median_seconds


def _cached(decoder: TokenDecoder, tokens: Tensor, steps: int) -> float:
    """Steps after so many; reading these is not timed."""
    session = TorchEngine(decoder).start(Conditions(), tokens[:, None], tokens.shape[1] + 4 * steps)
    start = time.perf_counter()
    for _ in range(steps):
        session.step(tokens[:, None, 0])
    warm = time.perf_counter()
    for _ in range(steps):
        session.step(tokens[:, None, 0])
    return steps / min(warm - start, time.perf_counter() - warm)


def _softmax(config: Config) -> DecoderConfig:
    return DecoderConfig(
        codebooks=1,
        vocabulary=config.vocabulary,
        width=config.width,
        heads=config.heads,
        layers=config.layers,
        inner_width=config.inner_width,
        cross_attention=False,
    )


def _large(config: Config) -> Rows:
    """8 bits at the published size."""
    from octet.engines.recurrent import RecurrentEngine, Sizes

    sizes = Sizes(config.layers, config.width, config.heads)
    weights = random_weights(config)
    engine = RecurrentEngine(sizes, weights, "int8")
    width = sizes.head_width
    memories = tuple(
        Memory(torch.zeros(1, config.heads, width, width), torch.zeros(1, config.heads, width))
        for _ in range(config.layers)
    )
    vectors = torch.randn(1, config.width)
    seconds = measure(lambda: engine.step(vectors, memories), repeats=_LARGE_STEPS).median_seconds
    read = sum(_bytes(weight) for weight in weights.values())
    limit = bandwidth_bytes_per_second() / read
    return {
        "1.2B shape, int8: tokens per second": 1 / seconds,
        "1.2B shape, int8: gigabytes a token": read / _GIGABYTE,
        "memory: gigabytes per second": limit * read / _GIGABYTE,
        "1.2B shape, int8: share of the bandwidth's limit": 1 / seconds / limit,
    }


def random_weights(config: Config) -> dict[str, Tensor | Quantized]:
    """Weights of a size for the recurrent engine, with matrices in 8 bits; none was ever anything else."""
    inner = config.width // config.heads * config.heads
    shapes = {
        "attention.qkv": (3 * inner, config.width),
        "attention.out": (config.width, inner),
        "up": (config.inner_width, config.width),
        "down": (config.width, config.inner_width),
    }
    weights: dict[str, Tensor | Quantized] = {"head.weight": _codes(config.vocabulary, config.width)}
    norms = ["norm"]
    for layer in range(config.layers):
        norms += [f"layers.{layer}.attention_norm", f"layers.{layer}.inner_norm"]
        for name, (outputs, inputs) in shapes.items():
            weights[f"layers.{layer}.{name}.weight"] = _codes(outputs, inputs)
            weights[f"layers.{layer}.{name}.bias"] = torch.zeros(outputs)
    for name in norms:
        weights |= {f"{name}.weight": torch.ones(config.width), f"{name}.bias": torch.zeros(config.width)}
    return weights


def bandwidth_bytes_per_second(size_bytes: int = 1 << 29) -> float:
    """What torch reads a large array with, adding it up."""
    array = torch.ones(size_bytes // 4)
    return size_bytes / min(measure(array.sum, repeats=5).seconds)


def _codes(outputs: int, inputs: int) -> Quantized:
    codes = torch.randint(-127, 128, (outputs, inputs), dtype=torch.int8)
    return Quantized(codes, torch.full((outputs, 1), 1 / (64 * inputs**0.5)), 8)


def _bytes(weight: Tensor | Quantized) -> int:
    parts = (weight.codes, weight.scales) if isinstance(weight, Quantized) else (weight,)
    return sum(part.numel() * part.element_size() for part in parts)
