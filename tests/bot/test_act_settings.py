"""`[acts]`: its defaults, its routes, and what it refuses in one sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.act_settings import ActSettings
from bot.acting.proposal import Approval, Deed
from bot.acting.routes import EXAMPLES, UNCONFIRMED, read_route


def test_without_a_section_two_people_are_needed_and_nothing_unconfirmed_is_offered():
    rules = ActSettings().rules
    assert (rules.approval, rules.expires) == (Approval.SECOND_PERSON, timedelta(minutes=30))
    assert [deed for deed in Deed if rules.offers(deed)] == [Deed.START, Deed.REPLAY]


@pytest.mark.parametrize("deed", UNCONFIRMED)
def test_every_example_is_a_route(deed):
    rules = ActSettings(routes={deed.value: EXAMPLES[deed]}).rules
    assert rules.offers(deed)


def test_a_route_is_filled_with_ids_that_cannot_leave_their_place():
    route = read_route(Deed.PRIORITY, EXAMPLES[Deed.PRIORITY])
    assert route.fill("8/../1?x") == "/api/v1/flows/8%2F..%2F1%3Fx"
    assert route.fill_body("2") == {"priority": 2}
    assert route.fill_body('2}, "x": {"y"') == {"priority": '2}, "x": {"y"'}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"routes": {"retry": "/api/v1/flow-runs/{id}/retry"}}, "expected a request such as"),
        ({"routes": {"retry": "GET /api/v1/flow-runs/{id}/retry"}}, "expected a request such as"),
        ({"routes": {"retry": "POST /api/v1/flow-runs/retry"}}, "expected a request such as"),
        ({"routes": {"stop": "POST /runs/{id}/stop?now=1"}}, "expected a request such as"),
        ({"routes": {"disable": "PATCH /flows/{id} {is_enabled}"}}, "a JSON object"),
        ({"routes": {"priority": 'PATCH /flows/{id} {"priority": 1}'}}, '"{value}" stands in'),
        ({"routes": {"start": "POST /flows/{id}/start"}}, "unknown act 'start'"),
        ({"expires": "10s"}, "between 1m and 12h"),
        ({"expires": "3d"}, "between 1m and 12h"),
        ({"approval": "nobody"}, "second_person"),
        ({"other": 1}, "Extra inputs"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_refused(told, said):
    with pytest.raises(ValidationError) as refused:
        ActSettings.model_validate(told)
    assert said in str(refused.value)
