"""What a [[reconcile]] section may say and hardly means; which flow a pairing is tied to."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.inventory import Inventory
from bot.reconcile_evidence import reconcile_evidence
from bot.reconcile_warnings import reconcile_warnings
from bot.settings import load_settings
from bot.store import open_store
from checks.runs import Flow, Instance, Step

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = """
[estate]
name = "Acme"
[slack]
token = "env:T"
app_token = "env:A"
channel = "#x"
[patchworks]
api_key = "env:K"
[[system]]
kind = "shopify"
name = "shop"
shop = "acme"
token = "env:S"
instances = ["10"]
[[system]]
kind = "business_central"
name = "bc"
environment = "production"
company = "c"
tenant = "t"
client_id = "i"
client_secret = "env:S"
instances = ["20"]
"""
WELL = {
    "source": '{system = "shop", key_prefix = "#", currency = "GBP"}',
    "target": '{system = "bc", place = "salesOrders", also_in = ["salesInvoices"], '
    'key = "externalDocumentNumber", currency = "GBP"}',
    "field": '[{name = "total", kind = "money"}, {name = "line", '
    'source = "shippingAddress.address1", target = "shipToAddressLine1"}]',
}


def settings_of(tmp_path: Path, **told: str):
    path = tmp_path / "seamwatch.toml"
    section = "\n".join(f"{key} = {value}" for key, value in (WELL | told).items())
    path.write_text(f'{START}[[reconcile]]\nname = "Orders"\n{section}\n')
    secrets = {"T": "xoxb-1", "A": "xapp-1", "K": "k" * 30, "S": "shpat_x"}
    return load_settings(path, secrets)


def test_a_pair_that_is_well_described_gets_no_warning(tmp_path):
    assert list(reconcile_warnings(settings_of(tmp_path))) == []


DOUBTFUL = {
    "a misspelt key": (
        {"target": WELL["target"].replace("externalDocumentNumber", "externalDocNumber")},
        "did you mean 'externalDocumentNumber'?",
    ),
    "a misspelt field": (
        {
            "field": '[{name = "line", source = "shippingAddress.address1", '
            'target = "shipToAdressLine1"}]'
        },
        "did you mean 'shipToAddressLine1'?",
    ),
    "a declared field misspelt": (
        {"field": '[{name = "curency"}]'},
        "did you mean 'currency'?",
    ),
    "no list to which orders move": (
        {"target": '{system = "bc", place = "salesOrders"}'},
        "name one of them in also_in",
    ),
    "no fields": ({"field": "[]"}, "not whether they arrive as they were"),
    "money without a currency": (
        {"source": '{system = "shop", key_prefix = "#"}'},
        "'Orders' source has no currency",
    ),
}


@pytest.mark.parametrize(("told", "said"), DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_what_is_hardly_meant_is_one_sentence(tmp_path, told, said):
    found = list(reconcile_warnings(settings_of(tmp_path, **told)))
    assert any(said in each for each in found), found


def flow(own: str, *instances: str) -> Flow:
    steps = tuple(Step(id=each, name=each, instance_id=each) for each in instances)
    return Flow(id=own, name=f"Flow {own}", enabled=True, deployed=True, steps=steps)


CARRIERS = {
    "the one from source to target": ("", [flow("1", "10", "20"), flow("2", "20", "10")], "1"),
    "none of several": ("", [flow("1", "10", "20"), flow("3", "10", "9", "20")], None),
    "the one that is named": ('"flow 3"', [flow("1", "10", "20"), flow("3", "10", "20")], "3"),
    "none that is known": ('"other"', [flow("1", "10", "20")], None),
}


@pytest.mark.parametrize(("named", "flows", "own"), CARRIERS.values(), ids=CARRIERS.keys())
def test_a_pair_is_tied_to_the_flow_that_carries_its_records(tmp_path, named, flows, own):
    told = {"flow": named} if named else {}
    settings = settings_of(tmp_path, **told)
    instances = tuple(Instance(id=each, name=each, system=each) for each in ("10", "20"))
    stock = Inventory(at=NOW, flows=tuple(flows), instances=instances)
    with closing(open_store(tmp_path / "x.db")) as store:
        found = reconcile_evidence(store.db, settings, stock, NOW).flows
    assert found == ({"Orders": (own, f"Flow {own}")} if own else {})
