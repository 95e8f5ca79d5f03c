"""Asks one system for JSON within a shared call budget, and names what went wrong.

    Unreadable        we could not look, so the verdict is `unknown`, never `ok`
      Refused         a person must act: rejected credential, missing right, wrong address
      Unavailable     the next round may do: time-out, limit, server error, senseless answer

Each error says in `what`, one sentence: which system, what was asked, what came back, what to do.
It never holds a secret: library errors, whose texts may quote headers, are not passed on.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import httpx

from checks.answers import Senseless, read_json, read_message, read_retry_after
from checks.budget import LONGEST_HOLD, LONGEST_WAIT
from checks.budget import Budget as Budget
from checks.declare import No
from checks.durations import say_duration
from checks.transport import Patience as Patience
from checks.transport import Question as Question
from checks.transport import Transport, persist
from checks.unreadable import Refused as Refused
from checks.unreadable import Unavailable as Unavailable
from checks.unreadable import Unreadable as Unreadable

PASSING_STATUSES = frozenset({408, 425, 429})
JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


class Fetch:
    """Asks one system and gives back the JSON it answers, or raises Refused or Unavailable.

    `advice` says per HTTP status what a person should do about it.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        system: str,
        budget: Budget,
        advice: Mapping[int, str] = MappingProxyType({}),
        patience: Patience | None = None,
    ) -> None:
        self._system, self._budget, self._advice = system, budget, advice
        self._patience = patience or Patience()
        self._transport = Transport(http, system=system, budget=budget, patience=self._patience)

    async def get(
        self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> object:
        """A GET changes nothing, so it is tried again while the trouble looks passing."""
        question = Question(
            method="GET",
            url=httpx.URL(url),
            params=params,
            headers={**JSON_HEADERS, **headers},
            hide=tuple(headers.values()),
        )
        return await persist(lambda number: self._ask(question, number == 1), self._patience)

    async def post(self, url: str, *, body: Mapping[str, str]) -> object:
        """One attempt only: whether a lost POST was carried out is not known."""
        hide = tuple(body.values())
        question = Question(
            method="POST", url=httpx.URL(url), headers=JSON_HEADERS, body=body, hide=hide
        )
        return await self._ask(question, may_rest=False)

    async def _ask(self, question: Question, may_rest: bool) -> object:
        """`may_rest`: whether a short rest asked for is worth sitting out, then asking again."""
        received = await self._transport.ask(question)
        response, content = received.response, received.content
        if not response.is_success:
            advice = self._advice.get(response.status_code, "")
            said = f"{self._system} answered {question} with {response.status_code}"
            message = read_message(content, question.secrets)
            said += f' ("{message}")' if message else ""
            raise turned_down(
                said,
                read_retry_after(response.headers),
                self._budget,
                status=response.status_code,
                may_rest=may_rest,
                advice=advice,
            )
        try:
            return read_json(content, response.headers.get("Content-Type", ""))
        except Senseless as senseless:
            what = str(senseless)
        raise Unavailable(f"{self._system}, asked {question}, {what}", status=response.status_code)


def turned_down(
    said: str,
    told: timedelta | None,
    budget: Budget,
    *,
    status: int,
    may_rest: bool,
    advice: str = "",
) -> Unreadable:
    """What an HTTP status that is no success means; a rest that is asked for holds the budget."""
    if status < 500 and status not in PASSING_STATUSES:
        return Refused(f"{said}: {advice or _usual_advice(status)}", status=status)
    if status == 429:
        budget.note_refusal()
    cause = "its call limit is used up" if status == 429 else "the trouble is on its side"
    rest = rest_wanted(told, insist=status == 429)
    return resting(f"{said}: {cause}", rest, budget, status=status, may_rest=may_rest)


def resting(
    said: str,
    rest: timedelta | None,
    budget: Budget,
    *,
    status: int,
    may_rest: bool,
    no: No | None = None,
) -> Unavailable:
    """The error for "not now", after which nobody is asked until `rest` is over."""
    if rest is not None:
        budget.hold(rest)
    then = f"is asked again after {say_duration(rest)}" if rest else "is asked again soon"
    return Unavailable(
        f"{said}; it {then}",
        retry_after=rest,
        status=status,
        passing=rest is None or (may_rest and rest <= LONGEST_WAIT),
        no=no,
    )


def rest_wanted(told: timedelta | None, *, insist: bool) -> timedelta | None:
    """How long to leave a system alone; when it does not say and we `insist`, 20 to 40 s."""
    if told is None and insist:
        told = timedelta(seconds=random.randint(20, 40))  # noqa: S311 - spreads calls, no secret
    return min(told, LONGEST_HOLD) if told else None


def _usual_advice(status: int) -> str:
    if status in (401, 403):
        return "check the credential in the settings and what it is allowed to do"
    if status < 400:
        return "it sends us elsewhere, which is not followed; correct the address in the settings"
    return "it does not accept this request; check the address in the settings"
