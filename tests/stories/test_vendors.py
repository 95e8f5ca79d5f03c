"""The company's vendors: an allowance that runs short, and answers that read like trouble."""

from __future__ import annotations

from bot.store import incidents
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.transcript import root

# The stories play in a year in which the declared revision has long been retired.
LATER = {'revision = "2026-07-15"': 'revision = "2089-07-15"'}


async def signals(story: Story, until: int, step: int = 30, since: int = 0) -> list[str]:
    """The signals of the open alerts, each once, in the order in which they came."""
    seen: list[str] = []
    for seconds in range(since + step, until + 1, step):
        await story.until_seconds(seconds)
        alerts = incidents.open_alerts(story.bot.store.db).values()
        seen += [alert.signal for alert in alerts if alert.signal not in seen]
    return seen


async def test_calls_are_held_back_before_they_are_refused_and_it_is_one_incident(
    begin: Begin,
) -> None:
    story = await begin("crowded_limit", systems=True, settings=LATER)
    assert await signals(story, until=1500) == ["held", "refused"]
    (alert,) = incidents.open_alerts(story.bot.store.db).values()
    assert alert.key == "system/shipstation-dispatch/rate_limit/requests"
    limits = await story.asks("priya", "limits shipstation-dispatch")
    assert "Dispatch to ShipStation" in limits
    assert "429" in limits
    assert "Endpoint API Rate Limiting" in await story.asks("priya", "runbook 1")
    await signals(story, until=6000, step=60, since=1500)
    turns = ["Severity rose to high", "Cleared by itself"]
    await story.stands(root("[HIGH] #1 Resolved", "Rate Limiting", edits=2, lines=turns))


async def test_vendors_that_lie_open_no_incident(begin: Begin, log: Heard) -> None:
    """Each trap reads like an outage or a dead credential, and every system is well."""
    log.expects(
        r"cannot read netsuite-production: .* 400 ",
        r"cannot read brightpearl-back-office: .* 503 ",
        r"cannot read shopify-uk-store: .* 200 .*throttled",
        r"cannot read klaviyo-marketing: .* 429 ",
        r"cannot read akeneo-catalogue: .* web page",
        r"\S+ can be read again",
    )
    log.tolerates(r"cannot read (gorgias|peoplevox|netsuite)\S*: ")
    story = await begin("lying_vendor", systems=True, settings=LATER)
    await story.lists_are_looked_at()
    assert await signals(story, until=2700) == []
    await story.stands()
