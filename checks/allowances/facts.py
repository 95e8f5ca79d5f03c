"""The numbers behind a verdict about an allowance: measures for people, facts for the runbook."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.allowances import outlook
from checks.allowances.findings import Finding
from checks.allowances.look import Look, is_platforms, kind_of, share_now
from checks.allowances.policy import Policy
from checks.allowances.predicting import why_silent
from checks.allowances.words import (
    ranked,
    say_amount,
    say_per,
    say_share,
    say_size,
    say_spenders,
    say_units,
    say_used,
    say_usual,
    say_whose,
    system_name,
)
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import FORESEEN, Fact, Foreseen, Level, Measure
from checks.words import flow_name, plain, say_count, say_number

FACTS = (
    "signal",
    "system",
    "system_kind",
    "limit",
    "unit",
    "used",
    "size",
    "share",
    "per",
    "resets_at",
    "worst",
    "usual",
    "whose",
    "derived",
    "size_from",
    "refused_runs",
    "refused_warned",
    "own_calls_refused",
    "first_error",
    "last_refused_at",
    "flows",
    "heaviest_flow",
    "heaviest_flow_id",
    "pace",
    "usual_pace",
    "instance_ids",
    "pool",
    *outlook.FACTS,
    "unforeseen",
)
LINE_FITS = 300
FRESH = timedelta(minutes=1)


def measures(look: Look, now: datetime, finding: Finding) -> tuple[Measure, ...]:
    """What is measured, beside what is usual; what is not known is left out, except the use.

    What is expected stands before what was seen of late where a forecast warns.
    """
    limit = look.allowance
    warns = finding.level is Level.EARLY and finding.foreseen is Foreseen.LIKELY
    ahead = outlook.forecast_measures(limit, now) if warns else ()
    seen = (_worst(limit), _refused(look), _spenders(limit, warns))
    whose = Measure(label="Whose", measured=say_whose(limit))
    told = (_used(limit, now), _size(limit), *ahead, *seen, whose, _pace(limit))
    return tuple(each for each in told if each is not None)


def _used(limit: Allowance, now: datetime) -> Measure:
    used = say_used(limit)
    if used is None:
        return Measure(label="Used", measured="not known")
    age = now - limit.at
    seen = f", seen {say_duration(age)} ago" if age >= FRESH else ""
    ours = "" if is_platforms(limit) else " by us"
    return Measure(label="Used", measured=f"{used}{ours}{seen}", usual=say_usual(limit))


def _size(limit: Allowance) -> Measure:
    told = f" ({limit.size_from})" if limit.size else ""
    return Measure(label="Limit", measured=f"{plain(limit.name)}: {say_size(limit)}{told}")


def _worst(limit: Allowance) -> Measure | None:
    if limit.worst is None:
        return None
    return Measure(label="Fullest in the last hour", measured=say_share(limit.worst))


def _refused(look: Look) -> Measure | None:
    if look.own_refused is not None:
        calls = say_count(look.own_refused, "call")
        return Measure(label="Refused", measured=f"{calls} of our own in the last hour")
    if not look.sees_refusals or look.elsewhere or (look.blind and not look.refusals):
        return None
    failed, warned = _counted(look)
    told = [f"{say_count(failed, 'run')} failed by it"] if failed else []
    told += [f"{say_count(warned, 'run')} did not fail by it"] if warned else []
    return Measure(label="Refused", measured=", ".join(told) or "none")


def _counted(look: Look) -> tuple[int, int]:
    return sum(each.failed for each in look.refusals), sum(each.warned for each in look.refusals)


def _spenders(limit: Allowance, warns: bool) -> Measure | None:
    """Of a warning those of the time that it warns of."""
    if warns and (then := say_spenders(limit.peak_spends)):
        return Measure(label="Usually spent by then", measured=then)
    said = say_spenders(limit.spends)
    return Measure(label="Spent by, last hour", measured=said) if said else None


def _pace(limit: Allowance) -> Measure | None:
    if limit.pace is None:
        return None
    return Measure(
        label="Pace",
        measured=f"{say_number(limit.pace.lately)} s per operation",
        usual=_usual_pace(limit),
    )


def _usual_pace(limit: Allowance) -> str | None:
    if limit.pace is None:
        return None
    usual = limit.pace.usual
    middle, most = say_number(usual.p50.total_seconds()), say_number(usual.p95.total_seconds())
    return f"{middle} s, up to {most} s"


def facts(look: Look, signal: str, policy: Policy, now: datetime) -> dict[str, Fact]:
    """Every key of FACTS, so that the runbook may name any; None for what does not apply.

    Amounts as people read them, times as ISO 8601 in UTC.
    """
    limit = look.allowance
    told = {"signal": signal} | _of_limit(limit) | _of_runs(look)
    told |= _of_spenders(limit, signal)
    told |= outlook.forecast_facts(limit, policy.likely, now)
    told["unforeseen"] = why_silent(limit, policy, now) or None
    return dict.fromkeys(FACTS) | told


def _of_limit(limit: Allowance) -> dict[str, Fact]:
    share = share_now(limit) if is_platforms(limit) else None
    resets_at = limit.resets_at
    return {
        "system": system_name(limit),
        "system_kind": limit.system_kind or None,
        "limit": plain(limit.name) or None,
        "unit": say_units(limit),
        "used": say_amount(limit.used) if limit.used is not None else None,
        "size": say_amount(limit.size) if limit.size else None,
        "share": say_share(share) if share is not None else None,
        "per": say_per(limit) or None,
        "resets_at": resets_at.isoformat(timespec="seconds") if resets_at else None,
        "worst": say_share(limit.worst) if limit.worst is not None else None,
        "usual": say_usual(limit),
        "whose": say_whose(limit),
        "derived": limit.derived,
        "size_from": str(limit.size_from),
        "pool": system_name(limit) if kind_of(limit) == "pool" else None,
    }


def _of_runs(look: Look) -> dict[str, Fact]:
    limit = look.allowance
    failed, warned = _counted(look)
    told = [failure for each in look.refusals for failure in each.failures]
    told.sort(key=lambda failure: (failure.at, failure.run_id))
    return {
        "refused_runs": failed,
        "refused_warned": warned,
        "own_calls_refused": look.own_refused,
        "first_error": plain(told[0].line, LINE_FITS) or None if told else None,
        "last_refused_at": told[-1].at.isoformat(timespec="seconds") if told else None,
        "pace": f"{say_number(limit.pace.lately)} s" if limit.pace else None,
        "usual_pace": _usual_pace(limit),
        "instance_ids": ", ".join(sorted(limit.instance_ids)) or None,
    }


def _of_spenders(limit: Allowance, signal: str) -> dict[str, Fact]:
    """Those of the last hour, and the heaviest one: of what is foreseen that at its peak."""
    spends = (limit.peak_spends if signal == FORESEEN else ()) or limit.spends
    heaviest = next(iter(ranked(spends)), None)
    return {
        "flows": say_spenders(limit.spends),
        "heaviest_flow": flow_name(heaviest.flow_id, heaviest.flow_name) if heaviest else None,
        "heaviest_flow_id": heaviest.flow_id if heaviest else None,
    }
