"""Much at once: what is told singly, what in one summary, and that nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.incidents.model import State
from bot.sandbox.estate.model import Run
from bot.store import incidents
from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.test_escalation import ROTA, dm, told
from tests.stories.transcript import Root, root

MANY, GRAVE, SINGLY = 2000, 3, 20
AT_ONCE = 200
SPOILT = ("Customers to Klaviyo", "Orders to NetSuite")


def verdicts(level: Level, numbers: Sequence[int]) -> list[Verdict]:
    """Of as many flows; the last of them are grave."""
    return [
        Verdict(
            check="failing_flow",
            condition="failing",
            subject=Subject(kind="flow", id=str(70_000 + number), name=f"Till {number}"),
            level=level,
            signal="failing",
            sentence=f"Till {number} fails." if level.is_trouble else f"Till {number} is well.",
            critical=number >= MANY - GRAVE,
        )
        for number in numbers
    ]


async def judged(story: Story, told: Sequence[Verdict]) -> None:
    """As rounds do it: beside the loop, and never so much at once that others cannot write."""

    def write(some: Sequence[Verdict]) -> None:
        with story.bot.store.writing() as db:
            judge(db, some, story.bot.desk.rules, story.now)

    for first in range(0, len(told), AT_ONCE):
        await asyncio.to_thread(write, told[first : first + AT_ONCE])
    story.bot.desk.wake()


def states(story: Story) -> dict[State, int]:
    """How many incidents there are of each."""
    counted = story.bot.store.db.execute("SELECT state, count(*) FROM incidents GROUP BY state")
    return {State(state): number for state, number in counted.fetchall()}


def said(story: Story, phrase: str, channel: str = "integrations") -> list[str]:
    return [each.words for each in story.seen() if each.channel == channel and phrase in each.words]


def over(number: int, **where: Any) -> Root:
    """The message of the incident of one till, after the storm."""
    severity = "CRITICAL" if number > MANY - GRAVE else "HIGH"
    says = (f"[{severity}] #{number} Resolved", f"Till {number - 1} ")
    return root(*says, edits=None, **where)


async def test_a_storm_of_two_thousand_is_one_summary_and_loses_nothing(
    begin: Begin, log: Heard
) -> None:
    log.expects("storm 1: what opens", "storm 1 is over")
    story = await begin(response=True, settings={"time_sensitive = true": ""})
    everything = range(MANY)
    for _ in range(2):
        await judged(story, verdicts(Level.BREACH, everything))
        await story.passes(seconds=20)
    assert states(story) == {State.TRIGGERED: MANY}
    await story.until(lambda: len(said(story, "Storm")) == 1, "the summary stands")
    await story.all_is_sent()
    singly = [each for each in said(story, "Triggered") if "Storm" not in each]
    assert len(singly) == SINGLY + GRAVE
    assert sum("[CRITICAL]" in each for each in singly) == GRAVE
    assert len(said(story, "Triggered", "dm:priya")) == SINGLY + GRAVE

    await judged(story, verdicts(Level.OK, everything))
    await story.passes(minutes=6)
    await judged(story, verdicts(Level.OK, everything))
    await story.rounds(2)
    assert states(story) == {State.RESOLVED: MANY}
    await story.until(lambda: said(story, "The storm is over"), "its end is told")
    await story.all_is_sent()
    summary = root("The storm is over", str(MANY - SINGLY - GRAVE), edits=None)
    ones = [*range(1, SINGLY + 1), *range(MANY - GRAVE + 1, MANY + 1)]
    singly = [over(number, lines=[ROTA, "Cleared by itself"]) for number in ones]
    in_person = [over(number, channel="dm:priya") for number in ones]
    await story.stands(*singly[:SINGLY], summary, *singly[SINGLY:], *in_person)


async def test_a_rejected_credential_speaks_for_its_flows_and_what_still_fails_is_told_after_it(
    begin: Begin,
) -> None:
    """The credential is renewed; two of the twelve flows send what Shopify does not take."""
    story = await begin("expired_token", response=True)
    await story_until(story, 420)
    db = story.bot.store.db
    (alert,) = incidents.open_alerts(db).values()
    assert (alert.check, alert.signal) == ("token_expiry", "rejected")
    await story.stands(told("[CRITICAL] #1 Triggered", "Shopify", lines=[ROTA]), dm("priya"))

    story.estate.renew("Shopify")
    spoil(story, *SPOILT)
    await story_until(story, 1080, since=420)
    failing = {each.subject.name: each.check for each in incidents.open_alerts(db).values()}
    assert failing == dict.fromkeys(SPOILT, "failing_flow")
    ended = [ROTA, "Cleared: Shopify UK store accepts the platform's API key"]
    first, second = SPOILT
    await story.stands(
        told("#1 Resolved", "Shopify UK store accepts", lines=ended),
        told("[HIGH] #2 Triggered", f"{first} · Failing flow", lines=[ROTA]),
        told("[CRITICAL] #3 Triggered", f"{second} · Failing flow", lines=[ROTA]),
        dm("priya", "Resolved"),
        root("#2 Triggered", first, channel="dm:priya", edits=None),
        root("#3 Triggered", second, channel="dm:priya", edits=None),
    )


def spoil(story: Story, *flows: str) -> None:
    """From now on every run of these is answered by Shopify that it does not take what it is."""
    queue, trade = story.estate.queue, story.estate.trade
    settle = queue.settle

    def complained(run: Run, now: datetime) -> Run:
        if run.flow.name in flows:
            trade.complain("Shopify", "HTTP 422: tags is not valid", 1)
        after = settle(run, now)
        trade._complaints.clear()
        return after

    queue.settle = complained


async def story_until(story: Story, seconds: int, since: int = 0) -> None:
    """In steps of half a minute."""
    for at in range(since + 30, seconds + 1, 30):
        await story.until_seconds(at)
