from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from tests.training.toys import plan

from octet.core.errors import InvalidInput
from octet.training.overrides import overridden


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Small(Strict):
    kind: Literal["small"] = "small"
    layers: int = 3


class Large(Strict):
    kind: Literal["large"] = "large"
    width: int = 7


class Config(Strict):
    width: int = 256
    dropout: float = 0.1
    postnet: bool = False
    name: str | None = "tiny"
    kernels: tuple[int, ...] = (9, 1)
    stack: Small = Small()
    chosen: Annotated[Small | Large, Field(discriminator="kind")] = Large()


def changed(**settings):
    names = {name.replace("__", "."): text for name, text in settings.items()}
    return overridden({"model": Config(), "plan": plan()}, names)


def test_values_take_the_types_of_their_fields():
    both = changed(
        model__width="64",
        model__dropout="1e-2",  # which YAML alone reads as text
        model__postnet="true",
        model__name="null",
        model__kernels="[3, 3, 1]",
        model__stack__layers="2",
        model__chosen__width="5",
        plan__schedule="inverse_sqrt",
        plan__betas="[0.8, 0.99]",
    )
    assert both["model"] == Config(
        width=64,
        dropout=0.01,
        postnet=True,
        name=None,
        kernels=(3, 3, 1),
        stack=Small(layers=2),
        chosen=Large(width=5),
    )
    assert both["plan"] == plan(schedule="inverse_sqrt", betas=(0.8, 0.99))


def test_without_settings_everything_stays():
    assert changed() == {"model": Config(), "plan": plan()}


@given(st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_arrive_as_written(whole, real):
    model = changed(model__width=str(whole), model__dropout=repr(real))["model"]
    assert (model.width, model.dropout) == (whole, real)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("model.widht", "model.width"),
        ("plan.learning_rat", "plan.learning_rate"),
        ("plan.width", "model.width"),
        ("layers", "model.stack.layers"),
        ("model.stack.layers.deep", "model.stack.layers"),
        ("modell.width", "model.width"),
    ],
)
def test_an_unknown_name_is_refused_with_close_ones(name, offered):
    with pytest.raises(InvalidInput, match=rf"--set {name}: there is no such setting; close are .*{offered}") as caught:
        overridden({"model": Config(), "plan": plan()}, {name: "1"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("model.width", "wide", "valid integer"),
        ("model.width", "1.5", "valid integer"),
        ("model.postnet", "7", "valid boolean"),
        ("model.kernels", "3", "valid tuple"),
        ("model.stack.layers", "[", "valid integer"),
        ("model.chosen.width", "x", "valid integer"),
        ("plan.schedule", "linear", "'constant', 'cosine' or 'inverse_sqrt'"),
        ("plan.steps", "0", "greater than 0"),
        ("plan.betas", "[0.9, 1]", "less than 1"),
        ("plan.learning_rate", "-1e-3", "greater than 0"),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_line(name, text, reason):
    with pytest.raises(InvalidInput) as caught:
        overridden({"model": Config(), "plan": plan()}, {"plan.seed": "1", name: text})
    assert str(caught.value).startswith(f"--set {name}={text}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
