"""What we know of our own sight: each source that rounds read, and since when it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One source, or one part of it, as the newest look found it. Times are UTC.

    `id` is "patchworks" or the system's name in the settings; sources with one id are parts of one
    whole, told apart by `part` ("queue", "flows"; empty for a whole). `seen_at` is when it could
    last be read (None: never), `blind_since` the first look of the present streak that failed
    (None: the newest look could read it), `why` one sentence about the newest failure. `refused`
    says that a person must act; else it may come back by itself; `rejected` that our credential is
    not accepted, which `token_expiry` tells; `resting` that it answered and asked us to wait.
    `vendor` is what the vendor's status page says of its own components: evidence only. `looks` is
    how many have failed since `blind_since`, None where that is not counted.
    """

    id: str
    title: str
    seen_at: datetime | None
    blind_since: datetime | None
    why: str = ""
    refused: bool = False
    rejected: bool = False
    resting: bool = False
    vendor: tuple[str, ...] = ()
    part: str = ""
    looks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SightEvidence:
    """Everything that rounds read, in any order."""

    sources: tuple[Seen, ...]
