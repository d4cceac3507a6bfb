"""Plans: what makes no sense is refused by the field's name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from octet.core.training import Plan

SENSIBLE = {"steps": 1, "batch_frames": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, 0) for name in ("steps", "batch_frames", "accumulation", "learning_rate")],
        *[(name, 0) for name in ("discriminator_learning_rate", "evaluate_every", "checkpoint_every")],
        *[
            (name, -1)
            for name in ("weight_decay", "warmup_steps", "clip_norm", "ema_decay", "seed", "keep_checkpoints")
        ],
        *[(name, math.nan) for name in ("learning_rate", "clip_norm", "ema_decay", "weight_decay")],
        ("learning_rate", math.inf),
        ("ema_decay", 1),
        ("betas", (0.9, 1.0)),
        ("seed", 2**63),
        ("schedule", "linear"),
    ],
)
def test_a_value_without_sense_is_refused_by_name(name, value):
    with pytest.raises(ValidationError) as caught:
        Plan(**(SENSIBLE | {name: value}))
    assert caught.value.errors()[0]["loc"][0] == name


@given(
    st.fixed_dictionaries(
        {"steps": st.integers(1, 10**9), "batch_frames": st.integers(1, 10**9), "clip_norm": st.floats(0, 1e9)},
        optional={
            "ema_decay": st.floats(0, 0.99999),
            "warmup_steps": st.integers(0, 10**6),
            "seed": st.integers(0, 99),
        },
    )
)
def test_any_sensible_plan_comes_back_from_its_document(values):
    plan = Plan(**values)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
