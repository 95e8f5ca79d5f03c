"""The post-incident report: what it says, and that no foreign text can do anything in it.

After a deliberate change: `SEAMWATCH_GOLDEN=write pytest tests/bot/reports`, then read the
difference.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.cli import main
from bot.incidents.events import (
    Acknowledge,
    Act,
    Assign,
    Check,
    Escalate,
    Note,
    Report,
    Resolve,
    Snooze,
    Take,
    Vote,
    Wake,
)
from bot.incidents.lifecycle import Change, advance
from bot.incidents.model import Actor, State
from bot.reports.facts import Around, Facts, Struck, gather, people_in
from bot.reports.markdown import literal
from bot.reports.report import time_in_states, write
from bot.slack.render.text import foreign_plain
from bot.store.failures import save_failures
from bot.store.links import Link, save_link
from bot.store.reporting import Told
from bot.transitions import act
from checks.declare import Cause
from checks.failures import Failure
from checks.model import Level
from checks.runs import RunStatus
from runbooks.book import Book
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    NASTY,
    NOON,
    PRIYA,
    TITLES,
    alert_of,
    desk_over,
    hostile,
    stall,
    view_of,
)

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("SEAMWATCH_GOLDEN") == "write"
LONDON = ZoneInfo("Europe/London")
SECRETS = {"BOT_TOKEN": "xoxb-1", "APP_TOKEN": "xapp-1", "API_KEY": "k"}
SETTINGS = f"""
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
[slack]
token = "env:BOT_TOKEN"
app_token = "env:APP_TOKEN"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
[watch]
database = "seamwatch.db"
[[person]]
name = "Alex"
slack = "{ALEX}"
"""
PEOPLE = {PRIYA: "Priya", ALEX: "Alex"}
BY_PRIYA, BY_ALEX = Actor(who=PRIYA, via="button"), Actor(who=ALEX, via="command")
POLICY, BOT = Actor(who="nights", via="timer"), Actor(who="Seamwatch", via="timer")
STORY = [
    (Escalate(position=0, told="Priya (step 1 of 2 of nights)", mentions=PRIYA), POLICY, 1),
    (Acknowledge(), BY_PRIYA, 3),
    (Check(page="stalled-queue", step=1, text="Open the dashboard."), BY_PRIYA, 5),
    (Check(page="stalled-queue", step=2, text="Look at the run."), BY_PRIYA, 6),
    (Check(page="stalled-queue", step=2, text="Look at the run.", done=False), BY_PRIYA, 7),
    (Note(text="Follow-up: ask NetSuite why | it <hung> *again*"), BY_PRIYA, 8),
    (Note(text="The run stands at step 4."), BY_ALEX, 9),
    (Assign(to=ALEX), BY_PRIYA, 10),
    (Take(), BY_ALEX, 12),
    (Act(text="Proposal 3 proposed: replay 2 runs of Orders.", proposal=3), BY_ALEX, 14),
    (Act(text="Proposal 3 done: 2 runs were begun.", proposal=3), BOT, 16),
    (Snooze(until=NOON + 40 * MINUTE, reason="it drains"), BY_ALEX, 20),
    (Wake(), BOT, 40),
    (Resolve(summary="The run was stopped by hand."), BY_ALEX, 42),
    (Vote(word="noisy"), BY_PRIYA, 44),
    (Note(text="todo: raise the time-out"), BY_ALEX, 45),
    (Report(), BY_PRIYA, 50),
]


def facts_of(events=STORY, **changes):
    """Of incident #42, through all of this."""
    view = view_of(events=[])
    incident, entries = view.incident, list(view.entries)
    for event, actor, minute in events:
        at, last = NOON + minute * MINUTE, len(entries)
        done = advance(incident, event, actor, at, last_seq=last)
        assert isinstance(done, Change), event
        incident = done.incident
        entries.append(done.entry)
    over = incident.resolved_at
    told = {
        "incident": incident,
        "now": NOON + 51 * MINUTE,
        "zone": LONDON,
        "estate": "Acme Outdoors",
        "alerts": (alert_of(cleared_at=over, facts={"blocking_flow": "Orders to NetSuite"}),),
        "entries": tuple(entries),
        "titles": TITLES,
        "pages": {"stalled-queue": "Stalled Queue Syndrome"},
        "steps": {("stalled-queue", 1): 1, ("stalled-queue", 2): 2},
        "told": (
            Told(at=NOON + timedelta(seconds=2), destination="slack/C1", arrived=True),
            Told(at=NOON + MINUTE, destination=f"dm/{PRIYA}", arrived=True),
            Told(at=NOON + MINUTE, destination="pager/night", arrived=False),
        ),
        "struck": (
            Struck(flow="Orders to NetSuite", failed=3, records=340, untold=1),
            Struck(flow="Stock to Shopify"),
        ),
        "earlier": (replace(before(), id=37),),
        "times_lately": 2,
        "people": PEOPLE,
        "places": {"slack/C1": "#integrations"},
    }
    return Facts(**(told | changes))


def before():
    return view_of(State.RESOLVED).incident


def same_as_golden(name, text):
    path = GOLDEN / f"{name}.md"
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_report_of_a_whole_story():
    same_as_golden("report", write(facts_of()))


def test_a_report_on_what_is_still_open_and_known_little_of():
    bare = facts_of([], alerts=(), pages={}, told=(), struck=(), earlier=(), times_lately=1)
    same_as_golden("report-open", write(bare))


def test_a_time_that_comes_twice_in_autumn_is_told_apart():
    facts = facts_of()
    autumn = datetime.fromisoformat("2026-10-25T00:30:00+00:00")
    twice = [replace(facts.told[0], at=autumn + hour * timedelta(hours=1)) for hour in (0, 1)]
    text = write(replace(facts, told=tuple(twice)))
    assert "25 Oct 2026 01:30:00 BST" in text
    assert "25 Oct 2026 01:30:00 GMT" in text


def test_the_times_in_the_states_add_up_to_the_duration():
    facts = facts_of()
    spent = time_in_states(facts.entries, facts.incident.resolved_at)
    assert spent == {
        State.TRIGGERED: 7 * MINUTE,
        State.ACKNOWLEDGED: 15 * MINUTE,
        State.SNOOZED: 20 * MINUTE,
    }
    assert sum(spent.values(), timedelta(0)) == 42 * MINUTE


def test_nobody_stands_in_it_by_an_id():
    text = write(facts_of())
    assert PRIYA not in text
    assert ALEX not in text


def test_no_cost_is_invented():
    assert "cost" not in write(facts_of()).lower()


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("softbreak", "text_special", "code_inline"),
}


def tokens(text):
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def shown(text):
    """What a reader sees of a line."""
    return "".join(each.content for each in tokens(text) if each.type.startswith("text"))


@given(hostile)
@example("1. list")
@example("- list")
@example("# heading")
@example("[label](https://evil.example) ![x](https://evil.example/x.png)")
@example("a|b\n---|---\nc|d")
@example("<script>alert(1)</script> <https://evil.example>")
@example("\\*x\\* \\\\| `a` ~~b~~ &copy; $x$")
@example("=====")
def test_hostile_text_is_shown_as_it_is_and_does_nothing(text):
    line = foreign_plain(text, 500)
    for written, wanted in ((f"{literal(line)}", line), (f"- {literal(line)}", line)):
        assert {each.type for each in tokens(written)} <= OURS - {"code_inline"}, written
        assert shown(written) == wanted


@pytest.mark.parametrize("line", ["see https://evil.example/x", "www.evil.example"])
def test_an_address_is_no_link_by_the_rules_of_github(line):
    assert r"https\://" in literal(line) or r"www\." in literal(line)


HEADINGS = 10
"""Its title, and all sections but those about earlier incidents."""


@settings(max_examples=30)
@given(st.sampled_from(NASTY) | st.text(max_size=120), hostile)
def test_a_report_of_hostile_texts_has_no_other_parts_than_a_calm_one(name, text):
    odd = alert_of(
        sentence=text,
        subject=replace(alert_of().subject, name=name),
        facts={"victims": text, "flow_id": name},
    )
    events = [
        (Acknowledge(), Actor(who=name or "x", via="api"), 1),
        (Note(text=f"todo: {text}"), BY_PRIYA, 2),
        (Check(page="stalled-queue", step=1, text=text), BY_PRIYA, 3),
        (Act(text=text), BY_PRIYA, 3),
        (Vote(word=text), BY_PRIYA, 4),
        (Resolve(summary=text), BY_PRIYA, 5),
    ]
    hostile_facts = facts_of(
        events,
        alerts=(odd,),
        struck=(Struck(flow=name, failed=1), Struck(flow=text)),
        people={PRIYA: name or "x"},
        places={"slack/C1": text},
        pages={},
        earlier=(),
        estate=name or "x",
    )
    text = write(hostile_facts)
    found = list(tokens(text))
    assert {each.type for each in found} <= OURS
    assert sum(each.type == "heading_open" for each in found) == HEADINGS
    assert "xoxb-1-secret" not in text
    assert "hunter2" not in text


AROUND = Around(zone=LONDON, estate="Acme", titles=TITLES, book=Book())


def failure(run, flow_id, minute, records, status=RunStatus.FAILURE):
    return Failure(
        run_id=run,
        flow_id=flow_id,
        at=NOON + minute * MINUTE,
        status=status,
        cause=Cause.UNKNOWN,
        line="x",
        records=records,
    )


@pytest.fixture
def ended(store):
    """Incident #2 about the flow Orders, after #1 about the same; Alex resolved both."""
    desk = desk_over(store)
    for number in (1, 2):
        stall(desk, "Orders")
        act(store, number, Acknowledge(), BY_PRIYA, desk.clock.at, destination="slack/C1")
        desk.clock.at += 10 * MINUTE
        act(store, number, Resolve(), BY_ALEX, desk.clock.at, destination="slack/C1")
        for level in (Level.OK, Level.OK, Level.OK):
            desk.clock.at += 10 * MINUTE
            stall(desk, "Orders", level=level)
    return desk


def test_what_is_gathered_from_the_store(ended):
    db = ended.store.db
    with ended.store.writing() as writing:
        save_failures(
            writing,
            [
                failure("1", "Orders", 42, 5),
                failure("2", "Orders", 44, None, RunStatus.PARTIAL_SUCCESS),
                failure("3", "Orders", 45, 9, RunStatus.SUCCESS),
                failure("4", "Other", 45, 9),
                failure("5", "Orders", 90, 9),
            ],
        )
    facts = gather(db, 2, AROUND, PEOPLE, ended.clock.now())
    assert facts.struck == (Struck(flow="Orders", failed=2, records=5, untold=1),)
    assert [each.id for each in facts.earlier] == [1]
    assert facts.times_lately == 2
    assert facts.pages == {"stalled-queue": "Stalled Queue Syndrome"}
    assert next(iter(facts.steps.values())) == 1
    assert all(number > 1000 for _, number in facts.steps), "the page's own numbers"
    assert [each.destination for each in facts.told] == ["slack/C1"]
    assert people_in(db, 2) == {PRIYA, ALEX}
    assert "Alex resolved it after 10 min" in write(facts)


def test_a_pager_is_told_of_by_what_it_was_told_to_do():
    facts = facts_of()
    seqs = [next(e.seq for e in facts.entries if e.to_state is state) for state in State]
    told = [
        Told(at=NOON, destination="pager/night", arrived=True, again=seq > seqs[0], seq=seq)
        for seq in seqs
    ]
    lines = [
        line for line in write(replace(facts, told=tuple(told))).splitlines() if "night" in line
    ]
    acts = [line.rpartition(" ")[2] for line in lines if "the pager" in line]
    assert acts == ["trigger", "acknowledge", "acknowledge", "resolve"]


def test_a_step_that_the_page_has_no_more_has_no_place():
    said = write(facts_of(steps={}))
    assert "- [x] A step: Open the dashboard. (Priya" in said


def test_there_is_no_report_on_no_incident(store):
    with pytest.raises(LookupError, match="no incident #9"):
        gather(store.db, 9, AROUND, {}, NOON)


@pytest.fixture
def command(tmp_path, ended):
    """The command over this database, with so many words after it."""
    (tmp_path / "seamwatch.toml").write_text(SETTINGS, encoding="utf-8")
    path = str(tmp_path / "seamwatch.toml")

    def run(*words):
        return CliRunner().invoke(main, ["report", *words, "--config", path], env=SECRETS)

    return run


def test_the_command_writes_a_file(command, tmp_path):
    out = tmp_path / "report.md"
    done = command("2", "--out", str(out))
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Incident #2: Stalled Queue Syndrome, Orders")
    assert "Alex resolved it after 10 min" in text
    assert str(out) in done.output
    assert "the channel #integrations" in text


def test_the_command_guesses_no_name_where_there_are_several_channels(command, tmp_path):
    team = '[[team]]\nname = "stores"\nchannel = "#stores"\nmembers = ["Alex"]\n'
    (tmp_path / "seamwatch.toml").write_text(SETTINGS + team, encoding="utf-8")
    assert "the channel C1" in command("2").output


def test_who_linked_an_account_stands_in_it_by_name(command, tmp_path, ended):
    linked = Link(user_id=PRIYA, person="Priya", email="priya@acme.example", linked_at=NOON)
    with ended.store.writing() as db:
        save_link(db, linked)
    assert PRIYA in command("1").output
    file = tmp_path / "seamwatch.toml"
    person = '[[person]]\nname = "Priya"\nemail = "priya@acme.example"\n'
    file.write_text(SETTINGS + person, encoding="utf-8")
    text = command("1").output
    assert PRIYA not in text
    assert "Priya" in text


def test_the_command_prints_without_a_file(command):
    assert command("1").output.startswith("# Incident #1")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["9"], "There is no incident #9."), (["1", "--out", "/nowhere/x.md"], "no folder /nowhere")],
    ids=["no such incident", "no such folder"],
)
def test_the_command_ends_with_one_sentence(command, words, said):
    done = command(*words)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert said in done.output
