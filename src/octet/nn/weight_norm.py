"""Weight normalisation in stored weights, under its old or its new names, multiplied out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from octet.core.errors import InvalidArtifact

_PAIRS = ((".weight_g", ".weight_v"), (".parametrizations.weight.original0", ".parametrizations.weight.original1"))


def folded(state: Mapping[str, torch.Tensor], source: Path) -> dict[str, torch.Tensor]:
    """The state of 1-D convolutions as plain weights: w = g v / |v|, the norm over all but the first dimension.

    Raises:
        InvalidArtifact: a magnitude g that does not fit its direction v.
    """
    plain = dict(state)
    for magnitude, direction in _PAIRS:
        for stem in (name.removesuffix(magnitude) for name in state if name.endswith(magnitude)):
            if stem + direction in state:
                g, v = plain.pop(stem + magnitude), plain.pop(stem + direction)
                if v.dim() != 3 or g.shape != (len(v), 1, 1):
                    raise InvalidArtifact(f"{source} is damaged: {stem}{magnitude} does not fit {stem}{direction}")
                plain[f"{stem}.weight"] = v * (g / torch.linalg.vector_norm(v, dim=(1, 2), keepdim=True))
    return plain
