"""The library under the store, loaded without pandas, which it would only ask for its type of time.

Half a second of every start, and tens of megabytes, for values that never reach a database here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(package: str) -> Iterator[None]:
    """What is imported meanwhile finds no such package, unless somebody has loaded it already."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # how Python is told of an absence
    try:
        yield
    finally:
        del sys.modules[package]


with _without("pandas"):
    from sqlite_utils import Database as Database
