"""What holds announcements back now: the silences and windows of the settings and of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.announcing import Held
from bot.incidents.silences import Maintenance, Mute, Silence, muted
from bot.store import Database, silences


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutes:
    """Those of the settings; people's own are read from the store when it is asked."""

    told_silences: tuple[Silence, ...] = ()
    told_windows: tuple[Maintenance, ...] = ()

    def silences(self, db: Database, now: datetime) -> list[Silence]:
        """Every silence that is not over, those of people first."""
        told = [silence for silence in self.told_silences if silence.until > now]
        return [*silences.standing_silences(db, now), *told]

    def windows(self, db: Database, now: datetime) -> list[Maintenance]:
        """All maintenance that is on or comes, that of people first."""
        told = [
            window
            for window in self.told_windows
            if window.window.under_way(now) or window.window.coming(now)
        ]
        return [*silences.standing_maintenance(db, now), *told]

    def in_force(self, db: Database, now: datetime) -> frozenset[str]:
        """The labels of those that hold something back now: while these are the same, so is what
        they hold back of what is the same."""
        silences = [each.label for each in self.silences(db, now) if each.since <= now]
        windows = [each.label for each in self.windows(db, now) if each.window.under_way(now)]
        return frozenset([*silences, *windows])

    def find(self, db: Database, labels: Mapping[str, str], now: datetime) -> Mute | None:
        """What holds an alert with these labels back; None when it may speak."""
        began = silences.standing_maintenance(db, now)
        return muted(labels, self.silences(db, now), (*began, *self.told_windows), now)

    def hold(self, db: Database, labels: Mapping[str, str], now: datetime) -> Held | None:
        """The same, as the rules ask for it."""
        mute = self.find(db, labels, now)
        return Held(reason=str(mute), until=mute.until, who=mute.who) if mute else None
