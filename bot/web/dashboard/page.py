"""The page and the form before it, as HTML that needs nothing else; every word of it is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from bot.digest.page import breaks
from bot.web.dashboard import bands
from bot.web.dashboard.board import Board

INLINE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


def render(board: Board, *, leave: bool = False) -> str:
    """The whole page. `leave` adds the way out for whoever came in by the form."""
    size = {"width": bands.WIDTH, "height": bands.HEIGHT, "floor": bands.BOTTOM}
    return _template("page.html.j2").render(board=board, leave=leave, size=size, breaks=breaks)


def render_form(estate: str, problem: str = "") -> str:
    """Where a person shows the token; `problem` says why not, in a sentence."""
    return _template("login.html.j2").render(estate=estate, problem=problem)


def policy_of(page: str, *, form: bool = False) -> str:
    """The Content-Security-Policy of a page of ours: nothing but its own inline style and script,
    each by its hash, asks only where it came from, and stands in no frame.
    https://www.w3.org/TR/CSP3/#framework-directive-source-list"""
    hashes: dict[str, list[str]] = {"style": [], "script": []}
    for kind, text in INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {' '.join(hashes['style']) or chr(39) + 'none' + chr(39)}",
            f"script-src {' '.join(hashes['script']) or chr(39) + 'none' + chr(39)}",
            "connect-src 'self'",
            f"form-action {chr(39)}{'self' if form else 'none'}{chr(39)}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = (files("bot.web.dashboard") / name).read_text(encoding="utf-8")
    return environment.from_string(text)
