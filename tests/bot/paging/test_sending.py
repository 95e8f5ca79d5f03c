"""Pages over real HTTP: every act for every service, and what each failure means."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from bot.outbox import Ambiguous, CannotLook, NeedsPerson, TryLater, Undelivered
from bot.paging.destination import PagerDestination
from bot.paging.making import make_pager
from bot.paging.model import PageAct, incident_id_of
from tests.bot.paging.scene import ALIAS, ESTATE, KEY, NAMES, a_page, section

ALERTS = ("jira", "opsgenie")
HOSTILE = "Orders\r\nX-Evil: 1\u202e\x00 <!channel> {{7*7}} `rm` " + "é" * 3000
TRIGGER, ACKNOWLEDGE, RESOLVE = PageAct


def state(server, name):
    return [alert.state for alert in server.board.alerts if alert.service == name]


def last(server):
    return server.board.came[-1]


async def failing(server, http, name, page=None, **fault):
    """What sending raises when the look-alike fails like this."""
    server.faults.order(name, fault)
    with pytest.raises(Undelivered) as caught:
        await make_pager(section(server, name), http).send(page or a_page())
    return caught.value


@pytest.mark.parametrize("name", NAMES)
async def test_an_incident_is_told_from_trigger_to_resolve(server, http, name):
    pager = make_pager(section(server, name), http)
    for act, then in zip(PageAct, ("triggered", "acknowledged", "resolved"), strict=True):
        assert await pager.send(a_page(act, row_id=f"row-{act}"))
        assert state(server, name) == [then]


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_page_twice_is_one_alert(server, http, name):
    pager = make_pager(section(server, name), http)
    await pager.send(a_page())
    await pager.send(a_page())
    assert state(server, name) == ["triggered"]


async def test_pagerduty_is_told_what_a_person_wants_to_know(server, http):
    assert await make_pager(section(server, "pagerduty"), http).send(a_page()) == KEY
    event = last(server).body
    assert event["payload"] == {
        "summary": "#42 Nothing has started for 2 min.",
        "source": KEY,
        "severity": "critical",
        "timestamp": "2026-11-21T03:12:00+00:00",
        "custom_details": {
            "what": "Nothing has started for 2 min; 14 runs wait.",
            "waiting": "14 runs",
            "usual": "2 runs",
        },
    }
    assert event["links"][0]["href"] == "https://acme.slack.com/archives/C1/p1"
    assert event["client"] == "Seamwatch"


@pytest.mark.parametrize("name", ALERTS)
async def test_an_alert_is_told_what_a_person_wants_to_know(server, http, name):
    await make_pager(section(server, name), http).send(a_page())
    assert last(server).body == {
        "source": "Seamwatch",
        "user": "Seamwatch: Priya",
        "message": "#42 Nothing has started for 2 min.",
        "alias": ALIAS,
        "description": "Nothing has started for 2 min; 14 runs wait.\n"
        "https://acme.slack.com/archives/C1/p1",
        "details": {"waiting": "14 runs", "usual": "2 runs"},
        "priority": "P1",
    }


async def test_a_webhook_is_told_what_a_program_wants_to_know(server, http):
    await make_pager(section(server, "webhook"), http).send(a_page(RESOLVE))
    came = last(server)
    assert came.body == {
        "type": "incident.resolve",
        "timestamp": "2026-11-21T03:12:00+00:00",
        "data": {
            "key": KEY,
            "incident": 42,
            "title": "#42 Nothing has started for 2 min.",
            "sentence": "Nothing has started for 2 min; 14 runs wait.",
            "severity": "critical",
            "by": "Priya",
            "url": "https://acme.slack.com/archives/C1/p1",
            "facts": {"waiting": "14 runs", "usual": "2 runs"},
        },
    }
    assert came.headers["webhook-id"] == "0f" * 16


@pytest.mark.parametrize(
    ("severity", "pagerduty", "priority"),
    [("low", "warning", "P4"), ("high", "error", "P2"), ("critical", "critical", "P1")],
)
async def test_severities_in_the_words_of_each(server, http, severity, pagerduty, priority):
    await make_pager(section(server, "pagerduty"), http).send(a_page(severity=severity))
    assert last(server).body["payload"]["severity"] == pagerduty
    await make_pager(section(server, "opsgenie"), http).send(a_page(severity=severity))
    assert last(server).body["priority"] == priority


@pytest.mark.parametrize("name", NAMES)
async def test_hostile_text_is_plain_and_within_the_limits_of_the_service(server, http, name):
    page = a_page(
        title=HOSTILE, sentence=HOSTILE, by=HOSTILE, url="", facts=((HOSTILE, HOSTILE),) * 3
    )
    for act in PageAct:  # the look-alikes refuse what is too long
        await make_pager(section(server, name), http).send(
            a_page(act, **{each: getattr(page, each) for each in ("title", "sentence", "by")})
        )
    await make_pager(section(server, name), http).send(page)
    for came in server.board.came:
        assert "\r" not in str(came.body)
        assert "\u202e" not in str(came.body)
        assert "\\x00" not in repr(came.body)


WAITS = [(429, {"Retry-After": "7"}, 7.0), (429, {}, None), (429, {"Retry-After": "99999"}, 300.0)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "headers", "after"), WAITS, ids=["told", "untold", "too long"])
async def test_when_asked_to_wait_we_wait_as_long_as_told(
    server, http, name, status, headers, after
):
    error = await failing(server, http, name, status=status, headers=headers)
    assert type(error) is TryLater
    assert error.after == after


LOST = {
    "a server's trouble": {"status": 503},
    "an answer lost": {"lost": True},
    "an answer lost after it was taken": {"lost": True, "after": True},
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize("name", NAMES)
async def test_what_may_have_been_taken_is_repeated_where_a_copy_does_no_harm(
    server, http, name, fault
):
    error = await failing(server, http, name, **fault)
    assert type(error) is (Ambiguous if name == "webhook" else TryLater)


@pytest.mark.parametrize("name", NAMES)
async def test_no_answer_in_time(server, http, name, monkeypatch):
    monkeypatch.setattr("bot.paging.posting.SECONDS", 0.05)
    error = await failing(server, http, name, delay=0.3, status=202)
    assert type(error) is (Ambiguous if name == "webhook" else TryLater)
    assert "TimeoutError" in error.problem


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 422])
@pytest.mark.parametrize("name", NAMES)
async def test_a_refusal_needs_a_person_and_says_what_to_do(server, http, name, status):
    said = '{"message": "no\\u202e such", "errors": ["Invalid routing key"]}'
    error = await failing(server, http, name, status=status, body=said)
    assert type(error) is NeedsPerson
    assert f"HTTP {status}: no such; Invalid routing key" in error.problem
    assert name in error.problem


@pytest.mark.parametrize("name", NAMES)
async def test_a_closed_port_is_tried_again(server, http, name):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(TryLater, match="cannot be reached"):
            await make_pager(section(server, name, url=url), http).send(a_page())


@pytest.mark.parametrize("name", ["pagerduty", *ALERTS])
@pytest.mark.parametrize("body", ["<html>Sign in to the hotel</html>", "", "[]"])
async def test_a_stranger_that_says_200_has_not_taken_a_page(server, http, name, body):
    error = await failing(server, http, name, status=200, body=body)
    assert type(error) is TryLater
    assert "something else" in error.problem


async def test_an_endless_answer_is_not_read_to_its_end(server, http):
    error = await failing(server, http, "pagerduty", status=400, body="x" * 900_000)
    assert type(error) is NeedsPerson
    assert len(error.problem) < 300


WRONG = {"pagerduty": "routing_key", "jira": "api_key", "opsgenie": "api_key"}
WRONG_KEY = "whsec_bm90IHRoZSByaWdodCBzZWNyZXQgYXQgYWxs"


@pytest.mark.parametrize("name", NAMES)
async def test_a_wrong_secret_is_refused_and_stands_nowhere(server, http, name, caplog):
    caplog.set_level(logging.DEBUG)
    key = WRONG.get(name, "signing_secret")
    right = section(server, name)
    wrong = right.model_copy(update={key: type(getattr(right, key))(WRONG_KEY)})
    with pytest.raises(NeedsPerson) as caught:
        await make_pager(wrong, http).send(a_page())
    assert key.split("_")[0] in caught.value.problem
    shown = f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r} {wrong!r}"
    assert WRONG_KEY not in shown + caplog.text
    assert WRONG_KEY[6:] not in shown + caplog.text


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_that_says_our_secret_back_does_not_bring_it_into_the_log(
    server, http, name
):
    pager = section(server, name)
    key = getattr(pager, WRONG.get(name, "signing_secret")).get_secret_value()
    error = await failing(server, http, name, status=400, body=f'{{"message": "bad {key}!"}}')
    assert key not in error.problem
    assert "bad [hidden]" in error.problem


async def test_a_secret_that_reads_like_words_is_struck_out_too(server, http):
    pager = section(server, "pagerduty")
    words = type(pager.routing_key)("open sesame")
    server.faults.order("pagerduty", {"status": 400, "body": '{"message": "bad open sesame!"}'})
    with pytest.raises(NeedsPerson, match=r"bad \[hidden\]!"):
        await make_pager(pager.model_copy(update={"routing_key": words}), http).send(a_page())


async def test_a_late_acknowledge_does_not_open_an_alert(server, http):
    await make_pager(section(server, "pagerduty"), http).send(a_page(ACKNOWLEDGE))
    assert server.board.alerts == []


@pytest.mark.parametrize("name", ["pagerduty", *ALERTS])
async def test_what_rings_again_is_a_new_alert_and_the_acknowledged_one_is_over(server, http, name):
    pager = make_pager(section(server, name), http)
    await pager.send(a_page())
    await pager.send(a_page(ACKNOWLEDGE))
    await pager.send(a_page(ring=1))
    assert state(server, name) == ["resolved", "triggered"]
    await pager.send(a_page(ACKNOWLEDGE, ring=1))
    assert state(server, name) == ["resolved", "acknowledged"]
    await pager.send(a_page(ring=2))
    await pager.send(a_page(RESOLVE, ring=2))
    assert state(server, name) == ["resolved"] * 3
    told = [incident_id_of(ESTATE, alert.key) for alert in server.board.alerts]
    assert told == [42] * 3


async def test_a_webhook_knows_a_copy_by_its_id(server, http):
    pager = make_pager(section(server, "webhook"), http)
    server.faults.order("webhook", {"lost": True, "after": True})
    with pytest.raises(Ambiguous):
        await pager.send(a_page())
    await pager.send(a_page())
    assert server.webhook.repeats == 1
    assert [alert.count for alert in server.board.alerts] == [1]


async def test_a_pager_is_a_destination_that_cannot_be_read_back(server, http):
    pager = make_pager(section(server, "pagerduty"), http)
    destination = PagerDestination(pager=pager, compose=lambda row: a_page())
    await asyncio.gather(destination.turn(), destination.turn())
    assert await destination.deliver(None) == KEY
    with pytest.raises(CannotLook):
        await destination.find(None)
