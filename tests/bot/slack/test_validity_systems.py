"""What is told of limits, tokens and flows is taken by Slack and pings nobody, however hostile."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render.choice import none_named, several
from bot.slack.render.flow import flow_answer
from bot.slack.render.limits import chosen_limits, limits_answer
from bot.slack.render.tokens import chosen_tokens, tokens_answer
from checks.credentials import Holder, KnownBy
from checks.declare import Cause, Whose
from checks.limits import SizeFrom, Spend
from checks.model import Level
from checks.runs import Changed, Instance, RunStatus
from tests.bot.slack import samples
from tests.bot.slack.scene import MINUTE, NOON, hostile
from tests.bot.slack.sound import assert_sound, thorough

AMOUNTS = st.none() | st.floats(0, 1e12)
MOMENTS = st.none() | st.integers(-(10**6), 10**6).map(lambda minutes: NOON + minutes * MINUTE)


@given(
    word=hostile,
    other=hostile,
    level=st.sampled_from(Level),
    sizes=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
    size_from=st.sampled_from(SizeFrom),
    whose=st.sampled_from(Whose),
    derived=st.booleans(),
    resets_at=MOMENTS,
    times=st.sampled_from([1, 16]),
)
@thorough
def test_the_limits(word, other, level, sizes, size_from, whose, derived, resets_at, times):
    size, used, worst = sizes
    spends = tuple(Spend(flow_id=word, flow_name=other, amount=n) for n in range(7))
    judged = samples.allowance(
        level,
        sentence=word,
        id=word,
        system=other,
        name=word,
        unit=other,
        size=size,
        used=used,
        worst=worst,
        size_from=size_from,
        whose=whose,
        derived=derived,
        resets_at=resets_at,
        spends=spends,
        usual=samples.NEARLY.allowance.usual,
        pace=samples.NEARLY.allowance.pace,
        blind=word,
    )
    limits = replace(samples.LIMITS, allowances=(judged,) * times)
    assert_sound(limits_answer(limits, NOON))
    assert_sound(chosen_limits(limits.allowances, NOON, NOON))


@given(
    words=st.tuples(hostile, hostile, hostile),
    level=st.sampled_from(Level),
    signal=st.sampled_from(["", "rejected", "ends_in_14"]),
    holder=st.sampled_from(Holder),
    known_by=st.sampled_from(KnownBy),
    moments=st.tuples(MOMENTS, MOMENTS),
    renews_itself=st.booleans(),
    lasts_days=st.none() | st.floats(0.01, 10_000),
    times=st.sampled_from([1, 13]),
)
@thorough
def test_the_tokens(
    words, level, signal, holder, known_by, moments, renews_itself, lasts_days, times
):
    one, two, three = words
    ends_at, refused_since = moments
    judged = samples.credential(
        level,
        one,
        signal,
        system=two,
        what=three,
        owner=one,
        why=two,
        whom=three,
        note=one,
        holder=holder,
        known_by=known_by,
        ends_at=ends_at,
        refused_since=refused_since,
        renews_itself=renews_itself,
        needs_person=True,
        lasts_days=lasts_days,
        source=samples.EVENT.held.source,
    )
    told = (*samples.REGISTER.credentials, *(judged,) * times)
    assert_sound(tokens_answer(replace(samples.REGISTER, credentials=told), NOON))
    assert_sound(chosen_tokens(one, told, NOON, NOON))


@given(
    words=st.tuples(hostile, hostile, hostile),
    status=st.sampled_from(RunStatus),
    cause=st.sampled_from(Cause),
    flags=st.tuples(*[st.sampled_from([True, False, None])] * 2),
    times=st.sampled_from([0, 1, 9]),
)
@thorough
def test_a_flow(words, status, cause, flags, times):
    one, two, three = words
    enabled, deployed = flags
    flow = replace(
        samples.ORDERS,
        name=one,
        enabled=enabled,
        deployed=deployed,
        schedules=(two,) * times,
    )
    known = replace(
        samples.INVENTORY,
        instances=(Instance(id="701", name=two),),
        owners={flow.id: three},
        changes_blind=one,
        changes=(Changed(at=NOON, what=two, who=three, flow_id=flow.id),) * times,
    )
    view = samples.flow_view(
        flow=flow,
        inventory=known,
        runs=(samples.run(1, status, id=two, summary=one),) * times,
        failure=replace(samples.FAILURE, line=three, step=one, run_id=two, cause=cause),
    )
    assert_sound(flow_answer(view))


@given(word=hostile, names=st.lists(hostile, max_size=60))
@thorough
def test_a_choice_of_names(word, names):
    assert_sound(several("flow", word, [(name, word) for name in names], "/seam flow"))
    assert_sound(none_named("flow", word, names[:3], names))
    assert_sound(none_named("flow", word, [], names))
