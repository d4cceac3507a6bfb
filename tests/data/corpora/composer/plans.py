"""Plans for tests of single parts of the composer."""

from __future__ import annotations

import random

from octet.data.corpora.composer.form import measures
from octet.data.corpora.composer.plan import draw
from octet.symbolic.attributes import Attributes


def planned(seed=1, **wish):
    """A plan and its bars."""
    rng = random.Random(seed)
    plan = draw(Attributes(**wish), rng)
    return plan, measures(plan, rng)


def part(plan, role):
    """The part of a plan that has a role."""
    return next(part for part in plan.parts if role in part.roles)
