"""Secrets are struck out of foreign text, wherever a log may hold one, and little else is."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checks.classify import read_failure
from checks.runs import LogLine, Run, RunStatus
from checks.strike import without_secrets

FAILED = Run(
    id="81234",
    flow_id="5",
    flow_name="Orders to NetSuite",
    status=RunStatus.FAILURE,
    started_at=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
)
SECRETS = {
    "Authorization: Bearer abc def": "Authorization: [hidden]",
    '{"Authorization":"Bearer ab12","status":401}': '{"Authorization":"[hidden]","status":401}',
    "Cookie: B1SESSION=ab12; ROUTEID=.node1": "Cookie: [hidden]",
    "X-Shopify-Access-Token: abcdef": "X-Shopify-Access-Token: [hidden]",
    "used Bearer abcdef for it": "used Bearer [hidden] for it",
    "GET https://u:p@h.example/a": "GET https://[hidden]@h.example/a",
    "GET /a?key=abc&page=2": "GET /a?key=[hidden]&page=2",
    "access_token=abc": "access_token=[hidden]",
    '{"client_secret": "a b c"}': '{"client_secret": "[hidden]"}',
    "password: hunter": "password: [hidden]",
    "<Password>aGVsbG8</Password>": "<Password>[hidden]</Password>",
    "token: ab12cd34ef56": "token: [hidden]",
    "key shpat_0123456789abcdef": "key [hidden]",
    f"hash {'0f' * 16} differs": "hash [hidden] differs",
    "jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2ln": "jwt [hidden]",
    "q9Xv2LmR8tKp4WzN7yHb3JcD6fGs1QaE is refused": "[hidden] is refused",
    "The token expired": "The token expired",
    "Bearer token is missing": "Bearer token is missing",
    "Basic authentication failed": "Basic authentication failed",
    "POST /services/rest/record/v1/salesOrder": "POST /services/rest/record/v1/salesOrder",
    "Invalid reference key for field entity": "Invalid reference key for field entity",
    "mens-black-waterproof-jacket-size-12": "mens-black-waterproof-jacket-size-12",
    "Duplicate key: SKU-1234": "Duplicate key: SKU-1234",
}


@pytest.mark.parametrize(("text", "shown"), SECRETS.items(), ids=SECRETS)
def test_secrets_are_struck_out_and_little_else(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


KEPT_SAFE = (
    "Authorization: Bearer {}",
    "authorization: {}",
    '"Authorization": "Klaviyo-API-Key {}"',
    "Authorization: Basic {}=",
    "x-api-key: {}",
    "Set-Cookie: sid={}; Path=/",
    "https://host.example/a?access_token={}&b=1",
    "https://host.example/a?api_key={}",
    "https://user:{}@host.example/",
    '{{"refresh_token":"{}"}}',
    '{{\\"client_secret\\":\\"{}\\"}}',
    "client_secret={}",
    "oauth_signature='{}'",
    "password: {}",
    "api key: {}",
    "<SessionId>{}</SessionId>",
    "bearer {}",
    "shpat_{}",
    "pk_{}",
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@given(
    st.sampled_from(KEPT_SAFE),
    st.text(LETTERS, min_size=12, max_size=60),
    st.text(max_size=30),
    st.text(max_size=200),
)
def test_no_secret_is_left_in_what_is_kept(
    template: str, secret: str, before: str, after: str
) -> None:
    assume(secret not in f"{before} {after}")
    said = f"HTTP 401 {before} {template.format(secret)} {after}"
    log = [LogLine(at=None, level="ERROR", text=said)]
    failure = read_failure(FAILED, log, (), {})
    assert failure is not None
    assert secret not in failure.line


@given(st.randoms(use_true_random=False), st.integers(32, 90), st.booleans())
def test_no_long_run_of_chance_is_left(chance: Random, length: int, hexadecimal: bool) -> None:
    secret = "".join(chance.choices("0123456789abcdef" if hexadecimal else LETTERS, k=length))
    assert secret not in without_secrets(f"the value {secret} was refused")


@given(st.text())
def test_any_text_may_be_struck(text: str) -> None:
    without_secrets(text)
