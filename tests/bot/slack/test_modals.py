"""Menus, modals and App Home through the real app, in a sandbox workspace."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.directory import Directory
from bot.incidents.model import Kind, State
from bot.people_settings import PersonSettings
from bot.permissions import Right, Rule
from bot.slack.front import STALE_BUTTON, TOO_LATE
from bot.slack.people import GUEST
from bot.store import incidents, overrides, silences
from tests.bot.slack.crew import crewed
from tests.bot.slack.office import PROXIES, office_over, private
from tests.bot.slack.scene import NOON, stall


def crew_of(store, people, users, rules=()):
    """Priya and Alex stand in the settings."""
    persons = [PersonSettings(name=name.title(), slack=users[name]) for name in ("priya", "alex")]
    directory = Directory(persons)
    desk = crewed(store, people, directory=directory)
    return replace(desk, rights=replace(desk.rights, directory=directory, rules=rules))


@asynccontextmanager
async def opened_office(store, **told):
    async with office_over(store, partial(crew_of, **told)) as found:
        stall(found.desk)
        found.ts = await found.announce(1)
        yield found


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def office(store):
    async with opened_office(store) as found:
        yield found


def incident(office, number=1):
    return incidents.find_incident(office.desk.store.db, number)


def newest(office, number=1):
    return incidents.timeline(office.desk.store.db, number)[-1]


def audited(office):
    sql = "SELECT what, subject, via, allowed FROM audit ORDER BY id"
    return office.desk.store.db.execute(sql).fetchall()


async def opened(office, choice, user="priya", action_id="incident_more"):
    """The modal behind a choice of a menu, or behind a button."""
    chosen = {"option": choice} if choice else {}
    done = await office.presses(action_id, office.ts, user, **chosen)
    assert done["view"], done
    return done["view"]


# menus


async def test_a_choice_of_the_snooze_menu_snoozes(office):
    done = await office.presses("incident_snooze", office.ts, option="2 hours")
    assert "#1 is snoozed until" in private(done)
    assert incident(office).snoozed_until == NOON + timedelta(hours=2)


async def test_a_choice_of_the_menu_more_is_as_good_as_the_word(office):
    assert "You have #1 in hand" in private(
        await office.presses("incident_more", office.ts, option="Take it over")
    )
    said = private(await office.presses("incident_more", office.ts, option="It is noisy"))
    assert "keeps your vote" in said
    assert newest(office).kind is Kind.VOTED


async def test_every_act_and_every_refusal_is_audited(office):
    await office.presses("incident_more", office.ts, option="Take it over")
    await office.presses("incident_ack", office.ts, user="gina")
    await office.types("/seam show 1")
    await office.types("/seam silence")
    assert audited(office) == [("take", "#1", "button", 1), ("ack", "#1", "button", 0)]


async def test_a_rule_of_the_settings_refuses_and_says_what_is_missing(store):
    rules = (Rule(right=Right.RESOLVE, who=("person:Alex",)),)
    async with opened_office(store, rules=rules) as office:
        said = private(await office.presses("incident_resolve", office.ts))
        assert "Resolving needs Alex" in said
        view = await opened(office, "", user="alex", action_id="incident_resolve")
        await office.submits(view, user="alex")
        assert incident(office).resolved_by.who == office.server.users["alex"]
        assert audited(office) == [("resolve", "#1", "button", 0), ("resolve", "#1", "modal", 1)]


async def test_a_right_that_was_lost_while_the_modal_was_open_is_asked_for_again(store):
    rules = []
    async with opened_office(store, rules=rules) as office:
        view = await opened(office, "", action_id="incident_resolve")
        rules.append(Rule(right=Right.RESOLVE, who=("person:Alex",)))
        done = await office.submits(view, summary="Mine")
        assert "Resolving needs Alex" in str(done["view"]["blocks"])
        assert incident(office).state is State.TRIGGERED
        assert audited(office) == [("resolve", "#1", "modal", 0)]


# modals


async def test_resolving_with_a_summary(office):
    view = await opened(office, "", action_id="incident_resolve")
    assert "the last look still found the problem" in str(view["blocks"]).lower()
    done = await office.submits(view, summary="Stopped r-77")
    assert "#1 is resolved" in private(done)
    assert (incident(office).resolution, incident(office).resolved_by.via) == (
        "Stopped r-77",
        "modal",
    )
    assert office.wakes == 1


async def test_a_summary_is_not_asked_for(office):
    view = await opened(office, "", action_id="incident_resolve")
    await office.submits(view)
    assert incident(office).state is State.RESOLVED


async def test_escalating_with_a_reason(office):
    view = await opened(office, "", action_id="incident_escalate")
    assert "Next: Alex is told" in str(view["blocks"])
    faulty = await office.submits(view, reason="...")
    assert faulty["view"]["errors"] == {"reason": "Say why, for whoever is called."}
    assert "(step 1 of 2" in private(await office.submits(view, patient=True, reason="No idea"))
    assert newest(office).reason == "No idea"


async def test_who_opened_a_modal_before_somebody_else_escalated_is_told(office):
    mine = await opened(office, "", action_id="incident_escalate")
    theirs = await opened(office, "", user="alex", action_id="incident_escalate")
    await office.submits(theirs, user="alex", reason="It burns")
    told = await office.submits(mine, patient=True, reason="Burns")
    assert "was escalated since you saw it" in private(told)
    kinds = [entry.kind for entry in incidents.timeline(office.desk.store.db, 1)]
    assert kinds.count(Kind.ESCALATED) == 1


async def test_a_snooze_until_another_time(office):
    view = await opened(office, "Another time…", action_id="incident_snooze")
    faulty = await office.submits(view, until="whenever")
    assert "Times are told as" in faulty["view"]["errors"]["until"]
    assert "`" not in faulty["view"]["errors"]["until"]
    await office.submits(view, until="18:00", reason="5 pm is too early")
    assert incident(office).snoozed_until == NOON + timedelta(hours=6)
    assert newest(office).reason == "5 pm is too early"


async def test_assigning_to_somebody(office):
    view = await opened(office, "Assign…")
    done = await office.submits(view, who=office.server.users["alex"])
    assert "is asked to take #1" in private(done)
    assert incident(office).assignee == office.server.users["alex"]


async def test_a_guest_is_not_asked_to_take_it(office):
    view = await opened(office, "Assign…")
    done = await office.submits(view, who=office.server.users["gina"])
    assert "cannot take an incident" in private(done)
    assert incident(office).assignee is None


async def test_noting_even_after_the_end(office):
    view = await opened(office, "Note…")
    await office.types("/seam resolve 1")
    assert "Your note stands" in private(await office.submits(view, text="3 were late"))
    assert newest(office).reason == "3 were late"


async def test_silencing_what_an_incident_is_about(office):
    view = await opened(office, "Silence…")
    [prefilled] = [
        block["element"]["initial_value"]
        for block in view["blocks"]
        if block.get("block_id") == "what"
    ]
    assert "check=stalled_queue" in prefilled
    faulty = await office.submits(view, what="colour=red", until="soon", reason="system=x")
    assert set(faulty["view"]["errors"]) == {"what", "until", "reason"}
    wide = await office.submits(view, what="check!=x", until="2h", reason="they upgrade")
    assert "silence everything" in wide["view"]["errors"]["what"]
    done = await office.submits(view, what=prefilled, until="2h", reason="they upgrade")
    assert "Silence 1 holds" in private(done)
    [held] = silences.standing_silences(office.desk.store.db, NOON)
    assert (held.reason, held.until) == ("they upgrade", NOON + timedelta(hours=2))


async def test_a_press_after_the_incident_changed_opens_nothing(office):
    await office.types("/seam ack 1", user="alex")
    for action_id in ("incident_escalate", "incident_resolve"):
        done = await office.presses(action_id, office.ts)
        assert done["view"] is None
        assert "has changed since you saw it" in private(done)


async def test_a_guest_gets_no_modal(office):
    done = await office.presses("incident_escalate", office.ts, user="gina")
    assert done["view"] is None
    assert private(done) == GUEST.because


async def test_a_modal_that_comes_too_late_says_so(office):
    await office.fault(method="views.open", error="expired_trigger_id", times=1)
    assert private(await office.presses("incident_resolve", office.ts)) == TOO_LATE
    assert incident(office).state is State.TRIGGERED


async def test_a_modal_of_an_older_version_is_answered(office):
    view = await opened(office, "", action_id="incident_resolve")
    stored = office.server._site.views
    old = stored.find(view["id"])
    stored._store(replace(old, content={**old.content, "callback_id": "gone"}))
    done = await office.submits(view)
    assert STALE_BUTTON in str(done["view"]["blocks"])


async def test_two_clicks_within_a_moment_change_it_once(office):
    told = await asyncio.gather(
        office.presses("incident_ack", office.ts),
        office.presses("incident_ack", office.ts, user="alex"),
    )
    kinds = [entry.kind for entry in incidents.timeline(office.desk.store.db, 1)]
    assert kinds.count(Kind.ACKNOWLEDGED) == 1
    assert len(kinds) == 2
    assert "has changed since you saw it" in str(told)


# the runbook


async def test_steps_are_ticked_off_for_everybody(office):
    done = await office.presses("incident_more", office.ts, option="Runbook")
    [page] = done["messages"]
    steps = [block for block in page["blocks"] if "accessory" in block]
    assert {step["accessory"]["text"]["text"] for step in steps} == {"Done"}
    ticked = await office.presses(steps[1]["accessory"]["action_id"], page["ts"])
    [again] = ticked["messages"]
    assert again["ts"] == page["ts"]
    assert f"<@{office.server.users['priya']}>" in str(again["blocks"])
    assert newest(office).kind is Kind.CHECKED
    theirs = await office.presses("incident_more", office.ts, user="alex", option="Runbook")
    assert "1 of" in str(theirs["messages"])
    assert str(theirs["messages"]).count("✅") == 1


# App Home


async def test_app_home_is_published_when_somebody_looks(office):
    done = await office.looks_home()
    said = str(done["home"]["blocks"])
    for part in (
        "your next shift begins",
        "Open incidents",
        "*#1*",
        "Queue",
        "Limits",
        "ends next",
    ):
        assert part in said


async def test_a_guest_sees_why_there_is_nothing(office):
    [block] = (await office.looks_home(user="gina"))["home"]["blocks"]
    assert block["text"]["text"] == GUEST.because


async def test_what_is_done_from_home_is_told_in_a_modal_and_home_shows_it(office):
    home = (await office.looks_home())["home"]
    done = await office.presses_in(home, "incident_ack")
    assert "You have #1 in hand" in str(done["view"]["blocks"])
    assert "Your incidents* (1)" in str(done["home"]["blocks"])
    again = await office.presses_in(done["home"], "home_refresh")
    assert "Your incidents* (1)" in str(again["home"]["blocks"])


async def test_resolving_from_home_is_answered_in_the_persons_own_conversation(office):
    await office.types("/seam ack 1")
    home = (await office.looks_home())["home"]
    view = (await office.presses_in(home, "incident_resolve"))["view"]
    done = await office.submits(view, patient=True, summary="It went")
    assert [message["kind"] for message in done["messages"]] == ["posted"]
    assert "#1 is resolved" in done["messages"][0]["text"]
    assert "None is in your hand" in str(done["home"]["blocks"])


async def test_putting_somebody_on_call_from_home(office):
    home = (await office.looks_home())["home"]
    view = (await office.presses_in(home, "oncall_override"))["view"]
    since, until = (int((NOON + timedelta(hours=each)).timestamp()) for each in (3, 5))
    who = office.server.users["priya"]
    told = {"rota": "integrations", "who": who, "since": since, "reason": "dentist"}
    faulty = await office.submits(view, **told | {"until": since})
    assert set(faulty["view"]["errors"]) == {"until"}
    stranger = await office.submits(
        view, **told | {"who": office.server.users["gina"], "until": until}
    )
    assert set(stranger["view"]["errors"]) == {"who"}
    await office.submits(view, **told, until=until)
    [made] = overrides.standing(office.desk.store.db, NOON)
    assert (made.person, made.reason) == ("Priya", "dentist")
    assert (made.since, made.until) == (NOON + timedelta(hours=3), NOON + timedelta(hours=5))
