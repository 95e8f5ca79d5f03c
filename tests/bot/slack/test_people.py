"""Full members may act; everybody else is refused with a reason, and so is who is not known."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.people import (
    ALLOWED,
    BOT,
    CANNOT_CHECK,
    GONE,
    GUEST,
    OUTSIDER,
    UNKNOWN,
    People,
    judge,
)

TEAM = "T0HOME"
MEMBER = {"id": "U1", "team_id": TEAM}


class Directory:
    """Slack's users.info, and nothing else. `trouble` is answered instead, when set."""

    def __init__(self):
        self.users, self.asked, self.trouble = {}, 0, None

    async def users_info(self, request):
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.trouble:
            status, body = self.trouble
            return web.json_response(body, status=status)
        user = self.users.get(request.query.get("user"))
        return web.json_response(
            {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}
        )


class Stopwatch:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch():
    return Stopwatch()


@pytest.fixture
async def directory():
    found = Directory()
    site = web.Application()
    site.router.add_get("/api/users.info", found.users_info)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    yield found
    await runner.cleanup()


@pytest.fixture
async def people(directory, watch):
    client = AsyncWebClient(token="xoxb-test", base_url=directory.url, retry_handlers=[])
    client.proxy = None
    return People(client, TEAM, monotonic=watch)


@pytest.mark.parametrize(
    ("also", "permission"),
    [
        ({}, ALLOWED),
        ({"is_admin": True}, ALLOWED),
        ({"is_restricted": True}, GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, GUEST),
        ({"team_id": "T0OTHER"}, OUTSIDER),
        ({"is_stranger": True}, OUTSIDER),
        ({"is_bot": True}, BOT),
        ({"id": "USLACKBOT"}, BOT),
        ({"is_workflow_bot": True}, BOT),
        ({"deleted": True}, GONE),
    ],
    ids=[
        "member",
        "administrator",
        "guest",
        "single-channel guest",
        "other workspace",
        "stranger",
        "bot",
        "slackbot",
        "workflow",
        "deactivated",
    ],
)
def test_who_may_act(also, permission):
    assert judge(MEMBER | also, TEAM) is permission
    assert permission.allowed is (permission is ALLOWED)
    assert permission.allowed or permission.because.endswith(".")


async def test_a_member_is_asked_about_once_in_five_minutes(people, directory, watch):
    directory.users["U1"] = MEMBER
    assert await people.may_act("U1", TEAM) is ALLOWED
    watch.seconds += 299
    directory.users["U1"] = MEMBER | {"is_restricted": True}
    assert await people.may_act("U1", TEAM) is ALLOWED
    assert directory.asked == 1
    watch.seconds += 2
    assert await people.may_act("U1", TEAM) is GUEST
    assert directory.asked == 2


async def test_many_requests_at_once_ask_once(people, directory):
    directory.users["U1"] = MEMBER
    answers = await asyncio.gather(*(people.may_act("U1", TEAM) for _ in range(50)))
    assert set(answers) == {ALLOWED}
    assert directory.asked == 1


async def test_a_press_from_another_workspace_is_refused_without_asking(people, directory):
    directory.users["U1"] = MEMBER
    assert await people.may_act("U1", "T0OTHER") is OUTSIDER
    assert directory.asked == 0


async def test_somebody_slack_does_not_know_is_refused(people):
    assert await people.may_act("U404", TEAM) is UNKNOWN


@pytest.mark.parametrize(
    "trouble",
    [
        (500, {}),
        (429, {"ok": False, "error": "ratelimited"}),
        (200, {"ok": False, "error": "internal_error"}),
        (200, {"ok": True}),
        (200, {"ok": True, "user": "U1"}),
    ],
    ids=["broken", "rate limited", "internal error", "no user", "odd user"],
)
async def test_who_cannot_be_checked_is_refused_unless_known_before(
    people, directory, watch, trouble
):
    directory.users["U1"] = MEMBER
    await people.may_act("U1", TEAM)
    watch.seconds += 1000
    directory.trouble = trouble
    assert await people.may_act("U1", TEAM) is ALLOWED
    assert await people.may_act("U2", TEAM) is CANNOT_CHECK


async def test_an_unreachable_slack_refuses_and_is_asked_again(directory, watch):
    client = AsyncWebClient(token="xoxb-test", base_url="http://127.0.0.1:9/", retry_handlers=[])
    client.proxy = None
    people = People(client, TEAM, monotonic=watch)
    assert await people.may_act("U1", TEAM) is CANNOT_CHECK
    client.base_url = directory.url
    directory.users["U1"] = MEMBER
    assert await people.may_act("U1", TEAM) is ALLOWED


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"profile": {"display_name": "Priya"}, "real_name": "Priya Rao", "name": "pr"}, "Priya"),
        ({"profile": {"display_name": ""}, "real_name": "Priya Rao", "name": "pr"}, "Priya Rao"),
        ({"profile": None, "name": "pr"}, "pr"),
        ({}, None),
    ],
    ids=["as they want to be called", "the real name", "the account's", "none told"],
)
async def test_what_people_are_called(people, directory, user, name):
    directory.users["U1"] = MEMBER | user
    assert await people.name_of("U1") == name
    directory.trouble = (503, {"ok": False})
    assert await people.name_of("U1") is None
