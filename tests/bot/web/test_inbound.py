"""What the services call back with, over real HTTP: heard once, from who can prove it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing import HeardBefore
from bot.paging.hearing import NotUnderstood, read_alert, read_pagerduty, read_webhook
from bot.paging.model import HeardAct, PageAct, alias_of, incident_id_of, key_of
from bot.sandbox.pagers.webhook import signature
from bot.web.inbound import Call, Inbound
from tests.bot.paging.scene import ESTATE, KEY, NAMES, a_page, section

TRIGGER, ACKNOWLEDGE, RESOLVE = PageAct
UNPROVEN = "The signature or token is missing, wrong or too old."


def signed(door, told, sent_id="an-id", at=None, secret=None):
    """A webhook's answer with its headers."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    timestamp = str(int(time.time() if at is None else at))
    made = signature(secret or door.pagers.webhook.answer_secret, sent_id, timestamp, body)
    headers = {"webhook-id": sent_id, "webhook-timestamp": timestamp}
    return body, headers | {"webhook-signature": made}


def answer(**data):
    return {"type": "incident.acknowledged", "data": {"key": KEY, "who": "Omar"} | data}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("act", HeardAct)
async def test_what_a_person_does_there_is_heard_here(door, name, act):
    await door.page(name, a_page())
    done = await door.pagers.press(name, act.value, user="Omar")
    assert done["answer"]["status"] == 202
    [heard] = door.heard
    assert (heard.pager, heard.incident_key, heard.incident_id) == (name, KEY, 42)
    assert (heard.act, heard.who) == (act, "Omar")
    assert timedelta(0) <= datetime.now(UTC) - heard.at < timedelta(seconds=5)


@pytest.mark.parametrize("name", NAMES)
async def test_our_own_acts_come_back_and_are_not_heard(door, name):
    for act in PageAct:
        await door.page(name, a_page(act, row_id=f"row-{act}"))
    assert door.pagers.board.alerts[0].state == "resolved"
    assert (await door.pagers.repeat(name))["answer"]["status"] == 202
    assert door.heard == []


async def test_an_acknowledgement_that_runs_out_there_is_heard_in_pagerdutys_name(door):
    await door.page("pagerduty", a_page())
    await door.pagers.press("pagerduty", "unacknowledge")
    assert [heard.who for heard in door.heard] == ["PagerDuty"]


async def test_a_resolve_by_a_time_out_is_nobodys_word(door):
    await door.page("pagerduty", a_page())
    await door.pagers.press("pagerduty", "resolve")
    assert door.heard == []


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_told_again_is_heard_once(door, name):
    await door.page(name, a_page())
    await door.pagers.press(name, "acknowledge", user="Omar")
    again = await door.pagers.repeat(name)
    assert again["answer"]["status"] == (400 if name == "webhook" else 202)
    assert "Heard already" in again["answer"]["said"]
    assert len(door.heard) == 1


async def test_a_restart_forgets_nothing_that_was_heard(door, store):
    """A signed request that was caught on its way is fresh for minutes; a restart takes seconds."""
    body, headers = signed(door, answer())
    call, heard = Call(headers=headers, query={}, body=body), []

    def started():
        sections = [section(door.pagers, "webhook")]
        return Inbound(sections, ESTATE, heard.append, HeardBefore(store))

    assert [started().answer("webhook", call).status for _ in range(2)] == [202, 400]
    assert len(heard) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_what_could_not_be_noted_may_be_told_again(door, name, caplog):
    await door.page(name, a_page())
    door.breaks = True
    done = await door.pagers.press(name, "acknowledge", user="Omar")
    assert done["answer"]["status"] == 500
    door.breaks = False
    assert (await door.pagers.repeat(name))["answer"]["status"] == 202
    assert len(door.heard) == 1
    caplog.clear()


@pytest.mark.parametrize("name", NAMES)
async def test_a_forgery_is_refused_and_stands_not_in_the_log(door, name, caplog):
    caplog.set_level(logging.DEBUG)
    await door.page(name, a_page())
    made = door.pagers._services[name].call_back(door.pagers.board.alerts[0], "resolve", "X", False)
    for headers in ({}, {key: value[:-8] + "AAAAAAAA" for key, value in made.headers.items()}):
        refused = await door.call(name, made.body, headers)
        assert refused.status_code == 401
        assert refused.json() == {"said": UNPROVEN}
    assert door.heard == []
    assert caplog.text.count(f"in the name of pager {name!r} could not be proven") == 1
    alerts = (door.pagers.jira.webhook_token, door.pagers.opsgenie.webhook_token)
    signing = (door.pagers.pagerduty.webhook_secret, door.pagers.webhook.answer_secret)
    assert not any(secret in caplog.text for secret in (*alerts, *signing))


@pytest.mark.parametrize("name", ["pagerduty", "webhook"])
async def test_one_changed_byte_is_a_forgery(door, name):
    await door.page(name, a_page())
    made = door.pagers._services[name].call_back(door.pagers.board.alerts[0], "resolve", "X", False)
    refused = await door.call(name, made.body.replace(b"42", b"43"), made.headers)
    assert refused.status_code == 401


@pytest.mark.parametrize("name", NAMES)
async def test_bytes_that_are_no_text_are_a_forgery_like_any_other(door, name):
    body, headers = signed(door, answer())
    noise = b"v1,\xff\xfe"
    headers |= {"X-PagerDuty-Signature": noise, "Authorization": noise}
    for header in ("webhook-signature", "webhook-id", "webhook-timestamp"):
        told = headers | {header: noise}
        assert (await door.call(f"{name}?token=%ff", body, told)).status_code == 401


@pytest.mark.parametrize("name", ["pigeon", "email", "%0aevil", "x" * 300])
async def test_who_is_not_known_is_told_no_more_than_a_forger(door, name, caplog):
    refused = await door.call(name, b"{}")
    assert refused.status_code == 401
    assert refused.json() == {"said": UNPROVEN}
    assert all("\n" not in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_a_stale_signature_is_refused(door, seconds):
    body, headers = signed(door, answer(), at=time.time() + seconds)
    assert (await door.call("webhook", body, headers)).status_code == 401
    assert door.heard == []


async def test_a_replay_with_another_id_is_a_forgery(door):
    body, headers = signed(door, answer())
    assert (await door.call("webhook", body, headers)).status_code == 202
    headers["webhook-id"] = "another-id"
    assert (await door.call("webhook", body, headers)).status_code == 401
    assert len(door.heard) == 1


async def test_an_id_is_still_known_when_its_signature_is_about_to_end(door):
    door.now = 1_800_000_000.0
    body, headers = signed(door, answer(), at=door.now)
    assert (await door.call("webhook", body, headers)).status_code == 202
    door.now += 299
    assert (await door.call("webhook", body, headers)).status_code == 400
    assert len(door.heard) == 1


async def test_the_secret_that_we_sign_with_does_not_sign_answers(door):
    body, headers = signed(door, answer(), secret=door.pagers.webhook.signing_secret)
    assert (await door.call("webhook", body, headers)).status_code == 401


@pytest.mark.parametrize("sent_id", ["", "a.b", "x" * 600, "a\tb"])
async def test_an_id_that_could_shift_what_is_signed_is_refused(door, sent_id):
    body, headers = signed(door, answer(), sent_id=sent_id)
    assert (await door.call("webhook", body, headers)).status_code == 401


NOT_UNDERSTOOD = {
    "no JSON": b"hello",
    "not UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "no type": b"{}",
    "a number for a type": b'{"type": 7}',
    "a time without a zone": b'{"type": "x", "timestamp": "2026-11-21T03:12:00"}',
    "very deep": b"[" * 50_000,
}


@pytest.mark.parametrize("body", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys())
async def test_nonsense_is_told_in_one_short_sentence(door, body):
    body, headers = signed(door, body)
    refused = await door.call("webhook", body, headers)
    assert refused.status_code == 400
    assert refused.json()["said"].startswith("Not understood: ")
    assert len(refused.text) < 200
    assert door.heard == []


async def test_what_is_too_long_is_not_read(door):
    assert (await door.call("pagerduty", b"x" * 300_000)).status_code == 413


async def test_who_sends_too_slowly_is_let_go(door, monkeypatch):
    monkeypatch.setattr("bot.web.inbound.READ_SECONDS", 0.05)

    async def drip():
        yield b"{"
        await asyncio.sleep(0.3)
        yield b"}"

    slow = await door.http.post(f"{door.url}/inbound/pagerduty", content=drip())
    assert slow.status_code == 408


IRRELEVANT = {
    "another estate": answer(key="seamwatch/Another/42"),
    "another tool": answer(key="grafana-42"),
    "no key": answer(key=""),
    "a longer key": answer(key=KEY + "\n"),
    "a huge number": answer(key="seamwatch/Acme Outdoors/" + "9" * 400),
    "another event": answer() | {"type": "incident.reassigned"},
    "a mirror of ours": answer() | {"type": "incident.resolve"},
    "news of yesterday": answer() | {"timestamp": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("told", IRRELEVANT.values(), ids=IRRELEVANT.keys())
async def test_what_does_not_concern_us_is_taken_and_not_heard(door, told):
    body, headers = signed(door, told)
    assert (await door.call("webhook", body, headers)).status_code == 202
    assert door.heard == []


async def test_a_hostile_name_is_made_plain(door):
    body, headers = signed(door, answer(who="<!channel>\r\n\u202eevil" + "x" * 500))
    await door.call("webhook", body, headers)
    [heard] = door.heard
    assert heard.who.startswith("<!channel> evilxxx")
    assert len(heard.who) <= 80


async def test_a_time_in_the_future_is_now(door):
    body, headers = signed(door, answer() | {"timestamp": "2099-01-01T00:00:00Z"})
    await door.call("webhook", body, headers)
    assert door.heard[0].at <= datetime.now(UTC)


async def test_a_test_delivery_of_pagerduty_is_taken(door):
    """PagerDuty switches a subscription off when three in a row are refused."""
    event = {"id": "1", "event_type": "pagey.ping", "resource_type": "pagey",
             "occurred_at": "2026-11-21T03:12:00Z", "agent": None, "client": None,
             "data": {"message": "Hello from your friend Pagey!", "type": "ping"}}  # fmt: skip
    assert read_pagerduty(json.dumps({"event": event}).encode()) is None


@pytest.mark.parametrize("read", [read_pagerduty, read_alert, read_webhook])
@given(
    told=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["event", "data", "alert", "action", "type", "id", "agent", "source"]
                ),
                inner,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_refused_and_never_a_crash(read, told):
    with suppress(NotUnderstood):
        assert read(json.dumps(told).encode()) is None


@given(estate=st.text(min_size=1, max_size=60), number=st.integers(1, 10**12))
def test_a_key_and_its_alias_lead_back_to_their_incident(estate, number):
    key = key_of(estate, number)
    assert incident_id_of(estate, key) == number
    assert incident_id_of(estate, alias_of(key)) == number
    assert incident_id_of(estate, f"{key}/again-2") == number
    assert incident_id_of(estate, alias_of(f"{key}/again-2")) == number
    assert incident_id_of(estate + "x", key) is None
    assert set(alias_of(key)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )
