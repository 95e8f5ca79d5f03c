"""The modal of `override`: which rota, who, from when until when; read back as if it were typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.incidents.local_time import wall_of
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.message import Message
from bot.slack.render.modals import REASON, ROTA, SINCE, UNTIL, WHO, override_modal
from bot.slack.render.oncall import no_rota
from bot.slack.verbs import Ask, Dialog

UNLINKED = "No person of the settings has this account; /seam link, typed by them, tells which."


def _view(desk: Desk, _: Ask) -> View | Message:
    names = [rota.name for rota in desk.rotas.all]
    return override_modal(names, desk.clock.now()) if names else no_rota()


def _read(desk: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    rota, account = desk.rotas.find(fields.get(ROTA, "")), fields.get(WHO, "")
    since, until = _moment(fields.get(SINCE, "")), _moment(fields.get(UNTIL, ""))
    if rota is None or since is None or until is None:
        return {ROTA: "There is no such rota any more."} if rota is None else {SINCE: "From when?"}
    wrong = {}
    if desk.directory.name_of(account) is None:
        wrong[WHO] = UNLINKED
    if until <= max(since, desk.clock.now()):
        wrong[UNTIL] = "The end has to be ahead, and after the beginning."
    if wrong:
        return wrong
    span = f"from {_typed(since, rota.zone)} to {_typed(until, rota.zone)}"
    typed = f"{rota.name} @{account} {span} {fields.get(REASON, '').strip()}".strip()
    return replace(ask, rest=typed, said=typed, accounts={f"@{account}": account})


def _moment(told: str) -> datetime | None:
    return datetime.fromtimestamp(int(told), UTC) if told.isdecimal() else None


def _typed(at: datetime, zone: ZoneInfo) -> str:
    """By the clocks of the rota, by which what is typed is read."""
    return f"{wall_of(at, zone):%Y-%m-%d %H:%M}"


DIALOG = Dialog(view=_view, read=_read)
