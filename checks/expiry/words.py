"""How credentials are spoken of: what they are, whose, and when they end. Days are UTC's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from checks.credentials import Held, Holder
from checks.durations import say_duration
from checks.failures import FlowRuns
from checks.words import flow_name, plain

DAY = timedelta(days=1)
NAME_FITS = 60
QUOTE_FITS = 120
WHY_FITS = 200
LISTED = 2
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def say_system(held: Held) -> str:
    return plain(held.system, NAME_FITS) or plain(held.id, NAME_FITS) or "a system without a name"


def say_what(held: Held) -> str:
    return plain(held.what, NAME_FITS) or "credential"


def say_owner(held: Held) -> str:
    return plain(held.owner, NAME_FITS)


def say_credential(held: Held) -> str:
    """ "the certificate of NetSuite (owner Omar)"."""
    owner = f" (owner {say_owner(held)})" if say_owner(held) else ""
    return f"the {say_what(held)} of {say_system(held)}{owner}"


def say_ours(held: Held) -> str:
    """ "the platform's certificate", "Seamwatch's API key"."""
    whose = "the platform's" if held.holder is Holder.PLATFORM else "Seamwatch's"
    return f"{whose} {say_what(held)}"


def say_day(at: datetime, now: datetime) -> str:
    """ "4 December", with its year when it is not this one. The day is UTC's."""
    day = f"{at.day} {MONTHS[at.month - 1]}"
    return day if at.year == now.year else f"{day} {at.year}"


def say_span(span: timedelta) -> str:
    """Whole days, hours or minutes from two of them on, so that it does not change all the time."""
    for unit in (DAY, timedelta(hours=1), timedelta(minutes=1)):
        if span >= 2 * unit:
            return (
                f"{round(span / DAY)} d" if unit == DAY else say_duration(round(span / unit) * unit)
            )
    return say_duration(span)


def say_ago(span: timedelta) -> str:
    return f"{say_span(span)} ago" if span >= timedelta(minutes=1) else "just now"


def say_flows(flows: Sequence[FlowRuns], listed: int = LISTED) -> str:
    """The first few by name, and how many more: "Orders, Stock and 10 more"."""
    names = [flow_name(flow.flow_id, flow.flow_name) for flow in flows]
    if len(names) > listed:
        return f"{', '.join(names[:listed])} and {len(names) - listed} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
