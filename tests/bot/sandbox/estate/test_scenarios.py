"""What each scenario does to the estate, minute by minute of the sandbox's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.estate.company import FLOWS
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Status
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.vendors.vendor import Answered, Asked
from bot.sandbox.scenarios import UnknownScenario, all_scenarios, find
from bot.sandbox.scenarios.scenario import Scenario

NOW = datetime(2026, 3, 4, 9, 14, 7, tzinfo=UTC)
AHEAD = timedelta(hours=2)
Until = Callable[[float], Estate]


def begin(name: str, seed: int = 1) -> Until:
    """Start a scenario; the answer moves its estate to so many seconds from the start."""
    scenario = find(name)
    options = EstateOptions(history_days=0, seed=seed)
    estate = Estate(
        now=NOW,
        opens=scenario.opens,
        options=options,
        flows=(*FLOWS, *scenario.flows),
        growth=scenario.growth,
    )
    estate.play(scenario.steps)

    def until(seconds: float) -> Estate:
        estate.advance(NOW + timedelta(seconds=seconds))
        return estate

    return until


def oldest_wait(estate: Estate) -> timedelta:
    return max((estate.now - job.queued_at for job in estate.queue.waiting), default=timedelta(0))


def test_every_scenario_is_found_by_the_name_of_its_file() -> None:
    assert list(all_scenarios()) == [
        "ageing_job",
        "crowded_limit",
        "ending_soon",
        "expired_token",
        "lying_vendor",
        "missed_schedule",
        "near_limit",
        "promo_peak",
        "queue_plateau",
        "quiet_day",
        "saturated_queue",
        "silent_loss",
        "slot_hog",
        "slow_drift",
        "storm",
        "stuck_queue",
    ]


@pytest.mark.parametrize("scenario", all_scenarios().values(), ids=lambda one: one.name)
def test_every_scenario_has_a_title_and_its_steps_in_order(scenario: Scenario) -> None:
    assert scenario.title
    afters = [step.after for step in scenario.steps]
    assert afters == sorted(afters)
    assert all(step.happens for step in scenario.steps)


@pytest.mark.parametrize("scenario", sorted(all_scenarios()))
def test_every_scenario_is_healthy_before_it_begins_and_after_it_is_over(scenario: str) -> None:
    until = begin(scenario)
    assert oldest_wait(until(29)) <= timedelta(seconds=5)
    over = until(AHEAD.total_seconds())
    assert oldest_wait(over) <= timedelta(seconds=5)
    assert not over.queue.held
    assert len(over.queue.running) < over.queue.allowance


def test_an_unknown_scenario_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(UnknownScenario, match=r"no scenario is called 'party'; .*stuck_queue"):
        find("party")


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_stuck_queue_holds_several_jobs_within_ten_seconds(seed: int) -> None:
    until = begin("stuck_queue", seed)
    stuck = until(40)
    hanging = [run for run in stuck.queue.running.values() if run.ends_at is None]
    assert [run.flow.name for run in hanging] == ["Orders to NetSuite"]
    assert len(stuck.queue.waiting) >= 4
    assert len({job.flow.name for job in stuck.queue.waiting}) > 1


def test_the_stuck_queue_grows_with_free_slots_until_the_run_is_stopped() -> None:
    until = begin("stuck_queue")
    (hanging,) = (run for run in until(31).queue.running.values() if run.ends_at is None)
    depth_early = len(until(60).queue.waiting)
    late = until(269)
    assert len(late.queue.waiting) > depth_early
    assert list(late.queue.running) == [hanging.id]
    assert max(run.started_at for run in late.queue.runs.values()) == hanging.started_at

    drained = until(390)
    stopped = drained.queue.runs[hanging.id]
    assert stopped.status(drained.now) is Status.STOPPED
    assert stopped.ends_at == NOW + timedelta(seconds=270)
    assert oldest_wait(drained) <= timedelta(seconds=5)
    assert drained.activities[-1].description.startswith(f"Stopped run {hanging.id}")


def test_saturation_holds_every_slot_while_the_queue_grows() -> None:
    until = begin("saturated_queue")
    depths = []
    for second in (90, 180, 300, 420):
        estate = until(second)
        assert len(estate.queue.running) == estate.queue.allowance
        depths.append(len(estate.queue.waiting))
    assert depths == sorted(depths)
    assert depths[-1] > depths[0]
    assert all(run.ends_at is not None for run in until(421).queue.running.values())


def test_the_ageing_job_starves_while_others_pass_it() -> None:
    until = begin("ageing_job")
    for minute in (5, 15, 30, 55):
        estate = until(minute * 60)
        (starving,) = (
            job
            for job in estate.queue.waiting
            if job.flow.name == "Points to LoyaltyLion"
            and job.queued_at == NOW + timedelta(seconds=40)
        )
        others = [j for j in estate.queue.waiting if j.flow.priority < 5]
        assert starving.flow.priority == 5
        assert len(others) < 10
        assert max((estate.now - j.queued_at for j in others), default=AHEAD * 0) < timedelta(
            minutes=2
        )


def test_the_slot_hog_holds_one_slot_while_others_proceed() -> None:
    until = begin("slot_hog")
    estate = until(1800)
    (hog,) = (run for run in estate.queue.running.values() if run.ends_at is None)
    assert hog.flow.name == "Returns to Brightpearl"
    assert oldest_wait(estate) <= timedelta(seconds=5)
    assert sum(run.started_at > hog.started_at for run in estate.queue.runs.values()) > 60


def test_the_missed_schedule_is_silent_and_somebody_is_on_record() -> None:
    until = begin("missed_schedule")
    estate = until(44 * 60)
    since = NOW + timedelta(seconds=30)
    missed = [
        run
        for run in estate.queue.runs.values()
        if run.flow.name == "Stock to Shopify" and run.started_at > since
    ]
    assert missed == []
    assert [(row.event, row.by) for row in estate.activities] == [("disabled", "Tom Reyes")]
    again = until(55 * 60)
    assert any(
        run.flow.name == "Stock to Shopify" and run.started_at > since
        for run in again.queue.runs.values()
    )


def test_the_plateau_stands_at_the_cap_and_hides_the_rest() -> None:
    until = begin("queue_plateau")
    for minute in (3, 6, 12, 18):
        estate = until(minute * 60)
        assert len(estate.queue.waiting) == estate.queue.cap
        assert estate.queue.held


def shopify_flows(estate: Estate) -> set[str]:
    return {
        flow.name
        for flow in estate.flows.values()
        if flow.deployed and "Shopify" in (flow.source.system.name, flow.target.system.name)
    }


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_expired_token_fails_twelve_flows_within_five_minutes_and_no_other(seed: int) -> None:
    until = begin("expired_token", seed)
    estate = until(300)
    since = NOW + timedelta(seconds=30)
    ended = [run for run in estate.queue.runs.values() if run.has_ended(estate.now)]
    refused = {run.flow.name for run in ended if run.refusal}
    assert refused == shopify_flows(estate)
    assert len(refused) == 12
    well = {run.flow.name for run in ended if run.started_at > since} - refused
    assert well


def test_a_renewed_token_lets_runs_succeed_again_and_somebody_is_on_record() -> None:
    until = begin("expired_token")
    estate = until(41 * 60)
    assert estate.activities[-1].description == "Re-authorised Shopify UK store"
    over = until(60 * 60)
    late = [run for run in over.queue.runs.values() if run.started_at > NOW + timedelta(minutes=41)]
    assert shopify_flows(over) & {run.flow.name for run in late if run.outcome is Status.SUCCESS}
    assert not any(run.refusal for run in late)


@pytest.mark.parametrize("seed", range(1, 4))
def test_in_a_crowd_runs_are_held_back_first_and_some_are_refused_later(seed: int) -> None:
    until = begin("crowded_limit", seed)
    flow, since = until(0).flow("Dispatch to ShipStation"), NOW + timedelta(seconds=30)
    over = until(29 * 60)
    runs = [
        run
        for run in over.queue.runs.values()
        if run.flow is flow and run.started_at > since and run.has_ended(over.now)
    ]
    early = [run for run in runs if run.ends_at < NOW + timedelta(minutes=8)]
    assert early
    assert all(run.refusal is None for run in early)
    assert min(run.ends_at - run.started_at for run in early) > 2 * flow.usual
    refused = [run for run in runs if run.outcome is Status.FAILURE and run.refusal]
    assert 0 < len(refused) < len(runs)
    others = [run for run in over.queue.runs.values() if run.refusal and run.flow is not flow]
    assert others == []
    well = [run for run in until(5400).queue.runs.values() if run.started_at > over.now + AHEAD / 4]
    assert not any(run.refusal for run in well)


def monitored(estate: Estate, name: str, path: str = "/", **headers: str) -> Answered:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = Asked(method="GET", path=path, query={}, headers=named, body=b"", at=estate.now)
    return estate.trade.answer(estate.trade.shop(name).name, asked)


def test_the_lying_vendor_tells_every_trap_once_or_twice_and_the_truth_in_the_end() -> None:
    until = begin("lying_vendor")
    traps = (
        ("Brightpearl", 503, "too many requests", 2),
        ("NetSuite", 400, "SSS_REQUEST_LIMIT_EXCEEDED", 2),
        ("Shopify", 200, "THROTTLED", 2),
        ("Peoplevox", 200, "Security - Invalid Session", 1),
        ("Klaviyo", 429, "throttled", 2),
        ("BigCommerce", None, "", 0),
        ("Brightpearl", 404, "not found", 1),
        ("Akeneo", 200, "<!DOCTYPE html>", 1),
        ("Gorgias", 401, "Unauthorized", 1),
        ("Shopify", None, "", 0),
        ("NetSuite", 401, '"title": "Invalid login attempt', 1),
    )
    for number, (name, status, says, times) in enumerate(traps):
        estate = until(31 + 180 * number)
        answers = [monitored(estate, name, "/order-search") for _ in range(times + 1)]
        heard = [answer for answer in answers if answer.status == status and says in answer.body]
        assert (name, len(heard)) == (name, times)
    over = until(31 + 180 * len(traps))
    assert all(over.trade.pages[name].is_well for name in over.trade.pages)


def test_a_lie_about_klaviyo_tells_retry_after_and_no_other_limit() -> None:
    estate = begin("lying_vendor")(31 + 180 * 4)
    assert dict(monitored(estate, "Klaviyo").headers) == {"Retry-After": "7"}


def test_a_lie_about_bigcommerce_leaves_out_its_limits_and_nothing_else() -> None:
    estate = begin("lying_vendor")(31 + 180 * 5)
    token = estate.trade.shop("BigCommerce").secrets["token"]
    answers = [monitored(estate, "BigCommerce", "/v2/time", x_auth_token=token) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    told = [any("Limit" in name for name in answer.headers) for answer in answers]
    assert told == [False] * 4 + [True]


def test_while_vendors_lie_no_run_fails_by_them() -> None:
    over = begin("lying_vendor")(3600)
    met = [run for run in over.queue.runs.values() if run.refusal]
    assert {run.refusal.says.partition(" attempt")[0] for run in met} == {
        "HTTP 400: SSS_REQUEST_LIMIT_EXCEEDED",
        "HTTP 401: Invalid login",
    }
    assert all(run.outcome is not Status.FAILURE for run in met)


@pytest.mark.parametrize("before", sorted(all_scenarios()))
def test_a_quiet_day_played_later_brings_back_health(before: str) -> None:
    until = begin(before)
    estate = until(120)
    estate.play(find("quiet_day").steps)
    until(120 + 600)
    assert oldest_wait(estate) <= timedelta(seconds=5)
    assert not estate.queue.held
    assert not estate.queue.disabled
    assert all(run.ends_at is not None for run in estate.queue.running.values())


def test_playing_a_scenario_drops_what_the_last_one_had_still_to_do() -> None:
    until = begin("stuck_queue")
    estate = until(10)
    estate.play(find("quiet_day").steps)
    until(120)
    assert not estate.queue.stalled
    assert all(run.ends_at is not None for run in estate.queue.running.values())


def refused_at(estate: Estate, flow: str) -> list[float]:
    """In how many hours from the start each run of the flow failed for want of allowance."""
    return [
        (run.ends_at - NOW) / timedelta(hours=1)
        for run in estate.queue.runs.values()
        if run.flow.name == flow and run.refusal and run.outcome is Status.FAILURE and run.ends_at
    ]


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_growing_peak_passes_the_allowance_hours_after_the_start(seed: int) -> None:
    until = begin("near_limit", seed)
    refused = refused_at(until(30 * 3600), "Consents to Dotdigital")
    assert refused
    assert 8 < refused[0] < 10.5
    assert sorted(refused) == refused


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_sale_passes_the_allowance_on_the_next_day_and_no_other_day(seed: int) -> None:
    until = begin("promo_peak", seed)
    estate = until(64 * 3600)
    refused = refused_at(estate, "Consents to Dotdigital")
    ((since, till),) = [
        ((lift.since - NOW) / timedelta(hours=1), (lift.until - NOW) / timedelta(hours=1))
        for lift in estate.volumes.lifts
    ]
    assert refused
    assert since + 1 < refused[0]
    assert refused[-1] < till
    assert {run.flow.name for run in estate.queue.runs.values() if run.refusal} <= {
        "Consents to Dotdigital",
        "Subscribers to Dotdigital",
    }


def test_what_lifts_a_day_is_gone_when_another_scenario_is_played() -> None:
    until = begin("promo_peak")
    estate = until(60)
    assert estate.volumes.lifts
    estate.play(find("quiet_day").steps)
    assert not estate.volumes.lifts
