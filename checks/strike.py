"""Strikes secrets out of foreign text, before it is kept, logged or shown.

What is struck: the values of headers that prove who asks, of names such as token, password or key
(in addresses, JSON, XML and plain words), what known makers of keys put in front of them, and long
runs of letters and digits that read like chance. Rather a word too many than a secret.
"""

from __future__ import annotations

import re
from itertools import pairwise

HIDDEN = "[hidden]"
LONG = 32  # shorter runs of letters and digits are names and numbers of records

_HEADER = r"((?:proxy-)?authori[sz]ation|(?:set-)?cookie|x-[a-z-]{0,40}(?:token|key|auth|secret))"
_NAME = (
    r"(?:token|secret|passw(?:or)?d|passphrase|pwd|(?:api|app|access|private|consumer)[ _-]?key"
    r"|client_?id|session(?:_?id)?|signature|nonce|oauth_|credential|routeid)\w{0,20}"
)
_SURE = r"(?:secret|passw(?:or)?d|passphrase|pwd|(?:api|app|access|private|consumer)[ _-]?key)"
_VALUE = r"(\\?[\"'])?(?(2)[^\"'\\]+|[^\s\"'&,;<>)\]}\\]+)"  # in quotes with all within
_PREFIX = r"(?:shp[a-z]{2}_|[ps]k_|pat_|gh[a-z]_|glpat-|xox[a-z]-|xapp-|AKIA|ya29\.)"
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), put)
    for pattern, put in (
        (rf"{_HEADER}([\\\"']*\s*[:=]\s*)\\?([\"'])[^\"'\\]*", rf"\1\2\3{HIDDEN}"),
        (rf"{_HEADER}([\\\"']*\s*[:=]\s*)(?!\\?[\"']).+", rf"\1\2{HIDDEN}"),
        (r"(://)[^\s/@:]*:[^\s/@]+(?=@)", rf"\1{HIDDEN}"),
        (
            r"\b(bearer|klaviyo-api-key|oauthtoken)\s+(?!(?:tokens?|auth(?-i:[a-z]*)|scheme)\b)[^\s\"',;}\\]+",
            rf"\1 {HIDDEN}",
        ),
        (
            r"\b(basic)\s+(?!auth)(?=[\w+/-]*(?-i:[0-9A-Z=]))[\w+/-]{8,}={0,2}",
            rf"\1 {HIDDEN}",
        ),
        (rf"(<(?:\w{{1,20}}:)?\w{{0,20}}{_NAME}(?:\s[^<>]*)?>)[^<]+", rf"\1{HIDDEN}"),
        (rf"((?:{_NAME}|key|[?&]code|sig)[\\\"']*\s*=>?\s*){_VALUE}", rf"\1\2{HIDDEN}"),
        (rf"({_NAME}\\?[\"']\s*:\s*){_VALUE}", rf"\1\2{HIDDEN}"),
        (rf"({_SURE}\s*:\s*){_VALUE}", rf"\1\2{HIDDEN}"),
        (rf"({_NAME}\s*:\s*)(?=\S*\d|\S{{16}})[^\s\"',;]{{8,}}", rf"\1{HIDDEN}"),
        (rf"\b{_PREFIX}[\w.-]{{8,}}", HIDDEN),
        (r"\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}", HIDDEN),
        (r"\b[0-9a-f]{32,}\b", HIDDEN),
    )
)
_RUN = re.compile(rf"[A-Za-z0-9+/_-]{{{LONG},}}={{0,2}}")


def without_secrets(text: str) -> str:
    """The text with every secret replaced by "[hidden]"; the text is one line."""
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return _RUN.sub(lambda run: HIDDEN if _reads_like_chance(run[0]) else run[0], text)


def _reads_like_chance(run: str) -> bool:
    """Whether small letters, capitals and digits take turns as in a key, unlike in words or paths.

    In chance letters and digits six neighbours in ten differ in kind; in words set together with
    capitals, such as createdAtDateTime, three in ten do.
    """
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in run]
    turns = sum(one != other for one, other in pairwise(kinds)) / len(run)
    return turns >= (0.25 if "0" in kinds else 0.4)
