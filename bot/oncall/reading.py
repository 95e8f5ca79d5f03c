"""The rotas of a settings file, for commands that only read: with what the running bot knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.clock import Clock
from bot.oncall.ical_import import Person
from bot.oncall.rotas import Rotas
from bot.settings import Settings
from bot.store import Store, StoreRefused, open_to_read


class NoRota(Exception):
    """There is none, or none of that name; the message is one sentence."""


def rotas_of(
    settings: Settings,
    store: Store | None = None,
    clock: Clock | None = None,
    *,
    says: bool = True,
) -> Rotas:
    """The rotas of these settings; `store` holds the overrides and the calendars fetched last."""
    people = [Person(name=each.name, email=each.email) for each in settings.person]
    return Rotas(
        settings.rota, people, zone=settings.estate.zone, store=store, clock=clock, says=says
    )


@contextmanager
def known_rotas(settings: Settings, *, says: bool = True) -> Iterator[Rotas]:
    """With what people arranged, where there is a database already; nothing is written."""
    store = None
    with suppress(StoreRefused):
        store = open_to_read(settings.watch.database)
    try:
        yield rotas_of(settings, store, says=says)
    finally:
        if store is not None:
            store.close()
