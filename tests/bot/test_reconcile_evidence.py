"""What the check of reconciliation is given: what failed runs tell of is no further loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.inventory import Inventory
from bot.reconcile_evidence import reconcile_evidence
from bot.store import failures, reconciliations, runs
from checks.reconcile.courses import followed
from checks.reconcile.model import DifferenceKind
from checks.runs import Flow, RunStatus
from tests.bot.slack.scene import NOON
from tests.bot.test_costs import failed
from tests.bot.test_reconcile_warnings import settings_of
from tests.checks.catalogue.reconcile_cases import different

HOUR = timedelta(hours=1)
FLOWS = tuple(
    Flow(id=number, name=name, enabled=True, deployed=True)
    for number, name in (("7", "Orders to BC"), ("8", "Stock"))
)
LOST = (DifferenceKind.MISSING_IN_TARGET, "", 5)


def period():
    """Five orders of ten to eleven are missing at 11:35."""
    told = different(LOST, since=NOON - 2 * HOUR, until=NOON - HOUR, looked_at=NOON - HOUR / 2)
    return replace(told, courses=followed((), told))


@pytest.mark.parametrize(
    ("run", "known"),
    [
        pytest.param(failed("7", 2, at=-1.5 * HOUR), 2, id="of the flow, on its way"),
        pytest.param(
            failed("7", 2, at=-1.5 * HOUR, status=RunStatus.PARTIAL_SUCCESS), 2, id="in part"
        ),
        pytest.param(failed("7", 2, at=-3 * HOUR), 0, id="before"),
        pytest.param(failed("7", 2, at=timedelta(minutes=-1)), 0, id="after the look"),
        pytest.param(failed("8", 2, at=-1.5 * HOUR), 0, id="of another flow"),
        pytest.param(failed("7", None, at=-1.5 * HOUR), 0, id="how many is not known"),
    ],
)
def test_what_failed_runs_tell_of_is_known_by_period(tmp_path, store, run, known):
    settings = settings_of(tmp_path, flow='"Orders to BC"')
    with store.writing() as db:
        kept = reconciliations.begin(db, period(), NOON)
        compared = replace(period(), id=kept.compared.id)
        reconciliations.keep(db, compared, 1, "f")
        runs.save_runs(db, [run[0]])
        failures.save_failures(db, [run[1]])
    found = reconcile_evidence(store.db, settings, Inventory(at=NOON, flows=FLOWS), NOON)
    assert found.flows == {"Orders": ("7", "Orders to BC")}
    assert found.failed == {compared.id: known}
