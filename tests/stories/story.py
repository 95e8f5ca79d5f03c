"""A story: the sandbox and the real bot in one loop, people who act over HTTP, and a clock that
moves only when the story says so."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot import facts
from bot.build import Bot, build
from bot.incidents.lifecycle import replay
from bot.sandbox.estate.estate import Estate
from bot.sandbox.sandbox import Sandbox
from bot.settings import load_settings
from bot.store import incidents
from bot.store.columns import read_time
from tests.stories.transcript import (
    Json,
    Page,
    Root,
    Seen,
    differences,
    page_differences,
    words_of,
)

WEDNESDAY = datetime(2090, 3, 8, 9, 14, 10, tzinfo=UTC)
"""Ahead of every machine's time, because the sandbox's clock only moves ahead."""
EVERY = timedelta(seconds=5)
"""Between rounds, as the sandbox's settings have it."""
BY_TIME = ("timers", "digest", "survey", "look again")
"""The jobs of the timetable that have ended too when a round is over: those that do what time alone
does, and looks at the systems, which would be two at the same instant of a clock that stands."""
PATIENCE = 60.0  # real seconds until what hangs is given up; machines are busy


class Story:
    """One estate, one workspace, one bot. Nothing that the bot says to everybody is overlooked."""

    def __init__(self, sandbox: Sandbox, settings: Path, http: httpx.AsyncClient) -> None:
        self.sandbox, self.settings, self._http = sandbox, settings, http
        self.slack = sandbox.workspace._site.workspace
        self._edits: Counter[str] = Counter()
        self._answers: defaultdict[str, list[Json]] = defaultdict(list)
        self._expected: tuple[Root, ...] = ()
        self._paged: tuple[Page, ...] = ()
        self._bot: AsyncExitStack | None = None
        self._watching = asyncio.create_task(self._listen())

    # The bot

    @property
    def database(self) -> Path:
        """Where the bot keeps what it knows."""
        return self.settings.parent / "seamwatch.db"

    async def start_bot(self) -> None:
        """Start it, and wait for its connection and its first round."""
        stack, stop = AsyncExitStack(), asyncio.Event()
        built = build(load_settings(self.settings))
        self.bot: Bot = await stack.enter_async_context(built)
        self._living = asyncio.create_task(self.bot.run(stop))
        stack.push_async_callback(asyncio.wait, [self._living])
        stack.callback(stop.set)
        self._bot = stack
        await self.until(lambda: self.sandbox.workspace.connected, "the bot connects")
        await self.round_is_over()

    async def stop_bot(self) -> None:
        """As Ctrl-C does."""
        if self._bot is not None:
            await self._bot.aclose()
            self._bot = None
            await self._living

    # The estate

    @property
    def estate(self) -> Estate:
        """The company behind Patchworks' API, as it is now."""
        site = self.sandbox.estate._site
        assert site is not None
        return site.live()

    async def queue_stalls(self, flow: str = "Orders to NetSuite", rounds: int = 3) -> None:
        """A run hangs and nothing is picked behind it; so many rounds see it, and 3 suffice."""
        estate = self.estate
        estate.hang(flow)
        estate.stall()
        estate.burst([flow, "Shipments to Shopify"], jobs=8, over=timedelta(seconds=1))
        await self.passes(seconds=25)
        await self.rounds(rounds - 1)

    async def queue_recovers(self) -> None:
        """The run is stopped, the queue drains, and stays clear for long enough."""
        self.estate.stop_hanging()
        self.estate.release()
        await self.passes(seconds=90)
        await self.passes(seconds=30)

    async def queue_drains(self) -> None:
        """The same after a long time, in as many minutes as it takes."""
        self.estate.stop_hanging()
        self.estate.release()
        for _ in range(60):
            if not incidents.open_incidents(self.bot.store.db):
                return
            await self.passes(minutes=1)
        raise AssertionError("the queue does not drain")

    # The clock

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    async def passes(self, **duration: float) -> None:
        """Let so much time pass at once, and the round that is then due."""
        ahead = timedelta(**duration)
        await self.does("clock", advance=f"{ahead.total_seconds()}s", wait=0)
        if self._bot is not None:
            await self.round_is_over()

    async def rounds(self, number: int) -> None:
        """Let so many rounds happen, one by one."""
        for _ in range(number):
            await self.passes(seconds=EVERY.total_seconds())

    async def until_seconds(self, seconds: float) -> None:
        """Let time pass until so many seconds after the story began."""
        ahead = WEDNESDAY + timedelta(seconds=seconds) - self.now
        await self.passes(seconds=ahead.total_seconds())

    async def lists_are_looked_at(self) -> None:
        """The first look at every list of every system is over: it takes its own time, and asks
        what a scenario's lie may be meant for."""
        seen = facts.find_unseen_lists
        await self.until(lambda: seen(self.bot.store.db), "every list is looked at")

    # People

    async def asks(self, user: str, text: str, channel: str = "integrations") -> str:
        """Type `/seam text`; what the bot answers to this person alone."""
        return await self._private(user, self._types(user, f"/seam {text}".strip(), channel))

    async def presses(self, user: str, action: str, ts: str, option: str | None = None) -> str:
        """Press a button of the message at `ts`, or choose from its menu; what the bot answers to
        this person alone."""
        known = action if action.startswith("act_") else f"incident_{action}"
        return await self._private(user, self._uses(user, known, ts, option))

    async def resolves(self, user: str, ts: str, summary: str = "") -> None:
        """Press Resolve and submit its modal."""
        view = await self.opens(user, "resolve", ts)
        await self.submits(user, view, **({"summary": summary} if summary else {}))

    async def opens(self, user: str, action: str, ts: str, option: str | None = None) -> Json:
        """Press what opens a modal; the modal. It may come later than the control API's answer,
        but not later than Slack lets it."""
        views, user_id = self.sandbox.workspace._site.views, self.slack.user(user).id
        before = views.top(user_id)
        done = await self._uses(user, f"incident_{action}", ts, option)
        await self.until(lambda: views.top(user_id) is not before, f"{action} opens: {done}")
        opened = views.top(user_id)
        assert opened is not None
        return views.as_json(opened)

    async def submits(self, user: str, view: Json, **values: Any) -> Json:
        """Fill a modal in, by block_id, and submit it; what Slack and the app did."""
        return await self.does("view", user=user, view_id=view["id"], values=values)

    async def _types(self, user: str, text: str, channel: str) -> Json:
        done = await self.does("command", user=user, channel=channel, text=text)
        assert done["acked"], f"{text} was not acknowledged: {done}"
        return done

    async def _uses(self, user: str, action_id: str, ts: str, option: str | None) -> Json:
        body = {"message_ts": ts, "action_id": action_id, "user": user} | self._where(ts)
        done = await self.does("action", **body | ({"option": option} if option else {}))
        assert done["acked"], f"{action_id} was not acknowledged: {done}"
        return done

    def _where(self, ts: str) -> Json:
        """The conversation in which a message stands."""
        found = [each.id for each in self.slack.channels.values() if self.slack.find(each.id, ts)]
        assert len(found) == 1, f"the message at {ts} stands in {found}"
        return {"channel": found[0]}

    async def mentions(self, user: str, text: str, ts: str) -> str:
        """Write `@Seamwatch text` in a thread; what the bot answers to this person alone."""
        where = {"channel": "integrations", "thread_ts": ts}
        doing = self.does("message", user=user, text=f"@seamwatch {text}", **where)
        return await self._private(user, doing)

    async def does(self, control: str, **body: Any) -> Json:
        """Use the control API, which must do it."""
        answer = await self._http.post(f"{self.sandbox.workspace.control_url}/{control}", json=body)
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    async def slack_fails(self, method: str, **fault: Any) -> None:
        await self.does("fault", method=method, **fault)

    async def patchworks_fails(self, path_prefix: str = "/", **fault: Any) -> None:
        """Spoil its answers; without anything said, make it well again."""
        described = {"path_prefix": path_prefix, **fault} if fault else {}
        url = f"{self.sandbox.estate.core_url}/control/fault"
        answer = await self._http.post(url, json=described)
        assert answer.status_code == 200, answer.text

    # What everybody can read

    async def stands(self, *told: Root | Page) -> list[Seen]:
        """Exactly these messages stand in the workspace's conversations, and these alerts at the
        paging services, now and until the next word; the messages."""
        self._expected = tuple(each for each in told if isinstance(each, Root))
        self._paged = tuple(each for each in told if isinstance(each, Page))
        await self.until(lambda: not self.differences(), lambda: "\n".join(self.told()))
        return self.seen()

    async def all_is_sent(self) -> None:
        """Wait until the bot knows of every message and line that it stands."""
        unsent = "SELECT topic, purpose FROM outbox WHERE state <> 'sent' AND purpose <> 'edit'"
        db = self.bot.store.db
        await self.until(lambda: not list(db.query(unsent)), lambda: str(list(db.query(unsent))))

    def differences(self) -> list[str]:
        paged = page_differences(self._paged, self.sandbox.pagers.board.alerts)
        return differences(self._expected, self.seen()) + paged

    def told(self) -> list[str]:
        """The differences, and everything that stands."""
        return [*self.differences(), *map(str, self.seen())]

    def seen(self) -> list[Seen]:
        """What the bot said to everybody, in the order of the channels, oldest first."""
        return [
            self._seen(f"dm:{channel.name}" if channel.im_user else channel.name, message)
            for channel in self.slack.channels.values()
            for message in self.slack.history(channel.id)
            if message.user == self.slack.bot.id
        ]

    async def until(
        self, holds: Callable[[], object], what: str | Callable[[], str], seconds: float = PATIENCE
    ) -> None:
        """Wait, in real time, for what other tasks are about to do."""
        deadline = time.monotonic() + seconds
        while not holds():
            if self._bot is not None and self._living.done():
                self._living.result()
            assert time.monotonic() < deadline, what if isinstance(what, str) else what()
            await asyncio.sleep(0.01)

    # Its end

    async def ends(self) -> None:
        """Stop the bot; nothing more was said, and what is stored is what its timeline says."""
        await self.sandbox.pagers.settled()
        if self._bot is not None:
            await asyncio.to_thread(self._assert_stored_well)  # a storm is much to replay
            await self.stop_bot()
        self._watching.cancel()
        assert not self.differences(), "\n".join(self.told())

    def _assert_stored_well(self) -> None:
        db = self.bot.store.db
        for number in range(1, incidents.next_incident_id(db)):
            timeline = incidents.timeline(db, number)
            assert replay(number, timeline) == incidents.find_incident(db, number)

    def _seen(self, channel: str, message: Any) -> Seen:
        replies = self.slack.replies(message.channel, message.ts)
        own = [reply for reply in replies if reply.user == self.slack.bot.id]
        return Seen(
            channel=channel,
            ts=message.ts,
            words=self.named(words_of(message.as_json())),
            edits=self._edits[message.ts],
            lines=tuple(self.named(words_of(reply.as_json())) for reply in own),
        )

    def named(self, words: str) -> str:
        """The text with people by name instead of by id."""
        for user in self.slack.users.values():
            words = words.replace(f"<@{user.id}>", f"@{user.name}")
        return words

    async def _private(self, user: str, doing: Awaitable[Json]) -> str:
        """The one answer that only this person sees to what they do. It may come later than the
        control API's, which only waits until the app was quiet for a moment."""
        answers = self._answers[user]
        before = len(answers)
        done = await doing
        await self.until(lambda: len(answers) > before, f"expected a private answer: {done}")
        assert len(answers) == before + 1, f"expected one private answer: {answers[before:]}"
        return self.named(words_of(answers[-1]))

    async def round_is_over(self) -> None:
        await self.until(self._is_round_over, f"a round at {self.now}")

    def _is_round_over(self) -> bool:
        """Asked a hundred times a second: what the round says would take long to read.

        What else was due is over too, wherever the machine was slow: or whoever acts next would now
        and then be earlier.
        """
        at = self.bot.store.db.execute("SELECT at FROM snapshots WHERE name = 'round'").fetchone()
        if at is None or read_time(at[0]) != self.now:
            return False
        jobs = [job for job in self.bot.timetable._jobs if job.name in BY_TIME]
        return all(job.due_at > self.now and job.running is None for job in jobs)

    async def _listen(self) -> None:
        with self.slack.feed.listen() as changes:
            while True:
                change = await changes.get()
                if change.by != self.slack.bot.id:
                    continue
                if change.kind == "changed":
                    self._edits[str(change.ts)] += 1
                elif change.kind == "ephemeral":
                    reader = self.slack.users[str(change.only_for)].name
                    self._answers[reader].append(change.message or {})
