"""Presets and training plans of MusicGen: functions that return complete configurations.

`small`, `medium`, `large` and `melody` are those of arXiv 2306.05284, section 3.1, and of its published training code,
for codec tokens at 50 Hz of 4 x 2048 (EnCodec at 32 kHz); `stereo` makes two channels of any; `tiny` is the bundled
size.

Departures: AdamW for `small` too, where the paper takes D-Adaptation; an average of weights with a decay of 0.999 every
step, where the published code has 0.99 every ten; bf16 in the place of fp16.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from octet.core.training import Plan
from octet.encoders.text.contract import TextEncoder
from octet.families.token_lm import patterns
from octet.families.token_lm.transformer import DecoderConfig
from octet.nn.lora import LoraConfig
from octet.systems.musicgen.captions import CaptionTraining
from octet.systems.musicgen.config import Config, Dropouts, ReaderTextConfig, T5TextConfig
from octet.systems.musicgen.model import MusicGen

SEGMENT_FRAMES = 1500  # 30 s
BATCH = 192

# All that reads or mixes; embeddings and heads stay as they are.
LORA = LoraConfig(rank=8, alpha=16.0, layers=("qkv", "query", "key_value", "out", "up", "down"))


def tiny(codebooks: int = 5, codebook_size: int = 1024) -> tuple[Config, Plan]:
    """7.4 M parameters beside a frozen reader of text, for ten seconds of a codec at 25 Hz; hears melodies too.

    It speaks the first five of the bundled codec's codebooks, and begins with their vectors. Chroma frames are those of
    16 kHz: 4096 samples apart.
    """
    config = Config(
        decoder=DecoderConfig(
            codebooks=codebooks, vocabulary=codebook_size, width=256, heads=4, layers=6, inner_width=512, rotary=True
        ),
        pattern=patterns.delay(codebooks),
        text=ReaderTextConfig(),
        chroma_frames=40,
        frame_rate_hz=25.0,
        segment_seconds=10.0,
        stride_seconds=6.0,
        # A third of the captions of `bands` tell a mode: so all attributes are told again, often without the caption.
        captions=CaptionTraining(merge=1.0, keep_attribute=0.95, drop_description=0.6, drop_word=0.03),
        dropouts=Dropouts(everything=0.1, melody=0.5),  # a melody says the key, and nothing is learnt of it from text
        guidance_scale=5.0,
        temperature=0.8,  # much colder, chords are held for ever
        codebook_decay=0.5,  # a beat is in the first codebook; of the last ones little can be foretold
        short_segments=0.3,
        codec="codec-tiny",
    )
    plan = Plan(
        steps=10_000,
        batch_frames=1_000,  # four segments: on a CPU, more steps are worth more than larger ones
        learning_rate=1e-3,
        betas=(0.9, 0.95),
        weight_decay=0.1,
        warmup_steps=300,
    )
    return config, plan


def small() -> tuple[Config, Plan]:
    """420 M parameters, of which 101 M attend to text."""
    return _text(width=1024, heads=16, layers=24), _plan()


def medium() -> tuple[Config, Plan]:
    """1.8 B parameters."""
    return _text(width=1536, heads=24, layers=48), _plan()


def large() -> tuple[Config, Plan]:
    """3.3 B parameters; conditions are dropped less often, gradients clipped later."""
    config = _text(width=2048, heads=32, layers=48)
    gentle = {"captions": CaptionTraining(drop_word=0.2), "dropouts": Dropouts(everything=0.2)}
    return config.model_copy(update=gentle), _plan().model_copy(update={"clip_norm": 3.0})


def melody() -> tuple[Config, Plan]:
    """1.4 B parameters: the medium decoder, reading melody and text first in the place of attending to text."""
    config = _text(width=1536, heads=24, layers=48)
    changes = {
        "decoder": config.decoder.model_copy(update={"cross_attention": False}),
        "fusion": "prefix",
        "chroma_frames": 235,
        "captions": CaptionTraining(drop_word=0.2),
        "dropouts": Dropouts(everything=0.2, melody=0.5),
    }
    return config.model_copy(update=changes), _plan()


def stereo(config: Config) -> Config:
    """The same for two channels of a mono codec, whose codebooks alternate and are delayed by twos."""
    decoder = config.decoder.model_copy(update={"codebooks": 2 * config.decoder.codebooks})
    return config.model_copy(update={"decoder": decoder, "pattern": config.pattern.stereo(), "channels": 2})


@torch.no_grad()
def begin_with_codes(model: MusicGen, vectors: Sequence[torch.Tensor]) -> None:
    """Let tokens that sound alike begin alike: embeddings and heads become the vectors (V, D) of the codec's codebooks.

    They are turned at random, the same turn for all, and are as large as random weights. Not in the paper.
    """
    turn = nn.init.orthogonal_(torch.empty(vectors[0].shape[1], model.config.decoder.width))
    tables = zip(model.decoder.embeddings, model.decoder.heads, vectors, strict=False)
    for embedding, head, codebook in tables:
        turned = codebook @ turn
        for weight in (embedding.weight[: len(turned)], head.weight):
            weight.copy_(turned * (weight.std() / turned.std()))


@torch.no_grad()
def stereo_of(mono: MusicGen, frozen_text: TextEncoder | None = None) -> MusicGen:
    """A stereo model that begins with a mono one's weights: both channels get its embeddings and its heads.

    The paper's, which is then trained for 200,000 steps.
    """
    made = MusicGen(stereo(mono.config), frozen_text)
    shared = {name: weight for name, weight in mono.state_dict().items() if not _per_codebook(name)}
    made.load_state_dict(shared, strict=False)
    pairs: list[tuple[nn.ModuleList, nn.ModuleList]] = [
        (made.decoder.embeddings, mono.decoder.embeddings),
        (made.decoder.heads, mono.decoder.heads),
    ]
    for doubled, single in pairs:
        for k, module in enumerate(doubled):
            module.load_state_dict(single[k // 2].state_dict())
    return made


def finetuning(steps: int = 2000) -> Plan:
    """A gentle plan for adapting (see `octet.nn.lora`) a trained model to a few hours of recordings."""
    return Plan(
        steps=steps,
        batch_frames=4 * SEGMENT_FRAMES,
        learning_rate=1e-4,
        betas=(0.9, 0.95),
        warmup_steps=min(100, steps // 10),
        ema_decay=0.99,
        evaluate_every=500,
        checkpoint_every=250,
    )


def _per_codebook(name: str) -> bool:
    return name.startswith(("decoder.embeddings.", "decoder.heads."))


def _text(width: int, heads: int, layers: int) -> Config:
    decoder = DecoderConfig(width=width, heads=heads, layers=layers, inner_width=4 * width)
    return Config(decoder=decoder, text=T5TextConfig(name="google-t5/t5-base"), codec="facebook/encodec_32khz")


def _plan() -> Plan:
    return Plan(
        steps=1_000_000,
        batch_frames=BATCH * SEGMENT_FRAMES,
        learning_rate=1e-4,
        betas=(0.9, 0.95),
        weight_decay=0.1,
        warmup_steps=4000,
        schedule="cosine",
        clip_norm=1.0,
        ema_decay=0.999,
        precision="bf16",
    )
