"""Each scenario of the sandbox opens the one incident that it is about, and clears it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.incidents.model import Severity
from bot.store import incidents
from tests.stories.conftest import Begin
from tests.stories.transcript import root


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`step` seconds lie between the rounds that are played: until something must have been told,
    and until all is over. `changes` are the reasons of the lines in the incident's thread."""

    scenario: str
    subject: str
    signal: str
    severity: Severity
    says: str
    step: int
    told_after: int
    over_after: int
    changes: tuple[str, ...] = ()
    ended: str = "Cleared by itself"
    """Without "by itself" where a colleague has done something before."""


CASES = (
    Case(
        scenario="saturated_queue",
        subject="the run queue",
        signal="saturation",
        severity=Severity.LOW,
        says="All 10 slots are taken",
        step=20,
        told_after=180,
        over_after=3600,
    ),
    Case(
        scenario="ageing_job",
        subject="Points to LoyaltyLion",
        signal="ageing",
        severity=Severity.LOW,
        says="A run of Points to LoyaltyLion has waited for",
        step=300,
        told_after=3600,
        over_after=5400,
    ),
    Case(
        scenario="slot_hog",
        subject="Returns to Brightpearl",
        signal="slot_hog",
        severity=Severity.LOW,
        says="of Returns to Brightpearl has been running for",
        step=300,
        told_after=3000,
        over_after=4500,
        ended="Cleared: ",
    ),
    Case(
        scenario="missed_schedule",
        subject="Stock to Shopify",
        signal="missed_schedule",
        severity=Severity.HIGH,
        says="Stock to Shopify has missed its schedule",
        step=120,
        told_after=2400,
        over_after=3900,
        ended="Cleared: ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.scenario)
async def test_a_scenario_opens_its_incident_once_and_clears_it(begin: Begin, case: Case) -> None:
    story = await begin(case.scenario)
    seconds = 0
    while seconds < case.told_after:
        seconds += case.step
        await story.until_seconds(seconds)
    (alert,) = incidents.open_alerts(story.bot.store.db).values()
    assert alert.subject.name == case.subject
    assert alert.signal == case.signal
    await story.stands(root("#1 Triggered", f"[{case.severity.name}]", case.says))
    while seconds < case.over_after:
        seconds += 300
        await story.until_seconds(seconds)
    lines = [*case.changes, case.ended]
    await story.stands(root("#1 Resolved", edits=len(lines), lines=lines))


@pytest.mark.parametrize("step", [5, 20], ids="a round every {} s".format)
async def test_a_full_queue_is_one_incident_from_its_growth_to_its_end(
    begin: Begin, step: int
) -> None:
    """While it stands at its cap the queue does not grow, but it is not well either."""
    story = await begin("queue_plateau")
    signals = set()
    for seconds in (*range(20, 100, 20), *range(100, 200, step), *range(200, 480, 20)):
        await story.until_seconds(seconds)
        signals |= {alert.signal for alert in incidents.open_alerts(story.bot.store.db).values()}
    assert signals == {"saturation", "plateau"}
    turns = ["It looks different now"] * 2
    await story.stands(root("[LOW] #1 Triggered early", edits=2, lines=turns))
    for seconds in range(600, 3601, 300):
        await story.until_seconds(seconds)
    turns += ["Severity rose to high", "Cleared by itself"]
    await story.stands(root("#1 Resolved", edits=len(turns), lines=turns))
