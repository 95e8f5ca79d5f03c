"""Much at once."""

from __future__ import annotations

from checks.catalogue import failing_flow
from checks.model import Level
from checks.rejections import rejections
from tests.checks.catalogue.failing_cases import NOW as FAILING_NOW
from tests.checks.catalogue.failing_cases import estate
from tests.checks.catalogue.test_failing_flow_explained import rejected
from tests.checks.credential_cases import NOW, SHOP, failed, m, went
from tests.checks.credential_cases import flow as flow_of

FORTY = 40


def test_one_credential_that_breaks_forty_flows_is_one_rejection_of_forty() -> None:
    flows = [flow_of(f"Flow {n}", failed(m(2 + n / 10)), failed(m(9))) for n in range(FORTY)]
    found = rejections(went(*flows), NOW)
    assert set(found) == {SHOP}
    assert found[SHOP].certain
    assert len(found[SHOP].victims) == FORTY


def test_none_of_the_forty_opens_an_incident_of_its_own() -> None:
    both = estate(*(rejected(str(n)) for n in range(FORTY)))
    found = failing_flow.judge(both, failing_flow.Policy(), FAILING_NOW)
    assert len(found) == FORTY
    assert {verdict.level for verdict in found} == {Level.UNKNOWN}
