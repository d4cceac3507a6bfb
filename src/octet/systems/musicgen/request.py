"""What music is to be made: one request for Python, command line and server."""

from __future__ import annotations

import hashlib
import reprlib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer, field_validator

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.nn.sampling import Sampling

LONGEST_SECONDS = 3600.0

Sound = Path | Waveform


class MusicRequest(BaseModel):
    """All of it; defaults are those of the published code."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)
    prompt: str = ""  # empty tells nothing: music as it comes
    melody: Sound | None = None  # a tune to follow
    style: Sound | None = None  # music of which a few seconds are to be sounded like
    continue_from: Sound | None = None  # a beginning, which counts in the duration
    duration_seconds: float = Field(default=10.0, gt=0, le=LONGEST_SECONDS)
    guidance_scale: float | None = Field(default=None, ge=0, le=100)  # by default the model's own; 1 is without
    text_guidance_scale: float | None = Field(default=None, ge=0, le=100)  # of text above melody or style; 5 is usual
    temperature: float | None = Field(default=None, ge=0, le=100)  # by default the model's own; 0 takes the likeliest
    top_k: int = Field(default=250, ge=0)  # 0 is without
    top_p: float = Field(default=0.0, ge=0, le=1)  # 0 is without
    seed: int = Field(default=0, ge=0, lt=2**63)

    @field_validator("prompt")
    @classmethod
    def _unicode(cls, text: str) -> str:
        try:  # bytes of another encoding on the command line arrive as lone surrogates
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"not Unicode text (character {error.start}): convert it to UTF-8") from None
        return text

    @field_serializer("melody", "style", "continue_from")
    def _named(self, sound: Sound | None) -> str | None:
        """A path, or the hash of samples that have none."""
        if isinstance(sound, Waveform):
            return f"sha256:{hashlib.sha256(sound.samples.tobytes()).hexdigest()}"
        return None if sound is None else str(sound)

    def sampling(self, usual_temperature: float) -> Sampling:
        """How tokens are drawn by a model that has a temperature of its own."""
        temperature = usual_temperature if self.temperature is None else self.temperature
        return Sampling(temperature=temperature, top_k=self.top_k, top_p=self.top_p)


def request_of(prompt: str, **options: Any) -> MusicRequest:
    """A checked request.

    Raises:
        InvalidInput: an unknown option or a value out of range, in one line.
    """
    try:
        return MusicRequest.model_validate({"prompt": prompt, **options})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            known = ", ".join(MusicRequest.model_fields)
            raise InvalidInput(f"unknown option {name!r}: choose from {known}") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{name}: {reason}, given {reprlib.repr(first['input'])}") from None
