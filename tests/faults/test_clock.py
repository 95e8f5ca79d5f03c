"""A machine's clock that jumps, sleeps, or differs from the platform's; and days that are rare."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
import time_machine
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from bot.clock import SystemClock
from bot.digest.period import Form, period_of
from bot.digest.period import Timetable as Digests
from bot.schedule import Timetable
from bot.skew import find_skew
from checks.model import Level
from tests.checks.catalogue.queue_cases import evidence, job, judged, m, queue, run
from tests.faults.scene import a_round, sending, until_all_is_sent
from tests.loopback import NO_TLS_HERE
from tests.waiting import until

JUMPS = {
    "a day ahead": timedelta(days=1),
    "an hour back": -timedelta(hours=1),
    "eight hours asleep": timedelta(hours=8),
}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
async def test_whatever_the_clock_does_jobs_go_on_at_once_and_each_once(jump, monkeypatch):
    monkeypatch.setattr("bot.schedule.TICK_SECONDS", 0.01)
    ran: list[datetime] = []

    async def job() -> None:
        ran.append(clock.now())

    clock, often = SystemClock(), timedelta(seconds=0.2)
    timetable = Timetable(clock)
    timetable.every("round", often, job)
    timetable.every("prune", timedelta(hours=6), job)
    timetable.start()
    await until(lambda: len(ran) >= 3)
    with time_machine.travel(datetime.now(UTC) + jump):
        before, since = len(ran), clock.now()
        await until(lambda: len(ran) > before + 1, seconds=5)
        pruned = 1 if jump > timedelta(hours=6) else 0
        due = (clock.now() - since) // often + 2  # one that is late, one by the grid, however slow
        assert len(ran) <= before + due + pruned, "what was missed is made up for by one run"
    await timetable.stop()


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
async def test_whatever_the_clock_does_what_waits_is_sent(store, outside, hurried, jump):
    async with sending(store, outside) as awake:
        await until_all_is_sent(store)
        a_round(store)  # due now, by a clock that is then set back
        with time_machine.travel(datetime.now(UTC) + jump):
            awake.set()
            await until_all_is_sent(store)
    assert outside.standing() == ["root"]


async def test_what_waited_when_the_clock_was_set_back_between_two_runs_is_sent(
    store, outside, hurried, monkeypatch
):
    monkeypatch.setattr("bot.outbox.LONGEST_BACK_OFF", 0.05)
    a_round(store)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1)):
        async with sending(store, outside):
            await until_all_is_sent(store)
    assert outside.standing() == ["root"]


LONDON = ZoneInfo("Europe/London")
MONTHLY = Digests(at=time(8, 30), zone=LONDON, monthly=1)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        pytest.param(date(2028, 3, 1), 29, id="over 29 February"),
        pytest.param(date(2027, 3, 1), 28, id="over 28 February"),
        pytest.param(date(2026, 12, 1), 30, id="at the end of a month of 30 days"),
        pytest.param(date(2027, 1, 1), 31, id="at the end of a year"),
    ],
)
def test_a_month_has_its_days(day, days):
    period = period_of(MONTHLY, Form.MONTHLY, day)
    assert period.length == timedelta(days=days)
    assert period.date == day


def test_skew_a_platform_whose_clock_is_ahead_makes_nothing_wait_for_less_than_no_time():
    seen = queue([job(ago=-m(10))], [run(1, ago=-m(10))])
    found = judged(evidence(seen))
    assert {verdict.level for verdict in found.values()} <= {Level.OK, Level.UNKNOWN}
    assert not any("-" in verdict.sentence for verdict in found.values())


@pytest.mark.parametrize(
    ("away", "said"),
    [
        pytest.param(-timedelta(minutes=4), "ahead of Patchworks'", id="behind us"),
        pytest.param(timedelta(minutes=4), "behind Patchworks'", id="ahead of us"),
        pytest.param(timedelta(seconds=5), None, id="as good as ours"),
    ],
)
async def test_skew_is_found_by_the_doctor(away, said):
    async def answer(_: web.Request) -> web.Response:
        date = format_datetime(datetime.now(UTC) + away, usegmt=True)
        return web.Response(status=401, headers={"Date": date})

    async with (
        TestServer(served(answer)) as platform,
        httpx.AsyncClient(verify=NO_TLS_HERE) as http,
    ):
        found = await find_skew(str(platform.make_url("/")), http)
    assert (found is None) == (said is None)
    if found is not None:
        assert said in found.sentence
        assert "set it by a time server" in found.sentence


async def test_skew_is_not_guessed_where_nobody_tells_the_time():
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        assert await find_skew("http://127.0.0.1:9/", http) is None


def served(answer: Handler) -> web.Application:
    app = web.Application()
    app.router.add_get("/", answer)
    return app
