"""Foreign text in Markdown: whatever it holds, it is shown as it is and does nothing."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\\`*_\[\]<>|~&$]|(?<!\S)#(?=#*(?:\s|$))")
"""A # means something only in a word of nothing else: it begins a heading, or closes one."""
_ADDRESS = re.compile(r"(?i):(?=//)|(?<=www)\.")
_BEGINS = re.compile(r"^(\d{1,9})?([-+.)=:])")


def literal(text: str) -> str:
    """One line as Markdown that shows just these signs, anywhere in a paragraph or a list.

    A backslash takes the meaning of any ASCII punctuation away, what begins a list or underlines a
    heading at the start of a line included (https://spec.commonmark.org/0.31.2/#backslash-escapes).
    So does it for addresses, which GitHub's Markdown would turn into links by themselves
    (https://github.github.com/gfm/#autolinks-extension-).
    """
    line = " ".join(text.split())
    escaped = _ADDRESS.sub(r"\\\g<0>", _MARKS.sub(r"\\\g<0>", line))
    return _BEGINS.sub(r"\1\\\2", escaped)
