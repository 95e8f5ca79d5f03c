"""Answers gone wrong on purpose: what `POST /control/fault` makes of an honest answer.

A fault is `{"path_prefix": "/api/v1/flow-runs"}` with any of

- `status`: the status to answer with;
- `body`: how the answer is spoilt, one of the names in `SPOILERS`;
- `headers`: headers to add;
- `instead`: true, so that what was asked is not even done;
- `times`: how many answers are spoilt (without it: all, until faults are cleared with `{}`);
- `delay`: real seconds to wait before answering.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

Body = dict[str, Any]

_HTML = "<!DOCTYPE html><html><head><title>Patchworks</title></head><body>One moment</body></html>"
_REASONS = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    404: "Not found.",
    422: "The given data was invalid.",
    429: "Too Many Attempts.",
}


_KINDS = {
    "path_prefix": "text",
    "status": "whole number",
    "body": "text",
    "headers": "object",
    "times": "whole number",
    "delay": "seconds",
    "instead": "true or false",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "whole number": (int,),
    "object": (dict,),
    "seconds": (int, float),
    "true or false": (bool,),
}


class BadFault(ValueError):
    """The description of a fault cannot be used; the text says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way in which answers go wrong; `times` counts down and None never ends."""

    path_prefix: str
    status: int | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    delay: float = 0.0
    instead: bool = False

    def answer(self, status: int, text: str) -> tuple[int, str, str]:
        """Status, content type and text to send in place of an honest answer."""
        answered = self.status or status
        if self.body is not None:
            content_type = "text/html" if self.body == "html" else "application/json"
            return answered, content_type, SPOILERS[self.body](text)
        if self.status is not None and self.status >= 400:
            reason = {"message": _REASONS.get(self.status, "Server Error")}
            return answered, "application/json", json.dumps(reason)
        return answered, "application/json", text


class Faults:
    """The faults in force, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def set(self, described: Body) -> None:
        """Add a fault as the control API describes it; `{}` clears all. Raises BadFault."""
        if not described:
            self._faults.clear()
            return
        if "path_prefix" not in described:
            raise BadFault("a fault needs path_prefix, the beginning of the paths to spoil")
        for name, value in described.items():
            if not isinstance(value, _TYPES.get(_KINDS.get(name, ""), ())):
                known = ", ".join(f"{name} ({kind})" for name, kind in _KINDS.items())
                raise BadFault(f"a fault cannot have {name} = {value!r}; it has {known}")
        if described.get("body") not in (None, *SPOILERS):
            raise BadFault(f"body is one of {', '.join(SPOILERS)}; got {described['body']!r}")
        self._faults.append(Fault(**described))

    def next_for(self, path: str) -> Fault | None:
        """The fault that spoils the answer for a path, used up by one; None for an honest one."""
        for fault in self._faults:
            if path.startswith(fault.path_prefix) and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


def _reshaped(change: Callable[[Body], object]) -> Callable[[str], str]:
    """Change an answer that is a JSON object; any other answer stays as it is."""

    def spoil(text: str) -> str:
        try:
            answer = json.loads(text)
        except ValueError:
            return text
        return json.dumps(change(answer)) if isinstance(answer, dict) else text

    return spoil


def _each(change: Callable[[Body], Body]) -> Callable[[str], str]:
    """Change every thing in `data`, inside its attributes where it has them."""

    def one(row: Body) -> Body:
        if "attributes" in row:
            return row | {"attributes": change(row["attributes"])}
        return change(row)

    def all_of(answer: Body) -> Body:
        data = answer.get("data")
        if isinstance(data, list):
            return answer | {"data": [one(row) for row in data]}
        return answer | {"data": one(data)} if isinstance(data, dict) else change(answer)

    return _reshaped(all_of)


def _wrong_types(row: Body) -> Body:
    return {key: [value] if isinstance(value, int) else 17 for key, value in row.items()}


def _unknown_enum(row: Body) -> Body:
    strange = {"status": 97, "trigger": "Telepathy", "log_level": "WHISPER"}
    return row | {key: value for key, value in strange.items() if key in row}


def _missing_fields(row: Body) -> Body:
    return {key: value for key, value in row.items() if key == "id"}


def _loop(answer: Body) -> Body:
    if meta := answer.get("meta"):
        following = meta["current_page"] + 1
        meta["last_page"] = following
        meta["total"] += meta["per_page"] * following
        link = URL(answer["links"]["first"]).update_query(page=str(following))
        answer["links"]["next"] = answer["links"]["last"] = str(link)
    return answer


def _shrinking_total(answer: Body) -> Body:
    meta = answer.get("meta")
    if meta and meta["current_page"] > 1:
        lost = -(-len(answer["data"]) // 4)
        answer["data"] = answer["data"][lost:]
        meta["total"] = max(0, meta["total"] - lost * (meta["current_page"] - 1))
    return answer


def _bare_list(answer: Body) -> object:
    return answer.get("data", [])


SPOILERS: Mapping[str, Callable[[str], str]] = {
    "html": lambda _text: _HTML,
    "truncated": lambda text: text[: len(text) // 2],
    "empty": lambda _text: "",
    "wrong_types": _each(_wrong_types),
    "unknown_enum": _each(_unknown_enum),
    "missing_fields": _each(_missing_fields),
    "bare_list": _reshaped(_bare_list),
    "loop": _reshaped(_loop),
    "shrinking_total": _reshaped(_shrinking_total),
}
"""How an answer can be spoilt: every page is the first one again (`loop`), rows vanish between
two pages (`shrinking_total`), the list comes without its envelope (`bare_list`), and so on."""
