"""One round, printed: what it says, in which order, how it ends, and that it changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot.once import Ending, lines_of, look_of, look_once
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import load_settings
from bot.slack.manifest import load
from bot.store import StoreRefused, open_store, runs
from bot.store.copying import copied_store
from checks.model import Level, Subject
from tests.bot.vendor_double import vendor
from tests.loopback import NO_TLS_HERE

SHOP = """
[[system]]
kind = "shopify"
name = "shop"
shop = "acme"
base_url = "{url}"
token = "file:api_key"
"""
A_FLOW = Subject(kind="flow", id="1", name="Orders")
ENDINGS = {
    "all is ok": ([Level.OK, Level.OK], Ending.ALL_OK),
    "trouble outweighs what is not known": ([Level.UNKNOWN, Level.EARLY], Ending.TROUBLE),
    "a breach": ([Level.OK, Level.BREACH], Ending.TROUBLE),
    "something could not be seen": ([Level.OK, Level.UNKNOWN], Ending.NOT_ALL_KNOWN),
    "nothing was judged": ([], Ending.NOT_ALL_KNOWN),
}


@pytest.mark.parametrize(("levels", "ending"), ENDINGS.values(), ids=ENDINGS.keys())
def test_how_it_ends(verdict, levels, ending):
    assert look_of([verdict(level) for level in levels]).ending is ending


def test_the_gravest_is_said_first_and_what_is_ok_is_counted(verdict):
    said = [
        verdict(Level.OK, sentence="Fine."),
        verdict(Level.UNKNOWN, sentence="Not seen: 403."),
        verdict(Level.BREACH, sentence="Bad."),
        verdict(Level.BREACH, sentence="Worse.", critical=True, subject=A_FLOW),
        verdict(Level.EARLY, sentence="Soon.\n\x1b[31mOr not."),
        verdict(Level.OK, sentence="Fine too."),
    ]
    assert list(lines_of(look_of(said))) == [
        (Level.BREACH, "Stalled Queue Syndrome: Worse."),
        (Level.BREACH, "Stalled Queue Syndrome: Bad."),
        (Level.EARLY, "Stalled Queue Syndrome: Soon. [31mOr not."),
        (Level.UNKNOWN, "Stalled Queue Syndrome: Not seen: 403."),
        (Level.OK, "2 other conditions are in order."),
    ]


def test_what_is_written_to_a_copy_never_reaches_the_original(tmp_path, noon):
    path = tmp_path / "seamwatch.db"
    with closing(open_store(path)) as original:
        with original.writing() as db:
            runs.save_snapshot(db, "mine", noon, "remembered")
        with copied_store(path) as copy:
            assert runs.find_snapshot(copy.db, "mine") == (noon, "remembered")
            with copy.writing() as db:
                runs.save_snapshot(db, "mine", noon, "changed")
            kept_at = copy.path
        assert runs.find_snapshot(original.db, "mine") == (noon, "remembered")
    assert not kept_at.exists()


def test_without_a_database_there_is_nothing_to_remember_and_none_is_made(tmp_path):
    with copied_store(tmp_path / "seamwatch.db") as copy:
        assert runs.find_snapshot(copy.db, "round") is None
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "seamwatch.db"
    path.write_text("not a database" * 100)
    with pytest.raises(StoreRefused, match=r"cannot be read"), copied_store(path):
        pass


async def of_sandbox(folder, *arguments, faults=(), database=False, text=""):
    """Run the command; its exit status, what it said, and what everybody in Slack can read."""
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        path = sandbox.write_settings(folder)
        with path.open("a") as settings:
            settings.write(text)
        if database:
            open_store(folder / "seamwatch.db").close()
        before = contents(folder)
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            for fault in faults:
                await http.post(f"{sandbox.estate.core_url}/control/fault", json=fault)
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "round", "-c", str(path), *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        out, err = await command.communicate()
        slack = sandbox.workspace._site.workspace
        assert not any(slack.history(channel) for channel in slack.channels)
    finally:
        await sandbox.stop()
    assert contents(folder) == before
    assert sandbox.estate.api_key not in f"{out!r} {err!r}"
    return command.returncode, out.decode(), err.decode()


def contents(folder):
    """What is in every file there; SQLite's own index of a log it has not used is none of it."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.stat().st_size and not path.name.endswith("-shm")
    }


async def test_it_looks_once_says_what_it_saw_and_changes_nothing(tmp_path):
    async with vendor() as shop:
        shop.status, shop.body = 401, '{"errors": "Invalid API key"}'
        told = await of_sandbox(tmp_path, database=True, text=SHOP.format(url=shop.url))
    status, out, err = told
    assert status == Ending.NOT_ALL_KNOWN, err
    assert "unknown  Out of sight: We cannot see shop (Shopify)" in out
    assert "in order." in out.splitlines()[-1]
    assert err == ""


async def test_as_json_every_verdict_is_a_line_and_blindness_is_never_ok(tmp_path):
    fault = {"path_prefix": "/api/v1/scheduled-flows", "status": 403}
    status, out, _ = await of_sandbox(tmp_path, "--json", faults=[fault])
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == Ending.NOT_ALL_KNOWN
    [queue] = [each for each in lines if each["subject"]["kind"] == "queue"]
    assert queue["level"] == "unknown"
    assert "403" in queue["sentence"]


async def test_it_judges_beside_a_running_bot_by_what_that_one_remembers(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        settings = load_settings(sandbox.write_settings(tmp_path))
        with closing(open_store(settings.watch.database)) as store:
            now = sandbox.clock.now()
            with store.writing() as db:
                since = now.replace(year=now.year - 1).isoformat()
                blind = {"queue": {"since": since, "why": "403", "refused": True}}
                runs.save_snapshot(db, "blindness", now, blind)
            async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
                fault = {"path_prefix": "/api/v1/scheduled-flows", "status": 403}
                await http.post(f"{sandbox.estate.core_url}/control/fault", json=fault)
            look = await look_once(settings)
    finally:
        await sandbox.stop()
    assert look.ending is Ending.TROUBLE
    assert look.verdicts[0].level is Level.BREACH
    assert look.verdicts[0].check == "unreadable"
