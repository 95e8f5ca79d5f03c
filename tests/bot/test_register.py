"""The register of credentials: whose, how its end is known, and what is never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.facts import BlindPart, SystemFacts
from bot.inventory import Inventory
from bot.register import register
from bot.settings import Settings, load_settings
from checks.credentials import Held, Holder, KnownBy
from checks.runs import Instance

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STOCK = Inventory(
    at=NOON,
    instances=(
        Instance(id="702", name="NetSuite production", system="NetSuite", auth_type="OAuth 1"),
        Instance(id="701", name="Shopify UK store", system="Shopify", auth_type="API key"),
    ),
    kinds={"702": "netsuite", "701": "shopify"},
)
FILE = """
[estate]
name = "Acme"
[slack]
token = "env:BOT"
app_token = "env:APP"
channel = "#x"
[patchworks]
api_key = "env:KEY"
[[credential]]
name = "certificate"
instance = "netsuite PRODUCTION"
owner = "Omar"
expires = 2027-03-01
[[credential]]
name = "SFTP password"
issued = 2026-01-01
lasts = "90d"
[[system]]
kind = "business_central"
name = "bc"
tenant = "t.example"
client_id = "c"
environment = "Production"
company = "x"
client_secret = "env:KEY"
[[system]]
kind = "shopify"
name = "shop"
shop = "acme"
token = "env:KEY"
owner = "Dana"
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    path = tmp_path / "seamwatch.toml"
    path.write_text(FILE)
    return load_settings(path, {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"})


def seen(**changes: object) -> SystemFacts:
    known = SystemFacts(name="bc", title="Business Central", looked_at=NOON, seen_at=NOON)
    return replace(known, **changes)


def by_id(settings: Settings, *systems: SystemFacts, **blind: BlindPart) -> dict[str, Held]:
    return {held.id: held for held in register(settings, STOCK, systems, blind, NOON)}


def test_a_declared_credential_stands_on_its_instance_with_owner_and_end(settings):
    held = by_id(settings)["instance/702"]
    assert (held.system, held.owner, held.known_by) == (
        "NetSuite production",
        "Omar",
        KnownBy.DECLARED,
    )
    assert held.ends_at == datetime(2027, 3, 1, tzinfo=UTC)
    assert held.holder is Holder.PLATFORM


def test_an_instance_of_which_nobody_said_anything_is_listed_as_not_known(settings):
    held = by_id(settings)["instance/701"]
    assert (held.known_by, held.ends_at, held.what) == (KnownBy.UNKNOWN, None, "API key")


def test_what_nobody_declared_is_of_whoever_looks_after_the_system(settings):
    found = {each.id: each for each in register(settings, STOCK, (), {}, NOON)}
    assert found["instance/701"].owner == "Dana"


def test_of_two_systems_of_a_kind_with_two_owners_none_is_guessed(settings):
    other = settings.system[1].model_copy(update={"name": "outlet", "owner": "Omar"})
    both = settings.model_copy(update={"system": (*settings.system, other)})
    found = {each.id: each for each in register(both, STOCK, (), {}, NOON)}
    assert found["instance/701"].owner == ""


def test_a_credential_of_no_instance_is_computed_from_its_age(settings):
    held = by_id(settings)["credential/sftp-password"]
    assert (held.known_by, held.ends_at) == (KnownBy.COMPUTED, datetime(2026, 4, 1, tzinfo=UTC))


def test_the_end_of_a_token_is_not_that_of_the_secret_that_it_is_got_with(settings):
    held = by_id(settings, seen(token_ends_at=NOON))["system/bc"]
    assert (held.what, held.ends_at) == ("client secret", None)


def test_ours_is_refused_only_when_it_was_not_accepted(settings):
    blind = seen(blind_since=NOON, why="401", refused=True)
    assert by_id(settings, blind)["system/bc"].refused_since is None
    rejected = by_id(settings, replace(blind, rejected=True))["system/bc"]
    assert (rejected.refused_since, rejected.why) == (NOON, "401")


def test_our_key_to_the_platform_does_not_end_but_may_be_refused(settings):
    assert by_id(settings)["patchworks"].known_by is KnownBy.ENDLESS
    part = BlindPart(since=NOON, why="401", refused=True, rejected=True)
    held = by_id(settings, queue=part)["patchworks"]
    assert (held.refused_since, held.accepted_at) == (NOON, None)


def test_what_a_vendor_has_dated_stands_beside_the_credentials_of_systems_in_use(settings):
    events = [held for held in by_id(settings).values() if held.holder is Holder.NOBODY]
    assert any(held.system_kind == "shopify" and held.whom for held in events)
    assert {held.system_kind for held in events} <= {"shopify", "netsuite", "business_central"}
    assert all(held.source and held.source.url for held in events)


def announced(
    settings: Settings, signals: dict[str, str], since: datetime = NOON
) -> dict[str, Held]:
    """What the shop's own answers announce, by the last part of its id."""
    shop = SystemFacts(
        name="shop",
        title="Shopify",
        looked_at=NOON,
        signals=signals,
        signals_since=dict.fromkeys(signals, since),
    )
    found = register(settings, STOCK, (shop,), {}, NOON)
    return {each.id.rpartition("/")[2]: each for each in found if each.id.startswith("event/shop/")}


def test_the_version_that_serves_us_ends_a_year_after_its_name(settings: Settings) -> None:
    held = announced(settings, {"version that served the call": "2026-01"})[
        "version-that-served-the-call"
    ]
    assert held.ends_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert held.holder is Holder.NOBODY
    assert "(2026-01)" in held.what


@pytest.mark.parametrize(
    ("told", "ends_at"),
    [
        ("Sat, 31 Jul 2027 23:59:59 GMT", datetime(2027, 7, 31, 23, 59, 59, tzinfo=UTC)),
        ("soon", None),
        ("", None),
    ],
)
def test_a_sunset_header_is_a_date_or_nothing(
    settings: Settings, told: str, ends_at: datetime | None
) -> None:
    held = announced(settings, {"sunset": told}).get("sunset")
    assert (held.ends_at if held else None) == ends_at


def test_a_deprecation_counts_from_when_it_was_first_told(settings: Settings) -> None:
    since = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    held = announced(settings, {"deprecated fields in use": "Order.email"}, since)[
        "deprecated-fields-in-use"
    ]
    assert held.ends_at == since


def test_a_version_that_is_no_date_has_no_end(settings: Settings) -> None:
    assert not announced(settings, {"version that served the call": "unstable"})
