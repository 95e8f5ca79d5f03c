"""Whether a request is signed as OAuth 1.0a asks, with HMAC-SHA256.

https://datatracker.ietf.org/doc/html/rfc5849#section-3.4
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from bot.sandbox.estate.vendors.vendor import Asked

METHOD = "HMAC-SHA256"
_PAIR = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The four values of an integration, and the realm where the vendor wants one."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str
    realm: str = ""


def told(asked: Asked) -> Mapping[str, str]:
    """The parameters in the Authorization header; none when it is another scheme's."""
    scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        return {}
    return {name: unquote(value) for name, value in _PAIR.findall(rest)}


def is_signed(asked: Asked, keys: Keys, address: str) -> bool:
    """Whether the caller holds the keys; `address` is the URL asked, without its query.

    The time stamp is not compared: the caller's is the machine's, and this is the sandbox's time.
    """
    parameters = dict(told(asked))
    shown = parameters.pop("oauth_signature", "")
    realm = parameters.pop("realm", "")
    known = (
        parameters.get("oauth_consumer_key") == keys.consumer_key
        and parameters.get("oauth_token") == keys.token
        and parameters.get("oauth_signature_method") == METHOD
        and realm == keys.realm
    )
    signature = _signature(asked.method, address, {**asked.query, **parameters}, keys)
    return known and hmac.compare_digest(shown.encode(), signature.encode())


def _signature(method: str, address: str, parameters: Mapping[str, str], keys: Keys) -> str:
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in parameters.items())
    listed = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method.upper(), _escaped(address), _escaped(listed)))
    key = f"{_escaped(keys.consumer_secret)}&{_escaped(keys.token_secret)}"
    return b64encode(hmac.digest(key.encode(), base.encode(), "sha256")).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="~")
