"""The Web API's door and the methods that read: parameters, tokens, scopes, pages, files, marks."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import MANIFEST, Person
from tests.loopback import NO_TLS_HERE

Json = dict[str, Any]


@pytest.fixture
def channel(server: WorkspaceServer) -> str:
    return server.channels["integrations"]


@pytest.fixture
def bearer(server: WorkspaceServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.bot_token}"}


HELLO = {"text": "hello", "blocks": [{"type": "divider"}]}


@pytest.mark.parametrize("how", ["query", "form", "json", "multipart"])
async def test_parameters_are_taken_wherever_they_are(
    server: WorkspaceServer, person: Person, bearer: dict[str, str], channel: str, how: str
) -> None:
    encoded = {"channel": channel, "text": "hello", "blocks": json.dumps(HELLO["blocks"])}
    placed: Json = {
        "query": {"params": encoded},
        "form": {"data": encoded},
        "json": {"json": HELLO | {"channel": channel}},
        "multipart": {"files": {name: (None, value) for name, value in encoded.items()}},
    }[how]
    url = server.api_url + "chat.postMessage"
    answer = (await person.http.post(url, headers=bearer, **placed)).json()
    assert answer["ok"], answer
    assert answer["message"]["text"] == "hello"
    assert answer["message"]["blocks"][0]["type"] == "divider"


async def test_an_empty_json_body_is_no_parameters(
    server: WorkspaceServer, person: Person, bearer: dict[str, str]
) -> None:
    headers = bearer | {"Content-Type": "application/json;charset=utf-8"}
    answer = (await person.http.post(server.api_url + "auth.test", headers=headers)).json()
    assert answer["user_id"] == server.users["seamwatch"]


async def test_the_token_may_be_in_the_form_but_not_in_the_query(
    server: WorkspaceServer, person: Person
) -> None:
    url, token = server.api_url + "auth.test", {"token": server.bot_token}
    assert (await person.http.post(url, data=token)).json()["ok"]
    assert (await person.http.post(url, params=token)).json()["error"] == "not_authed"
    wrong = {"Authorization": "Bearer xoxb-wrong"}
    assert (await person.http.post(url, headers=wrong)).json()["error"] == "invalid_auth"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param("{oops", "invalid_json", id="not JSON"),
        pytest.param("[1]", "json_not_object", id="a list"),
    ],
)
async def test_a_body_that_is_no_object_is_refused(
    server: WorkspaceServer, person: Person, bearer: dict[str, str], body: str, error: str
) -> None:
    headers = bearer | {"Content-Type": "application/json"}
    answer = await person.http.post(server.api_url + "auth.test", headers=headers, content=body)
    assert (answer.status_code, answer.json()["error"]) == (200, error)


async def test_every_answer_tells_the_scopes(
    server: WorkspaceServer, person: Person, bearer: dict[str, str]
) -> None:
    answer = await person.http.get(server.api_url + "auth.test", headers=bearer)
    assert answer.headers["x-oauth-scopes"].split(",") == MANIFEST["oauth_config"]["scopes"]["bot"]
    assert answer.headers["x-slack-req-id"]


async def test_an_unknown_method_is_named(web: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="unknown_method"):
        await web.api_call("chat.shout")


NEEDED = {
    "chat.postMessage": "chat:write",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "reactions.add": "reactions:write",
    "files.getUploadURLExternal": "files:write",
    "usergroups.list": "usergroups:read",
    "pins.add": "pins:write",
    "bookmarks.add": "bookmarks:write",
}


@pytest.mark.parametrize(("method", "scope"), NEEDED.items(), ids=NEEDED.keys())
async def test_a_scope_that_the_manifest_lacks_is_missed(
    start: Start, method: str, scope: str
) -> None:
    bare = await start(MANIFEST | {"oauth_config": {"scopes": {"bot": ["commands"]}}})
    web = AsyncWebClient(token=bare.bot_token, base_url=bare.api_url)
    with pytest.raises(SlackApiError) as refused:
        await web.api_call(method, params={"channel": bare.channels["integrations"]})
    answer = refused.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert answer["provided"] == "commands"


async def test_each_token_opens_its_own_doors(server: WorkspaceServer) -> None:
    async def error(method: str, token: str) -> str | None:
        client = AsyncWebClient(token=token, base_url=server.api_url)
        try:
            await client.api_call(method)
        except SlackApiError as refused:
            return refused.response["error"]
        return None

    assert await error("apps.connections.open", server.app_token) is None
    assert await error("apps.connections.open", server.bot_token) == "not_allowed_token_type"
    assert await error("chat.postMessage", server.app_token) == "not_allowed_token_type"
    assert await error("views.open", server.user_tokens["priya"]) == "not_allowed_token_type"


async def test_any_slack_client_can_join_as_a_person(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    priya = AsyncWebClient(token=server.user_tokens["priya"], base_url=server.api_url)
    me = await priya.auth_test()
    await priya.chat_postMessage(channel=channel, text="I have it")
    (message,) = (await web.conversations_history(channel=channel))["messages"]
    assert me["user_id"] == server.users["priya"] == message["user"]
    assert "bot_id" not in message


async def test_history_comes_newest_first_in_pages_that_new_messages_do_not_shift(
    web: AsyncWebClient, channel: str
) -> None:
    for number in range(5):
        await web.chat_postMessage(channel=channel, text=str(number))
    first = await web.conversations_history(channel=channel, limit=2)
    await web.chat_postMessage(channel=channel, text="new")
    cursor = first["response_metadata"]["next_cursor"]
    second = await web.conversations_history(channel=channel, limit=2, cursor=cursor)
    cursor = second["response_metadata"]["next_cursor"]
    third = await web.conversations_history(channel=channel, limit=2, cursor=cursor)

    pages = [[message["text"] for message in page["messages"]] for page in (first, second, third)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]


@pytest.mark.parametrize(
    ("bounds", "texts"),
    [
        pytest.param({"oldest": 1}, ["2"], id="after oldest"),
        pytest.param({"oldest": 1, "inclusive": True}, ["2", "1"], id="from oldest"),
        pytest.param({"latest": 1}, ["0"], id="before latest"),
        pytest.param({"latest": 1, "inclusive": True}, ["1", "0"], id="up to latest"),
        pytest.param({"oldest": 1, "latest": 1, "inclusive": True}, ["1"], id="exactly one"),
    ],
)
async def test_history_between_two_moments(
    web: AsyncWebClient, channel: str, bounds: Json, texts: list[str]
) -> None:
    posted = [await web.chat_postMessage(channel=channel, text=str(number)) for number in range(3)]
    asked = {
        name: posted[value]["ts"] if name != "inclusive" else value
        for name, value in bounds.items()
    }
    found = await web.conversations_history(channel=channel, **asked)
    assert [message["text"] for message in found["messages"]] == texts


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param({"cursor": "nonsense"}, "invalid_cursor", id="cursor"),
        pytest.param({"limit": "0"}, None, id="no limit"),
        pytest.param({"limit": "5000"}, "invalid_limit", id="limit"),
        pytest.param({"oldest": "yesterday"}, "invalid_ts_oldest", id="oldest"),
    ],
)
async def test_history_refuses_what_it_cannot_read(
    web: AsyncWebClient, channel: str, asked: Json, error: str | None
) -> None:
    await web.chat_postMessage(channel=channel, text="x")
    if error is None:
        assert (await web.conversations_history(channel=channel, **asked))["ok"]
        return
    with pytest.raises(SlackApiError) as refused:
        await web.conversations_history(channel=channel, **asked)
    assert refused.value.response["error"] == error


async def test_history_is_for_members(web: AsyncWebClient, server: WorkspaceServer) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await web.conversations_history(channel=server.channels["random"])
    joined = await web.conversations_join(channel=server.channels["random"])
    assert joined["channel"]["is_member"]
    assert (await web.conversations_history(channel=server.channels["random"]))["ok"]


async def test_channels_tell_membership_and_strangers(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    listed = (await web.conversations_list())["channels"]
    known = {entry["name"]: entry["is_member"] for entry in listed}
    assert known == {"integrations": True, "retail-managers": True, "random": False}
    info = (await web.conversations_info(channel=channel))["channel"]
    assert info["is_ext_shared"]
    members = (await web.conversations_members(channel=channel))["members"]
    assert server.users["otto"] in members
    assert server.users["seamwatch"] in members


async def test_nobody_reads_the_direct_messages_of_another(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    direct = (await web.conversations_open(users=server.users["priya"]))["channel"]["id"]
    alex = AsyncWebClient(token=server.user_tokens["alex"], base_url=server.api_url)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await alex.conversations_history(channel=direct)


async def test_users_tell_guests_and_outsiders_apart(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    async def of(name: str) -> Json:
        return (await web.users_info(user=server.users[name]))["user"]

    priya, gina, otto = await of("priya"), await of("gina"), await of("otto")
    assert (priya["is_restricted"], gina["is_restricted"]) == (False, True)
    assert priya["team_id"] == gina["team_id"] == server.team_id != otto["team_id"]
    assert otto["is_stranger"]
    assert priya["profile"]["email"] == "priya@acme.example"
    assert "email" not in otto["profile"]
    assert len((await web.users_list())["members"]) == 9


async def test_a_user_is_found_by_email(web: AsyncWebClient, server: WorkspaceServer) -> None:
    found = await web.users_lookupByEmail(email="marcus@acme.example")
    assert found["user"]["id"] == server.users["marcus"]
    with pytest.raises(SlackApiError, match="users_not_found"):
        await web.users_lookupByEmail(email="otto@acme.example")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await web.users_info(user="U0NOBODY")


async def test_the_app_and_its_team_introduce_themselves(
    web: AsyncWebClient, server: WorkspaceServer
) -> None:
    me = await web.auth_test()
    assert me["bot_id"] == (await web.bots_info(bot=me["bot_id"]))["bot"]["id"]
    assert (await web.team_info())["team"]["id"] == me["team_id"] == server.team_id


async def test_reactions_come_and_go_once(web: AsyncWebClient, channel: str) -> None:
    ts = (await web.chat_postMessage(channel=channel, text="x"))["ts"]
    where = {"channel": channel, "timestamp": ts}
    await web.reactions_add(name="eyes", **where)
    with pytest.raises(SlackApiError, match="already_reacted"):
        await web.reactions_add(name="eyes", **where)
    with pytest.raises(SlackApiError, match="invalid_name"):
        await web.reactions_add(name=":eyes:", **where)
    shown = (await web.reactions_get(**where))["message"]["reactions"]
    assert [(entry["name"], entry["count"]) for entry in shown] == [("eyes", 1)]
    await web.reactions_remove(name="eyes", **where)
    assert "reactions" not in (await web.reactions_get(**where))["message"]
    with pytest.raises(SlackApiError, match="no_reaction"):
        await web.reactions_remove(name="eyes", **where)


async def test_pins_and_bookmarks_are_kept(web: AsyncWebClient, channel: str) -> None:
    ts = (await web.chat_postMessage(channel=channel, text="x"))["ts"]
    await web.pins_add(channel=channel, timestamp=ts)
    with pytest.raises(SlackApiError, match="already_pinned"):
        await web.pins_add(channel=channel, timestamp=ts)
    assert [pin["message"]["ts"] for pin in (await web.pins_list(channel=channel))["items"]] == [ts]
    await web.pins_remove(channel=channel, timestamp=ts)
    assert (await web.pins_list(channel=channel))["items"] == []

    link = "https://example.com/runbook"
    await web.bookmarks_add(channel_id=channel, title="Runbook", type="link", link=link)
    (bookmark,) = (await web.bookmarks_list(channel_id=channel))["bookmarks"]
    assert (bookmark["title"], bookmark["link"]) == ("Runbook", link)
    with pytest.raises(SlackApiError, match="invalid_link"):
        await web.bookmarks_add(
            channel_id=channel, title="x", type="link", link="javascript:alert(1)"
        )


async def test_a_file_is_uploaded_in_three_steps_by_the_real_client(
    web: AsyncWebClient, server: WorkspaceServer, channel: str, person: Person
) -> None:
    root = await web.chat_postMessage(channel=channel, text="root")
    done = await web.files_upload_v2(
        channel=channel,
        content=b"picture",
        filename="queue.png",
        title="Queue",
        initial_comment="See",
        thread_ts=root["ts"],
    )
    file_id = done["files"][0]["id"]
    info = (await web.files_info(file=file_id))["file"]
    thread = (await web.conversations_replies(channel=channel, ts=root["ts"]))["messages"]
    bytes_back = await person.get(f"/files/{file_id}")

    assert (info["title"], info["size"], info["mimetype"]) == ("Queue", 7, "image/png")
    assert info["shares"]["public"][channel][0]["ts"] == thread[1]["ts"]
    assert (thread[1]["text"], thread[1]["files"][0]["id"]) == ("See", file_id)
    assert bytes_back.content == b"picture"


async def test_an_upload_is_refused_before_its_bytes_are_there(
    web: AsyncWebClient, channel: str
) -> None:
    announced = await web.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": announced["file_id"], "title": "A"}]
    with pytest.raises(SlackApiError, match="file_upload_not_complete"):
        await web.files_completeUploadExternal(files=files, channel_id=channel)
    async with httpx.AsyncClient(trust_env=False, verify=NO_TLS_HERE) as http:
        short = await http.post(announced["upload_url"], content=b"ab")
        whole = await http.post(announced["upload_url"], content=b"abc")
    assert (short.status_code, short.text) == (400, "3 bytes were announced, 2 came")
    assert (whole.status_code, whole.text) == (200, "OK - 3")
    with pytest.raises(SlackApiError, match="file_not_found"):
        await web.files_info(file="F0NOTHING")
