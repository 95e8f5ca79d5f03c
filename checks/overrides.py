"""What an operator knows better: single facts of a connector, replaced by name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from checks.declare import Answer, Connector, Limit, Mark, NotOffered, Published, Source
from checks.durations import parse_duration

T = TypeVar("T")
DECLARED = Source(mark=Mark.CONFIRMED)
SAFE = ("https://", "http://127.0.0.1:", "http://localhost:")
KEYS = ("number", "changed_at", "total", "currency", "line_count")


def names_of(connector: Connector) -> tuple[str, ...]:
    """Every fact of a connector that may be overridden, such as "probe.path"."""
    counts = () if isinstance(connector.counts, NotOffered) else connector.counts
    lists = () if isinstance(connector.lists, NotOffered) else connector.lists
    keys = () if isinstance(connector.keys, NotOffered) else KEYS
    page = () if isinstance(connector.status_page, NotOffered) else ("status_page.url",)
    return (
        "probe.path",
        *(f"count.{count.entity}.path" for count in counts),
        *(f"list.{each.place}.path" for each in lists),
        *(f"credential.{credential.name}.lasts" for credential in connector.credentials),
        *(f"limit.{limit.name}.{part}" for limit in connector.limits for part in ("size", "per")),
        *(f"keys.{key}" for key in keys),
        *page,
        "header.NAME",
    )


def override(connector: Connector, facts: Mapping[str, str]) -> Connector:
    """The connector with these facts in place of its own.

    Raises ValueError, in one sentence, for a name that it does not have or a value that cannot be.
    "header.NAME" gives the name under which the system really sends the header that is read as
    NAME.
    """
    for name in sorted(facts, reverse=True):  # a limit's size before its per
        connector = _replaced(connector, name, facts[name])
    return connector


def _replaced(connector: Connector, name: str, value: str) -> Connector:
    kind, _, rest = name.partition(".")
    change = CHANGES.get(kind)
    known = (*names_of(connector)[:-1], *([name] if kind == "header" and rest else ()))
    if change is None or name not in known:
        offered = ", ".join(names_of(connector))
        raise ValueError(f'unknown fact "{name}": expected one of {offered}')
    if not value.strip():
        raise ValueError(f'"{name}": expected a value, found nothing')
    return change(connector, rest, value.strip())


def _probe(connector: Connector, _rest: str, value: str) -> Connector:
    call = replace(connector.probe.call, path=_path("probe.path", value))
    return replace(connector, probe=replace(connector.probe, call=call))


def _count(connector: Connector, rest: str, value: str) -> Connector:
    entity = rest.removesuffix(".path")
    path = _path(f"count.{rest}", value)
    counts = () if isinstance(connector.counts, NotOffered) else connector.counts
    changed = tuple(
        replace(each, call=replace(each.call, path=path)) if each.entity == entity else each
        for each in counts
    )
    return replace(connector, counts=changed)


def _list(connector: Connector, rest: str, value: str) -> Connector:
    """Of the list alone: asking by key goes the ways that are declared."""
    place = rest.removesuffix(".path")
    path = _path(f"list.{rest}", value)
    lists = () if isinstance(connector.lists, NotOffered) else connector.lists
    changed = tuple(
        replace(each, call=replace(each.call, path=path)) if each.place == place else each
        for each in lists
    )
    return replace(connector, lists=changed)


def _credential(connector: Connector, rest: str, value: str) -> Connector:
    wanted, lasts = rest.removesuffix(".lasts"), parse_duration(value)
    changed = tuple(
        replace(each, lasts=lasts) if each.name == wanted else each
        for each in connector.credentials
    )
    return replace(connector, credentials=changed)


def _limit(connector: Connector, rest: str, value: str) -> Connector:
    """A declared number stands alone: what the vendor publishes for other plans is left out."""
    wanted, _, part = rest.rpartition(".")
    return replace(
        connector,
        limits=tuple(
            replace(limit, published=(_declared(limit, part, value),))
            if limit.name == wanted
            else limit
            for limit in connector.limits
        ),
    )


def _declared(limit: Limit, part: str, value: str) -> Published:
    first = limit.published[0] if limit.published else None
    if part == "size":
        amount, per = _number(limit.name, value), first.per if first else None
    elif first is None:
        raise ValueError(f'"limit.{limit.name}.per": expected "limit.{limit.name}.size" beside it')
    else:
        amount, per = first.amount, _span(value)
    return Published(amount=amount, per=per, source=DECLARED, plan="declared")


def _keys(connector: Connector, rest: str, value: str) -> Connector:
    if isinstance(connector.keys, NotOffered):
        return connector
    changes: dict[str, str] = {rest: value}
    return replace(connector, keys=replace(connector.keys, **changes))  # type: ignore[arg-type]


def _status_page(connector: Connector, _rest: str, value: str) -> Connector:
    if isinstance(connector.status_page, NotOffered) or not value.startswith(SAFE):
        raise ValueError(f'"status_page.url": expected an https:// address, found "{value}"')
    return replace(connector, status_page=replace(connector.status_page, url=value))


def _header(connector: Connector, rest: str, value: str) -> Connector:
    """Every reader of the connector finds the header under the name that it knows."""
    if not value.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f'"header.{rest}": expected the name of a header, found "{value}"')
    read_as = partial(_with_header, value.lower(), rest.lower())
    counts, signals = connector.counts, connector.signals
    return replace(
        connector,
        limits=tuple(
            limit
            if isinstance(limit.read, NotOffered)
            else replace(limit, read=partial(_through, read_as, limit.read))
            for limit in connector.limits
        ),
        counts=counts
        if isinstance(counts, NotOffered)
        else tuple(replace(each, read=partial(_through, read_as, each.read)) for each in counts),
        signals=signals
        if isinstance(signals, NotOffered)
        else tuple(replace(each, read=partial(_through, read_as, each.read)) for each in signals),
        refusal=partial(_through, read_as, connector.refusal),
    )


def _with_header(sent: str, known: str, answer: Answer) -> Answer:
    if sent not in answer.headers:
        return answer
    return replace(answer, headers={**answer.headers, known: answer.headers[sent]})


def _through(read_as: Callable[[Answer], Answer], read: Callable[[Answer], T], answer: Answer) -> T:
    return read(read_as(answer))


CHANGES: Mapping[str, Callable[[Connector, str, str], Connector]] = {
    "probe": _probe,
    "count": _count,
    "list": _list,
    "credential": _credential,
    "limit": _limit,
    "keys": _keys,
    "status_page": _status_page,
    "header": _header,
}


def _path(name: str, value: str) -> str:
    if not value.startswith("/") or not value.isprintable():
        raise ValueError(f'"{name}": expected a path that begins with "/", found "{value}"')
    return value


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e12:
        raise ValueError(f'"limit.{name}.size": expected a number above 0, found "{value}"')
    return number


def _span(value: str) -> timedelta | None:
    return None if value == "at once" else parse_duration(value)


def faults_in(connector: Connector, facts: Mapping[str, str]) -> Sequence[str]:
    """Every fault of the overrides, one sentence each."""
    faults = []
    for name, value in facts.items():
        try:
            override(connector, {**_size_of(name, facts), name: value})
        except ValueError as error:
            faults.append(str(error))
    return faults


def _size_of(name: str, facts: Mapping[str, str]) -> Mapping[str, str]:
    """The size that stands beside a limit's per, which means nothing without it."""
    size = name.removesuffix(".per") + ".size"
    return {size: facts[size]} if name.endswith(".per") and size in facts else {}
