"""Just enough of GraphQL to read what a caller selects: fields, aliases, arguments, variables.

https://spec.graphql.org/October2021/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'(?P<skip>[\s,\ufeff]+|#[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<name>[_A-Za-z]\w*)'
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>\.\.\.|[!$&():=@\[\]{}|])"
)
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class SyntaxFault(ValueError):
    """The document cannot be read; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One selected field: `answers_as` is its alias, or else its name."""

    name: str
    answers_as: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def selected(document: str, variables: Mapping[str, object]) -> tuple[Field, ...]:
    """The fields that the one query of a document asks for. Raises SyntaxFault."""
    reader = _Reader(document, variables)
    if reader.peek() == "query":
        while reader.peek() != "{":  # the query's name and what its variables are
            reader.take()
    found = reader.selection()
    if reader.peek():
        raise SyntaxFault(f"syntax error, unexpected {reader.peek()}")
    return found


def project(fields: Sequence[Field], thing: Mapping[str, object], kind: str) -> dict[str, object]:
    """What the fields select of a thing whose type is called `kind`.

    A value may be a function that is given its field. Raises SyntaxFault for a field that is not
    there, and for one of which it must be said what is wanted of it.
    """
    return {one.answers_as: _selected_of(one, thing, kind) for one in fields}


def _selected_of(field: Field, thing: Mapping[str, object], kind: str) -> object:
    if field.name == "__typename":
        return kind
    if field.name not in thing:
        raise SyntaxFault(f"Field '{field.name}' doesn't exist on type '{kind}'")
    value = thing[field.name]
    if callable(value):
        return value(field)
    inner = field.name[:1].upper() + field.name[1:]
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return [project(field.fields, each, inner) for each in value]
    if isinstance(value, dict):
        if not field.fields:
            raise SyntaxFault(f"Field must have selections (field '{field.name}' returns {inner})")
        return project(field.fields, value, inner)
    return value


class _Reader:
    def __init__(self, document: str, variables: Mapping[str, object]) -> None:
        self._tokens = _tokens(document)
        self._variables = variables
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            found = token or "end of file"
            raise SyntaxFault(f"syntax error, unexpected {found}")
        self._at += 1
        return token

    def selection(self) -> tuple[Field, ...]:
        self.take("{")
        found = []
        while self.peek() != "}":
            found.append(self._field())
        self.take("}")
        return tuple(found)

    def _field(self) -> Field:
        answers_as = name = self.take()
        if self.peek() == ":":
            self.take()
            name = self.take()
        arguments = self._pairs("(", ")") if self.peek() == "(" else {}
        fields = self.selection() if self.peek() == "{" else ()
        return Field(name=name, answers_as=answers_as, arguments=arguments, fields=fields)

    def _pairs(self, opens: str, closes: str) -> dict[str, object]:
        self.take(opens)
        found = {}
        while self.peek() != closes:
            name = self.take()
            self.take(":")
            found[name] = self._value()
        self.take(closes)
        return found

    def _value(self) -> object:
        if self.peek() == "{":
            return self._pairs("{", "}")
        word = self.take()
        if word == "$":
            return self._variables.get(self.take())
        if word == "[":
            return self._list()
        if word[0] == '"' or word[0] in "-0123456789":
            return json.loads(word)
        return _WORDS.get(word, word)

    def _list(self) -> list[object]:
        found = []
        while self.peek() != "]":
            found.append(self._value())
        self.take("]")
        return found


def _tokens(document: str) -> list[str]:
    tokens, at = [], 0
    while at < len(document):
        match = _TOKEN.match(document, at)
        if match is None:
            raise SyntaxFault(f"syntax error, unexpected {document[at]!r}")
        if match.lastgroup != "skip":
            tokens.append(match[0])
        at = match.end()
    return tokens
