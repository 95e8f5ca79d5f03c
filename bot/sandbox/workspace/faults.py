"""The faults that a test or a person may order, so that a client can be seen to survive them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

DISCONNECT = "socket:disconnect:"
"""Begins the method of a disconnection; the reason follows."""
BESIDES = (
    "*",
    "response_url",
    "upload",
    "socket:refuse",
    "socket:duplicate",
    "socket:lose_ack",
    "socket:close",
    f"{DISCONNECT}REASON",
)
"""What a fault can meet besides the methods of the Web API."""

_KNOWN = {"method", "status", "error", "headers", "times", "delay", "after", "lost"}


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` calls of `method`.

    `delay` is in seconds. `after` lets the call be carried out first; its answer is then late, an
    error, or, with nothing else given, lost: the time-out after acceptance. `lost` alone cuts the
    connection before anything is done.
    """

    method: str
    status: int | None = None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    delay: float = 0.0
    after: bool = False
    lost: bool = False

    @property
    def answers(self) -> bool:
        """Whether an answer of its own takes the place of the real one."""
        return self.status is not None or self.error is not None

    def body(self) -> dict[str, Any]:
        default = "ratelimited" if self.status == 429 else "internal_error"
        return {"ok": False, "error": self.error or default}

    def all_headers(self) -> dict[str, str]:
        wait = {"Retry-After": "1"} if self.status == 429 else {}
        return wait | dict(self.headers)


def read(order: Mapping[str, Any], methods: Collection[str]) -> Fault:
    """The fault that this JSON asks for; `methods` are the Web API's. Raises ValueError."""
    strange = sorted(set(order) - _KNOWN - {"wait"})
    if strange:
        raise ValueError(f"a fault has no {', '.join(strange)}; it has {', '.join(sorted(_KNOWN))}")
    if not isinstance(order.get("method"), str):
        raise ValueError('a fault needs a "method", for example "chat.postMessage"')
    _check_method(order["method"], methods)
    try:
        fault = Fault(
            method=order["method"],
            status=None if order.get("status") is None else int(order["status"]),
            error=order.get("error"),
            headers={str(name): str(value) for name, value in (order.get("headers") or {}).items()},
            times=int(order.get("times") or 1),
            delay=float(order.get("delay") or 0),
            after=bool(order.get("after")),
            lost=bool(order.get("lost")),
        )
    except (TypeError, ValueError, AttributeError) as wrong:
        raise ValueError(
            "a fault's status and times are whole numbers, its delay is in seconds and its headers"
            f" are an object ({wrong})"
        ) from wrong
    if fault.after and not fault.answers and not fault.delay:
        fault.lost = True
    return fault


def _check_method(method: str, methods: Collection[str]) -> None:
    if method in methods or method in BESIDES or method.startswith(DISCONNECT):
        return
    near = get_close_matches(method, [*methods, *BESIDES], n=2)
    meant = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"it is one of the Web API's, such as chat.postMessage, or {', '.join(BESIDES)}"
    )
    raise ValueError(f'a fault meets no method "{method[:60]}"; {meant}')


class Faults:
    """The faults ordered and not yet used up."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def clear(self) -> None:
        self._ordered.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that meets this call, counted down."""
        for fault in self._ordered:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self._ordered.remove(fault)
                return fault
        return None
