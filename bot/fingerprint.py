"""The fingerprint of a settings file: it changes when the file does, or a file with a secret."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

REFERENCE = "file:"


def fingerprint(path: Path) -> str:
    """What changes when the file does, or one of the files that its secrets stand in."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return type(error).__name__
    digest = hashlib.sha256(content)
    for place in sorted(set(_references(_told(content)))):
        try:
            digest.update((path.absolute().parent / place).read_bytes())
        except (OSError, ValueError):
            digest.update(b"?")
    return digest.hexdigest()


def _told(content: bytes) -> object:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None


def _references(told: object) -> Iterator[str]:
    """The files that secrets are said to stand in, wherever in the settings."""
    if isinstance(told, str) and told.startswith(REFERENCE):
        yield told.removeprefix(REFERENCE)
    elif isinstance(told, Mapping | list):
        for inner in told.values() if isinstance(told, Mapping) else told:
            yield from _references(inner)
