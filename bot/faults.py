"""Faults of a settings file in plain words: the key, what was found, what is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

LIKE_A_SECRET = re.compile(r"://[^/]*@|xox[a-z]-|xapp-|[bB]earer |[A-Za-z0-9_+=-]{20,}")
QUOTED = re.compile(r"'([^']*)'")
A_TIME = "a time such as 2027-03-01T09:00:00"
EXPECTED = {
    "missing": "a value; it has no default",
    "extra_forbidden": "only known keys",
    "string_type": "text in quotes",
    "bool_type": "true or false, without quotes",
    "bool_parsing": "true or false, without quotes",
    "int_type": "a whole number, without quotes",
    "int_parsing": "a whole number",
    "float_type": "a number, without quotes",
    "float_parsing": "a number",
    "model_type": "a section, such as [name]",
    "model_attributes_type": "a section, such as [name]",
    "tuple_type": "a list",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "another form",
    "dict_type": "a section, such as [name]",
    "datetime_type": A_TIME,
    "datetime_parsing": A_TIME,
    "datetime_from_date_parsing": A_TIME,
    "datetime_object_invalid": A_TIME,
    "date_type": "a date such as 2027-03-01",
    "date_from_datetime_parsing": "a date such as 2027-03-01",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.key}: {'; '.join(filter(None, (self.found, self.expected)))}"


class SettingsRefused(Exception):
    """The settings file has faults; all of them are listed."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path, self.faults = path, tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{path} has {count}:\n{lines}")


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Every fault that pydantic found, in the order of the file's keys."""
    found = [dict(each) for each in error.errors(include_url=False)]
    return [_fault(each, model) for each in found if not _follows(each, found)]


def _follows(error: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list seems too short only because what stands in it has faults of its own."""
    location = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(location) and other["loc"][: len(location)] == location
        for other in found
    )


def _fault(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    location = error["loc"]
    kind = error["type"]
    key = _key_of(model, location)
    owner, shown = _walk(model, key)
    shown += location[len(key) :]
    if kind == "missing":
        found = "this section is missing" if _smallest(owner, key) else "missing"
    elif kind == "extra_forbidden":
        found = "unknown key"
    elif isinstance(error["input"], Mapping | list | tuple):
        found = ""
    elif _may_be_secret(owner, key):
        found = _shown_reference(error["input"])
    else:
        found = f"found {_shown(error['input'])}"
    return Fault(key=_key(shown), found=found, expected=_expected(error, owner, key))


def _expected(
    error: Mapping[str, Any], owner: type[BaseModel] | None, key: Sequence[str | int]
) -> str:
    kind, name = error["type"], str(key[-1]) if key else ""
    if kind == "extra_forbidden" and owner is not None:
        return _one_of(name, sorted(owner.model_fields))
    if kind in OWN_WORDS:
        return OWN_WORDS[kind](error)
    if kind == "missing" and (smallest := _smallest(owner, key)):
        return f"expected [{name}] and, under it, {smallest}"
    field = owner.model_fields.get(name) if owner else None
    hint = f" ({field.description})" if field is not None and field.description else ""
    return f"expected {EXPECTED.get(kind) or _own_words(error['msg'])}{hint}"


def _known_kind(error: Mapping[str, Any]) -> str:
    known = [tag.strip(" '") for tag in error["ctx"]["expected_tags"].split(",")]
    return f"unknown kind {_shown(error['ctx']['tag'])}; {_one_of(error['ctx']['tag'], known)}"


OWN_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "conflict": lambda error: str(error["ctx"]["sentence"]),
    "value_error": lambda error: str(error["ctx"]["error"]),
    "literal_error": lambda error: _one_of(str(error["input"]), _allowed(error)),
    "enum": lambda error: _one_of(str(error["input"]), _allowed(error)),
    "union_tag_invalid": _known_kind,
    "union_tag_not_found": lambda _: 'expected a kind, such as kind = "shopify"',
    "greater_than_equal": lambda error: f"expected {error['ctx']['ge']} or more",
    "less_than_equal": lambda error: f"expected {error['ctx']['le']} or less",
}
"""What is expected, for those kinds of errors that tell it themselves."""


def _allowed(error: Mapping[str, Any]) -> list[str]:
    """The words that may stand there: "'full', 'masked' or 'none'" as a list."""
    return QUOTED.findall(error["ctx"]["expected"])


def _smallest(owner: type[BaseModel] | None, key: Sequence[str | int]) -> str:
    """What a section needs that is not there; "" for what is no section."""
    field = owner.model_fields.get(str(key[-1])) if owner and key else None
    sections = _sections(field.annotation) if field else []
    return next((str(getattr(each, "SMALLEST", "")) for each in sections), "")


def _own_words(said: str) -> str:
    """What pydantic says, without how it calls things: "Tuple should have at least 1 item after
    validation, not 0" -> "at least 1 item"."""
    bare = re.sub(r"^\w+ should (?:be|have) ", "", said)
    bare = re.sub(r" after validation, not .*$", "", bare)
    return bare[:1].lower() + bare[1:]


def _one_of(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"


def _key(location: Sequence[str | int]) -> str:
    """("flow", 0, "max_age") -> flow[1].max_age, counted as people count."""
    key = ""
    for step in location:
        key += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if key else step
    return key or "(file)"


def _shown(value: object) -> str:
    """A value as it stands, unless it looks like a secret that strayed there."""
    text = repr(value)[:80]
    return "something that is not shown here" if LIKE_A_SECRET.search(str(value)) else text


def _shown_reference(value: object) -> str:
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return f"found {value!r}"
    return "found something that is not shown here"


def _key_of(model: type[BaseModel], location: Sequence[str | int]) -> Sequence[str | int]:
    """The location of the key, where what is meant is a value of its list."""
    key = list(location)
    while key and isinstance(key[-1], int):
        key.pop()
    owner = _walk(model, key)[0]
    field = owner.model_fields.get(str(key[-1])) if owner and key else None
    return location if field is None or _sections(field.annotation) else key


def _walk(
    model: type[BaseModel], location: Sequence[str | int]
) -> tuple[type[BaseModel] | None, list[str | int]]:
    """The section that a location's last step is a key of, and the location as people know it.

    Where a section is one of several kinds, pydantic puts the kind into the location.
    """
    sections, shown = [model], list(location)
    for number, step in enumerate(location, 1):
        kinds = {_kind_of(section): section for section in sections}
        if len(sections) > 1 and step in kinds:
            sections = [kinds[str(step)]]
            shown.remove(step)
        elif isinstance(step, str) and number < len(location):
            field = sections[0].model_fields.get(step) if sections else None
            sections = _sections(field.annotation) if field else []
    return (sections[0] if len(sections) == 1 else None), shown


def _kind_of(section: type[BaseModel]) -> str:
    field = section.model_fields.get("kind")
    return str(get_args(field.annotation)[0]) if field and get_args(field.annotation) else ""


def _sections(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for part in get_args(annotation) for section in _sections(part)]


def _may_be_secret(owner: type[BaseModel] | None, location: Sequence[str | int]) -> bool:
    """Whether a value is better not shown; what we know nothing about is not."""
    field = owner.model_fields.get(str(location[-1])) if owner and location else None
    return field is None or SecretStr in _parts(field.annotation)


def _parts(annotation: Any) -> set[Any]:
    """An annotation and everything it is made of."""
    return {annotation}.union(*(_parts(part) for part in get_args(annotation)))
