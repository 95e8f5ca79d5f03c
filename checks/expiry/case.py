"""One credential with everything that is known of it, and what one look at it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from checks.credentials import CredentialEvidence, Held, Holder, KnownBy
from checks.failures import FailureEvidence
from checks.model import Level
from checks.rejections import Rejection, accepted, rejections


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A credential and how the runs went that use it.

    `rejection` is that of its instance; of several credentials on one instance the first by id
    `speaks` for it, because one fault is told once. `accepted_at` (UTC) is when it was last seen
    accepted, `users` how many flows use it, `blind` why their runs could not be read.
    """

    held: Held
    rejection: Rejection | None = None
    speaks: bool = True
    accepted_at: datetime | None = None
    users: int = 0
    blind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look at a credential says; `expected_at` (UTC) is the moment it looks ahead to."""

    level: Level
    signal: str
    sentence: str
    expected_at: datetime | None = None
    critical: bool = False
    explained_by: str = ""


def cases(evidence: CredentialEvidence, now: datetime) -> Iterator[Case]:
    """Every credential, by id: those of the register, and of instances that it does not list."""
    register = (*evidence.register, *_unlisted(evidence))
    rejected, proven = rejections(evidence.failures, now), accepted(evidence.failures)
    speakers = _speakers(register)
    for held in sorted(register, key=lambda held: held.id):
        if not _on_instance(held):
            yield Case(held=held, accepted_at=held.accepted_at)
            continue
        seen = (held.accepted_at, proven.get(held.instance_id))
        yield Case(
            held=held,
            rejection=rejected.get(held.instance_id),
            speaks=speakers[held.instance_id] == held.id,
            accepted_at=max((at for at in seen if at), default=None),
            users=_users(evidence.failures, held.instance_id),
            blind=evidence.failures.blind,
        )


def _on_instance(held: Held) -> bool:
    return held.holder is Holder.PLATFORM and bool(held.instance_id)


def _unlisted(evidence: CredentialEvidence) -> Iterator[Held]:
    """Instances that flows use and the register does not list: flows that fail by one of them
    leave it to this check to say so."""
    listed = {held.instance_id for held in evidence.register if _on_instance(held)}
    taken = {held.id for held in evidence.register}
    used = {each for flow in evidence.failures.flows for each in flow.instance_ids}
    for instance_id in sorted(used - listed):
        name = evidence.failures.instances.get(instance_id)
        if (held_id := f"instance/{instance_id}") not in taken:
            yield Held(
                id=held_id,
                system=name.name if name else f"instance {instance_id}",
                what="credential",
                holder=Holder.PLATFORM,
                known_by=KnownBy.UNKNOWN,
                system_kind=name.kind if name else "",
                instance_id=instance_id,
            )


def _speakers(register: tuple[Held, ...]) -> Mapping[str, str]:
    """Instance id -> the id of the credential that speaks for it."""
    standing = sorted((held.id, held.instance_id) for held in register if _on_instance(held))
    return {instance_id: held_id for held_id, instance_id in reversed(standing)}


def _users(failures: FailureEvidence, instance_id: str) -> int:
    return sum(instance_id in flow.instance_ids for flow in failures.flows)
