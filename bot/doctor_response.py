"""What the doctor says of telling people: who is on call, the pagers, where they call back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.finding import Finding, State
from bot.incidents.local_time import wall_of
from bot.oncall.duty import Duty, duty_of
from bot.oncall.reading import rotas_of
from bot.pager_settings import PagerSettings
from bot.settings import Settings
from bot.store import Store
from bot.store.arrivals import Newest, newest_to
from checks.durations import say_duration


def say_response(settings: Settings, store: Store | None, now: datetime) -> Iterator[Finding]:
    """Nothing is sent, because a pager cannot be tried without calling somebody: what it took last
    is told. Without a `store` there is none yet."""
    rotas = rotas_of(settings, store, says=False)
    overrides = rotas.overrides(now) if store else ()
    for rota in rotas.all:
        yield say_duty(duty_of(rota, overrides, now, rotas.trouble.get(rota.name, "")))
    for pager in settings.pager:
        newest = newest_to(store.db, f"pager/{pager.name}") if store else None
        yield say_pager(pager, newest, now)
    if heard := [pager.name for pager in settings.pager if getattr(pager, "inbound_secret", None)]:
        yield _inbound(settings, heard)


def say_duty(duty: Duty) -> Finding:
    """Who is on call by a rota, until when, and who comes then."""
    about = f"On call: {duty.rota.name}"
    if duty.trouble:
        return Finding(about=about, state=State.TROUBLE, sentence=duty.trouble)
    people = ", ".join(duty.people)
    then = ""
    if duty.until is not None:
        ends = wall_of(duty.until, duty.rota.zone)
        comes = ", ".join(duty.coming) or "nobody"
        then = f"{ends:%a %-d %b %H:%M} ({duty.rota.zone.key})"
        then = f" until {then}, then {comes}" if people else f"; from {then} on {comes}"
    state = State.WELL if people or duty.coming else State.TROUBLE
    return Finding(about=about, state=state, sentence=f"{people or 'Nobody now'}{then}.")


def say_pager(pager: PagerSettings, newest: Newest | None, now: datetime) -> Finding:
    """Whether the newest message arrived; of one that was never used nothing is known."""
    about = f"Pager: {pager.name} ({pager.kind})"
    if newest is None:
        sentence = "It was never told anything yet, so that nobody knows whether it works."
        return Finding(about=about, state=State.UNKNOWN, sentence=sentence)
    age = f"{say_duration(now - newest.created_at)} ago"
    if newest.has_arrived:
        return Finding(about=about, state=State.WELL, sentence=f"It took what it was told {age}.")
    if not newest.problem:
        return Finding(
            about=about, state=State.UNKNOWN, sentence=f"A message of {age} is on its way."
        )
    sentence = f"A message of {age} has not arrived: {newest.problem}."
    return Finding(about=about, state=State.TROUBLE, sentence=sentence)


def _inbound(settings: Settings, heard: list[str]) -> Finding:
    """Where the pagers call back, which only they can try."""
    base = str(settings.web.url or f"http://{settings.web.listen}").rstrip("/")
    named = ", ".join(f"{base}/inbound/{name}" for name in heard)
    seen = (
        "" if settings.web.url else "; they reach it only through a proxy that is named in web.url"
    )
    return Finding(
        about="Inbound", state=State.WELL, sentence=f"Answers are heard at {named}{seen}."
    )
