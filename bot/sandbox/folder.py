"""The demo's own folder, which goes with it, and the folders that killed demos left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "seamwatch-demo-"
MARK = "demo.pid"


@contextmanager
def demo_folder(*, keep: bool) -> Iterator[Path]:
    """A new folder, removed at the end unless it is to be kept; abandoned ones are removed first.

    The mark in it is locked for as long as its owner lives. The lock ends with the process however
    that ends, and cannot be mistaken for that of a later process with the same number.
    """
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if keep:  # without a mark, so that no later demo removes it
        yield folder
        return
    with (folder / MARK).open("w", encoding="ascii") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mark.write(str(os.getpid()))
        mark.flush()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the folders of this user's demos that were killed; all others stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def is_abandoned(folder: Path) -> bool:
    """Whether it is ours, was marked by a demo, and that demo lives no longer."""
    try:
        if folder.lstat().st_uid != os.getuid():
            return False
        with (folder / MARK).open(encoding="ascii") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return mark.read() != ""  # still empty: made a moment ago, about to be locked
    except OSError:  # no mark, or a lock that is held
        return False
