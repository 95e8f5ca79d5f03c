"""The look-alikes' control API, and that they are as strict as the services."""

from __future__ import annotations

import pytest

from bot.paging.making import make_pager
from tests.bot.paging.scene import KEY, a_page, section


async def order(server, http, **told):
    answer = await http.post(server.url + "/control", json=told)
    return answer.status_code, answer.json()


async def test_a_fault_is_ordered_and_forgotten(server, http):
    assert await order(server, http, service="jira", fault={"status": 503}) == (200, {"ok": True})
    await order(server, http, service="jira", fault={})
    assert await make_pager(section(server, "jira"), http).send(a_page())


async def test_a_button_is_pressed_and_what_came_is_shown(server, http):
    await make_pager(section(server, "pagerduty"), http).send(a_page())
    status, done = await order(
        server, http, service="pagerduty", press="acknowledge", user="Omar", key=KEY
    )
    assert (status, done) == (
        200, {"ok": True, "state": "acknowledged", "key": KEY, "answer": {}})  # fmt: skip
    shown = (await http.get(server.url + "/control")).json()
    assert [alert["state"] for alert in shown["alerts"]] == ["acknowledged"]
    assert [came["status"] for came in shown["came"]] == [202]


async def test_who_does_not_listen_is_told_in_the_answer(server, http):
    await make_pager(section(server, "pagerduty"), http).send(a_page())
    await order(server, http, service="pagerduty", call_back="http://127.0.0.1:9/inbound/x")
    _, done = await order(server, http, service="pagerduty", press="resolve", user="Omar")
    assert done["answer"]["status"] == 0


NONSENSE = {
    "nothing": {},
    "another button": {"service": "pagerduty", "press": "shred"},
    "another service": {"service": "pigeon", "press": "resolve"},
    "no alert": {"service": "pagerduty", "press": "resolve"},
    "nothing to repeat": {"service": "pagerduty", "press": "again"},
    "a fault of nobody": {"service": "pigeon", "fault": {"status": 500}},
    "an unknown fault": {"service": "jira", "fault": {"colour": "red"}},
    "an unknown stage": {"service": "email", "fault": {"stage": "LUNCH"}},
}


@pytest.mark.parametrize("told", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_answered_with_a_sentence(server, http, told):
    status, said = await order(server, http, **told)
    assert status == 400
    assert said["error"]


STRICT = {
    "pagerduty wants a summary": ("pagerduty", {"payload": {}}, 400),
    "pagerduty knows severities": ("pagerduty", {"payload": {"severity": "bad"}}, 400),
    "pagerduty has a limit": ("pagerduty", {"dedup_key": "x" * 256}, 400),
}


@pytest.mark.parametrize(("service", "change", "status"), STRICT.values(), ids=STRICT.keys())
async def test_what_is_not_in_order_is_refused(server, http, service, change, status):
    event = {
        "routing_key": server.pagerduty.routing_key,
        "event_action": "trigger",
        "payload": {"summary": "a", "source": "b", "severity": "info"},
    }
    assert (await http.post(server.address(service), json=event)).status_code == 202
    assert (await http.post(server.address(service), json=event | change)).status_code == status


async def test_an_alert_with_a_field_that_is_too_long_is_refused(server, http):
    headers = {"Authorization": f"GenieKey {server.jira.api_key}"}
    url = server.address("jira") + "/alerts"
    fine = await http.post(url, json={"message": "a" * 130}, headers=headers)
    long = await http.post(url, json={"message": "a" * 131}, headers=headers)
    assert (fine.status_code, long.status_code) == (202, 422)
