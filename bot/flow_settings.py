"""`[[flow]]`: whose a flow is, what it carries, what it promises, what its errors cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.section import Section
from bot.values import Cost
from checks.durations import Duration
from checks.promises.model import Promise
from checks.runs import Flow

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
COSTS = ("cost_per_failed_record", "cost_per_hour")


def _check_span(over: timedelta) -> timedelta:
    if SHORTEST <= over <= LONGEST:
        return over
    raise ValueError("expected between 15m and 7d: of more, the single runs may not be kept")


def _check_within(within: timedelta) -> timedelta:
    if within >= timedelta(seconds=1):
        return within
    raise ValueError("expected at least 1s, or no run can keep it")


class PromiseSettings(Section):
    """How well a flow is to serve, over the newest `over`."""

    success: float | None = Field(
        default=None, gt=0, lt=1, description="this share of its runs succeeds, such as 0.99"
    )
    within: Annotated[Duration, AfterValidator(_check_within)] | None = Field(
        default=None, description='its runs are done in that time, such as "10m"'
    )
    share: float = Field(
        default=0.95, gt=0, lt=1, description="and this share of them is done within it"
    )
    over: Annotated[Duration, AfterValidator(_check_span)] = Field(
        default=timedelta(days=1), description="judged over the newest so long, 15m to 7d"
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if not {"success", "within"} & told.keys():
            yield "expected success or within, or it promises nothing"
        if "share" in told and "within" not in told:
            yield "share says how many of the runs are done within a time; expected within as well"

    def promise(self) -> Promise:
        return Promise(success=self.success, within=self.within, share=self.share, over=self.over)


class FlowSettings(Section):
    name: str | None = Field(default=None, description="the flow's name in Patchworks")
    id: str | None = Field(default=None, description="or its id")
    owner: str | None = Field(
        default=None, min_length=1, max_length=80, description="a person, a team, or in words"
    )
    entity: str = Field(default="", max_length=60, description="what it carries, such as orders")
    source: str = Field(default="", max_length=60, description="the system it comes from")
    target: str = Field(default="", max_length=60, description="the system it goes to")
    group: str = Field(default="", max_length=60, description="the flows it is told with")
    time_sensitive: bool = Field(default=False, description="a stop of it is critical")
    max_age: Duration | None = Field(default=None, description="its jobs may wait this long")
    promise: PromiseSettings | None = Field(
        default=None,
        description='such as {success = 0.99, within = "10m", over = "1d"}',
    )
    cost_per_failed_record: Cost | None = Field(
        default=None, description="what one costs, in the estate's currency"
    )
    cost_per_hour: Cost | None = Field(
        default=None, description="what an hour costs in which it does not serve"
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("name" in told) == ("id" in told):
            yield "expected either name or id"

    @property
    def called(self) -> str:
        """As the settings name it."""
        return self.name or self.id or ""

    @property
    def costs_anything(self) -> bool:
        return self.cost_per_failed_record is not None or self.cost_per_hour is not None

    def is_of(self, flow: Flow) -> bool:
        """Whether it speaks of this flow of Patchworks."""
        return self.id == flow.id or (self.name is not None and self.name == flow.name)


def told_of(told: Iterable[FlowSettings], flow: Flow) -> FlowSettings | None:
    """What is told of a flow: by its id before by its name; None where nothing is."""
    found = [each for each in told if each.is_of(flow)]
    return min(found, key=lambda each: each.id is None, default=None)


def by_flow(told: Iterable[FlowSettings], flows: Iterable[Flow]) -> dict[str, FlowSettings]:
    """The same for many flows at once, by flow id; those of which nothing is told are left out."""
    by_id, by_name = {}, {}
    for each in told:
        if each.id is not None:
            by_id[each.id] = each
        else:
            by_name[each.name] = each
    found = ((flow.id, by_id.get(flow.id) or by_name.get(flow.name)) for flow in flows)
    return {flow_id: each for flow_id, each in found if each is not None}


def groups(told: Iterable[FlowSettings], flows: Iterable[Flow]) -> dict[str, str]:
    """By flow id, what the flows are called that a flow is told with: its group, else where it
    goes; flows of which neither is told are left out."""
    named = {flow_id: each.group or each.target for flow_id, each in by_flow(told, flows).items()}
    return {flow_id: name for flow_id, name in named.items() if name}


def cost_faults(told: Mapping[str, object]) -> Iterator[str]:
    """A cost without a currency says nothing. `told` is the file as it stands."""
    estate, flows = told.get("estate"), told.get("flow")
    currency = estate.get("currency") if isinstance(estate, Mapping) else None
    for flow in flows if isinstance(flows, list) else []:
        if currency or not isinstance(flow, Mapping):
            continue
        for key in COSTS:
            if key in flow:
                yield (
                    f"[[flow]] {key} stands without [estate] currency; expected such as "
                    'currency = "GBP"'
                )
                return
