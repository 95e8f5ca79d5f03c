"""Every way in proves who asks as its standard says, by a computation of our own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.declare import Auth, Call, Scheme
from tests.checks.system_double import (
    CONNECTOR,
    NOON,
    Vendor,
    auth,
    system,
)

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=3072)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
URN = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def token(value: str, **further: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, **further})


def form_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


SIMPLE = [
    pytest.param(
        auth(Scheme.HEADER, "token", header="X-Key"), {"token": "k-1"}, ("X-Key", "k-1"), id="key"
    ),
    pytest.param(
        auth(Scheme.HEADER, "token", header="Authorization", value="Klaviyo-API-Key {token}"),
        {"token": "pk_1"},
        ("Authorization", "Klaviyo-API-Key pk_1"),
        id="key with a word before it",
    ),
    pytest.param(
        auth(Scheme.BEARER, "pat"), {"pat": "p-1"}, ("Authorization", "Bearer p-1"), id="bearer"
    ),
    pytest.param(
        auth(Scheme.BASIC, "username", "password"),
        {"username": "Aladdin", "password": "open sesame"},
        ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),  # RFC 7617 section 2
        id="basic",
    ),
    pytest.param(
        auth(Scheme.BASIC, "key", username="{key}", password="x"),
        {"key": "abc"},
        ("Authorization", "Basic YWJjOng="),
        id="basic by details",
    ),
]


@pytest.mark.parametrize(("way", "secrets", "header"), SIMPLE)
async def test_a_key_goes_into_its_header(
    way: Auth, secrets: Mapping[str, str], header: tuple[str, str]
) -> None:
    vendor = Vendor()
    await system(vendor, way=way, **secrets).probe()
    assert vendor.asked[0].headers[header[0]] == header[1]


async def test_no_proof_sends_none() -> None:
    vendor = Vendor()
    await system(vendor, way=auth(Scheme.NONE)).probe()
    assert "Authorization" not in vendor.asked[0].headers


OAUTH1 = auth(Scheme.OAUTH1, "consumer_key", "consumer_secret", "token", "token_secret")


def rfc5849_signature(request: httpx.Request, secrets: tuple[str, str]) -> tuple[str, str]:
    """The signature that was sent, and the one that RFC 5849 section 3.4 asks for."""

    def escape(text: str) -> str:
        return quote(text, safe="-._~")

    sent = request.headers["Authorization"].removeprefix("OAuth ")
    told = {
        name: unquote(value.strip('"'))
        for name, _, value in (part.strip().partition("=") for part in sent.split(","))
    }
    signature = told.pop("oauth_signature")
    told.pop("realm", None)
    pairs = [*told.items(), *parse_qsl(request.url.query.decode(), keep_blank_values=True)]
    if "x-www-form-urlencoded" in request.headers.get("Content-Type", ""):
        pairs += parse_qsl(request.content.decode(), keep_blank_values=True)
    encoded = sorted((escape(name), escape(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    url = f"{request.url.scheme}://{request.url.host}{request.url.raw_path.decode().split('?')[0]}"
    base = "&".join(map(escape, (request.method, url, normal)))
    key = "&".join(map(escape, secrets))
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    return signature, base64.b64encode(digest).decode()


CALLS = [
    pytest.param(Call(path="/rest/V1/store"), id="plain"),
    pytest.param(
        Call(
            path="/rest/V1/orders?fields=total_count",
            params={"searchCriteria[filter_groups][0][field]": "it's a+b & é £ *~ %"},
        ),
        id="brackets, spaces and signs",
    ),
    pytest.param(Call(path="/q", method="POST", body={"q": "SELECT COUNT(*)"}), id="JSON body"),
    pytest.param(Call(path="/q", method="POST", form={"a b": "c&d=é"}), id="form"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("realm", ["", "1234567_SB1"])
async def test_oauth_1_signs_what_is_sent(call: Call, realm: str) -> None:
    vendor = Vendor()
    way = replace(OAUTH1, details={"realm": realm} if realm else {})
    connector = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=call))
    secrets = {"consumer_secret": "c&s é", "token_secret": "t+s"}
    await system(
        vendor, connector=connector, way=way, consumer_key="ck", token="tk", **secrets
    ).probe()
    request = vendor.asked[0]
    header = request.headers["Authorization"]
    sent, expected = rfc5849_signature(request, ("c&s é", "t+s"))
    assert sent == expected
    assert 'oauth_signature_method="HMAC-SHA256"' in header
    assert 'oauth_consumer_key="ck"' in header
    assert 'oauth_token="tk"' in header
    assert (f'realm="{realm}"' in header) is bool(realm)


async def test_oauth_1_never_signs_two_requests_alike() -> None:
    vendor = Vendor()
    asking = system(vendor, way=OAUTH1)
    await asking.probe()
    await asking.probe()
    assert vendor.asked[0].headers["Authorization"] != vendor.asked[1].headers["Authorization"]


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=4))
@settings(max_examples=30, deadline=None)
def test_oauth_1_signs_any_parameters(params: dict[str, str]) -> None:
    sayable = {name: told for name, told in params.items() if (name + told).isprintable()}
    connector = replace(
        CONNECTOR, probe=replace(CONNECTOR.probe, call=Call(path="/a", params=sayable))
    )
    vendor = Vendor()
    asking = system(vendor, connector=connector, way=OAUTH1, consumer_secret="c", token_secret="t")
    asyncio.run(asking.probe())
    sent, expected = rfc5849_signature(vendor.asked[0], ("c", "t"))
    assert sent == expected


CLIENT = auth(
    Scheme.CLIENT_CREDENTIALS,
    "client_secret",
    token_url="/token",
    client_id="app-1",
    scope="read.all",
    resource="r",
)
PASSWORD = auth(
    Scheme.PASSWORD_GRANT,
    "client_id",
    "client_secret",
    "username",
    "password",
    token_url="https://login.vendor.example/token",
)


async def test_client_credentials_are_sent_as_a_form() -> None:
    vendor = Vendor(token=[token("t-1")])
    await system(vendor, way=CLIENT, client_secret="s&1").probe()
    [request] = vendor.asked_for("token")
    assert (request.method, str(request.url)) == ("POST", "https://acme.vendor.example/v1/token")
    assert form_of(request) == {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "client_secret": "s&1",
        "scope": "read.all",
        "resource": "r",
    }
    assert vendor.asked[1].headers["Authorization"] == "Bearer t-1"


async def test_a_password_grant_may_name_its_client_in_a_basic_header() -> None:
    vendor = Vendor(token=[token("t-1")])
    way = replace(PASSWORD, details={**PASSWORD.details, "send": "basic"})
    secrets = {"client_id": "id", "client_secret": "se", "username": "ann", "password": "pw"}
    await system(vendor, way=way, **secrets).probe()
    [request] = vendor.asked_for("token")
    assert str(request.url) == "https://login.vendor.example/token"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"id:se").decode()
    assert form_of(request) == {"grant_type": "password", "username": "ann", "password": "pw"}


async def test_no_secret_travels_in_an_address() -> None:
    vendor = Vendor(token=[token("t-1")])
    await system(vendor, way=PASSWORD).probe()
    assert all("made-up" not in str(request.url) for request in vendor.asked)


async def test_the_settings_may_move_the_token_address() -> None:
    vendor = Vendor(token=[token("t-1")])
    moved = {"account": "acme", "token_url": "http://127.0.0.1:9/token"}
    await system(vendor, way=PASSWORD, settings=moved).probe()
    assert str(vendor.asked[0].url) == "http://127.0.0.1:9/token"


ASSERTION = auth(
    Scheme.CERTIFICATE,
    "client_id",
    "key_id",
    "private_key",
    token_url="/token",
    scope="restlets, rest_webservices",
    algorithm="PS256",
)


def parts_of(assertion: str) -> tuple[dict[str, object], dict[str, object], bytes, bytes]:
    def decoded(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    head, claims, signature = assertion.split(".")
    said = f"{head}.{claims}".encode()
    return json.loads(decoded(head)), json.loads(decoded(claims)), decoded(signature), said


@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["RSA", "EC"])
async def test_an_assertion_is_signed_with_the_key(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    vendor = Vendor(token=[token("t-1")])
    await system(vendor, way=ASSERTION, private_key=pem(key), client_id="c-1", key_id="k-1").probe()
    form = form_of(vendor.asked_for("token")[0])
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == URN
    head, claims, signature, said = parts_of(form["client_assertion"])
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    assert head == {"typ": "JWT", "kid": "k-1", "alg": "PS256" if is_rsa else "ES256"}
    assert claims == {
        "iss": "c-1",
        "scope": ["restlets", "rest_webservices"],
        "aud": "https://acme.vendor.example/v1/token",
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 300,
    }
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)
        key.public_key().verify(signature, said, pss, SHA256())
    else:
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        key.public_key().verify(utils.encode_dss_signature(r, s), said, ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("not a key", id="no PEM"),
        pytest.param(pem(ed25519.Ed25519PrivateKey.generate()), id="another kind of key"),
        pytest.param(pem(RSA_KEY)[:600], id="half a key"),
    ],
)
def test_a_bad_private_key_is_named_without_being_shown(key: str) -> None:
    with pytest.raises(
        ValueError, match=r"^acme-shop: its private key is not an RSA or EC key"
    ) as bad:
        system(Vendor(), way=ASSERTION, private_key=key)
    assert key[:20] not in str(bad.value)
    assert bad.value.__cause__ is None
