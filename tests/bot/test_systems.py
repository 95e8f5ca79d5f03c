"""Configured systems: their settings, the survey that looks at them, and what is remembered."""

from __future__ import annotations

import logging
from datetime import timedelta

import httpx
import pytest

from bot import facts
from bot.clock import SystemClock
from bot.faults import SettingsRefused
from bot.settings import load_settings
from bot.store import readings
from bot.survey import Surveyor, Watched, make_system
from checks.systems import all_connectors
from tests.bot.vendor_double import vendor
from tests.loopback import NO_TLS_HERE

BASE = """
[estate]
name = "Acme"
[slack]
token = "env:T"
app_token = "env:A"
channel = "#integrations"
[patchworks]
api_key = "env:K"
"""
SHOP = """
[[system]]
kind = "shopify"
name = "shop"
shop = "acme"
token = "env:SHOP"
owner = "Dana"
expires = 2027-03-01
"""
ENVIRON = {"T": "xoxb-1", "A": "xapp-1", "K": "k", "SHOP": "shpat-very-secret"}


def load(tmp_path, text):
    path = tmp_path / "seamwatch.toml"
    path.write_text(BASE + text)
    return load_settings(path, ENVIRON)


def faults(tmp_path, text):
    with pytest.raises(SettingsRefused) as caught:
        load(tmp_path, text)
    assert "very-secret" not in str(caught.value)
    return {fault.key: f"{fault.found}; {fault.expected}" for fault in caught.value.faults}


def test_a_system_is_configured_by_what_its_connector_needs(tmp_path):
    [shop] = load(tmp_path, SHOP).system
    assert shop.connector is all_connectors()["shopify"]
    assert shop.way_in.name == "token"
    assert shop.told["shop"] == "acme"
    assert shop.secrets["token"].get_secret_value() == "shpat-very-secret"
    assert "very-secret" not in repr(shop)


FAULTS = {
    "a secret itself": ('"env:SHOP"', '"shpat-very-secret"', "system[1].token", "not the secret"),
    "a secret under a wrong key": ("token =", 'tokn = "very-secret"\ntoken =', "system[1].tokn",
                                   "did you mean 'token'?"),
    "no secret": ('token = "env:SHOP"', "", "system[1]", "expected token, a reference"),
    "nothing it needs": ('shop = "acme"', "", "system[1]", "expected shop:"),
    "an unknown kind": ('"shopify"', '"spotify"', "system[1]", "unknown kind 'spotify'"),
    "no kind": ('kind = "shopify"', "", "system[1]", "expected a kind"),
    "the platform's name": ('"shop"', '"Patchworks"', "system[1]", "expected another name"),
    "a whole domain": ('"acme"', '"acme.myshopify.com"', "system[1]", 'before ".myshopify.com"'),
    "another host": ('"acme"', '"localhost:1/"', "system[1]", 'before ".myshopify.com"'),
    "a name that cannot be said": ('"shop"', '"a <@U1>"', "system[1].name", "letters, digits"),
    "no date": ("2027-03-01", '"soon"', "system[1].expires", "a date such as 2027-03-01"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_a_system_is_named(tmp_path, old, new, key, said):
    assert old in SHOP
    assert said in faults(tmp_path, SHOP.replace(old, new))[key]


def test_where_there_are_several_ways_in_one_must_be_chosen(tmp_path):
    told = faults(tmp_path, '[[system]]\nkind = "netsuite"\nname = "ns"\naccount = "1"\n')
    assert told == {"system[1]": "; expected auth to be one of token-based, certificate"}


def test_a_name_stands_once(tmp_path):
    twice = SHOP + SHOP.replace('"shop"', '"Shop"')
    assert "'shop' stands more than once" in faults(tmp_path, twice)["(file)"]


def test_a_password_in_an_address_is_not_shown(tmp_path):
    text = SHOP + 'base_url = "https://u:very-secret@example.com"\n'
    assert "without a user name" in faults(tmp_path, text)["system[1].base_url"]


@pytest.fixture
async def surveyed(tmp_path, store):
    """A shop on loopback, and how to look at it."""
    async with vendor() as shop, httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        text = SHOP.replace('shop = "acme"', f'shop = "acme"\nbase_url = "{shop.url}"')
        [settings] = load(tmp_path, text).system
        clock = SystemClock()
        watched = Watched(settings=settings, system=make_system(settings, http, clock))
        surveyor = Surveyor([watched], store, clock)
        yield shop, surveyor
        await surveyor.close()


async def test_a_system_that_answers_is_remembered_with_what_it_told(surveyed, store):
    shop, surveyor = surveyed
    await surveyor.survey()
    [seen] = facts.find_systems(store.db)
    assert (seen.name, seen.blind_since, seen.owner) == ("shop", None, "Dana")
    [limit] = seen.limits
    assert (limit.remaining, limit.size) == (1988.0, 2000.0)
    assert shop.headers_seen[0]["X-Shopify-Access-Token"] == "shpat-very-secret"
    kept = readings.readings_since(
        store.db, "system/shop", ["system.answered"], seen.looked_at - timedelta(seconds=1)
    )
    assert list(kept.values()) == [{"system.answered": 1.0}]


async def test_a_refused_system_keeps_what_was_known_and_says_since_when(surveyed, store, caplog):
    shop, surveyor = surveyed
    await surveyor.survey()
    shop.status, shop.body = 401, '{"errors": "[API] Invalid API key or access token"}'
    with caplog.at_level(logging.WARNING):
        await surveyor.survey()
        [first] = facts.find_systems(store.db)
        await surveyor.survey()
    [seen] = facts.find_systems(store.db)
    assert seen.refused
    assert seen.blind_since == first.blind_since
    assert seen.seen_at is not None
    assert seen.limits != ()
    assert caplog.text.count("cannot read shop") == 1
    assert "very-secret" not in caplog.text + seen.why
    shop.status, shop.body = 200, '{"data": {"shop": {"name": "Acme"}}}'
    await surveyor.survey()
    assert facts.find_systems(store.db)[0].blind_since is None
