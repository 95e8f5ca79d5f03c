"""One configured system: whether it answers, what its limits leave, when its credential ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

from bot.facts import LimitFacts, SystemFacts
from bot.slack.named import find_named
from bot.slack.render.blocks import context, fields, section
from bot.slack.render.choice import several
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import ago, foreign, when

SHOWN = 6


def system_answer(asked: str, systems: Sequence[SystemFacts], now: datetime) -> Message:
    """The system of that name or title, or of a part of it; else which are meant, or there are."""
    fit = find_named(asked, systems, lambda each: (each.name, each.title))
    if len(fit) != 1:
        return _which(asked, fit, {system.name.casefold(): system for system in systems})
    (found,) = fit
    said = _first(found)
    looked = f"Looked at {when(found.looked_at)} ({ago(found.looked_at)})."
    pairs = [
        *((limit.name.capitalize(), _left(limit)) for limit in found.limits[:SHOWN]),
        ("Answered in", f"{found.took_ms:.0f} ms" if found.took_ms is not None else ""),
        ("Token ends", when(found.token_ends_at) if found.token_ends_at else ""),
        ("Credential ends", _declared(found, now)),
        ("Owner", foreign(found.owner, 100)),
        *((foreign(name, 60).capitalize(), foreign(told, 120))
          for name, told in list(found.signals.items())[:SHOWN]),
    ]  # fmt: skip
    vendor = [f"Its status page says: {foreign('; '.join(found.vendor), 300)}"]
    small = [*(vendor if found.vendor else ()), looked]
    return message(f"{said} {looked}", [section(said), *fields(pairs), *context(small)])


def _first(system: SystemFacts) -> str:
    name = foreign(f"{system.name} ({system.title})", 120)
    if system.blind_since is None:
        return f"🟢 *{name} answers.*"
    since = when(system.blind_since)
    why = foreign(system.why, 600).rstrip(".")
    return f"⚪ *{name} cannot be seen* since {since}: {why}. Whether it works is not known."


def _left(limit: LimitFacts) -> str:
    if limit.remaining is None:
        return "use not told"
    of = f" of {limit.size:,.0f}" if limit.size is not None else ""
    scope = f" ({foreign(limit.scope, 40)})" if limit.scope else ""
    until = f", anew {when(limit.resets_at)}" if limit.resets_at else ""
    return f"{limit.remaining:,.0f}{of} left{scope}{until}"


def _declared(system: SystemFacts, now: datetime) -> str:
    if system.expires is None:
        return ""
    days = (system.expires - now.date()).days
    left = f"in {days} d" if days >= 0 else f"{-days} d ago"
    return f"{system.expires.isoformat()} ({left}, declared)"


def _which(asked: str, fit: Sequence[SystemFacts], by_name: dict[str, SystemFacts]) -> Message:
    if not fit:
        return _no_such(asked, by_name)
    choices = [(f"status {each.name}", f"{each.name} ({each.title})") for each in fit]
    return several("system", asked, choices, "/seam")


def _no_such(asked: str, by_name: dict[str, SystemFacts]) -> Message:
    if not by_name:
        return answer("No system has been looked at yet; systems are configured as [[system]].")
    near = get_close_matches(asked.strip().casefold(), by_name, n=1)
    names = ", ".join(foreign(system.name, 60) for system in by_name.values())
    hint = f" Did you mean {foreign(by_name[near[0]].name, 60)}?" if near else ""
    return answer(f"No system is called {foreign(asked, 60)}.{hint} There are: {names}.")
