"""Chooses the proof that a connector's Auth asks for, and gives it what it needs.

What an Auth's `details` may say, each a text that may hold {placeholders} of settings and secrets;
a part that it does not name is the setting or secret of the same name:

    header              header (its name), value (else the auth's only secret)
    bearer              token (else the auth's only secret)
    basic               username, password
    oauth1              consumer_key, consumer_secret, token, token_secret, realm (optional)
    client credentials  token_url, client_id, client_secret, scope; send: form (as it is) or basic
    password grant      the same, with username and password
    signed assertion    token_url, client_id, key_id, private_key (PEM), scope, algorithm, audience
    login               nothing: `open`, `session` and `close` say it all

Further details of the first two grants go along in the token request (resource, audience). A
setting `token_url` outranks the connector's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from checks.calls import ACCEPT_JSON, PLACEHOLDER, address, fill
from checks.declare import Auth, Call, Scheme
from checks.proof import Key, OAuth1, Proof, basic
from checks.renewal import Ask, Login, Now, Token
from checks.transport import Question

ASSERTION_LIVES = timedelta(minutes=5)  # RFC 7523 leaves it open; NetSuite allows under an hour
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
OURS = frozenset({"token_url", "send", "client_id", "client_secret", "username", "password"})

SigningKey = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Way:
    """An Auth with all that it needs. `known` holds settings and secrets by name."""

    auth: Auth
    known: Mapping[str, str]
    base_url: str
    hide: tuple[str, ...]
    wanted: frozenset[str]
    write: Callable[[Call], Question]
    ask: Ask
    now: Now

    def part(self, name: str, *, otherwise: str | None = None) -> str:
        """A part of the scheme, filled. Raises ValueError when it is needed and not known."""
        own = f"{{{name}}}"
        moved = name == "token_url" and name in self.known
        filled = fill(own if moved else self.auth.details.get(name, own), self.known)
        missing = PLACEHOLDER.search(filled)
        if missing and otherwise is None:
            raise ValueError(f"its way in, {self.auth.name}, needs {missing[1]} in the settings")
        return otherwise or "" if missing else filled

    def only_secret(self, name: str) -> str:
        secrets = tuple(self.auth.secrets)
        one = name not in self.auth.details and len(secrets) == 1
        return self.known.get(secrets[0], "") if one else self.part(name)


def proof_of(way: Way) -> Proof:
    """The proof for an Auth. Raises ValueError, without a secret, for what it cannot work with."""
    return MAKERS[way.auth.scheme](way)


def _header(way: Way) -> Proof:
    value = way.only_secret("value")
    return Key({way.auth.details.get("header", "Authorization"): value}, token=value)


def _bearer(way: Way) -> Proof:
    token = way.only_secret("token")
    return Key({"Authorization": f"Bearer {token}"}, token=token)


def _basic(way: Way) -> Proof:
    return Key(basic(way.part("username"), way.part("password")))


def _oauth1(way: Way) -> Proof:
    return OAuth1(
        consumer_key=way.part("consumer_key"),
        consumer_secret=way.part("consumer_secret"),
        token=way.part("token"),
        token_secret=way.part("token_secret"),
        realm=way.part("realm", otherwise=""),
    )


def _client_credentials(way: Way) -> Proof:
    return _granted(way, {"grant_type": "client_credentials"})


def _password_grant(way: Way) -> Proof:
    user = {"username": way.part("username"), "password": way.part("password")}
    return _granted(way, {"grant_type": "password", **user})


def _granted(way: Way, form: Mapping[str, str]) -> Proof:
    client, secret = way.part("client_id"), way.part("client_secret")
    further = {name: way.part(name) for name in way.auth.details if name not in OURS}
    if way.auth.details.get("send", "form") == "basic":
        return _token(way, lambda: {**form, **further}, basic(client, secret))
    pair = {"client_id": client, "client_secret": secret}
    return _token(way, lambda: {**form, **pair, **further}, {})


def _assertion(way: Way) -> Proof:
    """https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_162790605110.html."""
    key = _signing_key(way.part("private_key"))
    algorithm = _algorithm(key, way.part("algorithm", otherwise=""))
    url = str(address(way.part("token_url"), way.base_url))
    claims = {
        "iss": way.part("client_id"),
        "scope": way.part("scope").replace(",", " ").split(),
        "aud": way.part("audience", otherwise=url),
    }
    named = {"kid": way.part("key_id")}

    def form() -> Mapping[str, str]:
        now = way.now()
        times = {"iat": int(now.timestamp()), "exp": int((now + ASSERTION_LIVES).timestamp())}
        signed = jwt.encode({**claims, **times}, key, algorithm=algorithm, headers=named)
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
        }

    return _token(way, form, {})


def _token(way: Way, form: Callable[[], Mapping[str, str]], headers: Mapping[str, str]) -> Proof:
    url = address(way.part("token_url"), way.base_url)

    def question() -> Question:
        sent = form()
        return Question(
            method="POST",
            url=url,
            headers={**ACCEPT_JSON, **headers},
            form=sent,
            hide=(*way.hide, *headers.values(), sent.get("client_assertion", "")),
        )

    return Token(question, ask=way.ask, now=way.now)


def _login(way: Way) -> Proof:
    opening, closing, read = way.auth.open, way.auth.close, way.auth.session
    if opening is None or read is None:
        raise ValueError(f"its way in, {way.auth.name}, does not say how a session is opened")
    return Login(
        lambda: way.write(opening),
        (lambda: way.write(closing)) if closing else None,
        read=read,
        wanted=way.wanted,
        ask=way.ask,
        now=way.now,
    )


def _signing_key(pem: str) -> SigningKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None  # the library's error may quote the key
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError("its private key is not an RSA or EC key in PEM form without a passphrase")
    return key


def _algorithm(key: SigningKey, wanted: str) -> str:
    """The algorithm that is wanted where it suits the key; an EC key's curve leaves no choice."""
    if isinstance(key, EllipticCurvePrivateKey):
        return CURVES.get(key.curve.name, "ES256")
    return wanted if wanted.startswith(("PS", "RS")) else "PS256"


MAKERS: Mapping[Scheme, Callable[[Way], Proof]] = {
    Scheme.NONE: lambda _: Proof(),
    Scheme.HEADER: _header,
    Scheme.BEARER: _bearer,
    Scheme.BASIC: _basic,
    Scheme.OAUTH1: _oauth1,
    Scheme.CLIENT_CREDENTIALS: _client_credentials,
    Scheme.PASSWORD_GRANT: _password_grant,
    Scheme.CERTIFICATE: _assertion,
    Scheme.LOGIN: _login,
}
