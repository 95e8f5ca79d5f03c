"""What other checks tell already, so that the same trouble is not told twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from checks.failures import FlowRuns
from checks.flow_runs.policy import Policy as FlowPolicy
from checks.flow_runs.tally import tally
from checks.flow_runs.trouble import Elsewhere as Failing
from checks.flow_runs.trouble import explain, name_of, read_trouble
from checks.flow_runs.trouble import look_elsewhere as look_at_failures
from checks.oddities.evidence import OddEvidence, Told

AS_PROPOSED = FlowPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Trouble told by others; each question answers with its words, "" when there is none."""

    evidence: OddEvidence
    failures: Failing
    about: Mapping[tuple[str, str], tuple[Told, ...]]
    now: datetime

    def failing(self, flow: FlowRuns) -> str:
        """Why failures of a flow need no word of ours: it is told as failing, or its system is."""
        if told := self._told("flow", flow.flow_id, ("failing_flow",)):
            return _incident("its failing runs", told)
        if told := self._told_of_instances(flow, ("token_expiry", "rate_limit")):
            return _incident("the trouble of its system", told)
        trouble = read_trouble(flow, tally(flow, AS_PROPOSED), self.evidence.failures)
        return explain(flow, trouble, self.failures, AS_PROPOSED, self.now)

    def slow(self, flow: FlowRuns) -> str:
        """Why a slow flow needs no word of ours."""
        if told := self._told("flow", flow.flow_id, ("failing_flow", "stalled_queue")):
            return _incident("its other trouble", told)
        if told := self._told_of_instances(flow, ("token_expiry", "rate_limit")):
            return _incident("the trouble of its system", told)
        instance = next((self.failures.refused.get(each) for each in flow.instance_ids), None)
        return f"the used-up allowance of {name_of(instance.instance)}" if instance else ""

    def queue(self) -> str:
        """Why a deep queue needs no word of ours."""
        told = [each for each in self.evidence.told if each.check == "stalled_queue"]
        return _incident("the stalled queue", told[0]) if told else ""

    def _told(self, kind: str, subject_id: str, checks: Collection[str]) -> Told | None:
        found = self.about.get((kind, subject_id), ())
        return next((each for each in found if each.check in checks), None)

    def _told_of_instances(self, flow: FlowRuns, checks: Collection[str]) -> Told | None:
        found = (self._told("instance", each, checks) for each in flow.instance_ids)
        return next((each for each in found if each), None)


def look_elsewhere(evidence: OddEvidence, now: datetime) -> Elsewhere:
    about: dict[tuple[str, str], tuple[Told, ...]] = {}
    for each in sorted(evidence.told, key=lambda told: told.incident):
        about[each.kind, each.id] = (*about.get((each.kind, each.id), ()), each)
    return Elsewhere(
        evidence=evidence,
        failures=look_at_failures(evidence.failures, AS_PROPOSED, now),
        about=about,
        now=now,
    )


def _incident(what: str, told: Told) -> str:
    return f"{what} (#{told.incident})"
