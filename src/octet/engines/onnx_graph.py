"""ONNX graphs run by onnxruntime: the one place that knows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidArtifact, require

_KINDS = {
    "tensor(float)": np.float32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
    "tensor(double)": np.float64,
    "tensor(int32)": np.int32,
}


class OnnxGraph:
    """A graph in a file, on the CPU. Inputs and outputs go by name.

    Raises:
        InvalidArtifact: there is no such file, or it is no graph that can be run.
        MissingExtra: onnxruntime is not installed.
    """

    def __init__(self, file: Path, *, threads: int = 0) -> None:
        runtime = require("onnxruntime", extra="voicebanks")
        if not file.is_file():
            raise InvalidArtifact(f"{file} is missing")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads  # 0 leaves it to onnxruntime
        options.log_severity_level = 4
        try:
            self._session: Any = runtime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own kinds derive from nothing else
            reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
            raise InvalidArtifact(f"{file} is not a graph that onnxruntime runs ({reason})") from None
        self.file = file
        self.inputs: dict[str, str] = {value.name: value.type for value in self._session.get_inputs()}
        self.outputs: tuple[str, ...] = tuple(value.name for value in self._session.get_outputs())

    def __call__(self, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run it with what it asks for of `given`, each as the kind of number that it wants.

        Raises:
            InvalidArtifact: it asks for more than that, or fails on it.
        """
        absent = [name for name in self.inputs if name not in given]
        if absent:
            raise InvalidArtifact(f"{self.file} asks for {', '.join(absent)}, which nothing here tells it")
        told: dict[str, NDArray[Any]] = {
            name: np.asarray(given[name]).astype(_KINDS.get(kind, np.float32)) for name, kind in self.inputs.items()
        }
        try:
            made = self._session.run(list(self.outputs), told)
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
            raise InvalidArtifact(f"{self.file} cannot work on this ({reason})") from None
        return dict(zip(self.outputs, made, strict=True))
