"""A MusicGen, its codec and a judge of attributes in folders: small, untrained, and the same whenever they are made."""

from __future__ import annotations

from pathlib import Path

import torch

from octet.codecs.encodec import Encodec, EncodecConfig
from octet.codecs.seanet import SEANetConfig
from octet.core import artifacts
from octet.encoders.attributes.model import AttributeJudge, AttributesConfig
from octet.jobs.musician import text_encoder_of
from octet.systems.musicgen import recipe
from octet.systems.musicgen.model import MusicGen


def small(folder: Path) -> Path:
    """`codec` (16 kHz, 50 Hz, four codebooks of 16), `music`, which names it, and `judge`, all in `folder`."""
    torch.manual_seed(0)
    seanet = SEANetConfig(filters=2, dimension=8, ratios=(8, 5, 4, 2), lstm_layers=0)
    codec = EncodecConfig(sample_rate_hz=16_000, seanet=seanet, codebooks=4, codebook_size=16)
    artifacts.save(folder / "codec", "encodec", codec.model_dump(mode="json"), Encodec(codec).state_dict())
    config, _ = recipe.tiny(4, 16)
    sizes = {"width": 16, "heads": 2, "layers": 1, "inner_width": 16}
    changes = {
        "decoder": config.decoder.model_copy(update=sizes),
        "frame_rate_hz": 50.0,
        "codec": str(folder / "codec"),
    }
    artifacts.save(folder / "music", *MusicGen(config.model_copy(update=changes), text_encoder_of(config)).artifact())
    judge = AttributeJudge(AttributesConfig(channels=(2, 2, 4, 4, 4), hidden=8))
    artifacts.save(folder / "judge", *judge.artifact())
    return folder
