"""What the demo's settings say of the company's systems and of the platform's own credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bot.sandbox.estate.company import INSTANCES
from bot.sandbox.estate.model import Instance
from bot.sandbox.estate.trade import STATUS_PATH
from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.vendors.mount import VENDORS
from bot.sandbox.estate.vendors.vendor import Shop
from bot.sandbox.promotion import Promotion

_BESIDES = frozenset({"sap_b1", "lightspeed_x", "fluent", "adobe_commerce", "business_central"})
"""Kinds of systems that the company has although no flow of it uses them."""
_STATUS_PAGES = frozenset(
    {"bigcommerce", "klaviyo", "netsuite", "shipstation_v1", "shipstation_v2", "shopify"}
)
"""Kinds whose vendors have a status page; it is served beside them, so that nobody outside is
asked."""
_COMPARED = {"shopify": 600, "business_central": 600}
"""Calls a minute to the systems that are compared: a clock at sixty times its speed leaves a budget
of real minutes behind. Both vendors allow more."""
NOTHING: Mapping[str, int] = MappingProxyType({})
_OWNERS: Mapping[str, str] = {
    "shopify": "Dana",
    "netsuite": "Omar",
    "peoplevox": "Marcus",
    "klaviyo": "Dana",
    "dotdigital": "Dana",
    "brightpearl": "Priya",
    "bigcommerce": "Alex",
    "akeneo": "Alex",
    "sap_b1": "Omar",
}
_EXPIRES_IN_DAYS: Mapping[str, int] = {"dotdigital": 45, "klaviyo": 75, "sap_b1": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Credential:
    """One credential of the platform; `days` from today to its end, None when nobody knows."""

    name: str
    system: str
    type: str
    owner: str = ""
    days: int | None = None


_CREDENTIALS = (
    _Credential(name="Shopify app token", system="Shopify", type="access token", owner="Dana"),
    _Credential(
        name="NetSuite certificate", system="NetSuite", type="certificate", owner="Omar", days=52
    ),
    _Credential(name="Brightpearl sign-in", system="Brightpearl", type="refresh token"),
)


def used_shops() -> tuple[Shop, ...]:
    """The vendors that the settings name: those of the flows, and some besides."""
    return tuple(shop for shop in all_shops() if shop.system or shop.kind in _BESIDES)


def secrets_of(shop: Shop) -> Mapping[str, str]:
    """The shop's secrets by the name of the file that each is told by."""
    return {_file(shop, name): secret for name, secret in shop.secrets.items()}


def settings_text(
    estate_url: str,
    today: date,
    soon: Mapping[str, int] = NOTHING,
    instances: Sequence[Instance] = INSTANCES,
) -> str:
    """The `[[system]]` and `[[credential]]` sections; ends are counted from `today`.

    `soon` gives, by a system's kind or a credential's name, in how many days another end comes.
    """
    named = {one.system.name: one.name for one in instances}
    sections = [_system(shop, estate_url, today, soon, named) for shop in used_shops()]
    sections += [
        _credential(one, today, soon.get(one.name, one.days), named) for one in _CREDENTIALS
    ]
    return "\n".join("\n".join(section) + "\n" for section in sections)


def promotion_text(promotion: Promotion | None, now: datetime) -> str:
    """The `[[promotion]]` section of a sale on the retailer's next day; "" without one."""
    if promotion is None:
        return ""
    day = promotion.day_after(now)
    lines = ("[[promotion]]", f'name = "{promotion.name}"', f"first = {day}", f"last = {day}")
    return "\n" + "\n".join((*lines, f"times = {promotion.times:g}")) + "\n"


def _system(
    shop: Shop,
    estate_url: str,
    today: date,
    soon: Mapping[str, int],
    named: Mapping[str, str],
) -> Iterator[str]:
    base_url = f"{estate_url}{VENDORS}/{shop.name}"
    yield "[[system]]"
    yield f'kind = "{shop.kind}"'
    yield f'name = "{shop.name}"'
    yield f'base_url = "{base_url}"'
    if tenant := shop.settings.get("tenant"):
        yield f'token_url = "{base_url}/{tenant}/oauth2/v2.0/token"'
    if shop.kind in _STATUS_PAGES:
        yield f'override = {{"status_page.url" = "{base_url}{STATUS_PATH}"}}'
    for name, value in shop.settings.items():
        yield f'{name} = "{value}"'
    for name in shop.secrets:
        yield f'{name} = "file:{_file(shop, name)}"'
    if calls := _COMPARED.get(shop.kind):
        yield f"calls_per_minute = {calls}"
    if instance := named.get(shop.system):
        yield f'instances = ["{instance}"]'
    yield from _owned(shop, today, soon)


def _owned(shop: Shop, today: date, soon: Mapping[str, int]) -> Iterator[str]:
    """Whose a system is, and when its key ends, where the settings declare it."""
    if owner := _OWNERS.get(shop.kind):
        yield f'owner = "{owner}"'
    if (days := soon.get(shop.kind, _EXPIRES_IN_DAYS.get(shop.kind))) is not None:
        yield f"expires = {today + timedelta(days=days)}"


def _credential(
    one: _Credential, today: date, days: int | None, named: Mapping[str, str]
) -> Iterator[str]:
    yield "[[credential]]"
    yield f'name = "{one.name}"'
    yield f'instance = "{named[one.system]}"'
    yield f'type = "{one.type}"'
    if one.owner:
        yield f'owner = "{one.owner}"'
    if days is not None:
        yield f"expires = {today + timedelta(days=days)}"


def _file(shop: Shop, secret: str) -> str:
    return f"{shop.name}.{secret}"
