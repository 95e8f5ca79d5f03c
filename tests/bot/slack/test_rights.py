"""Membership, groups and rules together, over a small Slack; and what is store of each attempt."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.directory import CannotAsk, Directory
from bot.people_settings import PersonSettings, TeamSettings
from bot.permissions import Permission, Right, Rule
from bot.slack.accounts import SlackAccounts
from bot.slack.groups import Groups
from bot.slack.people import People
from bot.slack.rights import Rights, channel_of, record
from bot.store import audit
from tests.bot.slack.scene import desk_over, stall

TEAM = "T0HOME"
LEADS = Rule(right=Right.APPROVE, who=("group:S0LEADS",))


class Workspace:
    """Two members, a guest, a user group; `trouble` maps a method to what it answers instead."""

    def __init__(self):
        self.asked, self.trouble = [], {}
        self.groups = {"S0LEADS": ["U0PRIYA"]}
        self.users = {
            "U0PRIYA": {"id": "U0PRIYA", "profile": {"email": "priya@acme.example"}},
            "U0OMAR": {"id": "U0OMAR", "profile": {}},
            "U0GINA": {"id": "U0GINA", "is_restricted": True},
            "U0GONE": {"id": "U0GONE", "deleted": True, "profile": {"email": "x@acme.example"}},
        }

    async def answer(self, request):
        method = request.match_info["method"]
        told = {**request.query, **(await request.post())}
        self.asked.append(method)
        if method in self.trouble:
            status, body = self.trouble[method]
            return web.json_response(body, status=status)
        return web.json_response(getattr(self, method.replace(".", "_"))(told))

    def users_info(self, told):
        user = self.users.get(told["user"])
        return {"ok": True, "user": user | {"team_id": TEAM}} if user else no("user_not_found")

    def users_lookupByEmail(self, told):  # noqa: N802 (Slack's own name)
        found = [
            u for u in self.users.values() if u.get("profile", {}).get("email") == told["email"]
        ]
        return {"ok": True, "user": found[0]} if found else no("users_not_found")

    def usergroups_users_list(self, told):
        users = self.groups.get(told["usergroup"])
        return no("no_such_subteam") if users is None else {"ok": True, "users": users}

    def usergroups_list(self, told):
        return {"ok": True, "usergroups": [{"id": "S0LEADS", "handle": "leads"}, {"id": 7}, None]}


def no(error):
    return {"ok": False, "error": error}


class Stopwatch:
    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch():
    return Stopwatch()


@pytest.fixture
async def workspace():
    found = Workspace()
    site = web.Application()
    site.router.add_route("*", "/api/{method}", found.answer)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.client = AsyncWebClient(
        token="xoxb-test",
        base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/api/",
        retry_handlers=[],
    )
    found.client.proxy = None
    yield found
    await runner.cleanup()


@pytest.fixture
def rights(workspace, watch):
    def make(*rules, people=(), teams=()):
        return Rights(
            people=People(workspace.client, TEAM, monotonic=watch),
            groups=Groups(workspace.client, monotonic=watch),
            directory=Directory(people, teams),
            rules=rules,
        )

    return make


async def test_a_full_member_may_what_no_rule_restricts(rights, workspace):
    assert (await rights().may("U0OMAR", Right.SILENCE)).allowed
    assert (await rights().may("U0OMAR", None)).allowed
    assert "usergroups.users.list" not in workspace.asked


@pytest.mark.parametrize(
    ("user", "team", "said"),
    [
        ("U0GINA", TEAM, "Guests cannot"),
        ("U0GONE", TEAM, "deactivated"),
        ("U0NONE", TEAM, "does not know you"),
        ("U0PRIYA", "T0OTHER", "you belong to another one"),
    ],
)
async def test_no_rule_lets_in_who_is_no_full_member(rights, user, team, said):
    everyone = Rule(right=Right.ACKNOWLEDGE, who=("everyone",))
    refused = await rights(everyone).may(user, Right.ACKNOWLEDGE, team_id=team)
    assert not refused.allowed
    assert said in refused.because


async def test_members_of_a_user_group_may(rights):
    assert (await rights(LEADS).may("U0PRIYA", Right.APPROVE)).allowed
    refused = await rights(LEADS).may("U0OMAR", Right.APPROVE)
    assert refused.because.startswith("Approving needs @leads. ")


async def test_people_and_teams_of_the_settings_may(rights):
    people = [PersonSettings(name="Priya", slack="U0PRIYA")]
    teams = [TeamSettings(name="integrations", members=("Priya",))]
    rule = Rule(right=Right.SILENCE, who=("team:integrations",))
    asked = rights(rule, people=people, teams=teams)
    assert (await asked.may("U0PRIYA", Right.SILENCE)).allowed
    assert (await asked.may("U0PRIYA", Right.APPROVE)).allowed
    assert not (await asked.may("U0OMAR", Right.SILENCE)).allowed
    assert not (await asked.may("U0OMAR", Right.APPROVE)).allowed


async def test_a_group_is_asked_about_once_in_five_minutes(rights, workspace, watch):
    asked = rights(LEADS)
    assert (await asked.may("U0PRIYA", Right.APPROVE)).allowed
    workspace.groups["S0LEADS"] = []
    watch.seconds += 299
    assert (await asked.may("U0PRIYA", Right.APPROVE)).allowed
    assert workspace.asked.count("usergroups.users.list") == 1
    watch.seconds += 2
    assert not (await asked.may("U0PRIYA", Right.APPROVE)).allowed


TROUBLES = [
    (500, {}),
    (429, no("ratelimited")),
    (200, no("plan_upgrade_required")),
    (200, {"ok": True}),
    (200, {"ok": True, "users": "U0PRIYA"}),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_while_a_group_cannot_be_asked_about_the_answer_is_no(
    rights, workspace, watch, trouble
):
    asked = rights(LEADS)
    assert (await asked.may("U0PRIYA", Right.APPROVE)).allowed
    watch.seconds += 301
    workspace.trouble = {"usergroups.users.list": trouble, "usergroups.list": (500, {})}
    refused = await asked.may("U0PRIYA", Right.APPROVE)
    assert not refused.allowed
    assert "Slack does not tell me" in refused.because


async def test_a_group_that_is_not_there_has_no_members(rights, workspace):
    del workspace.groups["S0LEADS"]
    workspace.trouble = {"usergroups.list": (500, {})}
    refused = await rights(LEADS).may("U0PRIYA", Right.APPROVE)
    assert "the user group S0LEADS" in refused.because


async def test_an_account_is_found_by_its_email(workspace):
    accounts = SlackAccounts(workspace.client)
    assert await accounts.by_email("priya@acme.example") == "U0PRIYA"
    assert await accounts.by_email("nobody@acme.example") is None
    assert await accounts.by_email("x@acme.example") is None
    assert await accounts.email_of("U0PRIYA") == "priya@acme.example"
    assert await accounts.email_of("U0OMAR") is None
    assert await accounts.email_of("U0NONE") is None


@pytest.mark.parametrize(
    "trouble", [*TROUBLES[:2], (200, no("missing_scope")), TROUBLES[3]], ids=str
)
async def test_who_cannot_be_looked_up_is_not_nobody(workspace, trouble):
    workspace.trouble = {"users.lookupByEmail": trouble, "users.info": trouble}
    accounts = SlackAccounts(workspace.client)
    with pytest.raises(CannotAsk):
        await accounts.by_email("priya@acme.example")
    with pytest.raises(CannotAsk):
        await accounts.email_of("U0PRIYA")


async def test_every_attempt_leaves_a_row(store, noon):
    asked = {"who": "U0PRIYA", "team": TEAM, "what": "silence", "via": "command"}
    refused = Permission(allowed=False, because="Silencing needs Omar.")
    await asyncio.to_thread(record, store, noon, refused, **asked, said="system=x 2h busy")
    record(store, noon, Permission(allowed=True), **asked, incident_id=42)
    first, second = audit.audited_since(store.db, noon)
    assert (first.allowed, first.subject, first.because) == (
        False,
        "system=x 2h busy",
        "Silencing needs Omar.",
    )
    assert (second.allowed, second.subject) == (True, "#42")


def test_an_incident_goes_by_the_rules_of_the_channel_it_was_announced_in(store):
    desk = desk_over(store)
    assert channel_of(store.db, Right.ACKNOWLEDGE, None, "C0ELSE") == "C0ELSE"
    stall(desk)
    assert channel_of(store.db, Right.ACKNOWLEDGE, 1, "C0ELSE") == "C1"
    assert channel_of(store.db, Right.ACKNOWLEDGE, None, "C0ELSE") == "C1"
    assert channel_of(store.db, Right.SILENCE, 1, "C0ELSE") == "C1"
    assert channel_of(store.db, Right.SILENCE, None, "C0ELSE") == "C0ELSE"
    assert channel_of(store.db, Right.ACKNOWLEDGE, 99, "C0ELSE") == "C0ELSE"


def test_what_looks_like_a_secret_is_not_kept(store, noon):
    said = "system=x 2h password=hunter2"
    asked = {"who": "U0PRIYA", "team": None, "what": "silence", "via": "command", "said": said}
    record(store, noon, Permission(allowed=True), **asked)
    [row] = audit.audited_since(store.db, noon)
    assert "hunter2" not in row.subject
