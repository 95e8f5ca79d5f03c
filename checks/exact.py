"""Truth and numbers as a settings file tells them: text such as "yes" or "5" is not taken for them.

pydantic would take it: https://docs.pydantic.dev/latest/concepts/conversion_table/ (lax mode).
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin


def fault_of_kind(annotation: Any, told: object) -> str:
    """What pydantic calls it where a truth value is none, or where text or truth stands for a
    number; "" where that is in order. Whatever else is wrong pydantic finds itself."""
    wanted = _wanted(annotation)
    if wanted == {bool} and not isinstance(told, bool | NoneType):
        return "bool_type"
    if wanted and wanted <= {int, float} and isinstance(told, str | bool):
        return "float_type" if float in wanted else "int_type"
    return ""


def _wanted(annotation: Any) -> set[Any]:
    """The types that are asked for: bool | None -> {bool}."""
    if get_origin(annotation) in (Union, UnionType):
        return {part for part in get_args(annotation) if part is not NoneType}
    return {annotation}
