"""Single facts of a connector that an operator knows better."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.declare import SAMPLED_AT, Answer, Limit, Mark, NotOffered, Shape, Source, Whose
from checks.overrides import faults_in, names_of, override
from checks.reading import leaky
from checks.systems import all_connectors

SHOPIFY = all_connectors()["shopify_rest"]
FLUENT = all_connectors()["fluent"]


def answer(**headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=200, headers=named, data=None, text="", at=SAMPLED_AT)


def test_the_path_of_a_list_is_replaced_and_that_of_no_other():
    before = all_connectors()["business_central"]
    after = override(before, {"list.salesOrders.path": "/other"})
    orders, *others = after.lists
    assert orders.call.path == "/other"
    assert others == list(before.lists[1:])


def test_a_path_is_replaced_and_nothing_else():
    changed = override(SHOPIFY, {"probe.path": "/other.json"})
    assert changed.probe.call.path == "/other.json"
    assert replace(changed, probe=SHOPIFY.probe) == SHOPIFY


def test_a_limit_that_nobody_publishes_is_declared():
    (limit,) = override(FLUENT, {"limit.calls.size": "600", "limit.calls.per": "1m"}).limits
    (told,) = limit.published
    assert (told.amount, told.per, told.plan) == (600, timedelta(minutes=1), "declared")


def test_calls_at_the_same_time_have_no_span():
    (limit,) = override(FLUENT, {"limit.calls.size": "5", "limit.calls.per": "at once"}).limits
    assert limit.published[0].per is None


def test_a_declared_size_stands_alone_beside_what_is_published_for_plans():
    name = SHOPIFY.limits[0].name
    assert len(SHOPIFY.limits[0].published) > 1
    (told,) = override(SHOPIFY, {f"limit.{name}.size": "20"}).limits[0].published
    assert told.amount == 20


def test_how_long_a_credential_lasts():
    name = SHOPIFY.credentials[0].name
    changed = override(SHOPIFY, {f"credential.{name}.lasts": "90d"})
    assert changed.credentials[0].lasts == timedelta(days=90)


def test_a_header_is_read_under_the_name_it_comes_by():
    name = "X-Shopify-Shop-Api-Call-Limit"
    limit = SHOPIFY.limits[0]
    assert not isinstance(limit.read, NotOffered)
    told = answer(x_other="32/40")
    assert limit.read(told) == ()
    changed = override(SHOPIFY, {f"header.{name}": "X-Other"}).limits[0]
    assert not isinstance(changed.read, NotOffered)
    assert changed.read(told) == leaky({name.lower(): "32/40"}, name, None)


def test_a_retry_after_by_another_name_is_honoured_in_refusals():
    changed = override(SHOPIFY, {"header.retry-after": "X-Wait"})
    refusal = changed.refusal(replace(answer(x_wait="7"), status=429))
    assert refusal is not None
    assert refusal.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"probe.pth": "/x"}, "unknown fact"),
        ({"header.": "X"}, "unknown fact"),
        ({"probe.path": "x"}, 'a path that begins with "/"'),
        ({"probe.path": "  "}, "found nothing"),
        ({"limit.calls.size": "many"}, "a number above 0"),
        ({"limit.calls.size": "-1"}, "a number above 0"),
        ({"limit.calls.per": "1m"}, 'expected "limit.calls.size" beside it'),
        ({"limit.calls.size": "5", "limit.calls.per": "soon"}, "expected a duration"),
        ({"header.x-a": "not a name!"}, "the name of a header"),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_sentence(facts, said):
    (fault,) = faults_in(FLUENT, facts)
    assert said in fault


@pytest.mark.parametrize("connector", all_connectors().values(), ids=lambda each: each.kind)
def test_every_name_that_is_offered_can_be_overridden(connector):
    values = {"size": "5", "per": "1m", "lasts": "5d", "url": "https://status.example/x"}
    for name in names_of(connector)[:-1]:
        last = name.rpartition(".")[2]
        facts = {name: values.get(last, "/x")}
        if last == "per":
            facts[name.removesuffix("per") + "size"] = "5"
        assert faults_in(connector, facts) == []
        assert override(connector, facts) != connector


def test_a_status_page_must_be_reached_safely():
    (fault,) = faults_in(SHOPIFY, {"status_page.url": "http://status.example"})
    assert "https://" in fault


def test_what_is_declared_by_the_operator_counts_as_confirmed():
    limit = Limit(
        name="calls",
        shape=Shape.UNREADABLE,
        whose=Whose.NOBODYS,
        published=(),
        read=NotOffered("nothing is told"),
        source=Source(mark=Mark.RECALLED),
    )
    changed = override(replace(FLUENT, limits=(limit,)), {"limit.calls.size": "5"})
    assert changed.limits[0].published[0].source.mark is Mark.CONFIRMED
