"""What the Slack tests play with: a desk on a real database, incidents, and hostile text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from bot.digest.rules import DigestRules
from bot.digest_settings import DigestSettings
from bot.directory import Directory
from bot.foresight.chart import Chart
from bot.foresight.rehearsal import NotRehearsed, Rehearsal
from bot.incidents.events import Acknowledge, Clear, Event, Open, Resolve, Snooze
from bot.incidents.lifecycle import Change, advance, open_incident
from bot.incidents.model import Actor, Alert, Severity, State
from bot.rules import Rules
from bot.sandbox.workspace.blockkit.validate import attachment_problems, message_problems
from bot.settings import Charts
from bot.slack.charting import Charting
from bot.slack.desk import Desk
from bot.slack.files import Draw, Pictures
from bot.slack.groups import Groups
from bot.slack.people import ALLOWED, People
from bot.slack.render.chart import NATIVE
from bot.slack.render.incident import IncidentView
from bot.slack.render.links import Links
from bot.slack.render.message import Message, fits
from bot.slack.rights import Rights
from bot.slack.verbs import Ask, by_word
from bot.slack.words import read
from bot.store import Store
from bot.transitions import judge
from checks.model import Level, Measure, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from runbooks.book import Book
from tests.bot.slack.shapes import BLOCK_SHAPE

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PRIYA, ALEX = "U0PRIYA", "U0ALEX"
CHECK = Actor(who="stalled_queue", via="check")
TITLES = {"stalled_queue": "Stalled Queue Syndrome"}
SENTENCE = (
    "Nothing has started for 2 min although 3 of 5 slots are free: 14 runs wait behind run r-77 "
    "of Orders to NetSuite, running for 41 min (usually 2 min)."
)
MEASURES = (
    Measure(label="Waiting", measured="14", usual="2, up to 6 on Saturdays at this hour"),
    Measure(label="Oldest", measured="12 min", usual="within 1 min"),
    Measure(label="Running", measured="2 of 5"),
)
NASTY = (
    "",
    "<!channel> <!here> <@U0PRIYA> <#C1|x> <https://evil.example|Reset your password>",
    "&amp; & < > &lt;!channel&gt;",
    "*bold* _it_ ~no~ `tick` ```fence``` > quote",
    "{{ 7 * 7 }} {run_id} %s {0}",
    "@channel @here #general https://evil.example/?a=1&b=2",
    "a\u202eb\u200bc\u0000d\ud800e\nf\tg",
    "👩‍💻 مرحبا שלום 你好",
    "Authorization: Bearer abc123DEF456ghi789 xoxb-1-secret https://me:hunter2@x.example/",
    "x" * 40_000,
    "<&>" * 14_000,
    "😀" * 20_000,
)
hostile = st.sampled_from(NASTY) | st.text(max_size=300)


class StillClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def follow(self) -> None:
        raise NotImplementedError


def alert_of(**changes: Any) -> Alert:
    told: dict[str, Any] = {
        "id": 1,
        "key": "queue/main/stalled_queue/queue",
        "incident_id": 42,
        "opened_at": NOON,
        "last_seen_at": NOON + 2 * MINUTE,
        "cleared_at": None,
        "count": 9,
        "check": "stalled_queue",
        "subject": Subject(kind="queue", id="main", name="the run queue"),
        "level": Level.BREACH,
        "signal": "stall",
        "sentence": SENTENCE,
        "measures": MEASURES,
        "facts": {"blocking_run_id": "r-77", "signal": "stall", "waiting": 14},
    }
    return Alert(**(told | changes))


def view_of(
    state: State = State.TRIGGERED,
    severity: Severity = Severity.HIGH,
    *,
    events: list[tuple[Event, Actor, int]] | None = None,
    opening: Open | None = None,
    alert: Alert | None = None,
    **changes: Any,
) -> IncidentView:
    """Incident #42 in a state it can really get into; each event with its actor and minute."""
    change = open_incident(42, opening or Open(severity=severity, reason=SENTENCE), CHECK, NOON)
    entries, incident = [change.entry], change.incident
    for event, actor, minute in events if events is not None else _way_to(state):
        done = advance(incident, event, actor, NOON + minute * MINUTE)
        if isinstance(done, Change):
            entries.append(done.entry)
            incident = done.incident
    shown = alert or alert_of()
    if not incident.is_open:
        shown = replace(shown, cleared_at=incident.resolved_at)
    told: dict[str, Any] = {
        "incident": incident,
        "alerts": (shown,),
        "entries": tuple(entries),
        "times_lately": 1,
        "now": NOON + 50 * MINUTE,
        "check_titles": TITLES,
        "links": Links(),
        "has_runbook": True,
        "reopen_after": timedelta(hours=1),
    }
    return IncidentView(**(told | changes))


def _way_to(state: State) -> list[tuple[Event, Actor, int]]:
    ack = (Acknowledge(), Actor(who=PRIYA, via="button"), 3)
    clear = (Clear(reason="Nothing waits; 2 of 5 slots are taken."), CHECK, 42)
    snooze = (Snooze(until=NOON + timedelta(hours=2)), Actor(who=ALEX, via="command"), 12)
    return {
        State.TRIGGERED: [],
        State.ACKNOWLEDGED: [ack],
        State.SNOOZED: [ack, snooze],
        State.RESOLVED: [ack, clear],
    }[state]


def by_hand(summary: str) -> tuple[Event, Actor, int]:
    return (Resolve(summary=summary), Actor(who=ALEX, via="command"), 42)


def no_rehearsal(asked: str) -> Rehearsal:
    raise NotRehearsed("Nothing was learned yet, so no peak can be rehearsed.")


def rights_of(people: People) -> Rights:
    """Nothing but membership is asked for."""
    groups = Groups(AsyncWebClient(token="xoxb-none"))
    return Rights(people=people, groups=groups, directory=Directory())


def desk_over(store: Store, people: People | None = None, **changes: Any) -> Desk:
    """A desk whose clock stands still; everybody in the office may act."""
    policy = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=MINUTE)
    told: dict[str, Any] = {
        "store": store,
        "clock": StillClock(),
        "rules": Rules(policies={"stalled_queue": policy}, destination="slack/C1"),
        "people": people or Everybody(),
        "rights": rights_of(people or Everybody()),
        "book": Book(),
        "links": Links(),
        "check_titles": TITLES,
        "wake": lambda: None,
        "connection": lambda: "connected (Socket Mode)",
        "zone": ZoneInfo("Europe/London"),
        "charting": Charting(Charts.AUTO, store, StillClock()),
        "rehearse": no_rehearsal,
        "digest": DigestRules(timetable=DigestSettings().timetable(ZoneInfo("Europe/London"))),
    }
    return Desk(**(told | changes))


async def tiny_picture(chart: Chart) -> bytes:
    """A PNG of one dot, in place of a real drawing."""
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c6360"
        "00000002000148afa4710000000049454e44ae426082"
    )


def pictures_of(client: AsyncWebClient, draw: Draw = tiny_picture) -> Pictures:
    return Pictures(client=client, draw=draw)


class Everybody(People):
    """People, with nobody to ask and nobody refused."""

    def __init__(self) -> None:
        pass

    async def may_act(self, user_id: str, team_id: str | None = None) -> Any:
        return ALLOWED


def stall(desk: Desk, *flows: str, sentence: str = SENTENCE, level: Level = Level.BREACH) -> None:
    """One round that opens an incident for the queue, or one for each flow named; with another
    level, one that finds them so."""
    subjects = [Subject(kind="flow", id=name, name=name) for name in flows]
    verdicts = [
        Verdict(
            check="stalled_queue",
            condition="queue",
            subject=subject,
            level=level,
            signal="stall",
            sentence=sentence,
            measures=MEASURES,
            facts={"blocking_run_id": "r-77", "signal": "stall", "waiting": 14},
        )
        for subject in subjects or [Subject(kind="queue", id="main", name="the run queue")]
    ]
    with desk.store.writing() as db:
        judge(db, verdicts, desk.rules, desk.clock.now())


def ask(desk: Desk, text: str, user_id: str = PRIYA, **also: Any) -> Message:
    """What `/seam text` answers this person."""
    typed = read(text)
    told = {"user_id": user_id, "via": "command", "incident_id": typed.incident_id}
    words = {"word": typed.word, "rest": typed.rest, "said": typed.said, "accounts": typed.accounts}
    return by_word()[typed.word].answer(desk, Ask(**(told | words | also)))


def assert_slack_takes(message: Message) -> None:
    """By Slack's own models and shapes, by the sandbox's rules, and by our limits on the whole."""
    sent = message.as_arguments()
    assert message.text.strip()
    assert fits(message)
    assert message_problems(sent["blocks"]) == []
    assert attachment_problems(sent["attachments"]) == []
    for block in all_blocks(message):
        if block["type"] == NATIVE:  # too new for both
            continue
        parsed = Block.parse(dict(block))
        assert parsed is not None
        parsed.validate_json()
        assert BLOCK_SHAPE.is_valid(block), block


def all_blocks(message: Message) -> list[dict[str, Any]]:
    inside = [block for attachment in message.attachments for block in attachment["blocks"]]
    return [*message.blocks, *inside]


def texts_of(value: Any, kind: str = "mrkdwn") -> list[str]:
    """Every text object of one kind inside."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == kind else []
        return own + [text for entry in value.values() for text in texts_of(entry, kind)]
    if isinstance(value, list | tuple):
        return [text for entry in value for text in texts_of(entry, kind)]
    return []


def words_of(message: Message) -> str:
    """Everything that is shown, in one string."""
    blocks = all_blocks(message)
    kinds = ("plain_text", "mrkdwn", "raw_text")
    return "\n".join(text for kind in kinds for text in texts_of(blocks, kind))
