"""`/seam limits`, `/seam tokens` and `/seam flow`, over a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import facts, inventory
from bot.facts import RoundFacts
from bot.incidents.events import Resolve
from bot.incidents.model import Actor
from bot.slack.verbs import Ask, by_word
from bot.store import failures, runs
from bot.transitions import act
from checks.model import Level
from checks.runs import RunStatus
from tests.bot.slack import samples
from tests.bot.slack.samples import DAY
from tests.bot.slack.scene import (
    MINUTE,
    NOON,
    PRIYA,
    ask,
    assert_slack_takes,
    desk_over,
    stall,
    words_of,
)


@pytest.fixture
def desk(store):
    return desk_over(store)


@pytest.fixture
def known(desk):
    """The desk, once everything has been read."""
    with desk.store.writing() as db:
        inventory.save_limits(db, samples.LIMITS)
        inventory.save_register(db, samples.REGISTER)
        inventory.save_inventory(db, samples.INVENTORY)
        facts.save_round(db, RoundFacts(at=NOON, took_seconds=1, judged=3, troubled=0, unknown=0))
        runs.save_runs(db, samples.RUNS)
        failures.save_failures(db, [samples.FAILURE])
    return desk


def said(desk, typed, **also):
    answered = ask(desk, typed, **also)
    assert_slack_takes(answered)
    return words_of(answered)


def lines(text, word):
    return [line for line in text.splitlines() if word in line]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("limits", "No allowance has been looked at yet"),
        ("limits shop", "No allowance has been looked at yet"),
        ("tokens", "No credential has been looked at yet"),
        ("flow orders", "The flows have not been read yet"),
    ],
)
def test_before_the_first_round_nothing_is_known(desk, typed, first):
    assert f"⚪ {first}" in said(desk, typed)


def test_the_limits_stand_by_trouble_then_by_how_full_they_are(known):
    shown = [line for line in said(known, "limits").splitlines() if " *" in line[:4]]
    names = [line.split("*")[1] for line in shown]
    assert names[1:] == ["dispatch", "shop", "netsuite-live", "pim"]


def test_a_limit_says_used_usual_whose_and_when_anew(known):
    [line] = lines(said(known, "limits"), "*dispatch*")
    assert "38 of 40 calls a minute (95 %)" in line
    assert "usually 12" in line
    assert "the account's" in line
    assert f"anew <!date^{int((NOON + MINUTE).timestamp())}" in line


def test_an_unreadable_allowance_is_never_green(known):
    [line] = lines(said(known, "limits"), "*pim*")
    assert line.startswith("⚪")
    assert "use not known" in line
    assert "out of sight, read" in line
    with known.store.writing() as db:
        inventory.save_limits(db, replace(samples.LIMITS, allowances=(samples.BLIND,)))
    assert "🟢" not in said(known, "limits")


def test_without_a_published_limit_refusals_are_watched(known):
    shown = said(known, "limits")
    assert "No published limit: fluent calls (refusals are watched where flows use it)." in shown
    assert "*fluent*" not in shown


def test_one_without_a_published_limit_that_refuses_is_listed_first(known):
    refused = replace(samples.UNPUBLISHED, level=Level.BREACH, sentence="3 runs were refused.")
    with known.store.writing() as db:
        both = replace(samples.LIMITS, allowances=(samples.POINTS, refused))
        inventory.save_limits(db, both)
    shown = said(known, "limits")
    assert "🔴 *1 of 2 allowances is in trouble.* 3 runs were refused." in shown
    assert lines(shown, "🔴 *fluent* calls: no published limit")


def test_many_limits_end_with_how_many_more(known):
    many = tuple(samples.allowance(id=f"system/s{n}/calls", system=f"s{n}") for n in range(40))
    with known.store.writing() as db:
        inventory.save_limits(db, replace(samples.LIMITS, allowances=many))
    shown = said(known, "limits")
    assert "and 25 more" in shown
    assert len(lines(shown, "🟢 *s")) == 15


def test_old_limits_are_said_to_be_old(known):
    known.clock.at += 20 * MINUTE
    assert "so what follows is old" in said(known, "limits")


@pytest.mark.parametrize("typed", ["limits dispatch", "limits DISP", "limits shipstation"])
def test_a_system_by_its_name_or_a_beginning(known, typed):
    shown = said(known, typed)
    assert "Size: read from the system" in shown
    assert "everybody's use is in it" in shown
    assert "Spent in the last hour: Dispatch to ShipStation 31, Tracking to Shopify 4" in shown
    assert "Pace: 1.2 s an operation over 12 runs (usually 0.60 s)" in shown
    assert "netsuite" not in shown


def test_an_own_bucket_is_said_plainly(known):
    shown = said(known, "limits netsuite")
    assert "own bucket of our credential" in shown
    assert "what others spend is not in it" in shown
    assert "published by the vendor; this account's plan may differ" in shown


@pytest.mark.parametrize("typed", ["limits xyz", "tokens xyz"])
def test_a_system_that_is_not_there(known, typed):
    assert "No system is called `xyz`. I know:" in said(known, typed)


def test_the_ladder_hides_nothing(known):
    shown = said(known, "tokens")
    for judged in samples.REGISTER.credentials:
        assert f"*{judged.held.system}* {judged.held.what}" in shown


def test_the_ladder_has_what_is_refused_first_and_the_unknown_last(known):
    titles = [line for line in said(known, "tokens").splitlines() if line.startswith("*")]
    assert [title.split("*")[1].split(":")[0] for title in titles] == [
        "Not accepted now",
        "Ended, or ending within 30 days",
        "Later, or never by itself",
        "Renews itself",
        "Dates that vendors have set",
        "Expiry not known",
    ]


@pytest.mark.parametrize("typed", ["tokens", "expiry", "credentials"])
def test_a_credential_says_when_who_and_whose(known, typed):
    [line] = lines(said(known, typed), "*NetSuite live*")
    assert "ends in 12 d, <!date^" in line
    assert "owner Omar · declared · the platform's" in line


def test_an_unknown_expiry_is_never_green_and_says_what_to_do(known):
    shown = said(known, "tokens")
    assert "declare it under `[[credential]]`" in shown
    [line] = lines(shown, "*Brightpearl*")
    assert line.startswith("⚪")


def test_the_vendors_dates_name_their_source_and_whom_they_concern(known):
    [line] = lines(said(known, "tokens"), "never expire")
    assert "in 41 d" in line
    assert "concerns public apps" in line
    assert f"<{samples.PAGE}|source>" in line


def test_a_name_shows_only_its_credentials_with_all_that_is_known(known):
    shown = said(known, "tokens netsuite live")
    assert "The certificate of NetSuite live ends in 12 d" in shown
    assert "Only a person can renew it" in shown
    assert "Shopify" not in shown


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ([samples.LATER], "🟢 *No credential ends within 30 days.*"),
        ([samples.LATER, samples.UNKNOWN], "⚪ *None is known to end within 30 days.* 1 has no"),
        (
            [replace(samples.LATER, level=Level.UNKNOWN)],
            "⚪ *None is known to end within 30 days.* 1 cannot be judged now.",
        ),
        ([samples.ENDING, samples.LATER], "🟣 *1 credential ends within 30 days.* First: NetSuite"),
        (
            [samples.credential(id="a", ends_at=NOON - 49 * 60 * MINUTE), samples.ENDING],
            "🔴 *1 credential has ended, and 1 more ends within 30 days.* First: Shopify UK store",
        ),
        (
            [samples.credential(id="b", refused_since=NOON)],
            "🔴 *1 credential is not accepted now:*",
        ),
    ],
    ids=["calm", "unknown is not calm", "unjudged is not calm", "soon", "over", "refused"],
)
def test_the_first_sentence_of_the_ladder(known, told, first):
    with known.store.writing() as db:
        inventory.save_register(db, replace(samples.REGISTER, credentials=tuple(told)))
    assert first in said(known, "tokens")


@pytest.mark.parametrize(
    ("ends_in", "said_as"),
    [
        (30 * 24 * 60, "ends in 30 d, "),
        (47 * 60, "ends in 1 d 23 h, "),
        (90, "ends in 1 h 30 min, "),
        (0, "ended 0 s ago, "),
        (-90, "ended 1 h 30 min ago, "),
        (-24 * 60, "ended 1 d ago, "),
    ],
)
def test_how_long_a_credential_still_has(known, ends_in, said_as):
    one = samples.credential(ends_at=NOON + ends_in * MINUTE)
    with known.store.writing() as db:
        inventory.save_register(db, replace(samples.REGISTER, credentials=(one,)))
    assert said_as in said(known, "tokens")


@pytest.mark.parametrize(
    "typed", ["flow Orders to NetSuite", "flow 3301", "flows orders", 'flow "to netsuite"']
)
def test_a_flow_by_its_name_its_id_or_a_part(known, typed):
    shown = said(known, typed)
    assert "🔴 *Orders to NetSuite:* its newest run failed" in shown
    assert "`HTTP 400: invalid reference key 4711 for subsidiary`" in shown
    assert "it fails again until something is changed. 17 records concerned." in shown
    assert "2 of the last 4 runs" in shown  # the one that was stopped proves nothing
    assert "`*/5 * * * *`" in shown
    assert "Dana" in shown
    assert "yes: a stop of it is critical" in shown
    assert "Shopify UK store, NetSuite live" in shown
    assert "Deployed Orders to NetSuite by Tom Reyes" in shown
    assert "Updated (NetSuite live) by Mei Chen" in shown
    assert "Switched off" not in shown
    assert len(lines(shown, "flow-run-logs")) == 6


def test_a_flow_names_its_open_incidents_and_those_that_just_ended(known):
    green = samples.run(0, RunStatus.SUCCESS, started_at=NOON - MINUTE, finished_at=NOON)
    with known.store.writing() as db:
        runs.save_runs(db, [green])
    assert said(known, "flow 3301").startswith("🟢")
    assert "#1" not in said(known, "flow 3301")
    stall(known, "3301", "3302")
    shown = said(known, "flow 3301")
    assert shown.startswith("🟠 *Orders to NetSuite:* its newest run succeeded")
    assert "#1 is open." in shown
    assert lines(shown, "🔴 #1 Stalled Queue Syndrome: open since")
    assert "#2" not in shown
    act(known.store, 1, Resolve(), Actor(who=PRIYA, via="button"), NOON, destination="slack/C1")
    ended = said(known, "flow 3301")
    assert ended.startswith("🟢")
    assert lines(ended, "🟢 #1 Stalled Queue Syndrome: resolved")
    known.clock.at += 2 * DAY
    assert "#1" not in said(known, "flow 3301")


def test_several_flows_are_offered_by_id(known):
    shown = said(known, "flow order")
    assert "fits 2 flows" in shown
    assert "`/seam flow 3301`: Orders to NetSuite" in shown
    assert "`/seam flow 3303`: Order notes" in shown


def test_a_flow_that_is_not_there(known):
    assert "Did you mean `Stock to Shopify`?" in said(known, "flow stock to shopfy")


def test_a_flow_must_be_named(known):
    assert "Which flow?" in said(known, "flow")


def test_a_flow_that_cannot_run_says_so(known):
    assert "It is switched off." in said(known, "flow 3303")
    assert "It is not deployed." in said(known, "flow 3302")


def test_an_old_look_at_a_flow_is_said_to_be_old(known):
    known.clock.at += 20 * MINUTE
    shown = said(known, "flow 3301")
    assert "⚪ *Orders to NetSuite:* the last round was" in shown
    assert "so what follows is old" in shown


def test_what_may_be_rejected_is_never_green(known):
    perhaps = samples.credential(
        Level.UNKNOWN, "Perhaps it is no longer accepted.", "undecided", ends_at=NOON + 99 * DAY
    )
    with known.store.writing() as db:
        inventory.save_register(db, replace(samples.REGISTER, credentials=(perhaps,)))
    [line] = lines(said(known, "tokens"), "*Shopify UK store*")
    assert line.startswith("⚪")
    assert "whether it is accepted is not known" in line
    assert "Perhaps it is no longer accepted." in said(known, "tokens shopify")


def test_what_is_usual_comes_from_the_runs_before_the_last_twenty(known):
    good = [samples.run(n, RunStatus.SUCCESS) for n in range(10, 130)]
    with known.store.writing() as db:
        runs.save_runs(db, [*good, samples.run(200)])
    assert "2 of the last 20 runs (usual 1 in 105)" in said(known, "flow 3301")


def test_in_the_thread_of_an_incident_its_flow_is_meant(known):
    stall(known, "3301")
    asked = Ask(user_id=PRIYA, via="mention", incident_id=1)
    assert "*Orders to NetSuite:*" in words_of(by_word()["flow"].answer(known, asked))


def test_an_incident_says_what_changed_before_it(known):
    stall(known, "3301")
    assert "Changed before it: Deployed Orders to NetSuite by Tom Reyes, 12 min before" in said(
        known, "show 1"
    )
    ask(known, "resolve 1")
    assert "Changed before it" not in said(known, "show 1")


def test_what_was_stored_is_found_again(known):
    db = known.store.db
    assert inventory.find_inventory(db) == samples.INVENTORY
    assert inventory.find_limits(db) == samples.LIMITS
    assert inventory.find_register(db) == samples.REGISTER
