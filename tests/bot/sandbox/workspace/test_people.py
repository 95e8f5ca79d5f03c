"""Who can be reached and how: zones, user groups, deactivated accounts, direct messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import MANIFEST, Person

Json = dict[str, Any]


async def refusal(web: AsyncWebClient, method: str, **params: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await web.api_call(method, params=params)
    return str(refused.value.response["error"])


async def test_everybody_has_the_offset_of_their_zone_at_that_moment(
    web: AsyncWebClient, server: WorkspaceServer, clock: SandboxClock
) -> None:
    async def zone(name: str) -> tuple[str, str, int]:
        user = (await web.users_info(user=server.users[name]))["user"]
        return user["tz"], user["tz_label"], user["tz_offset"]

    assert await zone("priya") == ("Europe/London", "Greenwich Mean Time", 0)
    assert await zone("nora") == ("America/New_York", "Eastern Standard Time", -5 * 3600)
    clock.advance(timedelta(days=10))
    assert await zone("priya") == ("Europe/London", "Greenwich Mean Time", 0)
    assert await zone("nora") == ("America/New_York", "Eastern Daylight Time", -4 * 3600)
    clock.advance(timedelta(days=20))
    assert await zone("priya") == ("Europe/London", "British Summer Time", 3600)


async def test_a_deactivated_account_is_known_and_not_found_by_email(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    theo = server.users["theo"]
    known = (await web.users_info(user=theo))["user"]
    assert (known["deleted"], "tz" in known) == (True, False)
    assert await refusal(web, "users.lookupByEmail", email="theo@acme.example") == "users_not_found"
    assert await refusal(web, "conversations.open", users=theo) == "user_disabled"
    channel = server.channels["integrations"]
    assert theo not in (await web.conversations_members(channel=channel))["members"]
    assert "theo" not in server.user_tokens
    refused = await person.tries("message", user="theo", channel="#integrations", text="x")
    assert refused.json()["error"] == "the account of theo is deactivated; nobody can use it"
    assert (await person.get("/page/state", user="theo")).status_code == 400


async def test_a_message_to_a_deactivated_account_is_taken_as_slack_takes_it(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    posted = await web.chat_postMessage(channel=server.users["theo"], text="wake up")
    assert posted["channel"].startswith("D")


async def test_a_direct_message_is_reached_by_the_users_id_and_read_back(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    nora = server.users["nora"]
    posted = await web.chat_postMessage(channel=nora, text="You are paged")
    opened = (await web.conversations_open(users=nora, return_im=True))["channel"]
    assert (opened["id"], opened["user"], opened["is_im"]) == (posted["channel"], nora, True)
    again = (await web.conversations_open(channel=opened["id"]))["channel"]["id"]
    assert again == opened["id"]
    history = (await web.conversations_history(channel=opened["id"]))["messages"]
    assert [said["text"] for said in history] == ["You are paged"]
    link = await web.chat_getPermalink(channel=opened["id"], message_ts=posted["ts"])
    assert f"/archives/{opened['id']}/p" in link["permalink"]
    edited = await web.chat_update(channel=opened["id"], ts=posted["ts"], text="Taken")
    assert edited["ok"]
    by_user = {"channel": nora, "ts": posted["ts"], "text": "x"}
    assert await refusal(web, "chat.update", **by_user) == "channel_not_found"
    seen = (await person.get("/page/messages", user="nora", channel=opened["id"])).json()
    assert [said["text"] for said in seen["messages"]] == ["Taken"]


async def test_a_bot_cannot_be_written_to(web: AsyncWebClient, server: WorkspaceServer) -> None:
    me = server.users["seamwatch"]
    assert await refusal(web, "conversations.open", users=me) == "cannot_dm_bot"
    assert await refusal(web, "chat.postMessage", channel=me, text="x") == "cannot_dm_bot"
    channel = server.channels["integrations"]
    wrong_kind = await refusal(web, "conversations.open", channel=channel)
    assert wrong_kind == "method_not_supported_for_channel_type"


async def test_a_profile_tells_the_email_to_those_who_may_know_it(
    web: AsyncWebClient, server: WorkspaceServer, start: Start
) -> None:
    profile = (await web.users_profile_get(user=server.users["nora"]))["profile"]
    assert profile["email"] == "nora@acme.example"
    assert profile["title"] == "Integration engineer, New York"
    scopes = {"oauth_config": {"scopes": {"bot": ["users:read", "users.profile:read"]}}}
    other = await start(MANIFEST | scopes)
    bare = AsyncWebClient(token=other.bot_token, base_url=other.api_url)
    told = (await bare.users_profile_get(user=other.users["nora"]))["profile"]
    assert "email" not in told
    assert "email" not in (await bare.users_info(user=other.users["nora"]))["user"]["profile"]


async def test_a_user_group_is_listed_with_its_members_when_asked(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    (group,) = (await web.usergroups_list())["usergroups"]
    assert (group["handle"], group["id"]) == (
        "integrations-oncall",
        server.groups["integrations-oncall"],
    )
    assert group["id"].startswith("S")
    assert "users" not in group
    (whole,) = (await web.usergroups_list(include_users=True, include_count=True))["usergroups"]
    members = [server.users["priya"], server.users["nora"]]
    assert (whole["users"], whole["user_count"]) == (members, "2")
    assert (await web.usergroups_users_list(usergroup=group["id"]))["users"] == members


async def test_the_members_of_a_user_group_are_replaced(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    group, alex = server.groups["integrations-oncall"], server.users["alex"]
    await web.usergroups_users_update(usergroup=group, users=[alex])
    assert (await web.usergroups_users_list(usergroup=group))["users"] == [alex]
    method = "usergroups.users.update"
    theo = server.users["theo"]
    assert await refusal(web, method, usergroup=group, users=theo) == "invalid_users"
    assert await refusal(web, method, usergroup="S0NONE", users=alex) == "no_such_subteam"
    assert await refusal(web, "usergroups.users.list", usergroup="S0NONE") == "no_such_subteam"


@pytest.mark.parametrize(
    ("method", "scope"),
    [
        ("users.profile.get", "users.profile:read"),
        ("usergroups.users.list", "usergroups:read"),
        ("usergroups.users.update", "usergroups:write"),
        ("conversations.open", "im:write"),
    ],
)
async def test_their_methods_need_their_scopes(start: Start, method: str, scope: str) -> None:
    bare = await start(MANIFEST | {"oauth_config": {"scopes": {"bot": ["commands"]}}})
    web = AsyncWebClient(token=bare.bot_token, base_url=bare.api_url)
    with pytest.raises(SlackApiError) as refused:
        await web.api_call(method)
    assert (refused.value.response["error"], refused.value.response["needed"]) == (
        "missing_scope",
        scope,
    )


async def test_a_typed_group_becomes_a_mention(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    text = "ask @integrations-oncall and @nora"
    await person.does("message", user="alex", channel="#integrations", text=text, wait=0)
    (said,) = await person.sees("integrations")
    group = server.groups["integrations-oncall"]
    assert said["text"] == f"ask <!subteam^{group}> and <@{server.users['nora']}>"


async def test_what_somebody_has_not_read_is_still_unread_when_they_come_back(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    async def unread(user: str) -> dict[str, int]:
        state = (await person.get("/page/state", user=user)).json()
        return {each["name"]: each["unread"] for each in state["channels"] if each["unread"]}

    posted = await web.chat_postMessage(channel=server.users["nora"], text="You are paged")
    await web.chat_postMessage(channel=server.channels["integrations"], text="Stalled")
    assert await unread("nora") == {"integrations": 1, "Seamwatch": 1}
    await person.does("read", user="nora", channel=posted["channel"])
    assert await unread("nora") == {"integrations": 1}
    assert await unread("priya") == {"integrations": 1}
    await web.chat_postMessage(channel=server.users["nora"], text="Still waiting")
    assert await unread("nora") == {"integrations": 1, "Seamwatch": 1}


async def test_a_messages_tab_that_is_read_only_takes_no_message(start: Start) -> None:
    app_home = {"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    server = await start(MANIFEST | {"features": {**MANIFEST["features"], "app_home": app_home}})
    web, person = AsyncWebClient(token=server.bot_token, base_url=server.api_url), Person(server)
    direct = (await web.conversations_open(users=server.users["priya"]))["channel"]["id"]
    refused = await person.tries("message", user="priya", channel=direct, text="hello")
    assert refused.json()["error"] == "Sending messages to this app has been turned off."
    await person.http.aclose()


async def test_without_a_messages_tab_nobody_is_written_to(start: Start) -> None:
    app_home = {"messages_tab_enabled": False}
    server = await start(MANIFEST | {"features": {**MANIFEST["features"], "app_home": app_home}})
    web = AsyncWebClient(token=server.bot_token, base_url=server.api_url)
    posted = {"channel": server.users["priya"], "text": "x"}
    assert await refusal(web, "chat.postMessage", **posted) == "messages_tab_disabled"
    assert (await web.chat_postMessage(channel=server.channels["integrations"], text="x"))["ok"]
