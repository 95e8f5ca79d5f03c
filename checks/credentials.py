"""The register: every credential that the estate leans on, whose it is, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.declare import Source
from checks.failures import FailureEvidence


class Holder(StrEnum):
    """Who uses a credential."""

    PLATFORM = "platform"  # Patchworks, on an instance: flows stop when it ends
    OURS = "ours"  # Seamwatch itself: only our sight suffers
    NOBODY = "nobody"  # no credential at all, but a date that a vendor has set


class KnownBy(StrEnum):
    """How the end of a credential is known."""

    READ = "read"  # told by the system, or standing in the token
    DECLARED = "declared"  # the operator's word
    COMPUTED = "computed"  # when it was issued, by the operator's word, and how long it lasts
    VENDOR = "the vendor's date"
    ENDLESS = "does not end by itself"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One credential, or one dated event of a vendor.

    `id` is stable and unique: "instance/702", "system/shop", "patchworks", "event/shopify/...".
    `system` is how people call what it opens, `system_kind` its connector's kind or "". `ends_at`
    is UTC. `renews_itself`: its end is normal, only a failure to renew is an event. `lasts_days`
    is its whole life where known. `refused_since` is since when it is not accepted as we saw
    ourselves (None: it is, or nobody can tell), and `why` the sentence that came with it.
    `accepted_at` is when it was last seen accepted by ourselves, None where we do not use it.
    `instance_id` is the instance that it stands on. `whom` says whom a vendor's event concerns.
    """

    id: str
    system: str
    what: str
    holder: Holder
    known_by: KnownBy
    ends_at: datetime | None = None
    owner: str = ""
    renews_itself: bool = False
    needs_person: bool = False
    lasts_days: float | None = None
    refused_since: datetime | None = None
    accepted_at: datetime | None = None
    why: str = ""
    system_kind: str = ""
    instance_id: str = ""
    whom: str = ""
    note: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEvidence:
    """The whole register, and how the runs went that use it."""

    register: tuple[Held, ...]
    failures: FailureEvidence
