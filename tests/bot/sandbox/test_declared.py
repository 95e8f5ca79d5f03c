"""What the demo's settings say of systems and credentials, read by the bot's own reader."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.declared import used_shops
from bot.sandbox.estate.company import FLOWS, INSTANCES, NEW_FLOWS
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import Settings, load_settings
from bot.slack.manifest import load as manifest
from checks.declare import NotOffered

SHORT = EstateOptions(history_days=0)


@pytest.fixture(params=["ending_soon"])
async def sandbox(request: pytest.FixtureRequest):
    made = Sandbox(manifest(), Choice(scenario=request.param, systems=True, estate=SHORT))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def everything(tmp_path: Path):
    """The settings of the demo: all that can be declared is."""
    chosen = dict.fromkeys(("systems", "response", "reconcile", "owners", "digest"), True)
    made = Sandbox(manifest(), Choice(scenario="silent_loss", estate=SHORT, **chosen))
    await made.start()
    yield load_settings(made.write_settings(tmp_path))
    await made.stop()


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    return load_settings(sandbox.write_settings(tmp_path))


def test_every_instance_of_the_company_is_looked_at_through_one_system(settings: Settings) -> None:
    named = [name for system in settings.system for name in system.instances]
    assert sorted(named) == sorted(instance.name for instance in INSTANCES)


def test_every_system_is_asked_in_the_sandbox_and_nowhere_else(
    settings: Settings, sandbox: Sandbox
) -> None:
    assert len(settings.system) == len(used_shops()) > 11
    for system in settings.system:
        here = f"{sandbox.estate.url}/vendors/{system.name}"
        assert str(system.base_url) == here
        outside = system.way_in.details.get("token_url", "").startswith("https://")
        assert not outside or str(system.token_url).startswith(here)
        page = system.declared.status_page
        assert isinstance(page, NotOffered) or page.url.startswith(here)


def test_ends_are_counted_from_the_sandboxs_today(settings: Settings, sandbox: Sandbox) -> None:
    today = sandbox.clock.now().date()
    ends = {system.kind: system.expires for system in settings.system if system.expires}
    assert ends["dotdigital"] == today + timedelta(days=5)
    assert ends["klaviyo"] == today + timedelta(days=25)


def test_the_platforms_credentials_have_owners_and_ends_as_far_as_known(
    settings: Settings, sandbox: Sandbox
) -> None:
    told = {one.instance: (one.owner, one.expires) for one in settings.credential}
    assert told == {
        "Shopify UK store": ("Dana", None),
        "NetSuite production": ("Omar", sandbox.clock.now().date() + timedelta(days=12)),
        "Brightpearl back office": (None, None),
    }


@pytest.mark.parametrize("sandbox", ["quiet_day"], indirect=True)
def test_nothing_ends_soon_unless_the_scenario_is_about_that(
    settings: Settings, sandbox: Sandbox
) -> None:
    soon = sandbox.clock.now().date() + timedelta(days=40)
    ends = [one.expires for one in (*settings.system, *settings.credential) if one.expires]
    assert min(ends) > soon


async def test_a_sandbox_without_systems_names_none(tmp_path: Path) -> None:
    sandbox = Sandbox(manifest(), Choice(scenario="quiet_day", estate=SHORT))
    await sandbox.start()
    try:
        assert load_settings(sandbox.write_settings(tmp_path)).system == ()
    finally:
        await sandbox.stop()


def test_orders_are_compared_between_the_shop_and_the_erp(everything: Settings) -> None:
    (pair,) = everything.reconcile
    assert (pair.source.system, pair.target.system) == ("shopify-uk-store", "business-central")
    assert {field.name: field.is_personal for field in pair.field}["address"]


def test_every_flow_of_the_settings_is_one_of_the_company_with_an_owner(
    everything: Settings,
) -> None:
    told = {flow.name: flow.owner for flow in everything.flow}
    assert told.keys() <= {flow.name for flow in (*FLOWS, *NEW_FLOWS)}
    assert told.pop("Orders to NetSuite") is None
    assert set(told.values()) == {"Priya", "Alex"}
    assert everything.estate.currency == "GBP"


def test_managers_are_told_in_their_channel_and_as_a_message(everything: Settings) -> None:
    assert everything.digest.channels == ("#retail-managers",)
    assert everything.digest.people == ("Marcus",)


def test_unless_it_is_chosen_nothing_is_said_of_data(settings: Settings) -> None:
    assert (settings.reconcile, settings.responsibility) == ((), ())
    assert [flow.name for flow in settings.flow] == ["Orders to NetSuite"]
    assert not settings.digest.channels


def test_the_demo_shows_its_dashboard_figures_and_feeds_to_this_machine_alone(
    everything: Settings,
) -> None:
    web = everything.web
    assert (web.dashboard, web.metrics, web.feeds) == (True, True, True)
    assert web.listen.startswith("127.0.0.1:")
    assert not web.open


async def test_the_demo_tells_where_its_dashboard_is(tmp_path: Path) -> None:
    made = Sandbox(manifest(), Choice(systems=True, response=True, estate=SHORT))
    assert made.dashboard_url == ""
    await made.start()
    try:
        told = load_settings(made.write_settings(tmp_path))
        assert json.loads(made.as_json())["dashboard"] == f"http://{told.web.listen}/"
    finally:
        await made.stop()
