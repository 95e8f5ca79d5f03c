"""The check of changed answers: what it says, and when it says that it does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.catalogue.changed_shape import FACTS, Policy, judge
from checks.model import Level, Verdict
from checks.shapes.evidence import Answers, ShapeEvidence
from checks.shapes.shape import Shape, shape_of

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def orders(number: int = 40, *, total: bool = True, line: str = "12 High Street") -> Shape:
    rows: list[object] = [
        {"name": f"#{n}", "line": line, **({"total": n} if total else {})} for n in range(number)
    ]
    return shape_of(rows)


def told(
    now: Shape, *before: Shape, at: datetime = NOW, limit: int | None = None, system: str = "shop"
) -> Answers:
    return Answers(
        system=system,
        id="orders-1",
        what="orders",
        before=before,
        now=now,
        at=at,
        flows=("Orders to Business Central",),
        mapped={"total": "Shop to BC"},
        limits={} if limit is None else {"line": limit},
    )


def verdict(answers: Answers, policy: Policy | None = None) -> Verdict:
    (found,) = judge(ShapeEvidence(answers=(answers,)), policy or Policy(), NOW)
    return found


def test_a_vanished_field_is_a_breach_that_names_the_flows() -> None:
    found = verdict(told(orders(total=False), orders()))
    assert (found.level, found.signal) == (Level.BREACH, "vanished")
    assert found.sentence == (
        'The orders of shop have changed: "total" is no longer there (in all of 40 before, in none '
        "of 40 now). Flows that use it: Orders to Business Central."
    )
    assert found.facts["compared"] == "Shop to BC"
    assert found.key == "system/shop/changed_shape/orders-1"


def test_a_text_that_fills_its_room_is_a_hint() -> None:
    found = verdict(told(orders(), orders(), limit=14))
    assert (found.level, found.signal) == (Level.EARLY, "at_limit")


def test_an_ignored_field_may_change() -> None:
    for name in ("total", "[].total"):
        policy = Policy(ignore=(name,))
        assert verdict(told(orders(total=False), orders()), policy).level is Level.OK


def test_what_was_never_seen_before_is_not_known() -> None:
    found = verdict(told(orders()))
    assert found.level is Level.UNKNOWN
    assert "not known" in found.sentence


def test_an_old_look_tells_nothing_of_now() -> None:
    old = told(orders(total=False), orders(), at=NOW - timedelta(days=3))
    assert verdict(old).level is Level.UNKNOWN


def test_every_fact_is_there_whatever_is_found() -> None:
    for answers in (told(orders()), told(orders(), orders()), told(orders(total=False), orders())):
        assert tuple(verdict(answers).facts) == FACTS


def test_systems_are_judged_apart_and_in_order() -> None:
    both = (told(orders(), orders(), system="shop"), told(orders(), orders(), system="erp"))
    found = judge(ShapeEvidence(answers=both), Policy(), NOW)
    assert [each.subject.id for each in found] == ["erp", "shop"]


def test_a_hostile_field_name_stays_on_one_line_and_short() -> None:
    name = "a\n" + "<!channel> " * 40
    before = shape_of([{name: n, "id": n} for n in range(40)])
    found = verdict(told(shape_of([{"id": n} for n in range(40)]), before))
    assert "\n" not in found.sentence
    assert len(found.sentence) < 400
