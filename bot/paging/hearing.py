"""What the services call back with, read into what a person did there; pure.

Our own acts come back as well, for a service tells everything that happens to an alert. They are
known, and left out, by who did them:

- PagerDuty names an agent: a person is a `user_reference`, what came by the Events API (as all of
  ours does) an integration. https://developer.pagerduty.com/docs/webhooks-overview
- Opsgenie and Jira Service Management name the user that we gave them, which begins with our name,
  and call the source "API".
  https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/
- A webhook's own events have names of their own (`incident.acknowledged`, where we say
  `incident.acknowledge`), so that one that mirrors what we send says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from bot.paging.model import OUR_NAME, HeardAct
from checks.words import plain

LONGEST = 512

Body = TypeVar("Body", bound=BaseModel)


class NotUnderstood(Exception):
    """A body that is not what this service sends; one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody did. `event_id` is the same when it is told again; `key` or its alias."""

    event_id: str
    key: str
    act: HeardAct
    who: str
    at: datetime | None = None


Read = Callable[[bytes], Told | None]
"""None when nobody did anything that concerns us. Raises NotUnderstood."""


class _Agent(BaseModel):
    type: str = ""
    summary: str | None = None


class _PagerDutyData(BaseModel):
    incident_key: str | None = None


class _PagerDutyEvent(BaseModel):
    id: str = Field(min_length=1, max_length=LONGEST)
    event_type: str
    occurred_at: AwareDatetime
    agent: _Agent | None = None
    data: _PagerDutyData = _PagerDutyData()


class _PagerDutyBody(BaseModel):
    event: _PagerDutyEvent


PAGERDUTY_ACTS: Mapping[str, HeardAct] = {
    "incident.acknowledged": HeardAct.ACKNOWLEDGE,
    "incident.unacknowledged": HeardAct.UNACKNOWLEDGE,
    "incident.resolved": HeardAct.RESOLVE,
}


def read_pagerduty(body: bytes) -> Told | None:
    """A V3 webhook. An acknowledgement that ran out there is heard in PagerDuty's own name; a
    resolve by its time-out is not: the condition may well stand."""
    event = _read(_PagerDutyBody, body).event
    act, key = PAGERDUTY_ACTS.get(event.event_type), event.data.incident_key
    if act is None or not key:
        return None
    agent = event.agent or _Agent()
    if agent.type == "user_reference":
        who = plain(agent.summary or "") or "somebody"
    elif act is HeardAct.UNACKNOWLEDGE and "integration" not in agent.type:
        who = "PagerDuty"
    else:
        return None
    return Told(event_id=event.id, key=key, act=act, who=who, at=event.occurred_at)


class _Source(BaseModel):
    type: str | None = None


class _Alert(BaseModel):
    alertId: str = Field(min_length=1, max_length=LONGEST)  # noqa: N815 (their name)
    alias: str | None = None
    username: str | None = None
    updatedAt: int | None = None  # noqa: N815 (their name; a number that only grows)


class _AlertBody(BaseModel):
    action: str
    alert: _Alert
    source: _Source = _Source()


ALERT_ACTS: Mapping[str, HeardAct] = {
    "acknowledge": HeardAct.ACKNOWLEDGE,
    "unacknowledge": HeardAct.UNACKNOWLEDGE,
    "close": HeardAct.RESOLVE,
}


def read_alert(body: bytes) -> Told | None:
    """A webhook of Opsgenie or Jira Service Management."""
    told = _read(_AlertBody, body)
    alert, act = told.alert, ALERT_ACTS.get(told.action.casefold())
    if act is None or not alert.alias:
        return None
    who = plain(alert.username or "") or "somebody"
    ours = who.casefold().startswith(OUR_NAME.casefold())
    if ours or (told.source.type or "").casefold() == "api":
        return None
    event_id = f"{alert.alertId} {act} {alert.updatedAt}"
    return Told(event_id=event_id, key=alert.alias, act=act, who=who)


class _WebhookData(BaseModel):
    key: str = ""
    who: str = "somebody"


class _WebhookBody(BaseModel):
    type: str
    timestamp: AwareDatetime | None = None
    data: _WebhookData = _WebhookData()


def read_webhook(body: bytes) -> Told | None:
    """Our own form: {"type": "incident.acknowledged", "data": {"key": ..., "who": ...}}, with
    `timestamp` where it did not happen just now. The event's id is the header's."""
    told = _read(_WebhookBody, body)
    act = PAGERDUTY_ACTS.get(told.type)
    if act is None or not told.data.key:
        return None
    who = plain(told.data.who) or "somebody"
    return Told(event_id="", key=told.data.key, act=act, who=who, at=told.timestamp)


def _read(model: type[Body], body: bytes) -> Body:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the body"
        raise NotUnderstood(f"{where}: {first['msg']}.") from None
