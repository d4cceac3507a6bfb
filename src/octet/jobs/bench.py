"""The verb `bench`: how fast, as ratios measured in one run: of sound made to time taken, and to a peer.

The peer is transformers' FastSpeech2Conformer with HiFi-GAN at its published shape, with random weights and a fixed
duration for every phone, next to ours at the paper's shape with HiFi-GAN V1, likewise.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.evaluation import speed
from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.encoder import Phones
from octet.jobs.load import load

TEXT = (
    "The train to the mountains leaves at nine in the morning. Please bring warm clothes and something to eat. "
    "We will walk along the river until we reach the old stone bridge, and then rest for an hour in the shade. "
)
LONG_TEXT = TEXT * 8
PHONES, FRAMES_A_PHONE = 100, 7

Rows = dict[str, float]


def bench(subject: str, *, threads: int = 2, on_progress: Progress = silent) -> Rows:
    """Real-time factors (below 1 is faster than real time), seconds to first audio, and ratios, by name.

    Raises:
        InvalidInput: an unknown subject.
    """
    if subject not in ("fastspeech2", "diffsinger"):
        raise InvalidInput(f"no benchmark called {subject!r}: there are fastspeech2, musicgen, musecoco, diffsinger")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    parts: tuple[Callable[[], Rows], ...] = (_bundled, _cold_start, _paper_shape)
    if subject == "diffsinger":
        from octet.jobs import bench_diffsinger

        parts = (bench_diffsinger.singer, bench_diffsinger.denoiser)
    rows: Rows = {"threads": threads}
    try:
        for number, part in enumerate(parts, start=1):
            rows |= part()
            on_progress(Step("benchmark", number, len(parts)))
    finally:
        torch.set_num_threads(before)
    return rows


def _bundled() -> Rows:
    from octet.systems.fastspeech2.generate import request_of

    rows: Rows = {}
    for system in ("fastspeech2", "fastspeech2s"):
        speaker = load(system)
        seconds = speaker.generate(TEXT, voice="rms").duration_seconds
        whole = speed.measure(lambda speaker=speaker: speaker.generate(TEXT, voice="rms"))
        first = speed.measure_first(lambda speaker=speaker: speaker.stream(request_of(LONG_TEXT, voice="rms")))
        rows[f"{system}: real-time factor"] = speed.real_time_factor(whole, seconds)
        rows[f"{system}: seconds to first audio"] = first.median_seconds
    ratio = rows["fastspeech2s: real-time factor"] / rows["fastspeech2: real-time factor"]
    return rows | {"fastspeech2s / fastspeech2 with vocoder, time": ratio}


def _cold_start() -> Rows:
    """A new process, model loading included."""
    octet = [sys.executable, "-c", "from octet.cli.main import main; main()"]
    with tempfile.TemporaryDirectory() as folder:
        command = [*octet, "speak", "Hello.", "-o", str(Path(folder) / "hello.wav")]
        speaking = speed.measure(lambda: subprocess.run(command, check=True, capture_output=True), repeats=3)
    helping = speed.measure(lambda: subprocess.run([*octet, "--help"], check=True, capture_output=True), repeats=3)
    return {
        "octet speak 'Hello.' in a new process: seconds": speaking.median_seconds,
        "octet --help: seconds": helping.median_seconds,
    }


def _paper_shape() -> Rows:
    ours, ours_seconds = _ours()
    rows = {"paper shape + HiFi-GAN V1: real-time factor": _factor(ours, ours_seconds)}
    try:
        peer, peer_seconds = _peer()
    except ImportError:
        return rows
    rows["transformers FastSpeech2Conformer + HiFi-GAN: real-time factor"] = _factor(peer, peer_seconds)
    first, second = rows.values()
    return rows | {"ours / peer, time a second of audio": first / second}


def _factor(call: Callable[[], object], audio_seconds: float) -> float:
    return speed.real_time_factor(speed.measure(call, repeats=3), audio_seconds)


def _ours() -> tuple[Callable[[], object], float]:
    from octet.families.acoustic.config import Statistics
    from octet.systems.fastspeech2 import recipe
    from octet.systems.fastspeech2.generate import MelChain
    from octet.systems.fastspeech2.model import FastSpeech2
    from octet.vocoders import hifigan

    statistics = Statistics(
        f0_mean=5.3,
        f0_deviation=0.3,
        f0_low_hz=60,
        f0_high_hz=600,
        energy_mean=30,
        energy_deviation=20,
        energy_high=200,
    )
    config, _ = recipe.paper(("one",), statistics)
    chain = MelChain(FastSpeech2(config).eval(), hifigan.HifiGan(hifigan.v1()).eval())
    ids = torch.randint(6, config.symbols, (1, PHONES))
    ones = torch.ones(1, PHONES)
    phones = Phones(ids, torch.zeros_like(ids), torch.zeros_like(ids), torch.tensor([0]))
    wishes = Controls(ones, 0 * ones, ones, torch.full((1, PHONES), FRAMES_A_PHONE))
    return lambda: chain.render(phones, wishes), PHONES * FRAMES_A_PHONE / config.spec.frame_rate_hz


def _peer() -> tuple[Callable[[], object], float]:
    from transformers import FastSpeech2ConformerWithHifiGan, FastSpeech2ConformerWithHifiGanConfig

    config = FastSpeech2ConformerWithHifiGanConfig()
    model: Any = FastSpeech2ConformerWithHifiGan(config).eval()
    linear = model.model.duration_predictor.linear
    torch.nn.init.zeros_(linear.weight)
    torch.nn.init.constant_(linear.bias, math.log(FRAMES_A_PHONE + 1))
    ids = torch.randint(1, config.model_config.vocab_size, (1, PHONES))

    def call() -> object:
        with torch.inference_mode():
            return model(ids)

    seconds = call().waveform.shape[-1] / 22050  # type: ignore[attr-defined]
    return call, seconds
