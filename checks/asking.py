"""Asks a system its connector's calls: proves who asks, and gives every no its right name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx

from checks.announced import ANNOUNCED
from checks.answers import Senseless, any_json, any_text, check_xml, excerpt, read_json
from checks.auth import Way, proof_of
from checks.budget import Budget
from checks.calls import placeholders, question_of
from checks.declare import (
    Answer,
    Auth,
    Call,
    Connector,
    LimitReading,
    No,
    NotOffered,
    Refusal,
    Signal,
)
from checks.fetch import rest_wanted, resting, turned_down
from checks.reading import wait_of
from checks.renewal import oauth_refusal
from checks.transport import Patience, Question, Transport, persist
from checks.unreadable import Refused, Unavailable, Unreadable

ADVICE = {
    No.CREDENTIAL: "it does not accept the credential; renew it, or correct the settings",
    No.NOT_PERMITTED: "the credential lacks a right; grant it to the monitor's user or app",
}


class Asking:
    """The way to one system. `limits` and `signals` are the newest that its answers told.

    `known` holds settings and secrets by name; `hide` is what no message may repeat.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        name: str,
        connector: Connector,
        auth: Auth,
        known: Mapping[str, str],
        base_url: str,
        hide: tuple[str, ...],
        budget: Budget,
        concurrency: int,
        now: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._name, self._connector, self._budget = name, connector, budget
        self._known, self._base_url, self._hide = known, base_url, hide
        self._now, self._patience = now, patience
        self._places = asyncio.Semaphore(concurrency)
        self._transport = Transport(http, system=name, budget=budget, patience=patience)
        self._proof = proof_of(
            Way(
                auth=auth,
                known=known,
                base_url=base_url,
                hide=hide,
                wanted=wanted_by(connector),
                write=self._write,
                ask=self._ask_for_proof,
                now=now,
            )
        )
        self.limits: dict[tuple[str, str], LimitReading] = {}
        self.signals: dict[str, str] = {}

    async def ask(
        self, call: Call, told: Mapping[str, str] | None = None, *, may_be_empty: bool = False
    ) -> Answer:
        """One answer; a credential that is not accepted gets a fresh token and one more try.

        `told` fills further placeholders; `may_be_empty` lets a 204 or 404 through to the reader.
        Raises Refused or Unavailable.
        """

        async def attempt(number: int) -> Answer:
            question = self._proof.sign(self._write(call, told or {}))
            return await self._sensible(question, may_rest=number == 1, may_be_empty=may_be_empty)

        async with self._places:
            number = await self._proof.ready()
            try:
                return await persist(attempt, self._patience)
            except Unreadable as no:
                if no.no is not No.CREDENTIAL and no.status != 401:
                    raise
            self._proof.drop(number)
            await self._proof.ready()
            return await persist(attempt, self._patience)

    @property
    def credential_ends_at(self) -> datetime | None:
        return self._proof.ends_at

    async def close(self) -> None:
        """Ends an open session. Raises Unreadable."""
        await self._proof.close()

    def _write(self, call: Call, told: Mapping[str, str] | None = None) -> Question:
        known = {**self._known, **self._proof.values(), **(told or {})}
        return question_of(call, self._base_url, known, self._hide)

    async def _ask_for_proof(self, question: Question) -> Answer:
        """Opening, closing and token requests: one attempt, so that no session is left over."""

        def recognise(answer: Answer) -> Refusal | None:
            return oauth_refusal(answer) or self._connector.refusal(answer)

        _, answer = await self._exchange(question, recognise, may_rest=False)
        if not 200 <= answer.status < 300:
            raise self._turned_down(question, answer, may_rest=False)
        return answer

    async def _sensible(self, question: Question, *, may_rest: bool, may_be_empty: bool) -> Answer:
        content, answer = await self._exchange(question, self._connector.refusal, may_rest=may_rest)
        if answer.status in (204, 404) and may_be_empty:
            return answer
        if not 200 <= answer.status < 300:
            raise self._turned_down(question, answer, may_rest=may_rest)
        kind = answer.headers.get("content-type", "")
        try:
            check_xml(answer.text, kind) if question.text else read_json(content, kind)
        except Senseless as senseless:
            what = str(senseless)
        else:
            return answer
        raise Unavailable(f"{self._name}, asked {question}, {what}", status=answer.status)

    async def _exchange(
        self,
        question: Question,
        recognise: Callable[[Answer], Refusal | None],
        *,
        may_rest: bool,
    ) -> tuple[bytes, Answer]:
        """Any answer that is no recognised no, whatever its status."""
        received = await self._transport.ask(question)
        response, content = received.response, received.content
        answer = Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            data=any_json(content),
            text=any_text(content, response.charset_encoding),
            at=self._now(),
            took=received.took,
        )
        if question.url.host == httpx.URL(self._base_url).host:
            self._note(answer)
        refusal = recognise(answer)
        if refusal:
            raise self._refused(question, answer, refusal, may_rest=may_rest)
        return content, answer

    def _note(self, answer: Answer) -> None:
        for limit in self._connector.limits:
            for reading in () if isinstance(limit.read, NotOffered) else limit.read(answer):
                self.limits[limit.name, reading.scope] = reading
        for signal in signals_of(self._connector):
            told = signal.read(answer)
            if told is not None:
                self.signals[signal.name] = excerpt(told, self._hide)

    def _refused(
        self, question: Question, answer: Answer, refusal: Refusal, *, may_rest: bool
    ) -> Unreadable:
        said = self._said(question, answer, refusal.words)
        if refusal.no is No.NOT_NOW:
            rest = rest_wanted(refusal.retry_after, insist=True)
            return resting(
                f"{said}: not now",
                rest,
                self._budget,
                status=answer.status,
                may_rest=may_rest,
                no=refusal.no,
            )
        what = f"{said}: {ADVICE[refusal.no]}"
        return Refused(what, status=answer.status, no=refusal.no)

    def _turned_down(self, question: Question, answer: Answer, *, may_rest: bool) -> Unreadable:
        """A 401 or 403 that the connector does not take for a no may be an overload: not known."""
        said, status = self._said(question, answer), answer.status
        if status in (401, 403):
            what = "it is not known to be about the credential, so nothing is concluded from it"
            return Unavailable(f"{said}: {what}", status=status)
        told: timedelta | None = wait_of(answer)
        return turned_down(said, told, self._budget, status=status, may_rest=may_rest)

    def _said(self, question: Question, answer: Answer, words: str = "") -> str:
        quoted = excerpt(words, question.secrets)
        said = f"{self._name} answered {question} with {answer.status}"
        return said + (f' ("{quoted}")' if quoted else "")


def signals_of(connector: Connector) -> tuple[Signal, ...]:
    """Those of this kind of system, and those that any may send."""
    own = () if isinstance(connector.signals, NotOffered) else connector.signals
    return (*own, *ANNOUNCED)


def wanted_by(connector: Connector) -> frozenset[str]:
    """Every {placeholder} in the connector's calls."""
    counts = () if isinstance(connector.counts, NotOffered) else connector.counts
    lists = () if isinstance(connector.lists, NotOffered) else connector.lists
    calls = (connector.probe.call, *(each.call for each in counts), *(each.call for each in lists))
    return frozenset[str]().union(*map(placeholders, calls))
