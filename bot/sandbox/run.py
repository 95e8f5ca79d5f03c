"""The real bot, unmodified, as a process of its own beside the sandbox's servers."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

STOP_SECONDS = 10.0
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LAST_ERROR = re.compile(r"^Error: (.+(?:\n  .+)*)\s*\Z", re.MULTILINE)


class BotProcess:
    """The bot with this settings file; it may be started again once it has ended."""

    def __init__(self, settings: Path, log_path: Path) -> None:
        self._settings, self._log_path = settings, log_path
        self._log_begins = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def import_history(self, history: Path) -> str:
        """Have older call volumes imported, as a user would; why that failed, "" when it did not.

        Nothing else may be using the process meanwhile.
        """
        await self._begin("history", "import", str(history))
        await self.wait()
        return self.ending() if self._process and self._process.returncode else ""

    async def start(self) -> None:
        await self._begin("run")

    async def _begin(self, *command: str) -> None:
        self._log_begins = self._log_path.stat().st_size if self._log_path.exists() else 0
        self._process = await start_bot(self._settings, self._log_path, command)

    async def stop(self) -> None:
        if self._process:
            await stop_bot(self._process)

    async def wait(self) -> None:
        """Until it has ended; at once when it was never started."""
        if self._process:
            await self._process.wait()

    def ending(self) -> str:
        """How its last life ended, in a few words."""
        status = self._process.returncode if self._process else None
        with self._log_path.open("rb") as log:
            log.seek(self._log_begins)
            said = log.read().decode("utf-8", errors="replace")
        return ending(status, said)


def ending(status: int | None, said: str) -> str:
    """What an exit status (negative: a signal) and the last words of a log tell about an end.

    The last words count only if they are an error's, with what is listed below it; anything else
    is no reason.
    """
    if status is not None and status < 0:
        return f"killed by {_signal_name(-status)}"
    error = LAST_ERROR.search(said)
    reason = f": {' '.join(error[1].split()).rstrip('.')}" if error else ""
    return f"exit status {status}{reason}"


async def start_bot(
    settings: Path, log_path: Path, command: Sequence[str] = ("run",)
) -> asyncio.subprocess.Process:
    """Start it, or another command of it, in a session of its own, so that Ctrl-C is ours; it does
    not outlive us (Linux).

    Call it from the main thread: for the kernel, a parent ends with the thread that started it.
    """
    import bot

    root = Path(bot.__file__).resolve().parent.parent
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    path = os.pathsep.join(filter(None, [str(root), kept.get("PYTHONPATH", "")]))
    with log_path.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *command,
            "--config",
            str(settings),
            env=kept | {"PYTHONPATH": path},
            stdout=log,
            stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()) if sys.platform == "linux" else None,
        )


async def stop_bot(bot: asyncio.subprocess.Process) -> None:
    """Ask it to stop; insist after some seconds."""
    if bot.returncode is not None:
        return
    bot.terminate()
    try:
        await asyncio.wait_for(bot.wait(), STOP_SECONDS)
    except TimeoutError:
        bot.kill()
        await bot.wait()


def _dying_with(parent: int) -> Callable[[], None]:
    """For the new process: ask the kernel to kill it when its parent ends, however that ends."""
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return ask


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
