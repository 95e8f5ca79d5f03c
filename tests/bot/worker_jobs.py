"""Jobs for workers to run: well-behaved, slow, failing, hanging, dying, untidy."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def add(one: int, other: int) -> int:
    return one + other


def process_id() -> int:
    return os.getpid()


def surroundings() -> dict[str, object]:
    loaded = [name for name in ("numpy", "pandas", "prophet", "slack_bolt") if name in sys.modules]
    return {
        "niceness": os.nice(0),
        "threads": os.environ["OPENBLAS_NUM_THREADS"],
        "folder": tempfile.gettempdir(),
        "loaded": loaded,
    }


def hang(notes: str = "") -> None:
    """For ever, with a child, as Stan's binary would be; both process ids are noted down."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    if notes:
        part = Path(notes).with_suffix(".part")
        part.write_text(f"{os.getpid()} {child.pid}")
        part.rename(notes)
    time.sleep(600)


def hang_holding_the_interpreter() -> None:
    """No other thread of the process runs meanwhile."""
    ctypes.PyDLL(None).sleep(600)


def fail(what: str) -> None:
    raise ValueError(what)


class Unpicklable(Exception):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)
        self.other = other


def fail_oddly() -> None:
    """With an exception that cannot be rebuilt on the other side."""
    raise Unpicklable("one", "other")


def die() -> None:
    os._exit(7)


def litter() -> str:
    """Leave what Prophet leaves: a folder of its own, and files in it."""
    folder = tempfile.mkdtemp()
    (Path(folder) / "fit").mkdir()
    (Path(folder) / "fit" / "output.csv").write_text("x")
    Path(tempfile.gettempdir(), "data.json").write_text("x")
    return folder


def left_over(folder: str) -> list[str]:
    return sorted(str(each) for each in Path(folder).rglob("*"))


def allocate(megabytes: int) -> int:
    return len(bytes(megabytes * 1024 * 1024))


def slow_process_id() -> int:
    time.sleep(0.5)
    return os.getpid()


def toil(seconds: float) -> None:
    """Work so long, not counting the time that others have the processor."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass
