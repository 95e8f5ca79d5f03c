"""What is said to have changed before an incident: only what may be its cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render.changed import (
    NO_PLACE,
    NOT_KEPT,
    NOT_READ,
    NOTHING,
    changed_before,
    done_before_end,
)
from checks.model import Subject
from checks.runs import Changed
from tests.bot.slack.samples import DAY, DEPLOYED, INVENTORY, SAVED
from tests.bot.slack.scene import MINUTE, NOON, alert_of, hostile

HOUR = timedelta(hours=1)
TOM = "Deployed Orders to NetSuite by Tom Reyes, 12 min before"
MEI = "Updated (NetSuite live) by Mei Chen, 1 h 30 min before"
NOTES = "Switched off Order notes, 3 h before"


def about(kind, ident, **facts):
    return [alert_of(subject=Subject(kind=kind, id=ident, name="x"), facts=facts)]


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (about("flow", "3301"), f"Changed before it: {TOM}; {MEI}."),
        (about("flow", "3303"), f"Changed before it: {NOTES}."),
        (about("instance", "701"), f"Changed before it: {MEI}."),
        (about("instance", "702"), NOTHING),
        (about("system", "erp", system_kind="netsuite"), f"Changed before it: {MEI}."),
        (about("system", "erp", instance_ids="701, 702"), f"Changed before it: {MEI}."),
        (about("system", "shop", system_kind="netsuite", instance_ids="702"), NOTHING),
        (about("pool", "61", flow_id="3303"), f"Changed before it: {NOTES}."),
        (about("system", "shop", instance_id="701"), f"Changed before it: {MEI}."),
        (about("queue", "main"), f"Changed before it: {TOM}."),
        (about("queue", "main", blocking_flow_id="3303"), f"Changed before it: {TOM}; {NOTES}."),
        (about("system", "patchworks"), NO_PLACE),
    ],
    ids=[
        "a flow, with the instances it calls",
        "another flow",
        "an instance",
        "an instance that nobody touched",
        "a system, by its kind",
        "a system, by the instances that the check names",
        "the instances that the check names are all",
        "a flow that the facts name",
        "an instance that the facts name",
        "the queue: any flow, but only of late",
        "the queue: the flow in the way for longer",
        "where Patchworks records no change",
    ],
)
def test_what_concerns_it(alerts, said):
    assert changed_before(alerts, NOON, INVENTORY, NOON) == said


def test_a_change_after_it_opened_is_no_cause():
    assert "Tom" not in changed_before(about("flow", "3301"), NOON - 20 * MINUTE, INVENTORY, NOON)


def test_a_change_of_the_day_before_yesterday_is_no_cause():
    assert changed_before(about("flow", "3301"), NOON + DAY, INVENTORY, NOON + DAY) == NOTHING


def test_only_the_newest_two_are_named():
    many = tuple(replace(DEPLOYED, at=NOON - n * HOUR) for n in (5, 1, 3, 2, 4))
    said = changed_before(about("flow", "3301"), NOON, replace(INVENTORY, changes=many), NOON)
    assert "1 h before; " in said
    assert said.endswith("2 h before, and 3 more.")


def test_blindness_is_not_taken_for_nothing():
    blind = replace(INVENTORY, changes=(), changes_blind="403: the key lacks a right.")
    said = changed_before(about("flow", "3301"), NOON, blind, NOON)
    assert said == "What changed cannot be read (403: the key lacks a right)."
    seen = replace(blind, changes=(SAVED,))
    assert MEI in changed_before(about("flow", "3301"), NOON, seen, NOON)


def test_before_the_first_look_nothing_is_claimed():
    assert changed_before(about("flow", "3301"), NOON, None, NOON) == NOT_READ


def test_what_is_no_longer_kept_is_not_taken_for_nothing():
    old = NOON - 2 * DAY - HOUR
    assert changed_before(about("flow", "3301"), old, INVENTORY, NOON) == NOT_KEPT
    assert changed_before(about("flow", "3301"), old + 2 * HOUR, INVENTORY, NOON) == NOTHING


@given(word=hostile, gap=st.integers(-3000, 3000), ident=hostile)
def test_hostile_words_stay_inert(word, gap, ident):
    change = Changed(at=NOON - gap * MINUTE, what=word, who=word, flow_id=ident)
    known = replace(INVENTORY, changes=(change,), changes_blind=word)
    alerts = about("flow", ident, instance_ids=word, flow_id=word)
    said = changed_before(alerts, NOON, known, NOON)
    assert "<" not in said
    assert len(said) < 1000
    assert said.startswith(("Changed before it", "What changed", "Nothing is known"))


REAUTHORISED = Changed(
    at=NOON + 5 * MINUTE, what="Re-authorised Shopify UK store", who="Mei Chen", instance_id="702"
)
LAST = "Done 15 min before it cleared: Re-authorised Shopify UK store by Mei Chen."
ENDINGS = {
    "what was done meanwhile": (about("instance", "702"), (REAUTHORISED,), LAST),
    "nothing was done": (about("instance", "702"), (), ""),
    "something was done elsewhere": (about("instance", "701"), (REAUTHORISED,), ""),
    "of several the last": (
        about("instance", "702"), (replace(REAUTHORISED, at=NOON + MINUTE), REAUTHORISED), LAST),
    "what was done before it opened": (
        about("instance", "702"), (replace(REAUTHORISED, at=NOON),), ""),
    "what was done after its end": (
        about("instance", "702"), (replace(REAUTHORISED, at=NOON + HOUR),), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_what_was_done_before_it_cleared(name):
    alerts, changes, said = ENDINGS[name]
    known = replace(INVENTORY, changes=changes)
    assert done_before_end(alerts, NOON, NOON + 20 * MINUTE, known) == said


def test_before_anything_was_read_nothing_is_said_of_what_was_done():
    assert done_before_end(about("instance", "702"), NOON, NOON + HOUR, None) == ""
