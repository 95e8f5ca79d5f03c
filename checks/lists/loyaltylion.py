"""LoyaltyLion's customers, by the number that the shop gave them."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.declare import Answer, Call, Mark, Source
from checks.listing import NO_SEARCH, Key, Listed, Recorded, RecordPage, Records
from checks.reading import find, since_utc
from checks.reconcile.model import Kind, Record
from checks.record_rows import rows_at
from checks.records import By

CLIENT = Source(mark=Mark.THIRD_PARTY, url="https://github.com/ChintanpatelTH/tap-loyaltylion")
FULL_PAGE = 500


def _page(answer: Answer) -> RecordPage:
    """A full page that does not say how to go on tells nothing."""
    rows, cursor = rows_at(answer.data, "customers"), find(answer.data, "cursor")
    if not isinstance(cursor, dict) and len(rows) >= FULL_PAGE:
        raise ValueError("the answer does not say whether there are more customers")
    following = find(cursor, "next")
    return RecordPage(
        rows=rows, after={"cursor": following} if isinstance(following, str) else None
    )


CHANGED = datetime(2026, 11, 21, 11, 58, 2, tzinfo=UTC)
ROW = (
    '{"id":5511,"merchant_id":"8812","points_approved":120,"email":"someone@example.com",'
    '"updated_at":"2026-11-21T11:58:02Z"}'
)
FIRST = Record(
    key="8812",
    fields={
        "shop_id": "8812",
        "points": 120,
        "email": "someone@example.com",
        "changed_at": CHANGED,
    },
    id="5511",
    place="customers",
    at=CHANGED,
    changed_at=CHANGED,
)
BODY = '{"customers":[%s],"cursor":{"prev":null,"next":%s}}'
LOYALTYLION = (
    Records(
        entity="customers",
        place="customers",
        by=By.CHANGED,
        call=Call(
            path="/v2/customers",
            params={
                "updated_at_min": "{since}",
                "updated_at_max": "{until}",
                "limit": str(FULL_PAGE),
            },
        ),
        moment=since_utc,
        read=_page,
        keys=(Key(field="shop_id", call=NO_SEARCH),),
        fields=(
            Listed("shop_id", "merchant_id"),
            Listed("points", "points_approved", Kind.INTEGER),
            Listed("email", "email", personal=True),
            Listed("changed_at", "updated_at", Kind.INSTANT),
        ),
        id="id",
        at="updated_at",
        changed_at="updated_at",
        source=CLIENT,
        samples=(
            Recorded(body=BODY % (ROW, '"bzE1NQ"'), records=(FIRST,), after={"cursor": "bzE1NQ"}),
            Recorded(body=BODY % ("", "null")),
        ),
    ),
)
