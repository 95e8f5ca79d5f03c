"""Flows and responsibilities in a whole settings file: what is taken, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.build_ownership import ownership_warnings
from bot.faults import SettingsRefused
from bot.flow_settings import by_flow, groups, told_of
from bot.settings import load_settings
from checks.runs import Flow

START = """
[estate]
name = "Acme Outdoors"
{estate}
[slack]
token = "env:BOT_TOKEN"
app_token = "env:APP_TOKEN"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
[[person]]
name = "Dana"
slack = "U0DANA"
[[team]]
name = "Stores"
members = ["Dana"]
[[rota]]
name = "night"
[[rota.layer]]
name = "weeks"
members = ["Dana"]
every = "weekly"
start = 2026-11-02
"""
ENVIRON = {"BOT_TOKEN": "xoxb-secret", "APP_TOKEN": "xapp-secret", "API_KEY": "pw-secret"}
FLOW = '[[flow]]\nname = "Orders"\n'
MATRIX = "[[responsibility]]\n"
TWICE = f'{MATRIX}{{}}\naccountable = "Dana"\n{MATRIX}{{}}\naccountable = "Omar"'


@pytest.fixture
def load(tmp_path):
    def load(text, estate='currency = "GBP"'):
        path = tmp_path / "seamwatch.toml"
        path.write_text(START.format(estate=estate) + text)
        return load_settings(path, ENVIRON)

    return load


def test_everything_that_can_be_told_of_a_flow_is_taken(load):
    [flow] = load(f"""{FLOW}
owner = "team:Stores"
entity = "orders"
source = "shop"
target = "netsuite-live"
group = "Orders"
cost_per_failed_record = "20.00"
cost_per_hour = "150"
promise = {{success = 0.99, within = "10m", over = "1h"}}
""").flow
    assert flow.cost_per_failed_record == Decimal("20.00")
    promise = flow.promise.promise()
    assert (promise.success, promise.share, promise.over) == (0.99, 0.95, timedelta(hours=1))


REFUSED = {
    "a promise of nothing": (
        f'{FLOW}promise = {{over = "1h"}}',
        "flow[1].promise: expected success or within, or it promises nothing",
    ),
    "a share of no time": (
        f"{FLOW}promise = {{success = 0.9, share = 0.9}}",
        "expected within as well",
    ),
    "a promise over a month": (
        f'{FLOW}promise = {{success = 0.9, over = "30d"}}',
        "flow[1].promise.over: found '30d'; expected between 15m and 7d",
    ),
    "a certain promise": (f"{FLOW}promise = {{success = 1.0}}", "flow[1].promise.success"),
    "a cost that is not exact": (
        f"{FLOW}cost_per_hour = 2.5",
        "flow[1].cost_per_hour: found 2.5; expected an amount in quotes",
    ),
    "an owner whom nobody knows": (
        f'{FLOW}owner = "person:Dan"',
        "[[flow]] owner names the person 'Dan', which does not exist; did you mean 'Dana'?",
    ),
    "a team that nobody knows": (
        f'{MATRIX}accountable = "Dana"\nconsulted = ["team:Shops"]',
        "[[responsibility]] consulted names the team 'Shops', which does not exist",
    ),
    "a failure mode that nobody knows": (
        f'{MATRIX}check = "token_expirey"\naccountable = "Dana"',
        "there is no failure mode 'token_expirey'; did you mean 'token_expiry'?",
    ),
    "two who answer for it": (
        f'{MATRIX}accountable = ["Dana", "Omar"]',
        "accountable names 2; expected exactly one, who answers for it",
    ),
    "two sections for the same": (
        TWICE.format('flow = "Orders"', 'flow = "ORDERS"'),
        "[[responsibility]] stands twice for the flow 'ORDERS', so that two could be accountable",
    ),
    "one failure mode by both its names": (
        TWICE.format('check = "token_expiry"', 'check = "Authentication Token Expiry"'),
        "[[responsibility]] stands twice for the check 'token_expiry'",
    ),
    "nobody who answers for it": (
        f'{MATRIX}entity = "orders"\nresponsible = "Dana"',
        "[[responsibility]] for the entity 'orders' has nobody accountable",
    ),
    "an entity that nothing carries": (
        f'{FLOW}entity = "orders"\n{MATRIX}entity = "ordrs"\naccountable = "Dana"',
        "no [[flow]] carries and no [[reconcile]] compares; did you mean 'orders'?",
    ),
    "truth in quotes": (
        f'{FLOW}time_sensitive = "yes"',
        "flow[1].time_sensitive: found 'yes'; expected true or false, without quotes",
    ),
    "a number in quotes": (
        f'{FLOW}promise = {{success = "0.9"}}',
        "flow[1].promise.success: found '0.9'; expected a number, without quotes",
    ),
    "a number in quotes of a check": (
        '[checks.silent_loss]\nchance = "0.1"',
        "checks.silent_loss.chance: found '0.1'; expected a number, without quotes",
    ),
    "a cost with its currency": (
        f'{FLOW}cost_per_hour = "£40"',
        'found \'£40\'; expected digits only, such as "40" or "40.50"; the currency stands in',
    ),
    "a cost below nothing": (f'{FLOW}cost_per_hour = "-40"', "expected 0 or more: it is what"),
    "nobody at all": (f'{MATRIX}flow = "Orders"', "names nobody; expected at least one of"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(load, text, sentence):
    with pytest.raises(SettingsRefused) as refused:
        load(text)
    assert sentence in str(refused.value)


def test_a_cost_needs_a_currency(load):
    with pytest.raises(SettingsRefused, match=r"stands without \[estate\] currency"):
        load(f'{FLOW}cost_per_hour = "2.50"', estate="")


def test_a_currency_goes_by_its_code(load):
    with pytest.raises(SettingsRefused, match="found 'Pounds'; expected three capital letters"):
        load("", estate='currency = "Pounds"')


def test_who_answers_for_everything_answers_for_every_part_of_it(load):
    found = load(f"""{FLOW}entity = "Orders"
{MATRIX}accountable = "Omar"
{MATRIX}entity = "orders"
responsible = ["Stores", "rota:night", "the NetSuite partner"]
""")
    assert len(found.responsibility) == 2


def test_a_failure_mode_goes_by_its_full_name_too(load):
    text = f'{MATRIX}check = "Authentication Token Expiry"\naccountable = "Dana"'
    assert load(text).responsibility[0].check == "token_expiry"


def test_config_check_warns_of_flows_that_are_nobodys_and_of_names_nearly_somebodys(load):
    found = load(f'{FLOW}[[flow]]\nname = "Stock"\nowner = "Danaa"\n')
    warned = list(ownership_warnings(found))
    assert len(warned) == 2
    assert "Nobody is responsible for the flow 'Orders'" in warned[0]
    assert "'Danaa' is nobody of the settings and is taken as words" in warned[1]
    assert not list(ownership_warnings(load(f'{FLOW}owner = "Head of Retail"')))


def test_config_check_warns_of_a_responsibility_for_a_flow_that_is_nearly_one(load):
    text = f'{FLOW}owner = "Dana"\n{MATRIX}flow = "Ordrs"\naccountable = "Dana"'
    [warned] = ownership_warnings(load(text))
    assert "for the flow 'Ordrs', which has no [[flow]] section; did you mean 'Orders'?" in warned
    assert not list(ownership_warnings(load(text.replace("Ordrs", "ORDERS"))))


@pytest.mark.parametrize(
    ("match", "warns"),
    [("", False), ('system=~".*"', True), ("severity=high", False), ("flow!=x", True)],
)
def test_config_check_warns_of_a_route_that_leaves_owners_nothing(load, match, warns):
    route = f"[[route]]\nmatch = '{match}'\nteam = \"Stores\""
    warned = list(ownership_warnings(load(f'{FLOW}owner = "Dana"\n{route}')))
    assert [("holds for every incident" in each) for each in warned] == [True] * warns


def test_what_is_told_by_id_wins_over_what_is_told_by_name(load):
    flow = Flow(id="7", name="Orders", enabled=True, deployed=True)
    told = load('[[flow]]\nname = "Orders"\nowner = "A"\n[[flow]]\nid = "7"\nowner = "B"\n').flow
    assert told_of(told, flow).owner == "B"
    assert by_flow(told, [flow])["7"].owner == "B"


def test_a_flow_is_told_with_its_group_or_with_those_that_go_where_it_goes(load):
    flows = [Flow(id=each, name=each, enabled=True, deployed=True) for each in "abc"]
    told = load(
        '[[flow]]\nname = "a"\ngroup = "Orders"\ntarget = "erp"\n'
        '[[flow]]\nid = "b"\ntarget = "erp"\n[[flow]]\nname = "c"\n'
    ).flow
    assert groups(told, flows) == {"a": "Orders", "b": "erp"}
