"""A section of the settings file, which reports what is wrong between its keys as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from checks.exact import fault_of_kind


class Section(BaseModel):
    """A section of the file. Faults between its keys are reported beside those of single keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    SMALLEST: ClassVar[str] = ""
    """What has to stand in it at least, for who left it out."""

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:  # noqa: ARG003 (for others)
        """One sentence for every way in which keys do not go together."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, told: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        lines: list[InitErrorDetails] = []
        made = None
        try:
            made = handler(told)
        except ValidationError as error:
            lines += [_line(dict(each)) for each in error.errors(include_url=False)]
        if isinstance(told, Mapping):
            lines += _inexact(cls, told, {line.get("loc") for line in lines})
            for sentence in cls.conflicts(told):
                kind = PydanticCustomError("conflict", "{sentence}", {"sentence": sentence})
                lines.append(InitErrorDetails(type=kind, loc=(), input=told))
        if made is None or lines:
            raise ValidationError.from_exception_data(cls.__name__, lines)
        return made


def _inexact(
    section: type[BaseModel], told: Mapping[str, object], known: set[object]
) -> Iterator[InitErrorDetails]:
    """Keys whose truth or number is text, but for those with a fault already."""
    for name, field in section.model_fields.items():
        kind = fault_of_kind(field.annotation, told[name]) if name in told else ""
        if kind and (name,) not in known:
            yield InitErrorDetails(type=kind, loc=(name,), input=told[name])


def _line(error: dict[str, Any]) -> InitErrorDetails:
    """An error as it was, to be raised once more with others."""
    kind = error["type"]
    if kind == "conflict":
        kind = PydanticCustomError("conflict", "{sentence}", error["ctx"])
    line = InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
    if "ctx" in error:
        line["ctx"] = error["ctx"]
    return line
