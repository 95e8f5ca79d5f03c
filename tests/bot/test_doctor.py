"""The doctor against the sandbox: what is well, what is not, and why."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.doctor import State, examine, say_rounds
from bot.facts import RoundFacts
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import load_settings
from bot.slack.manifest import load
from checks.durations import say_duration
from tests.bot.vendor_double import vendor
from tests.loopback import NO_TLS_HERE

NOW = datetime(2015, 4, 15, 8, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SHOP = """
[[system]]
kind = "shopify"
name = "shop"
shop = "acme"
base_url = "{url}"
token = "file:api_key"
expires = 2027-03-01
"""


async def found(sandbox, folder, text=""):
    path = sandbox.write_settings(folder)
    with path.open("a") as settings:
        settings.write(text)
    findings = [each async for each in examine(load_settings(path))]
    return {finding.about: finding for finding in findings}


async def test_everything_that_is_well_is_said_to_be(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        async with vendor() as shop:
            told = await found(sandbox, tmp_path, SHOP.format(url=shop.url))
    finally:
        await sandbox.stop()
    assert {about: finding.state for about, finding in told.items()} == {
        "Database": State.UNKNOWN,
        "Slack": State.WELL,
        "Patchworks: flows": State.WELL,
        "Patchworks: running": State.WELL,
        "Patchworks: queue": State.WELL,
        "Patchworks: allowances": State.WELL,
        "shop (Shopify)": State.WELL,
    }
    assert "1,988 of 2,000 left" in told["shop (Shopify)"].sentence
    assert "credential ends on 2027-03-01 (declared)" in told["shop (Shopify)"].sentence
    assert "18 read" in told["Patchworks: flows"].sentence


PEOPLE = """
[[person]]
name = "Priya Sharma"
email = "priya@acme.example"
[[person]]
name = "Theo Gone"
email = "theo@acme.example"
[[person]]
name = "Nobody"
email = "nobody@acme.example"
"""


async def test_people_who_cannot_be_told_in_slack_are_named(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        told = await found(sandbox, tmp_path, PEOPLE)
    finally:
        await sandbox.stop()
    assert told["People"].state is State.TROUBLE
    assert told["People"].sentence.startswith("Theo Gone, Nobody cannot be told in Slack")


async def test_what_is_not_well_is_named_and_does_not_hide_the_rest(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        async with vendor() as shop, httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            shop.status, shop.body = 401, '{"errors": "Invalid API key"}'
            fault = {"path_prefix": "/api/v1/scheduled-flows", "status": 403}
            await http.post(f"{sandbox.estate.core_url}/control/fault", json=fault)
            told = await found(sandbox, tmp_path, SHOP.format(url=shop.url))
    finally:
        await sandbox.stop()
    troubled = {about for about, finding in told.items() if finding.state is State.TROUBLE}
    assert troubled == {"Patchworks: queue", "shop (Shopify)"}
    assert sandbox.estate.api_key not in " ".join(finding.sentence for finding in told.values())


async def test_the_command_ends_with_one_when_something_is_not_well(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        path = sandbox.write_settings(tmp_path)
        path.write_text(path.read_text().replace('"#integrations"', '"#nowhere"'))
        doctor = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "doctor", "--json", "-c", str(path),
            stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        out, _ = await doctor.communicate()
    finally:
        await sandbox.stop()
    told = {line["about"]: line["state"] for line in map(json.loads, out.splitlines())}
    assert doctor.returncode == 1
    assert told["Slack"] == "trouble"
    assert told["Patchworks: flows"] == "well"


@pytest.mark.parametrize(
    ("age", "waited", "state"),
    [
        pytest.param(timedelta(seconds=4), timedelta(seconds=4), State.WELL, id="just now"),
        pytest.param(timedelta(minutes=2), timedelta(seconds=2), State.WELL, id="at 60 times"),
        pytest.param(timedelta(hours=8), timedelta(seconds=9), State.WELL, id="after a jump"),
        pytest.param(timedelta(seconds=40), timedelta(seconds=40), State.TROUBLE, id="it stopped"),
        pytest.param(timedelta(hours=8), timedelta(minutes=8), State.TROUBLE, id="it hangs"),
        pytest.param(timedelta(minutes=2), None, State.TROUBLE, id="noted by an older version"),
    ],
)
def test_rounds_are_late_by_the_machines_own_clock_too(age, waited, state):
    noted_at = None if waited is None else MACHINE - waited
    newest = RoundFacts(
        at=NOW - age, took_seconds=1.0, judged=1, troubled=0, unknown=0, noted_at=noted_at
    )
    told = say_rounds(newest, timedelta(seconds=5), NOW, MACHINE)
    assert told.state is state
    assert told.sentence.startswith(f"The newest round was {say_duration(age)} ago")


def test_rounds_that_are_seldom_due_may_be_old():
    told = RoundFacts(
        at=NOW - timedelta(minutes=25), took_seconds=1.0, judged=1, troubled=0, unknown=0
    )
    assert say_rounds(told, timedelta(minutes=10), NOW, MACHINE).state is State.WELL
    assert say_rounds(told, timedelta(minutes=8), NOW, MACHINE).state is State.TROUBLE
