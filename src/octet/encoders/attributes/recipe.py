"""How the bundled judge is trained: one CPU core, ten minutes."""

from __future__ import annotations

from octet.core.training import Plan
from octet.encoders.attributes.model import AttributesConfig


def tiny() -> tuple[AttributesConfig, Plan]:
    """The model and the plan of the bundled judge; a batch is about 16 excerpts of ten seconds."""
    plan = Plan(
        steps=2000,
        batch_frames=12_800,
        learning_rate=2e-3,
        weight_decay=0.02,
        warmup_steps=100,
        ema_decay=0.995,
        evaluate_every=500,
        checkpoint_every=250,
    )
    return AttributesConfig(), plan
