"""GraphQL: fields told by dotted paths as a query selects them, and what its errors say. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.reading import find

Tree = Mapping[str, object]


def select(names: tuple[str, ...]) -> str:
    """a.b and a.c as "a { b c }". Names are checked where they are read, so each stays a name."""
    tree: dict[str, object] = {}
    for name in names:
        at = tree
        for step in name.split("."):
            inner = at.setdefault(step, {})
            at = inner if isinstance(inner, dict) else {}
    return _written(tree)


def check_errors(data: object) -> None:
    """Raises ValueError for an answer with errors, which may be partial and so tells nothing."""
    if find(data, "errors"):
        said = find(data, "errors.0.message")
        raise ValueError(f"the answer has errors: {said if isinstance(said, str) else 'no words'}")


def _written(tree: Tree) -> str:
    return " ".join(
        f"{name} {{ {_written(inner)} }}" if isinstance(inner, dict) and inner else name
        for name, inner in tree.items()
    )
