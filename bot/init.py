"""`seamwatch init`: asks Patchworks what there is and writes a first settings file. No secret."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
from pydantic import ValidationError

from bot.build_outside import make_patchworks
from bot.clock import SystemClock
from bot.faults import faults_of
from bot.first_settings import Told, kinds_behind, settings_text
from bot.not_started import NotStarted
from bot.settings import PatchworksSettings
from checks.fetch import Budget, Unreadable
from checks.patchworks import Patchworks
from checks.words import say_count

T = TypeVar("T")


class NotWritten(Exception):
    """No settings file was written; one sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to write, and how to ask: the keys of `[patchworks]`, secrets by reference."""

    output: Path
    force: bool
    patchworks: Mapping[str, str]


async def write_first_settings(wanted: Wanted, environ: Mapping[str, str] | None = None) -> Told:
    """Ask, and write the file; what Patchworks told. Raises NotWritten."""
    _refuse_to_overwrite(wanted)
    told = await _ask(_way_in(wanted, os.environ if environ is None else environ))
    _write(wanted, settings_text(told, wanted.patchworks))
    return told


def _refuse_to_overwrite(wanted: Wanted) -> None:
    if wanted.output.exists() and not wanted.force:
        raise NotWritten(
            f"{wanted.output} is there already: give --output another name, or --force to "
            "overwrite it."
        )


def _way_in(wanted: Wanted, environ: Mapping[str, str]) -> PatchworksSettings:
    around = {"environ": environ, "folder": wanted.output.absolute().parent}
    try:
        return PatchworksSettings.model_validate(dict(wanted.patchworks), context=around)
    except ValidationError as error:
        faults = "; ".join(map(str, faults_of(error, PatchworksSettings)))
        raise NotWritten(f"Patchworks cannot be asked: {faults}.") from None


async def _ask(settings: PatchworksSettings) -> Told:
    """The flows must be readable; of the rest, what cannot be read is named."""
    async with httpx.AsyncClient() as http:
        budget = Budget(settings.budget_per_minute)
        try:
            patchworks = make_patchworks(settings, http, budget, SystemClock())
            flows = await patchworks.flows()
        except NotStarted as error:
            raise NotWritten(str(error)) from None
        except Unreadable as error:
            raise NotWritten(f"{error.what}.") from None
        return await _ask_the_rest(patchworks, Told(at=datetime.now(UTC), flows=flows))


async def _ask_the_rest(patchworks: Patchworks, so_far: Told) -> Told:
    unread: dict[str, str] = {}

    async def read(part: str, ask: Callable[[], Awaitable[T]], otherwise: T) -> T:
        try:
            return await ask()
        except Unreadable as error:
            unread[part] = error.what
            return otherwise

    return Told(
        at=so_far.at,
        flows=so_far.flows,
        instances=await read("instances", patchworks.instances, ()),
        pools=await read("connection pools", patchworks.pools, ()),
        allowances=await read("allowances", patchworks.allowances, {}),
        unread=unread,
    )


def _write(wanted: Wanted, text: str) -> None:
    try:
        with wanted.output.open("w" if wanted.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _refuse_to_overwrite(wanted)
    except OSError as error:
        raise NotWritten(
            f"{wanted.output} cannot be written ({error.strerror}): give --output a place that "
            "can be."
        ) from None


def say(told: Told, path: Path) -> str:
    """What was written, for people, and what comes next."""
    flows = say_count(len(told.watched), "deployed flow")
    instances = say_count(len(told.instances), "instance")
    readable = sum(bool(kinds_behind(instance)) for instance in told.instances)
    return "\n".join(
        (
            f"{path} is written: {flows}, {instances}, {readable} of a kind that can be looked at.",
            *(f"The {part} could not be read: {why}." for part, why in told.unread.items()),
            f"Correct it, put the secrets in place, then: seamwatch config check --config {path}",
        )
    )


def as_json(told: Told, path: Path) -> dict[str, object]:
    """The same for a machine."""
    return {
        "settings": str(path),
        "flows": [{"id": flow.id, "name": flow.name} for flow in told.watched],
        "instances": [
            {
                "id": each.id,
                "name": each.name,
                "system": each.system,
                "auth_type": each.auth_type,
                "kinds": kinds_behind(each),
            }
            for each in told.instances
        ],
        "unread": dict(told.unread),
    }
