"""Makes answers for the tests of connectors: out of their samples, and out of anything."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from checks.declare import SAMPLED_AT, Answer, Connector, Count, NotOffered, Sample

# What counts as no number in a header; above all, none of it may be read as 0.
GARBAGE = ("", "n/a", "unlimited", "-1", "NaN", "Infinity", "1e999", "12/", "/40", "{}", "1,000,0")


def answer(
    status: int = 200,
    body: object = "",
    headers: Mapping[str, str] = MappingProxyType({}),
    took: timedelta = timedelta(0),
) -> Answer:
    """An answer received at SAMPLED_AT; a `body` that is not text is written as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(
        status=status,
        headers={name.lower(): value for name, value in headers.items()},
        data=_json(text),
        text=text,
        at=SAMPLED_AT,
        took=took,
    )


def answer_of(sample: Sample) -> Answer:
    """The answer that a sample records."""
    return answer(sample.status, sample.body, sample.headers)


def samples_of(connector: Connector, *kinds: str) -> Iterator[Sample]:
    """The samples whose `of` is one of the kinds, or starts with it and a space."""
    for sample in connector.samples:
        if any(f"{sample.of} ".startswith(f"{kind} ") for kind in kinds):
            yield sample


def counts_of(connector: Connector) -> tuple[Count, ...]:
    """Its counts; none where it offers none."""
    return () if isinstance(connector.counts, NotOffered) else connector.counts


def every(kind: type, within: object) -> Iterator[object]:
    """Every value of a type in a declaration, however deep."""
    if isinstance(within, kind):
        yield within
    if dataclasses.is_dataclass(within) and not isinstance(within, type):
        parts: list[object] = [getattr(within, field.name) for field in dataclasses.fields(within)]
    elif isinstance(within, Mapping):
        parts = [*within.keys(), *within.values()]
    elif isinstance(within, list | tuple):
        parts = list(within)
    else:
        return
    for part in parts:
        yield from every(kind, part)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
