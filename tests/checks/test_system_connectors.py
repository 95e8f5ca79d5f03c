"""Every connector, in each of its ways in, over the one fetcher: its samples and every fault."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from checks.budget import Budget
from checks.declare import SAMPLED_AT, Answer, Auth, Connector, Counted, No, Page, Sample
from checks.fetch import Refused, Unavailable, Unreadable
from checks.system import System
from checks.systems import all_connectors
from tests.checks.system_double import NOON, Clock, Reply, Respond, system

CONNECTORS = all_connectors()
PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
WAYS = [
    pytest.param(connector, auth, id=f"{kind}, {auth.name}")
    for kind, connector in CONNECTORS.items()
    for auth in connector.auths
]


def samples(*of: str) -> list[object]:
    return [
        pytest.param(connector, sample, id=f"{kind}, {sample.of} {number}")
        for kind, connector in CONNECTORS.items()
        for number, sample in enumerate(connector.samples, start=1)
        if sample.of.startswith(of)
    ]


def secret_of(name: str) -> str:
    return PEM if name == "private_key" else f"s3cret-{name}"


def system_of(connector: Connector, auth: Auth, vendor: Respond) -> System:
    hosts = {"host": "vendor.example"}
    made_up = {
        name: hosts.get(name, f"a-{name.replace('_', '-')}") for name in connector.placeholders
    }
    clock = Clock()
    clock.at = SAMPLED_AT
    naps = [0.0]

    async def sleep(seconds: float) -> None:
        naps[0] += seconds

    return system(
        vendor,
        connector=connector,
        way=auth,
        settings={**made_up, **connector.defaults},
        budget=Budget(10_000, monotonic=lambda: naps[0], sleep=sleep),
        now=clock,
        **{name: secret_of(name) for name in auth.secrets},
    )


def opening_of(connector: Connector, auth: Auth) -> httpx.Response:
    """A sample that opens a session, or else the login answer of SAP Business One."""
    assert auth.session is not None
    for sample in connector.samples:
        answer = Answer(
            status=sample.status, headers={}, data=None, text=sample.body, at=SAMPLED_AT
        )
        try:
            auth.session(answer)
        except ValueError:
            continue
        return reply(sample)
    return httpx.Response(200, json={"SessionId": "4f2c1b7a", "Version": "1000190"})


def reply(sample: Sample) -> httpx.Response:
    headers = {"Content-Type": "text/plain", **sample.headers}
    return httpx.Response(sample.status, headers=headers, content=sample.body.encode())


class Estate:
    """Gives a token or session to who asks for one, and the same answer to everything else."""

    def __init__(self, connector: Connector, auth: Auth, answer: Reply) -> None:
        self.connector, self.auth, self.answer, self.asked = connector, auth, answer, 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if b"grant_type=" in request.content:
            return httpx.Response(200, json={"access_token": "t0ken-issued", "expires_in": 3600})
        if self._opens(request):
            return opening_of(self.connector, self.auth)
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        old = self.answer
        return httpx.Response(old.status_code, headers=old.headers, content=old.content)

    def _opens(self, request: httpx.Request) -> bool:
        """Where the probe is the login itself, it gets the answer under test."""
        opening = self.auth.open
        if opening is None or (opening == self.connector.probe.call and self._is_tested()):
            return False
        if opening.text:
            return b"<Authenticate" in request.content
        return request.url.path.endswith("/Login")

    def _is_tested(self) -> bool:
        return not isinstance(self.answer, httpx.Response) or b"GetData" not in self.answer.content


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits out the pauses before another attempt."""

    async def note(seconds: float) -> None:
        return

    monkeypatch.setattr("stamina._core._smart_sleep", note)


@pytest.mark.parametrize(("connector", "auth"), WAYS)
async def test_its_probe_reaches_it(connector: Connector, auth: Auth) -> None:
    [sample, *_] = [sample for sample in connector.samples if sample.of == "probe"]
    asking = system_of(connector, auth, Estate(connector, auth, reply(sample)))
    probed = await asking.probe()
    assert probed.at == NOON
    await asking.close()


@pytest.mark.parametrize(("connector", "sample"), samples("count"))
async def test_it_counts_as_its_sample_means(connector: Connector, sample: Sample) -> None:
    auth = connector.auths[0]
    asking = system_of(connector, auth, Estate(connector, auth, reply(sample)))
    entity, means = sample.of.removeprefix("count "), sample.means
    since = SAMPLED_AT - timedelta(hours=6)
    if isinstance(means, Page) and means.after is not None:
        with pytest.raises(Unavailable, match="goes round in circles"):
            await asking.count(entity, since)
        return
    counted = await asking.count(entity, since)
    number = means.number if isinstance(means, Counted | Page) else means
    assert counted.number == number


NOES = {
    "not now": (Unavailable, No.NOT_NOW),
    "not permitted": (Refused, No.NOT_PERMITTED),
    "credential": (Refused, No.CREDENTIAL),
}


@pytest.mark.parametrize(("connector", "sample"), samples(*NOES))
async def test_its_noes_are_told_apart(connector: Connector, sample: Sample) -> None:
    kind, no = NOES[sample.of]
    auth = connector.auths[0]
    estate = Estate(connector, auth, reply(sample))
    with pytest.raises(kind) as caught:
        await system_of(connector, auth, estate).probe()
    assert caught.value.no is no
    assert estate.asked <= 3


PAGE_502 = httpx.Response(502, html="<html><h1>Bad Gateway</h1></html>")
FAULTS: list[object] = [
    pytest.param(httpx.Response(200, html="<!doctype html>Down"), id="web page with 200"),
    pytest.param(httpx.Response(200, text='{"data": [{"id'), id="cut off"),
    pytest.param(httpx.Response(200, text="<Envelope><Body>"), id="XML cut off"),
    pytest.param(httpx.Response(200), id="nothing"),
    pytest.param(httpx.Response(500, json={"message": "oops"}), id="500"),
    pytest.param(PAGE_502, id="502"),
    pytest.param(httpx.Response(504), id="504"),
    pytest.param(httpx.ConnectError("x"), id="closed port"),
    pytest.param(httpx.ReadTimeout("x"), id="silence"),
    pytest.param(httpx.Response(429, headers={"Retry-After": "30"}), id="429"),
]


@pytest.mark.parametrize("answer", FAULTS)
@pytest.mark.parametrize(("connector", "auth"), WAYS)
async def test_trouble_that_passes_is_never_a_refusal(
    connector: Connector, auth: Auth, answer: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    estate = Estate(connector, auth, answer)
    with pytest.raises(Unavailable) as caught:
        await system_of(connector, auth, estate).probe()
    assert estate.asked <= 3
    assert not leaks(caught.value, auth, caplog)


ECHO = json.dumps({"message": " ".join(["s3cret-token", "s3cret-password", "t0ken-issued"])})


@pytest.mark.parametrize("code", [302, 400, 401, 403, 404, 410, 422, 429, 503])
@pytest.mark.parametrize(("connector", "auth"), WAYS)
async def test_a_status_alone_is_told_without_a_secret(
    connector: Connector, auth: Auth, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    estate = Estate(connector, auth, httpx.Response(code, text=ECHO))
    with pytest.raises(Unreadable) as caught:
        await system_of(connector, auth, estate).probe()
    assert estate.asked <= 3
    assert caught.value.status == code
    assert not leaks(caught.value, auth, caplog)


def leaks(error: Unreadable, auth: Auth, caplog: pytest.LogCaptureFixture) -> list[str]:
    logging.getLogger("test").error("lost", exc_info=error)
    told = [repr(error), caplog.text, *traceback.format_exception(error)]
    told += [str(vars(record)) for record in caplog.records]
    secrets = {secret_of(name) for name in auth.secrets} | {"t0ken-issued"}
    return [secret for secret in secrets if any(secret in line for line in told)]


@pytest.mark.parametrize(("connector", "auth"), WAYS)
async def test_a_401_once_is_no_refusal(connector: Connector, auth: Auth) -> None:
    [sample, *_] = [sample for sample in connector.samples if sample.of == "probe"]
    estate = Estate(connector, auth, reply(sample))
    lapsed = [httpx.Response(401)]

    async def once(request: httpx.Request) -> httpx.Response:
        if b"grant_type=" in request.content or estate._opens(request) or not lapsed:
            return await estate(request)
        return lapsed.pop()

    if auth.open == connector.probe.call:
        lapsed.clear()  # its probe is its login, which is tried once on purpose
    await system_of(connector, auth, once).probe()
    assert not lapsed
