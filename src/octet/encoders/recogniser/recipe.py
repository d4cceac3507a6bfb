"""How the bundled recogniser is trained: one CPU core, 35 minutes, over about 6 hours of speech.

A step of 6000 frames takes 0.85 s on one idle core at 55 GFLOP/s (1.1 s beside other work), so the budget sees the
corpus six to eight times.
"""

from __future__ import annotations

from octet.core.training import Plan
from octet.encoders.recogniser import model
from octet.encoders.recogniser.model import RecogniserConfig


def tiny() -> tuple[RecogniserConfig, Plan]:
    """The model and the plan of the bundled recogniser."""
    plan = Plan(
        steps=2400,
        batch_frames=6000,
        learning_rate=4e-3,
        weight_decay=0.01,
        warmup_steps=150,
        ema_decay=0.995,
        evaluate_every=600,
    )
    return model.tiny(), plan
