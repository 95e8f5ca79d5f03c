"""Asks Patchworks to do something: one request, never repeated, within the call budget of reads.

Three answers are told apart: it was done; `Rejected`, it was certainly not; `Lost`, it may have
been, and whoever asked has to look before anything is said.

The Start API: https://doc.wearepatchworks.com/product-documentation/developer-hub/patchworks-core-api
under "initialising a process flow"; payloads: .../api-reference/flow-logs-and-queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import httpx

from bot.acting.routes import ActRoute
from checks.answers import any_json, read_message
from checks.fetch import JSON_HEADERS, Budget, Fetch, Patience, Question, Refused, Unavailable
from checks.patchworks import ADVICE
from checks.patchworks_login import Credentials, Session
from checks.patchworks_pages import PER_PAGE, read_page
from checks.patchworks_parse import plain_word
from checks.patchworks_rows import ID, Row, to_text
from checks.transport import Received, Transport

SYSTEM = "Patchworks"
LARGEST = 8_000_000
"""The Core API takes 8 MB a request, by its general information; this leaves room for the rest."""
RUN_KEYS = ("flow_run_id", "run_id", "id")
UNSURE = frozenset({408})
PAYLOADS = "/api/v1/payload-metadata"
ADVISE = {**ADVICE, 422: "the flow may have no deployed version or be switched off"}


class Rejected(Exception):
    """It was certainly not done; `what` is one sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Lost(Exception):
    """It may have been done: no answer came, or none that says. `what` is one sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """It was done. `run_id` is the run that began by it, "" where the answer names none."""

    run_id: str = ""


class Starter:
    """One Patchworks company. `start_url` is that of the Start API, `core_url` that of the Core."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        core_url: str,
        start_url: str,
        login_url: str,
        credentials: Credentials,
        budget: Budget,
        now: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self._core_url = core_url.rstrip("/").removesuffix("/api/v1")
        self._start_url = start_url.rstrip("/")
        patience = patience or Patience()
        self._fetch = Fetch(http, system=SYSTEM, budget=budget, advice=ADVICE, patience=patience)
        self._budget = budget
        self._transport = Transport(http, system=SYSTEM, budget=budget, patience=patience)
        self._session = Session(self._fetch, login_url=login_url, credentials=credentials, now=now)

    async def start(self, flow_id: str, payload: str | None = None) -> Begun:
        """Start the deployed version of a flow; it joins the queue. Raises Rejected or Lost.

        The payload goes as a string, which is the one form that takes any format.
        """
        url = f"{self._start_url}/flows/{quote(flow_id, safe='')}/start"
        body = {} if payload is None else {"payload": payload}
        return await self._send(Question(method="POST", url=httpx.URL(url), body=body))

    async def call(self, route: ActRoute, thing_id: str, value: str = "") -> Begun:
        """What the settings name a route for. Raises Rejected or Lost."""
        url = httpx.URL(self._core_url + route.fill(thing_id))
        return await self._send(Question(method=route.method, url=url, body=route.fill_body(value)))

    async def payload_of(self, run_id: str) -> str:
        """What a run began with. Raises Rejected when it cannot be had whole."""
        try:
            return await self._payload(run_id)
        except (Refused, Unavailable) as error:
            raise Rejected(f"The payload could not be read: {error.what}") from None

    async def _payload(self, run_id: str) -> str:
        asked = {"filter[flow_run_id]": run_id, "page": "1", "per_page": str(PER_PAGE)}
        header = {"Authorization": await self._session.header()}
        body = await self._fetch.get(self._core_url + PAYLOADS, params=asked, headers=header)
        row = the_first(read_page(body, "payload").rows, run_id)
        path = f"{self._core_url}{PAYLOADS}/{quote(row.id(), safe='')}/download"
        received = await self._ask(Question(method="GET", url=httpx.URL(path)))
        if received.response.status_code == 404:
            raise Rejected(
                f"Patchworks no longer has the payload of run {run_id} (it keeps them 72 hours)"
            )
        if not received.response.is_success:
            code = received.response.status_code
            raise Rejected(f"Patchworks did not give the payload of run {run_id} ({code})")
        return as_text(received.content, run_id)

    async def _ask(self, question: Question) -> Received:
        """A token that is no longer taken is renewed once: a 401 was not carried out."""
        header = await self._session.header()
        received = await self._transport.ask(_signed(question, header))
        if received.response.status_code != 401 or not self._session.drop(header):
            return received
        return await self._transport.ask(_signed(question, await self._session.header()))

    async def _send(self, question: Question) -> Begun:
        try:
            header = await self._session.header()
        except (Refused, Unavailable) as error:
            raise Rejected(error.what) from None
        try:
            received = await self._ask(question)
        except Refused as error:
            raise Rejected(error.what) from None
        except Unavailable as error:
            if error.retry_after is not None:  # it was held back, and never sent
                raise Rejected(error.what) from None
            raise Lost(error.what) from None
        if received.response.status_code == 429:
            self._budget.note_refusal()
        return judge(received, _signed(question, header))


def judge(received: Received, question: Question) -> Begun:
    """What an answer to an act means. Raises Rejected or Lost."""
    status = received.response.status_code
    if received.response.is_success:
        answer = any_json(received.content)
        if isinstance(answer, dict):
            return Begun(run_id=run_id_of(answer))
        raise Lost(f"{SYSTEM} answered {question} with {status} and no data")
    message = read_message(received.content, question.secrets)
    said = f"{SYSTEM} answered {question} with {status}" + (f' ("{message}")' if message else "")
    if status >= 500 or status in UNSURE:
        raise Lost(said)
    if status == 429:
        raise Rejected(f"{said}: its call limit is used up; propose it again in a minute")
    raise Rejected(f"{said}: {ADVISE.get(status, 'it does not accept this request')}")


def run_id_of(answer: Mapping[str, object]) -> str:
    """The run's id under the names it may have, which Patchworks does not publish; "" for none."""
    inside = answer.get("data")
    for fields in (inside if isinstance(inside, dict) else {}, answer):
        for key in RUN_KEYS:
            text = to_text(fields.get(key))
            if ID.fullmatch(text) and not isinstance(fields.get(key), bool):
                return text
    return ""


def the_first(rows: tuple[Row, ...], run_id: str) -> Row:
    """The payload that a run began with: the only one of its first step. Raises Rejected.

    A run that fetched several pages has several, which no single start can carry.
    """
    mine = [row for row in rows if row.maybe_id("flow_run_id") in (None, run_id)]
    if not mine:
        raise Rejected(f"Patchworks has no payload of run {run_id}")
    ordered = sorted(mine, key=_order)
    step = ordered[0].maybe_id("flow_step_id")
    of_step = [row for row in ordered if row.maybe_id("flow_step_id") == step]
    if len(of_step) > 1:
        raise Rejected(
            f"Run {run_id} began with {len(of_step)} payloads (pages), which cannot be replayed in "
            "one; retry it in the dashboard instead"
        )
    return ordered[0]


def as_text(content: bytes, run_id: str) -> str:
    """Raises Rejected for what the Start API cannot take."""
    if len(content) > LARGEST:
        raise Rejected(
            f"The payload of run {run_id} has {len(content):,} bytes, more than the 8 MB that "
            "Patchworks takes in one request; retry the run in the dashboard"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise Rejected(f"The payload of run {run_id} is no text; retry the run in the dashboard")


def _order(row: Row) -> tuple[int, str]:
    text = row.id()
    return (int(text) if text.isdecimal() else 0, text)


def _signed(question: Question, header: str) -> Question:
    return replace(question, headers={**JSON_HEADERS, "Authorization": header}, hide=(header,))


def is_named(told: str, word: str) -> bool:
    """Whether Patchworks' word for a trigger is this one, however it is written."""
    return plain_word(told) == plain_word(word)
