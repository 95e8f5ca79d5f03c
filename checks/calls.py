"""Makes the request that a connector's Call describes: fills placeholders, goes on to pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

import httpx

from checks.declare import Call
from checks.transport import Question

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
ACCEPT_JSON = {"Accept": "application/json"}
ACCEPT_XML = {"Accept": "text/xml", "Content-Type": "text/xml; charset=utf-8"}


def fill(text: str, known: Mapping[str, str], write: Callable[[str], str] = str) -> str:
    """`text` with the known {placeholders} filled; what is not known stays as it is (GraphQL)."""
    return PLACEHOLDER.sub(lambda found: _written(found, known, write), text)


def question_of(
    call: Call, base_url: str, known: Mapping[str, str], hide: Iterable[str] = ()
) -> Question:
    """The request, each value written so that it stays a value: in the path, in JSON, in XML."""
    path, _, query = call.path.partition("?")
    params = {**dict(parse_qsl(query, keep_blank_values=True)), **call.params}
    usual = ACCEPT_XML if call.text else ACCEPT_JSON
    body = _filled(call.body, known)
    return Question(
        method=call.method,
        url=address(fill(path, known, _in_path), base_url),
        params={name: fill(value, known) for name, value in params.items()},
        headers={**usual, **{name: fill(text, known) for name, text in call.headers.items()}},
        body=body if isinstance(body, dict) else None,
        form=None if call.form is None else {k: fill(v, known) for k, v in call.form.items()},
        text=fill(call.text, known, escape),
        hide=tuple(hide),
    )


def address(path: str, base_url: str) -> httpx.URL:
    """A path below the base URL; a whole address stays as it is."""
    whole = path.startswith(("https://", "http://"))
    return httpx.URL(path if whole else f"{base_url.rstrip('/')}/{path.lstrip('/')}")


def continued(call: Call, after: Mapping[str, str]) -> Call:
    """The call for the next page: `after` goes where the call's parameters are.

    That is a placeholder of that name, else GraphQL's variables, else the JSON body, else the
    query string.
    """
    rest = {name: value for name, value in after.items() if name not in placeholders(call)}
    if call.body is None:
        return replace(call, params={**call.params, **rest})
    variables = call.body.get("variables")
    if isinstance(variables, Mapping):
        return replace(call, body={**call.body, "variables": {**variables, **rest}})
    return replace(call, body={**call.body, **rest})


def placeholders(call: Call) -> frozenset[str]:
    """Every {placeholder} that stands anywhere in a call."""
    parts = [call.path, call.text, *_texts(call.params), *_texts(call.headers)]
    parts += [*_texts(call.form), *_texts(call.body)]
    return frozenset(name for part in parts for name in PLACEHOLDER.findall(part))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _filled(value: object, known: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return fill(value, known)
    if isinstance(value, Mapping):
        return {name: _filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, known) for inner in value]
    return value


def _written(found: re.Match[str], known: Mapping[str, str], write: Callable[[str], str]) -> str:
    value = known.get(found[1])
    return found[0] if value is None else write(value)


def _in_path(value: str) -> str:
    return quote(value, safe="")
