"""What a hangup means depends on where the process was started."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import termios
from contextlib import closing
from pathlib import Path

ASK = "import bot.signals; print(bot.signals.in_foreground())"


def asked(stdin, preexec=None):
    """What a process of a session of its own says, started with this standard input."""
    return subprocess.run(
        [sys.executable, "-c", ASK],
        stdin=stdin,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=preexec,
        cwd=Path(__file__).parents[2],
        check=True,
        text=True,
    ).stdout.strip()


def test_in_the_foreground_of_a_terminal_a_hangup_is_its_end():
    ours, theirs = os.openpty()
    with closing(os.fdopen(ours)), closing(os.fdopen(theirs)):
        assert asked(theirs, lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) == "True"


def test_with_a_terminal_that_is_not_its_own_a_hangup_is_a_wish():
    ours, theirs = os.openpty()
    with closing(os.fdopen(ours)), closing(os.fdopen(theirs)):
        assert asked(theirs) == "False"


def test_without_a_terminal_a_hangup_is_a_wish():
    assert asked(subprocess.DEVNULL) == "False"
