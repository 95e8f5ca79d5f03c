"""Rows kept on disk, in parts that are read back one at a time. The only file here that writes.

The file has no name, so that nobody else can open it and nothing is left of it after a crash.
"""

from __future__ import annotations

import marshal
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHUNK = 128
"""So many rows of a part are written at once. With 128 parts a side that is about 15 MB."""


class Spill:
    """Rows by the number of their part. A row is a tuple of plain values."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by close)
        self._waiting: defaultdict[int, list[Any]] = defaultdict(list)
        self._places: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._end = 0

    def add(self, part: int, row: object) -> None:
        waiting = self._waiting[part]
        waiting.append(row)
        if len(waiting) == CHUNK:
            self._write(part)

    def parts(self) -> set[int]:
        """The parts that have rows."""
        return {*self._places, *self._waiting}

    def read(self, part: int) -> Iterator[Any]:
        """The rows of a part in the order in which they came."""
        for place, size in self._places[part]:
            self._file.seek(place)
            yield from marshal.loads(self._file.read(size))  # noqa: S302 (our own nameless file)
        yield from self._waiting[part]

    def close(self) -> None:
        self._file.close()

    def _write(self, part: int) -> None:
        written = marshal.dumps(self._waiting[part])
        self._file.seek(self._end)
        self._file.write(written)
        self._places[part].append((self._end, len(written)))
        self._end += len(written)
        self._waiting[part].clear()
