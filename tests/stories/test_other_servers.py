"""The same bot with other servers: names that mean harm, another shape of Patchworks, HTTP mode."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.sandbox.estate import server
from bot.sandbox.estate.company import FLOWS
from bot.sandbox.workspace.signed_http import signature
from tests.stories.conftest import NO_TLS_HERE, Begin, edit
from tests.stories.story import Story
from tests.stories.transcript import root

HOSTILE = "<!channel> *x* <@U0> </script> {{7*7}} `y` https://evil.example"
KEY = 'api_key = "file:api_key"'
SOCKET = 'app_token = "file:app_token"'


async def test_a_flow_with_a_hostile_name_pings_nobody_and_is_shown_as_it_is(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = [replace(flow, name=HOSTILE) if flow.id == 4001 else flow for flow in FLOWS]
    monkeypatch.setattr(server, "FLOWS", tuple(flows))
    story = await begin()
    await story.queue_stalls(HOSTILE)
    await story.stands(root("#1 Triggered", "&lt;!channel&gt;", "{{7*7}}"))
    runbook = await story.asks("priya", "runbook 1")
    assert "{{7" in runbook
    typed = ("ack", "queue", "show 1", "incidents", "status", HOSTILE, f"runbook {HOSTILE}")
    answers = [runbook, *[await story.asks("priya", words) for words in typed]]
    lines = ["Acknowledged by @priya"]
    await story.stands(root("#1 Acknowledged", edits=1, lines=lines))
    await story.asks("priya", f"resolve 1 {HOSTILE}")
    lines.append("&lt;/script&gt; {{7*7}}")
    await story.stands(root("#1 Resolved", edits=2, lines=lines))
    for words in [*answers, *map(str, story.seen())]:
        assert "<!channel>" not in words
        assert "<@U0>" not in words
        assert "</script>" not in words
    assert links_nothing(story)


def links_nothing(story: Story) -> bool:
    """Whether Slack is told everywhere to make no links and mentions of foreign words."""
    channel = story.slack.channel("integrations")
    roots = story.slack.history(channel.id)
    told = [*roots, *story.slack.replies(channel.id, roots[0].ts)]
    texts = json.dumps([[message.blocks, message.attachments] for message in told])
    return texts.count('"type": "mrkdwn"') == texts.count('"verbatim": true') > 0


async def test_it_reads_a_patchworks_that_answers_in_the_other_shape_and_expires_its_tokens(
    prepare: Begin, shorter: None, tmp_path: Path
) -> None:
    story = await prepare(
        object_shape="attributes", status_form="string", token_lifetime=timedelta(minutes=1)
    )
    estate = story.sandbox.estate
    (tmp_path / "password").write_text(estate.password)
    edit(story.settings, {KEY: f'username = "{estate.username}"\npassword = "file:password"'})
    await story.start_bot()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered", "Orders to NetSuite"))
    await story.passes(minutes=2)
    await story.patchworks_fails("/api/v1/scheduled-flows", status=401, times=1)
    await story.rounds(1)
    assert "cannot be seen" not in await story.asks("priya", "queue")
    await story.queue_recovers()
    await story.stands(root("#1 Resolved", edits=1, lines=["Cleared: Nothing waits"]))


async def test_http_mode_obeys_signed_requests_and_refuses_all_others(
    prepare: Begin, shorter: None, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    story = await prepare(workspace={"request_url": url})
    (tmp_path / "signing_secret").write_text(story.sandbox.workspace.signing_secret)
    listen = f'signing_secret = "file:signing_secret"\nlisten = "127.0.0.1:{port}"'
    edit(story.settings, {SOCKET: listen})
    await story.start_bot()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    assert "HTTP mode" in await story.asks("priya", "status")
    assert "You have #1 in hand" in await story.presses("priya", "ack", seen.ts)
    await story.stands(root("#1 Acknowledged", edits=1, lines=["Acknowledged by @priya"]))
    assert await refusals(url, story.sandbox.workspace.signing_secret) == [401] * 7


async def refusals(url: str, secret: str) -> list[int]:
    """The statuses that forged, stale and malformed requests are answered with."""
    now, body = str(int(time.time())), "command=%2Fseam&text=ack&user_id=U1"
    old = str(int(time.time()) - 3600)
    tried = [
        (now, "v0=" + "0" * 64),
        (now, signature(secret, now, body + "x")),
        (now, ""),
        (old, signature(secret, old, body)),
        *((stamp, signature(secret, stamp, body)) for stamp in ("soon", "1e9", "-1")),
    ]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(verify=NO_TLS_HERE, headers=form) as http:
        return [
            (
                await http.post(
                    url,
                    content=body,
                    headers={"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed},
                )
            ).status_code
            for stamp, signed in tried
        ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
