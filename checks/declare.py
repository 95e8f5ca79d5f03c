"""The shapes a connector fills in: one system told as data, every fact with its source.

A connector is one file in `checks/connectors/` with `CONNECTORS = (Connector(...), ...)`. A field
may say `NotOffered("why")`, never be missing. Where a fact needs code (an answer to be read), the
field is a small pure function in the same file. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the shape of a list is told with the words of this file
    from checks.listing import Records

CALLS = "calls"
"""What most limits count, and the only thing that the platform's runs are known to spend."""
SAMPLED_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # when every Sample counts as received


class Mark(StrEnum):
    """How sure a fact is. What is not CONFIRMED can be overridden in the settings."""

    CONFIRMED = "confirmed"  # on the vendor's own page, document or specification
    THIRD_PARTY = "third party"  # only on a third party's page or in public client code
    RECALLED = "recalled"  # general knowledge, not confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact stands. `url` is "" for a recalled one."""

    mark: Mark
    url: str = ""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The system does not offer this, or nobody found that it does; `why` in one sentence."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, relative to the system's base URL.

    `path`, and the values of `params`, `headers` and `body`, may hold {placeholders}: the system's
    settings by name, and `{since}` in counts. `body` is sent as JSON, `form` form-encoded, `text`
    as it is (SOAP).
    """

    path: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. Header names are lower case; `data` is its JSON or None; `at` is UTC."""

    status: int
    headers: Mapping[str, str]
    data: object
    text: str
    at: datetime
    took: timedelta = timedelta(0)


class Shape(StrEnum):
    """How a system limits its callers; six shapes cover them all."""

    LEAKY_BUCKET = "leaky bucket"  # used of size, drains; no moment of reset
    POINTS = "points bucket"  # points available of a maximum, restored every second
    WINDOW = "window"  # limit and remaining until a reset
    REMAINING = "remaining"  # remaining until a reset, the limit itself is not told
    CONCURRENCY = "concurrency"  # calls at the same time
    UNREADABLE = "unreadable"  # nothing is told; refusals are the only ground truth


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReading:
    """An allowance as read off an answer, in one form for all shapes; None: not told.

    `size` and `remaining` are in the limit's own unit (calls, points, calls at a time);
    `restored_per_second` for buckets; `resets_at` (UTC) for windows. `scope` tells several
    counters of one limit apart.
    """

    size: float | None
    remaining: float | None
    restored_per_second: float | None = None
    resets_at: datetime | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A number that the vendor publishes. `per` None: at the same time. `plan`: for whom."""

    amount: float
    per: timedelta | None
    source: Source
    plan: str = ""


class Whose(StrEnum):
    """Whose allowance a monitor with a credential of its own reads."""

    SHARED = "shared"  # the account's: the platform's use is in it, and so is ours
    OWN = "own"  # one per app or user: ours alone; the platform's use must be derived
    NOBODYS = "nobody's"  # nothing can be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One allowance. `read` gives every reading that an answer tells, often none.

    `published` is empty where the vendor publishes no number: then none is invented, and the
    system shows "no published limit" until the operator declares one. `ask` is a call of its own
    for what no other answer tells; being refused it is no fault of the system. `unit` is what is
    counted: where it is not calls, what the platform's runs spend of it is not known. `note` tells
    people whose accounts have it, where not all have.
    """

    name: str
    shape: Shape
    whose: Whose
    published: tuple[Published, ...]
    read: Callable[[Answer], tuple[LimitReading, ...]] | NotOffered
    source: Source
    ask: Call | None = None
    unit: str = CALLS
    note: str = ""


class Life(StrEnum):
    """How the end of a credential is known."""

    SELF_DESCRIBING = "self-describing"  # a JWT's exp, read without verifying
    TOLD_AT_ISSUE = "told at issue"  # issued at + expires_in
    SESSION = "session"  # a login that idles out
    ADMIN_API = "readable through an admin API"
    DECLARED = "declared"  # the operator declares a date and an owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A kind of credential. `lasts` None: it does not end by itself, as far as is known.

    `renews_itself`: the end of one token is normal and its failure to renew is the event.
    `rotates`: each refresh replaces the refresh token, so the platform's is never used by us.
    `needs_person`: only a person can renew it. `note` is for people.
    """

    name: str
    life: Life
    lasts: timedelta | None
    source: Source
    renews_itself: bool = False
    rotates: bool = False
    needs_person: bool = False
    note: str = ""


class Scheme(StrEnum):
    """How a request proves who asks; `checks/auth.py` carries each out."""

    NONE = "none"
    HEADER = "header"  # a key in a header
    BEARER = "bearer"
    BASIC = "basic"
    OAUTH1 = "oauth1"
    CLIENT_CREDENTIALS = "client credentials"
    PASSWORD_GRANT = "password grant"  # noqa: S105 (the name of a grant)
    CERTIFICATE = "signed assertion"
    LOGIN = "login"  # a session opened by a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """One way in. `secrets` are the settings that hold references to secrets, with what each is.

    `details` configure the scheme (header name, token URL, scope), with placeholders. `credential`
    names the Credential that it uses. A LOGIN's `open` call gets a session that `session` reads off
    the answer as headers for later calls; `close` ends it.
    """

    name: str
    scheme: Scheme
    secrets: Mapping[str, str]
    credential: str
    source: Source
    details: Mapping[str, str] = field(default_factory=dict)
    open: Call | None = None
    session: Callable[[Answer], Mapping[str, str]] | None = None
    close: Call | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The cheap call that shows whether the system can be reached, and what it proves.

    `empty` tells a 404 by which the system says that a list is empty; None: it never does.
    """

    call: Call
    proves: str
    source: Source
    empty: Callable[[Answer], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many records changed. Only an exact number may feed a reconciliation."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list that tells no total. `after` continues it; None: this was the last."""

    number: int
    after: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many records of an entity changed since a moment.

    `entity` is orders, products, customers or inventory. `since` writes the moment (UTC) as the
    system wants it. `read` gives the number, or one Page of a list whose pages are counted; it
    raises ValueError for an answer that does not tell.
    """

    entity: str
    call: Call
    since: Callable[[datetime], str]
    read: Callable[[Answer], Counted | Page]
    source: Source
    note: str = ""


class No(StrEnum):
    """How a system says no."""

    NOT_NOW = "not now"  # a limit or an overload: later
    NOT_PERMITTED = "not permitted"  # valid credential, missing right
    CREDENTIAL = "credential"  # the credential is not accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A no, recognised. `retry_after` None: it does not say when."""

    no: No
    words: str
    retry_after: timedelta | None = None


class Cause(StrEnum):
    """Why a run of a flow failed, as far as its log tells."""

    CREDENTIAL = "credential"  # the system does not accept the platform's credential
    NOT_PERMITTED = "not permitted"  # valid credential, missing right
    LIMIT = "limit"  # the system's allowance was used up
    PASSING = "passing"  # time-outs, overloads, outages: the same may work later
    LASTING = "lasting"  # the record, the mapping or the settings: it fails again until changed
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What the system says in a run's log when it refuses, and what that means.

    `pattern` is a regular expression, tried without regard to case on a line of the log. The
    system's own sayings are tried, in their order, before those that hold for every system. With
    `slower_than` it holds only for a run that took longer.
    """

    pattern: str
    cause: Cause
    source: Source
    slower_than: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """The vendor's public status page as JSON (Statuspage's summary or components).

    `components` are the names that concern us; others, third parties among them, do not colour
    anything. Empty: all of the vendor's own.
    """

    url: str
    components: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A sign of change: a version or a deprecation, read off any answer; None: nothing told.

    `ends` works out the moment (UTC) at which what is told ends, by the vendor's rule. With `warns`
    being told at all is the event. `means` says for people what happens then, or has happened.
    """

    name: str
    read: Callable[[Answer], str | None]
    source: Source
    ends: Callable[[str], datetime | None] | None = None
    warns: bool = False
    means: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something the vendor has dated, shown on the same ladder as expiring credentials."""

    what: str
    on: datetime
    whom: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What identifies an order for comparison between systems: field names, or why not."""

    number: str | NotOffered
    changed_at: str | NotOffered
    total: str | NotOffered
    currency: str | NotOffered
    line_count: str | NotOffered
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A recorded answer, for the promises that every connector keeps.

    `of` is "probe", "login", "count orders" and the like, "limit" (a name may follow), "not now",
    "not permitted" or "credential"; `means` is what reading it must give: a count's number or
    Counted or Page, one LimitReading or several, a refusal's wait or the whole Refusal.
    """

    of: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    means: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One kind of system.

    `kind` is its name in the settings; `placeholders` are settings that its URLs need, each with
    what it is. `refusal` recognises a no in any answer, whatever its status; None: it is none.
    `sayings` tell from a run's log why the platform was refused, `lists` how records are read.
    """

    kind: str
    title: str
    docs: str
    base_url: str
    placeholders: Mapping[str, str]
    auths: tuple[Auth, ...]
    credentials: tuple[Credential, ...]
    probe: Probe
    limits: tuple[Limit, ...]
    counts: tuple[Count, ...] | NotOffered
    keys: Keys | NotOffered
    refusal: Callable[[Answer], Refusal | None]
    status_page: StatusPage | NotOffered
    signals: tuple[Signal, ...] | NotOffered
    samples: tuple[Sample, ...]
    events: tuple[Event, ...] = ()
    sayings: tuple[Saying, ...] = ()
    lists: tuple[Records, ...] | NotOffered = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
