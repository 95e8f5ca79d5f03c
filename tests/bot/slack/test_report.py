"""A report on its way from a person's word to the thread: verb, sender, gateway and a workspace."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from bot.incidents.model import Kind
from bot.outbox import Outbox
from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack.connect import make_client, make_session
from bot.slack.manifest import load
from bot.slack.people import People
from bot.slack.render.buttons import REPORT
from bot.slack.render.report import unmarked
from bot.slack.verbs import by_button
from bot.store import handling, incidents
from tests.bot.slack.scene import NOON, ask, assert_slack_takes, desk_over, stall
from tests.bot.slack.test_warning import COMPLETE, Office, until_sent
from tests.loopback import NO_TLS_HERE

PLACE = "files.getUploadURLExternal"


@pytest.fixture
def desk(store):
    return desk_over(store)


@pytest.fixture
async def office(store, monkeypatch):
    """A channel with incident #1 in it, and a desk that answers as the front would."""
    monkeypatch.setattr("bot.slack.gateway.SECONDS_BETWEEN_MESSAGES", 0.01)
    monkeypatch.setattr("bot.outbox.SETTLE_SECONDS", 0.1)
    monkeypatch.setattr("bot.outbox.FIRST_BACK_OFF", 0.05)
    server = WorkspaceServer(clock=SandboxClock(start=NOON), manifest=load())
    await server.start()
    async with make_session() as session:
        client = make_client(server.bot_token, server.api_url, session)
        desk = desk_over(store, People(client, server.team_id))
        place = f"slack/{server.channels['integrations']}"
        desk = replace(desk, rules=replace(desk.rules, destination=place))
        stall(desk)
        opened = Office(desk, server, client)
        await opened.sends()
        yield opened
    await server.stop()


async def reports(office):
    """The lines of the thread that show a file, and what the files hold."""
    history = await office.client.conversations_history(channel=office.channel)
    root = history["messages"][-1]
    replies = await office.client.conversations_replies(channel=office.channel, ts=root["ts"])
    lines = replies["messages"][1:]
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        urls = [file["url_private"] for line in lines for file in line.get("files", ())]
        return lines, [(await http.get(url)).text for url in urls]


def kinds_of(desk):
    return [entry.kind for entry in incidents.timeline(desk.store.db, 1)]


async def test_a_report_stands_in_the_thread_as_a_file(office):
    said = ask(office.desk, "report 1")
    assert "comes as a file into its thread" in said.text
    assert_slack_takes(said)
    await office.sends()
    [line], [text] = await reports(office)
    assert "Report by" in line["text"]
    [file] = line["files"]
    assert file["name"] == "incident-1.md"
    assert text.startswith("# Incident #1: Stalled Queue Syndrome, the run queue")
    assert office.states() == {"root": "sent", "line": "sent"}


async def test_whom_the_settings_do_not_name_stands_in_it_as_slack_calls_them(office):
    user = next(iter(office.server.users.values()))
    ask(office.desk, "report 1", user_id=user)
    await office.sends()
    _, [text] = await reports(office)
    assert user not in text
    assert "Report by U" not in text


async def test_a_second_report_is_a_second_line(office):
    ask(office.desk, "report 1")
    await office.sends()
    ask(office.desk, "report 1")
    await office.sends()
    lines, texts = await reports(office)
    assert len(lines) == len(texts) == 2
    assert texts[1].count("Report by") == 2


TROUBLES = {
    "the answer to the last step is lost": {"method": COMPLETE, "after": True, "lost": True},
    "the last step is lost": {"method": COMPLETE, "lost": True},
    "the last step is answered by an error": {"method": COMPLETE, "status": 503},
    "the bytes are lost": {"method": "upload", "lost": True},
    "the bytes are not taken just now": {"method": "upload", "status": 503},
    "Slack gives no place just now": {"method": PLACE, "status": 503},
    "Slack is asked too often": {"method": PLACE, "error": "ratelimited", "status": 429},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
async def test_a_report_stands_exactly_once_when(office, trouble, caplog):
    await office.fault(**trouble, times=1)
    ask(office.desk, "report 1")
    await office.sends()
    await until_sent(office)
    lines, texts = await reports(office)
    assert len(lines) == len(texts) == 1


async def test_a_report_that_was_shown_as_the_bot_was_killed_is_not_shown_again(office, caplog):
    await office.fault(method=COMPLETE, after=True, delay=5)
    ask(office.desk, "report 1")
    db = office.desk.store.db
    sender = Outbox(office.desk.store, office.desk.clock, office.destination, asyncio.Event())
    task = asyncio.create_task(sender.run())
    while not db.execute("SELECT body FROM outbox WHERE body <> ''").fetchall():
        await asyncio.sleep(0.02)
    while not (await reports(office))[0]:  # shown, and not recorded as sent
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert office.states()["line"] == "claimed"
    with office.desk.store.writing() as writing:
        writing.execute("UPDATE outbox SET fence = 99 WHERE state = 'claimed'")
    await until_sent(office)
    lines, _ = await reports(office)
    assert len(lines) == 1


async def test_without_the_right_to_upload_the_thread_says_how_to_come_by_it(office, caplog):
    await office.fault(method=PLACE, error="missing_scope", times=1)
    ask(office.desk, "report 1")
    await office.sends()
    [line], texts = await reports(office)
    assert texts == []
    assert "seamwatch report 1 --out report.md" in line["text"]
    assert "goes without its file" in caplog.text


async def test_a_report_that_cannot_be_written_does_not_hold_up_the_thread(
    office, monkeypatch, caplog
):
    def broken(facts):
        raise ZeroDivisionError

    monkeypatch.setattr("bot.slack.reporting.write", broken)
    ask(office.desk, "report 1")
    ask(office.desk, "ack 1")
    await office.sends()
    lines, texts = await reports(office)
    assert texts == []
    assert [line["text"].partition(" by ")[0] for line in lines] != []
    assert "ZeroDivisionError" in caplog.text
    assert office.states()["line"] == "sent"


def test_two_quick_presses_are_one_report(desk):
    stall(desk)
    first = ask(desk, "report 1", via="button")
    assert "already" in ask(desk, "report 1", via="button").text
    assert "already" not in first.text
    assert kinds_of(desk).count(Kind.REPORTED) == 1


def test_an_open_incident_is_reported_on_as_far_as_it_went(desk):
    stall(desk)
    said = ask(desk, "report")  # the only open one
    assert "still open" in str(said.blocks)
    desk.store.db.execute("UPDATE outbox SET state = 'sent', ts = '1.0'")
    ask(desk, "resolve 1")
    assert "still open" not in str(ask(desk, "report 1").blocks)
    assert kinds_of(desk) == [Kind.OPENED, Kind.REPORTED, Kind.RESOLVED, Kind.REPORTED]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("report 9", "There is no incident #9"),
        ("report", "Which incident?"),
        ("report yesterday", "is no incident"),
    ],
)
def test_what_is_no_incident_gets_no_report(desk, typed, said):
    stall(desk, "one", "two")
    answered = ask(desk, typed)
    assert said in answered.text
    assert_slack_takes(answered)


def test_what_was_never_announced_has_no_thread_for_a_report(desk):
    stall(desk)
    known = handling.find_handling(desk.store.db, 1)
    held = replace(
        known,
        announced_at=None,
        held="silence 1",
        escalation=replace(known.escalation, next_at=None, stopped="x"),
    )
    with desk.store.writing() as db:
        handling.save_handling(db, held)
    said = ask(desk, "report 1")
    assert "no thread" in said.text
    assert_slack_takes(said)
    assert kinds_of(desk) == [Kind.OPENED]


def test_the_button_of_a_resolved_incident_means_the_verb():
    assert by_button()[REPORT].name == "report"


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("Taken by <@U0PRIYA> from <@U0ALEX>", "Taken by Priya from U0ALEX"),
        ("<!date^1795262400^{time}|21 Nov> it began", "12:00 it began"),
        ("told: <!subteam^S0123>", "told: a user group"),
        ("<https://a.example/?x=1&amp;y|run &lt;7&gt;>", "run <7>"),
        ("&lt;@U0PRIYA&gt; &amp;amp; &lt;!channel&gt;", "<@U0PRIYA> &amp; <!channel>"),
    ],
)
def test_what_a_message_says_without_slacks_marks(marked, said):
    people = {"U0PRIYA": "Priya"}
    assert unmarked(marked, lambda who: people.get(who, who), lambda at: f"{at:%H:%M}") == said
