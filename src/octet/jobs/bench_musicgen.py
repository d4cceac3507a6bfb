"""The verb `bench` for MusicGen: decoder steps a second at the shape of MusicGen-small, with guidance.

Weights are random, for speed does not ask what they say. Each engine runs in a process of its own, whose peak memory is
then its own too; quantised weights are read from where `engines.select` keeps them, as at every start but the first.
The peer is transformers' MusicGen of the same shape, generating as many steps with guidance and sampling.

The bandwidth limit is how often a second the weights of a step can be read from memory, at the rate at which this
machine reads while nothing is computed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput, OctetError
from octet.core.progress import Progress, Step, silent

if TYPE_CHECKING:
    from octet.families.token_lm.conditions import Conditions
    from octet.families.token_lm.engine import Engine
    from octet.families.token_lm.transformer import DecoderConfig

FRAME_RATE_HZ = 50
TEXT_TOKENS = 20
PEERS = ("transformers",)
RUNNERS = (
    ("torch", "fp32"),
    ("torch", "bf16"),
    ("torch", "int8"),
    ("torch", "int4"),
    ("torch", "w8a8"),
    ("openvino", "fp32"),
    ("openvino", "int8"),
    ("openvino", "int4"),
    ("openvino", "w8a8"),
    ("openvino", "w4a8"),
)
BYTES = {
    "fp32": 4.0,
    "bf16": 2.0,
    "int8": 1.0,
    "w8a8": 1.0,
    "int4": 0.5,
    "w4a8": 0.5,
}  # of a weight; scales are left out
_READ_BYTES = 1 << 30

Rows = dict[str, float]


@dataclass(frozen=True)
class Work:
    """What one process measures; `decoder` are the sizes, as JSON."""

    engine: str
    weights: str
    steps: int
    threads: int
    decoder: str


def bench_musicgen(
    *,
    seconds: float = 10.0,
    peer: str | None = None,
    threads: int = 2,
    decoder: DecoderConfig | None = None,
    on_progress: Progress = silent,
) -> Rows:
    """Steps a second of every engine for so many seconds of music, peak memory, and ratios to the peer and the limit.

    `ratio` is that of the fastest engine to the peer. `decoder` is of another shape than MusicGen-small's.

    Raises:
        InvalidInput: no music, or an unknown peer.
        MissingExtra: openvino, or the peer, is not installed.
    """
    from octet.engines.openvino_graph import require_openvino

    if not 1 <= seconds <= 600 or threads < 1:
        raise InvalidInput(f"1 to 600 seconds and a thread are needed, given {seconds:g} and {threads}")
    if peer is not None and peer not in PEERS:
        raise InvalidInput(f"no peer called {peer!r}: there is {', '.join(PEERS)}")
    require_openvino()
    shape = decoder or _small()
    steps = round(seconds * FRAME_RATE_HZ) + shape.codebooks - 1
    works = [Work(*runner, steps, threads, shape.model_dump_json()) for runner in runners()]
    if peer is not None:
        works.insert(0, Work(peer, "fp32", steps, threads, shape.model_dump_json()))
    found = {}
    with tempfile.TemporaryDirectory() as kept:
        for number, work in enumerate(works, start=1):
            found[work] = measured(work, Path(kept))
            on_progress(Step("benchmark", number, len(works)))
    rows: Rows = {"threads": threads, "seconds": seconds, "steps": steps}
    return rows | reported(found, read_bytes_per_second(threads), weights_of(shape))


def runners() -> list[tuple[str, str]]:
    """Those of `RUNNERS` that this processor has instructions for."""
    import torch

    from octet.engines.torch_linear import KERNELS, require_kernels

    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    halves = any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))

    def runs(engine: str, weights: str) -> bool:
        if engine != "torch" or weights not in ("bf16", *KERNELS):
            return True
        if weights == "bf16":
            return halves  # else each number is converted, and minutes show nothing but that
        try:
            require_kernels(weights)  # type: ignore[arg-type]  # one of KERNELS
        except InvalidInput:
            return False
        return True

    return [runner for runner in RUNNERS if runs(*runner)]


def reported(found: dict[Any, Rows], bytes_per_second: float, weights: int) -> Rows:
    """All rows, of what each work found: ratios to the peer, if there is one, and to the limit."""
    rows: Rows = {"memory read, GB/s": bytes_per_second / 1e9}
    speeds: Rows = {}
    for work, row in found.items():
        name = f"{work.engine} {work.weights}"
        rows |= {f"{name}: {measure}": value for measure, value in row.items()}
        if work.engine in PEERS:
            slowest = row["steps/s"]
            continue
        speeds[name] = row["steps/s"]
        limit = bytes_per_second / (weights * BYTES[work.weights])
        rows[f"{name}: share of the bandwidth limit"] = row["steps/s"] / limit
    best = max(speeds, key=lambda name: speeds[name])
    rows["best steps/s"] = speeds[best]
    rows["best: seconds of music a second"] = speeds[best] / FRAME_RATE_HZ
    if any(work.engine in PEERS for work in found):
        rows |= {f"{name}: ratio": speed / slowest for name, speed in speeds.items()}
        rows["ratio"] = speeds[best] / slowest
    return rows


def weights_of(shape: DecoderConfig) -> int:
    """Weights that a step reads: all matrices but embeddings, and of cross-attention what is not made once."""
    width, inner = shape.width, shape.inner_width
    attention = 4 * width * width + (2 * width * width if shape.cross_attention else 0)
    return shape.layers * (attention + 2 * width * inner) + shape.codebooks * shape.vocabulary * width


def read_bytes_per_second(threads: int) -> float:
    """How fast memory is read, by adding up a gigabyte, best of three."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        numbers = torch.ones(_READ_BYTES // 4)
        numbers.sum()
        return max(_READ_BYTES / _timed(numbers.sum) for _ in range(3))
    finally:
        torch.set_num_threads(before)


def measured(work: Work, kept: Path) -> Rows:
    """What a process of its own finds; quantised weights are made and kept by another one before it.

    Raises:
        InvalidInput: the process failed; its last line is repeated.
    """
    if work.weights not in ("fp32", "bf16"):
        _process("keep", work, kept)
    rows: Rows = _process("run", work, kept)
    return rows


def _process(what: str, work: Work, kept: Path) -> Any:
    code = "from octet.jobs.bench_musicgen import _inside; _inside()"
    environment = {**os.environ, "OMP_NUM_THREADS": str(work.threads)}
    command = [sys.executable, "-c", code, what, str(kept), json.dumps(asdict(work))]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InvalidInput(f"{work.engine} {work.weights} could not be measured: {reason}")
    return json.loads(done.stdout.splitlines()[-1])


def _inside() -> None:
    """The process: `keep` or `run`, the folder for weights, and the work."""
    what, kept, text = sys.argv[1:]
    work = Work(**json.loads(text))
    try:
        print(json.dumps((keep if what == "keep" else run)(work, Path(kept))))
    except OctetError as error:
        sys.exit(str(error))


def keep(work: Work, kept: Path) -> Rows:
    """Quantise random weights and keep them, by a name that only says which bits."""
    from octet.engines import cache
    from octet.engines.prepare import flat, prepared

    cache.remembered(_name(work), lambda: flat(prepared(_random_decoder(work), _precision(work))), place=kept)
    return {}


def run(work: Work, kept: Path) -> Rows:
    """Steps a second, the peak of this process's memory in GB, and seconds to the first sound of a stream."""
    import torch

    torch.set_num_threads(work.threads)
    if work.engine in PEERS:
        return _peer(work)
    engine = _engine(work, kept)
    conditions = _conditions(work)
    _decode(engine, conditions, min(10, work.steps))  # a warm-up
    taken = _timed(lambda: _decode(engine, conditions, work.steps))
    rows = {"steps/s": work.steps / taken, "peak memory, GB": _peak_gigabytes()}
    if work.engine == "openvino":
        rows["seconds to the first sound"] = _first_sound(engine)
    return rows


def _engine(work: Work, kept: Path) -> Engine:
    from octet.engines.select import engine_for, reopened

    if work.weights in ("fp32", "bf16"):
        return engine_for(_random_decoder(work), work.engine, _precision(work))  # type: ignore[arg-type]
    engine = reopened(_shape(work), _name(work), _precision(work), work.engine, place=kept)  # type: ignore[arg-type]
    if engine is None:
        raise InvalidInput(f"the quantised weights in {kept} are gone: is the disk full?")
    return engine


def _decode(engine: Engine, conditions: Conditions, steps: int) -> None:
    import torch

    tokens = torch.full((2, engine.config.codebooks), engine.config.special)
    session = engine.start(conditions, tokens[:, :, None], steps)
    for _ in range(steps - 1):
        session.step(tokens)


def _first_sound(engine: Engine) -> float:
    """Until a stream's first piece, through EnCodec at 32 kHz with random weights, text and sampling included."""
    from octet.codecs import encodec
    from octet.encoders.text.tiny import TinyTextConfig
    from octet.systems.musicgen.config import Config
    from octet.systems.musicgen.generate import Musician
    from octet.systems.musicgen.model import MusicGen

    own = engine.config.model_copy(update={"layers": 1, "inner_width": 4})  # the engine has the layers
    codec = encodec.Encodec(encodec.encodec_32khz().model_copy(update={"codebook_size": own.vocabulary})).eval()
    player = Musician(MusicGen(Config(decoder=own, text=TinyTextConfig())), codec, engine=engine)
    player.generate("a warm-up", duration_seconds=0.1)
    return _timed(lambda: next(iter(player.stream("a tune", duration_seconds=10.0))))


def _peer(work: Work) -> Rows:
    """transformers, the codec and T5 left small: they run once, and not at every step."""
    import torch

    from octet.core.errors import require

    transformers = require("transformers", extra="published")
    own = _shape(work)
    decoder = {
        "vocab_size": own.vocabulary,
        "hidden_size": own.width,
        "num_hidden_layers": own.layers,
        "num_attention_heads": own.heads,
        "ffn_dim": own.inner_width,
        "num_codebooks": own.codebooks,
        "pad_token_id": own.special,
        "bos_token_id": own.special,
    }
    text = transformers.T5Config(d_model=64, d_kv=16, d_ff=64, num_layers=1, num_heads=2, vocab_size=64)
    audio = _small_codec(own.vocabulary)
    config = transformers.MusicgenConfig(text_encoder=text.to_dict(), audio_encoder=audio, decoder=decoder)
    model = transformers.MusicgenForConditionalGeneration(config).eval()
    options = {"do_sample": True, "guidance_scale": 3.0, "pad_token_id": own.special}
    options |= {"bos_token_id": own.special, "decoder_start_token_id": own.special, "max_new_tokens": work.steps}
    ids = torch.randint(1, 64, (1, TEXT_TOKENS))
    with torch.inference_mode():
        taken = _timed(lambda: model.generate(input_ids=ids, **options))
    return {"steps/s": work.steps / taken, "peak memory, GB": _peak_gigabytes()}


def _small_codec(codebook_size: int) -> dict[str, Any]:
    from octet.core.errors import require

    config = require("transformers", extra="published").EncodecConfig
    made: dict[str, Any] = config(
        sampling_rate=32_000,
        num_filters=4,
        upsampling_ratios=[8, 5, 4, 4],
        codebook_size=codebook_size,
        codebook_dim=8,
        hidden_size=8,
        num_lstm_layers=1,
    ).to_dict()
    return made


def _conditions(work: Work) -> Conditions:
    """One sequence under guidance: a row that is told a text, and one that is told nothing."""
    import torch

    from octet.families.token_lm.conditions import Conditions, stack

    told = torch.randn(1, TEXT_TOKENS, _shape(work).width, generator=torch.Generator().manual_seed(0))
    return stack([Conditions(cross=told), Conditions()])


def _random_decoder(work: Work) -> Any:
    import torch

    from octet.families.token_lm.transformer import TokenDecoder

    torch.manual_seed(0)
    return TokenDecoder(_shape(work)).eval().requires_grad_(False)


def _shape(work: Work) -> DecoderConfig:
    from octet.families.token_lm.transformer import DecoderConfig

    return DecoderConfig.model_validate_json(work.decoder)


def _small() -> DecoderConfig:
    from octet.systems.musicgen import recipe

    return recipe.small()[0].decoder


def _precision(work: Work) -> Any:
    return work.weights


def _name(work: Work) -> str:
    from octet.engines.prepare import BITS

    return f"random-int{BITS[work.weights]}"


def _peak_gigabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e9


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
