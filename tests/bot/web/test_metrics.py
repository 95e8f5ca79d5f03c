"""/metrics, read back by Prometheus' own parser."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from bot import facts, inventory
from bot.store import open_store
from bot.store.views import reading
from bot.web.metrics import LONGEST, MOST, exposition
from tests.bot.digest import scene as days
from tests.bot.export import scene
from tests.bot.slack import forecasts
from tests.bot.web.seen import seen


@pytest.fixture
def filled(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    yield store
    store.close()


def told(store, now=scene.EIGHT, unwell=""):
    """Samples by name and labels."""
    with reading(store.path) as db:
        text, _ = exposition(db, now, unwell, "")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_what_stands_is_told(filled):
    found = told(filled, scene.EIGHT + timedelta(seconds=30))
    assert found[("seamwatch_healthy",)] == 1
    assert found[("seamwatch_incidents_open", ("severity", "critical"))] == 1
    assert found[("seamwatch_incidents_open", ("severity", "high"))] == 1
    assert found[("seamwatch_incidents_open", ("severity", "low"))] == 1
    assert found[("seamwatch_blind_parts",)] == 2
    assert found[("seamwatch_system_up", ("system", "pim"))] == 0
    assert found[("seamwatch_outbox_waiting",)] == 0
    dispatch = (("limit", "system/dispatch/calls"), ("name", "calls"), ("system", "dispatch"))
    assert found[("seamwatch_limit_used_ratio", *dispatch)] == pytest.approx(700 / 2400)
    chance = ("seamwatch_limit_breach_probability", ("hours", "72"), *dispatch)
    assert found[chance] == pytest.approx(0.83)
    days_left = [value for key, value in found.items() if "credential_days_left" in key[0]]
    assert len(days_left) > 2
    assert 30 <= found[("seamwatch_round_age_seconds",)] < 1000
    assert found[("seamwatch_rounds_last_hour",)] > 3


def test_what_is_not_known_is_not_told(tmp_path):
    store = open_store(tmp_path / "empty.db")
    found = told(store, unwell="No round has ended for some minutes.")
    assert found[("seamwatch_healthy",)] == 0
    for key in ("round_age_seconds", "queue_waiting", "limit_used_ratio", "rounds_last_hour"):
        assert not [each for each in found if each[0] == f"seamwatch_{key}"]
    store.close()


def test_a_withheld_forecast_has_no_probability(filled):
    limits = {dict(key[1:])["limit"] for key in told(filled) if "breach_probability" in key[0]}
    assert "system/oms/calls" not in limits
    assert "system/dispatch/calls" in limits


def test_labels_are_bounded_and_hostile_names_break_nothing(filled):
    nasty = 'a"b\\c\n{x="1"} ' + "é" * 500
    many = tuple(
        replace(forecasts.LIKELY, allowance=replace(
            forecasts.LIKELY.allowance, id=f"system/{n}", system=nasty))
        for n in range(MOST + 50)
    )  # fmt: skip
    systems = tuple(
        facts.SystemFacts(name=f"{nasty}", title="x", looked_at=scene.EIGHT)
        for _ in range(MOST + 7)
    )
    with filled.writing() as db:
        inventory.save_limits(db, inventory.Limits(at=scene.EIGHT, allowances=many))
        facts.save_systems(db, systems, scene.EIGHT)
    found = told(filled)
    used = [key for key in found if key[0] == "seamwatch_limit_used_ratio"]
    assert len(used) == MOST
    assert found[("seamwatch_limits_left_out",)] == 50
    assert found[("seamwatch_systems_left_out",)] == 7
    assert all(len(value) <= LONGEST for key in found for _, value in key[1:])


async def test_it_is_served_in_the_form_that_is_asked_for(filled):
    async with seen(filled) as door:
        plain = await door.get("/metrics")
        assert plain.headers["Content-Type"].startswith("text/plain")
        modern = await door.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
        assert modern.headers["Content-Type"].startswith("application/openmetrics-text")
        names = {each.name for each in openmetrics.text_string_to_metric_families(modern.text)}
        assert "seamwatch_incidents_open" in names
        assert all(name.startswith("seamwatch_") for name in names)
        assert days.EIGHT.isoformat() not in plain.text
