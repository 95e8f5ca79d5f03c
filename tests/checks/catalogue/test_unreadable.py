"""Out of sight: when it is said, in which words, and what is never claimed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.unreadable import CHECK, FACTS, RANK, Policy, judge
from checks.model import Level, Measure, Verdict
from checks.sight import Seen, SightEvidence

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TIMED_OUT = "netsuite-live did not answer within 10 s; the next round asks again"
REVOKED = "netsuite-live answered with 401: renew its credential"


def s(amount: float) -> timedelta:
    return timedelta(seconds=amount)


def m(amount: float) -> timedelta:
    return timedelta(minutes=amount)


def readable() -> Seen:
    return Seen(
        id="netsuite-live", title="netsuite-live (NetSuite)", seen_at=NOW - s(20), blind_since=None
    )


def blind(
    ago: timedelta,
    why: str = TIMED_OUT,
    *,
    refused: bool = False,
    vendor: tuple[str, ...] = (),
    ever_seen: bool = True,
) -> Seen:
    """The system out of sight for so long; last read half a minute before."""
    return replace(
        readable(),
        seen_at=NOW - ago - s(30) if ever_seen else None,
        blind_since=NOW - ago,
        why=why,
        refused=refused,
        vendor=vendor,
    )


def of_patchworks(part: str, seen: Seen) -> Seen:
    return replace(seen, id="patchworks", title="Patchworks", part=part)


def judged(*sources: Seen, policy: Policy | None = None) -> tuple[Verdict, ...]:
    return judge(SightEvidence(sources=sources), policy or Policy(), NOW)


def the_verdict(*sources: Seen) -> Verdict:
    (verdict,) = judged(*sources)
    return verdict


@dataclass(frozen=True, kw_only=True)
class Case:
    sources: tuple[Seen, ...]
    level: Level
    signal: str
    says: str


BLIND_16 = blind(m(16), "Patchworks did not answer within 10 s")
CASES = {
    "a readable system": Case(
        sources=(readable(),),
        level=Level.OK,
        signal="clear",
        says="netsuite-live (NetSuite) can be read.",
    ),
    "a system nobody has looked at yet": Case(
        sources=(replace(readable(), seen_at=None),),
        level=Level.UNKNOWN,
        signal="unavailable",
        says="We have not looked at netsuite-live (NetSuite) yet.",
    ),
    "the first look that fails": Case(
        sources=(blind(s(0)),),
        level=Level.UNKNOWN,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite) right now: netsuite-live did not answer "
        "within 10 s; the next round asks again. Whether it works is not known.",
    ),
    "blind, not yet for long": Case(
        sources=(blind(s(299)),),
        level=Level.UNKNOWN,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite), for 4 min 59 s now: netsuite-live did not "
        "answer within 10 s; the next round asks again. Whether it works is not known.",
    ),
    "blind for five minutes": Case(
        sources=(blind(m(5)),),
        level=Level.EARLY,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite), for 5 min now: netsuite-live did not "
        "answer within 10 s; the next round asks again. Whether it works is not known.",
    ),
    "blind for a quarter of an hour": Case(
        sources=(blind(m(15)),),
        level=Level.BREACH,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite), for 15 min now: netsuite-live did not "
        "answer within 10 s; the next round asks again. Whether it works is not known.",
    ),
    "refused just now": Case(
        sources=(blind(s(119), REVOKED, refused=True),),
        level=Level.UNKNOWN,
        signal="refused",
        says="We cannot see netsuite-live (NetSuite), for 1 min 59 s now: netsuite-live answered "
        "with 401: renew its credential. A person must act. Whether it works is not known.",
    ),
    "refused for two minutes": Case(
        sources=(blind(m(2), REVOKED, refused=True),),
        level=Level.BREACH,
        signal="refused",
        says="We cannot see netsuite-live (NetSuite), for 2 min now: netsuite-live answered with "
        "401: renew its credential. A person must act. Whether it works is not known.",
    ),
    "the vendor speaks of trouble, and we can read": Case(
        sources=(replace(readable(), vendor=("API: major outage",)),),
        level=Level.OK,
        signal="clear",
        says="netsuite-live (NetSuite) can be read.",
    ),
    "the vendor speaks of trouble, and we are blind for a moment": Case(
        sources=(blind(m(1), "no answer.", vendor=("API: major outage", "SOAP: degraded")),),
        level=Level.UNKNOWN,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite), for 1 min now: no answer. Its status page "
        'says "API: major outage; SOAP: degraded". Whether it works is not known.',
    ),
    "no reason was given": Case(
        sources=(blind(m(6), " \n"),),
        level=Level.EARLY,
        signal="unavailable",
        says="We cannot see netsuite-live (NetSuite), for 6 min now: the reason is not known. "
        "Whether it works is not known.",
    ),
    "one part of Patchworks": Case(
        sources=(of_patchworks("flows", readable()), of_patchworks("queue", BLIND_16)),
        level=Level.BREACH,
        signal="unavailable",
        says="We cannot see the queue of Patchworks, for 16 min now: Patchworks did not answer "
        "within 10 s. Whether it works is not known.",
    ),
    "three parts of Patchworks, the refused one leads": Case(
        sources=(
            of_patchworks("flows", blind(m(3), "401", refused=True)),
            of_patchworks("queue", blind(m(4))),
            of_patchworks("runs", blind(m(7))),
        ),
        level=Level.BREACH,
        signal="refused",
        says="We cannot see the flows of Patchworks, for 3 min now: 401. Nor can we see its queue "
        "and runs. A person must act. Whether it works is not known.",
    ),
    "of two equally grave parts the refused one leads": Case(
        sources=(
            of_patchworks("queue", blind(m(40))),
            of_patchworks("runs", blind(m(16), "403", refused=True)),
        ),
        level=Level.BREACH,
        signal="refused",
        says="We cannot see the runs of Patchworks, for 16 min now: 403. Nor can we see its "
        "queue. A person must act. Whether it works is not known.",
    ),
    "one part told twice": Case(
        sources=(of_patchworks("queue", BLIND_16), of_patchworks("queue", blind(m(1)))),
        level=Level.BREACH,
        signal="unavailable",
        says="We cannot see the queue of Patchworks, for 16 min now: Patchworks did not answer "
        "within 10 s. Whether it works is not known.",
    ),
    "a part of Patchworks nobody has looked at yet": Case(
        sources=(
            of_patchworks("queue", readable()),
            of_patchworks("flows", replace(readable(), seen_at=None)),
        ),
        level=Level.UNKNOWN,
        signal="unavailable",
        says="We have not looked at the flows of Patchworks yet.",
    ),
    "all parts of Patchworks can be read": Case(
        sources=(of_patchworks("queue", readable()), of_patchworks("flows", readable())),
        level=Level.OK,
        signal="clear",
        says="Patchworks can be read.",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_said_and_how_grave_it_is(case: Case) -> None:
    verdict = the_verdict(*case.sources)
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)


@pytest.mark.parametrize(
    ("looks", "refused", "level"),
    [
        pytest.param(1, False, Level.UNKNOWN, id="one look after a jump of the clock"),
        pytest.param(2, False, Level.UNKNOWN, id="one before it and one after"),
        pytest.param(3, False, Level.BREACH, id="three are no chance"),
        pytest.param(1, True, Level.BREACH, id="refused, which does not pass by itself"),
        pytest.param(None, False, Level.BREACH, id="how many is not counted"),
    ],
)
def test_few_failed_looks_say_nothing_however_long_ago_the_first(
    looks: int | None, refused: bool, level: Level
) -> None:
    seen = replace(blind(m(50), refused=refused), looks=looks)
    assert the_verdict(of_patchworks("queue", seen)).level is level


def test_every_source_has_its_own_verdict_in_order() -> None:
    found = judged(of_patchworks("queue", readable()), blind(m(6)))
    assert [verdict.key for verdict in found] == [
        "system/netsuite-live/unreadable/sight",
        "system/patchworks/unreadable/sight",
    ]
    assert [verdict.level for verdict in found] == [Level.EARLY, Level.OK]


def test_nothing_to_look_at_gives_no_verdict() -> None:
    assert judged() == ()


def test_the_parts_of_patchworks_are_one_subject_whichever_leads() -> None:
    queue = the_verdict(of_patchworks("queue", blind(m(9))), of_patchworks("flows", readable()))
    flows = the_verdict(of_patchworks("queue", readable()), of_patchworks("flows", blind(m(9))))
    assert queue.subject == flows.subject
    assert queue.key == flows.key


def test_the_runbook_gets_every_fact() -> None:
    queue = of_patchworks("queue", blind(m(16), REVOKED, refused=True, vendor=("API: down",)))
    assert the_verdict(queue, of_patchworks("flows", blind(m(1)))).facts == {
        "signal": "refused",
        "system": "Patchworks",
        "system_id": "patchworks",
        "part": "queue, flows",
        "blind_for": "16 min",
        "blind_since": "2026-03-02T09:44:00+00:00",
        "seen_at": "2026-03-02T09:43:30+00:00",
        "why": REVOKED,
        "refused": True,
        "vendor": "API: down",
    }


@pytest.mark.parametrize(
    ("seen", "measures"),
    [
        (readable(), {"Last read": "20 s ago"}),
        (blind(m(6)), {"Out of sight for": "6 min", "Last read": "6 min 30 s ago"}),
        (blind(m(6), ever_seen=False), {"Out of sight for": "6 min", "Last read": "never"}),
    ],
    ids=["readable", "blind", "never read"],
)
def test_how_long_it_has_been_is_measured(seen: Seen, measures: dict[str, str]) -> None:
    assert the_verdict(seen).measures == tuple(
        Measure(label=label, measured=measured) for label, measured in measures.items()
    )


def test_the_owner_decides_how_long_is_too_long() -> None:
    policy = Policy.model_validate(
        {"blind_early": "1m", "blind_breach": "2m", "refused_for": "0s", "opens_after": "2 of 3"}
    )
    assert judged(blind(m(1)), policy=policy)[0].level is Level.EARLY
    assert judged(blind(m(2)), policy=policy)[0].level is Level.BREACH
    assert judged(blind(s(0), refused=True), policy=policy)[0].level is Level.BREACH


def test_the_times_are_the_guard_so_one_round_opens() -> None:
    assert str(Policy().opens_after) == "1 of 1"
    assert Policy().stay_clear == m(2)
    assert CHECK.needs == "sight"


def test_a_clock_that_went_back_is_no_trouble() -> None:
    verdict = the_verdict(replace(blind(s(0)), blind_since=NOW + m(3)))
    assert verdict.level is Level.UNKNOWN
    assert "right now" in verdict.sentence


def test_long_foreign_text_leaves_room_for_what_is_not_known() -> None:
    long = "x" * 900
    verdict = the_verdict(replace(blind(m(6), long, refused=True, vendor=(long,)), title=long))
    assert len(verdict.sentence) <= 600  # what an incident shows of it
    assert verdict.sentence.endswith('…". Whether it works is not known.')


AGES = st.integers(-60, 3600).map(lambda seconds: timedelta(seconds=seconds))
TEXTS = st.sampled_from(["Patchworks", "netsuite-live (NetSuite)"]) | st.text(max_size=400)
sources = st.builds(
    Seen,
    id=st.sampled_from(["patchworks", "a", "b"]),
    title=TEXTS,
    seen_at=st.none() | AGES.map(lambda age: NOW - age),
    blind_since=st.none() | AGES.map(lambda age: NOW - age),
    why=TEXTS,
    refused=st.booleans(),
    vendor=st.lists(TEXTS, max_size=3).map(tuple),
    part=st.sampled_from(["", "queue", "flows", "runs"]),
)
several = st.lists(sources, max_size=8)


@given(several)
def test_what_cannot_be_seen_is_never_ok(seen: list[Seen]) -> None:
    for verdict in judged(*seen):
        parts = [each for each in seen if each.id == verdict.subject.id]
        in_sight = all(each.blind_since is None and each.seen_at is not None for each in parts)
        assert (verdict.level is Level.OK) == in_sight
        assert (verdict.signal == "clear") == in_sight


@given(several, AGES.map(abs))
def test_being_blind_for_longer_never_lowers_the_level(seen: list[Seen], longer: timedelta) -> None:
    waited = judge(SightEvidence(sources=tuple(seen)), Policy(), NOW + longer)
    for before, after in zip(judged(*seen), waited, strict=True):
        assert RANK[after.level] >= RANK[before.level]


@given(sources, st.lists(TEXTS, max_size=3))
def test_what_the_vendor_says_never_colours_the_level(seen: Seen, said: list[str]) -> None:
    told, silent = replace(seen, vendor=tuple(said)), replace(seen, vendor=())
    assert the_verdict(told).level is the_verdict(silent).level
    assert the_verdict(told).signal == the_verdict(silent).signal


@given(several, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(seen: list[Seen], chance: Random) -> None:
    assert judged(*seen) == judged(*chance.sample(seen, len(seen)))


@given(several)
def test_every_key_is_told_once_with_all_facts_in_a_sentence_that_fits(seen: list[Seen]) -> None:
    found = judged(*seen)
    assert len({verdict.key for verdict in found}) == len(found)
    for verdict in found:
        assert set(verdict.facts) == set(FACTS)
        assert verdict.sentence.endswith(".")
        assert not any(unicodedata.category(sign)[0] == "C" for sign in verdict.sentence)
        assert len(verdict.sentence) <= 600  # what an incident shows of it


@given(several)
def test_our_own_words_hold_no_markup_and_never_say_down(seen: list[Seen]) -> None:
    tame = [replace(each, title="Plain", why="no answer", vendor=("API",)) for each in seen]
    for verdict in judged(*tame):
        assert not set("*_~`<>&|[]") & set(verdict.sentence)
        assert "down" not in verdict.sentence
        if verdict.facts["blind_for"]:
            assert verdict.sentence.endswith("Whether it works is not known.")


def test_a_system_that_only_asks_us_to_wait_is_told_after_half_an_hour_and_is_no_breach() -> None:
    def level(minutes: int) -> Level:
        waiting = replace(readable(), blind_since=NOW - m(minutes), resting=True)
        (verdict,) = judge(SightEvidence(sources=(waiting,)), Policy(), NOW)
        return verdict.level

    assert [level(each) for each in (20, 29, 30, 300)] == [
        Level.UNKNOWN,
        Level.UNKNOWN,
        Level.EARLY,
        Level.EARLY,
    ]


def test_what_token_expiry_tells_is_not_told_twice() -> None:
    out = replace(readable(), blind_since=NOW - m(60), refused=True, rejected=True)
    (verdict,) = judge(SightEvidence(sources=(out,)), Policy(), NOW)
    assert (verdict.level, verdict.explained_by != "") == (Level.UNKNOWN, True)
