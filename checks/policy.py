"""What the owner decides about a check: when it opens, when it closes; each check adds its own."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from checks.durations import Duration
from checks.exact import fault_of_kind


class NofM(BaseModel):
    """So many troubled rounds of the last so many, written "3 of 5"."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    needed: int = Field(ge=1, le=30)
    of: int = Field(ge=1, le=30)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.needed > self.of:
            raise ValueError('expected at most as many troubled rounds as rounds, such as "3 of 5"')
        return self

    def __str__(self) -> str:
        return f"{self.needed} of {self.of}"


def parse_n_of_m(text: object) -> object:
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"(\d+)\s+of\s+(\d+)", text.strip())
    if found is None:
        raise ValueError('expected so many of so many rounds, such as "3 of 5"')
    return {"needed": int(found[1]), "of": int(found[2])}


class CheckPolicy(BaseModel):
    """Common to every check."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=3, of=5),
        description="troubled rounds of the last rounds before an incident opens",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=5),
        description="how long a condition must be ok before its incident closes",
    )
    reopen_after: Duration = Field(
        default=timedelta(hours=1),
        description="how long a condition may stand after a person resolved it before we say so",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _exact(cls, told: object, info: ValidationInfo) -> object:
        if kind := fault_of_kind(cls.model_fields[str(info.field_name)].annotation, told):
            raise PydanticKnownError(kind)  # type: ignore[arg-type]  # one of its own words
        return told
