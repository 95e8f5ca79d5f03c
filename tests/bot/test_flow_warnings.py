"""What a settings file calls systems and flows that it does not have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.build_ownership import say_owners
from bot.finding import State
from bot.flow_warnings import flow_warnings
from bot.inventory import Inventory
from bot.settings import load_settings
from checks.runs import Flow
from tests.bot.test_reconcile_warnings import START, WELL

FLOW = '[[flow]]\nname = "Orders to BC"\n'
SECRETS = {"T": "xoxb-1", "A": "xapp-1", "K": "k" * 30, "S": "shpat_x"}


@pytest.fixture
def load(tmp_path):
    def load(text, start=START):
        path = tmp_path / "seamwatch.toml"
        path.write_text(start + text)
        return load_settings(path, SECRETS)

    return load


def pair(flow):
    told = "".join(f"{key} = {value}\n" for key, value in WELL.items())
    return f'{FLOW}[[reconcile]]\nname = "Orders"\nflow = "{flow}"\n{told}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{FLOW}source = "shop"\ntarget = "BC"\n', id="systems of the settings"),
        pytest.param(FLOW, id="none named"),
        pytest.param(pair("orders to bc"), id="a flow of the settings"),
    ],
)
def test_what_the_settings_have_needs_no_warning(load, text):
    assert list(flow_warnings(load(text))) == []


def test_a_system_that_no_section_names_is_one_sentence(load):
    wrong = f'{FLOW}source = "shopp"\ntarget = "nowhere"\n'
    source, target = flow_warnings(load(wrong))
    rest = "of the [[flow]] 'Orders to BC' is the name of no [[system]], so that nothing known of"
    assert source == f"The source 'shopp' {rest} one is tied to the flow; did you mean 'shop'?"
    assert (
        target == f"The target 'nowhere' {rest} one is tied to the flow; expected one of shop, bc."
    )


def test_where_no_system_is_watched_any_may_be_named(load):
    alone = START.partition("[[system]]")[0]
    assert list(flow_warnings(load(f'{FLOW}source = "shop"\n', alone))) == []


@pytest.mark.parametrize(
    ("flow", "said"),
    [("Orders to CB", "did you mean 'Orders to BC'?"), ("Nope", "expected one of Orders to BC.")],
)
def test_a_flow_that_is_compared_and_has_no_section_is_one_sentence(load, flow, said):
    [found] = flow_warnings(load(pair(flow)))
    assert found.startswith(f"The [[reconcile]] 'Orders' is of the flow '{flow}', which has no")
    assert said in found
    assert "`seamwatch doctor` says whether Patchworks has" in found


def test_the_doctor_names_a_compared_flow_that_patchworks_does_not_have(load):
    orders = Flow(id="1", name="Orders to BC", enabled=True, deployed=True)
    known = Inventory(at=datetime(2026, 11, 21, tzinfo=UTC), flows=(orders,))
    wrong = say_owners(load(pair("Nope")), known)
    assert wrong.state is State.TROUBLE
    assert "Patchworks has no flow 'Nope'" in wrong.sentence
    assert say_owners(load(pair("1")), known).state is not State.TROUBLE
