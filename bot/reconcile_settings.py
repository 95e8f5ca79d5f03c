"""`[[reconcile]]`: which records of one system are to be found in another, and what may differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from bot.section import Section
from bot.values import Zone
from checks.durations import Duration, parse_duration
from checks.reconcile import model
from checks.reconcile.values import read_amount
from checks.reconcile.window import DAY, Window, ripe_windows

HOUR = timedelta(hours=1)
_PERSONAL = re.compile(
    r"e-?mail|phone|mobile|address|street|postcode|postal|\bzip|\bcity|birth|recipient"
    r"|(first|last|full|family|given|customer|company|contact|ship\w*|bill\w*)[ _.-]?name",
    re.IGNORECASE,
)


class Depth(StrEnum):
    """How closely is looked."""

    RECORDS = "records"  # one by one
    TOTALS = "totals"  # counts, sums, freshness, duplicates


def _read_amount(told: object) -> object:
    found = read_amount(told) if isinstance(told, str) else None
    if found is None or found < 0:
        raise ValueError('expected an amount in quotes, such as "0.01", so that it stays exact')
    return found


def _read_side(told: object) -> object:
    return {"system": told} if isinstance(told, str) else told


def _check_period(every: timedelta) -> timedelta:
    if every == DAY or (timedelta(minutes=15) <= every < DAY and not DAY % every):
        return every
    raise ValueError('expected "1d", or what divides a day, such as "15m", "1h" or "6h"')


Amount = Annotated[Decimal, BeforeValidator(_read_amount)]
Period = Annotated[Duration, AfterValidator(_check_period)]


class SideSettings(Section):
    """One of the two systems. `source = "shop"` is short for `source = { system = "shop" }`."""

    system: str = Field(min_length=1, description="as in its [[system]] section, or patchworks")
    place: str = Field(default="", description="the list its records stand in; none: the usual one")
    also_in: tuple[str, ...] = Field(default=(), description="the lists to which they move")
    key: str = Field(
        default="", description="the field that holds the common key; none: the list's usual one"
    )
    key_prefix: str = Field(default="", description='what stands before the key there, such as "#"')
    currency: str = Field(default="", description="where a record tells none, such as GBP")
    timezone: Zone | None = Field(
        default=None, description="where a time has no offset; none: UTC, as most systems tell it"
    )

    def side(self) -> model.Side:
        return model.Side(
            system=self.system,
            place=self.place,
            also_in=self.also_in,
            key_prefix=self.key_prefix,
            currency=self.currency.upper(),
            zone=ZoneInfo(self.timezone or "UTC"),
        )


class FieldSettings(Section):
    """A field that is to arrive as it was."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    kind: model.Kind = Field(default=model.Kind.TEXT, description="text, money, integer, instant")
    source: str = Field(default="", description="its name in the source; none: as name")
    target: str = Field(default="", description="its name in the target; none: as name")
    limit: int | None = Field(
        default=None, ge=1, description="characters that the target has room for"
    )
    personal: bool | None = Field(
        default=None,
        description="compared, and never shown nor stored; none: where its names tell that it is "
        "about a person, such as e-mail, phone or address",
    )
    ignore_case: bool = Field(default=False, description="whether A and a are the same")
    currency: str = Field(default="", description="of money: the field that names its currency")
    within: str = Field(default="", description='what may differ: "0.01" of money, "1m" of times')

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        kind = told.get("kind", model.Kind.TEXT)
        for name in ("limit", "ignore_case"):
            if kind != model.Kind.TEXT and told.get(name):
                yield f"{name} is for text only"
        if kind != model.Kind.MONEY and told.get("currency"):
            yield "currency is for money only"
        if told.get("within"):
            yield from _within_faults(kind, told["within"])

    @property
    def is_personal(self) -> bool:
        if self.personal is not None:
            return self.personal
        return any(map(_PERSONAL.search, (self.name, self.source, self.target)))

    def field(self) -> model.Field:
        made = model.Field(
            name=self.name,
            kind=self.kind,
            source=self.source,
            target=self.target,
            limit=self.limit,
            personal=self.is_personal,
            ignore_case=self.ignore_case,
            currency=self.currency,
        )
        return made if not self.within else _with_allowance(made, self.within)


class ReconcileSettings(Section):
    """Records of one system that are to be found in another."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    entity: str = Field(default="orders", min_length=1, description="what they are, such as orders")
    source: Annotated[SideSettings, BeforeValidator(_read_side)] = Field(
        description="the system that they come from"
    )
    target: Annotated[SideSettings, BeforeValidator(_read_side)] = Field(
        description="the system in which they are to arrive"
    )
    flow: str = Field(
        default="",
        description="the flow that carries them, by name or id; none: the only one between the "
        "instances of both systems",
    )
    depth: Depth = Field(default=Depth.RECORDS, description='"records" one by one, or "totals"')
    every: Period = Field(default=HOUR, description="how much is compared at a time; 15m to 1d")
    settle: Duration = Field(
        default=timedelta(minutes=30), description="how long a record may be on its way"
    )
    skew: Duration = Field(
        default=timedelta(minutes=2), description="how far the systems' clocks may be apart"
    )
    ignore_case: bool = Field(default=False, description="of keys: whether A1 and a1 are the same")
    ignore_zeros: bool = Field(default=False, description="of keys: whether 007 and 7 are the same")
    may_differ: int = Field(default=0, ge=0, description="so many records may differ")
    may_differ_share: float = Field(default=0.0, ge=0, lt=1, description="or such a share of them")
    sums_within: Amount = Field(default=Decimal(0), description="by how much sums may be apart")
    listed: int = Field(default=20, ge=1, le=100, description="differences of a kind in a message")
    ask_again: int = Field(
        default=500,
        ge=0,
        le=10_000,
        description="keys that differ and are asked for again; a call for each, or for 20 where "
        "the system takes several",
    )
    look_again_for: Duration = Field(
        default=timedelta(days=7),
        description="so long after its end a period that differed is compared again until it is "
        "whole: every hour at first, then less often",
    )
    field: tuple[FieldSettings, ...] = Field(default=(), description="the fields to compare")

    @field_validator("settle", "skew")
    @classmethod
    def _short_enough(cls, told: timedelta) -> timedelta:
        if told > DAY:
            raise ValueError("expected at most 1d")
        return told

    @field_validator("field")
    @classmethod
    def _named_once(cls, fields: tuple[FieldSettings, ...]) -> tuple[FieldSettings, ...]:
        names = [each.name for each in fields]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"expected every field once, and {twice[0]!r} stands there twice")
        texts = {
            each.name for each in fields if each.kind is model.Kind.TEXT and not each.is_personal
        }
        for each in fields:
            if each.currency and each.currency not in texts:
                raise ValueError(
                    f"{each.currency!r}, the currency of {each.name!r}, is no text here"
                )
        return fields

    @field_validator("target")
    @classmethod
    def _elsewhere(cls, target: SideSettings, info: ValidationInfo) -> SideSettings:
        source = info.data.get("source")
        if source and (source.system, source.place) == (target.system, target.place):
            raise ValueError("expected another system than the source, or another place in it")
        return target

    def pairing(self) -> model.Pairing:
        return model.Pairing(
            name=self.name,
            entity=self.entity,
            source=self.source.side(),
            target=self.target.side(),
            fields=tuple(each.field() for each in self.field),
            ignore_case=self.ignore_case,
            ignore_zeros=self.ignore_zeros,
            tolerance=model.Tolerance(
                records=self.may_differ, share=self.may_differ_share, amount=self.sums_within
            ),
            listed=self.listed,
            asked=self.ask_again,
        )

    def ripe(self, zone: tzinfo, done_until: datetime | None, now: datetime) -> tuple[Window, ...]:
        """The windows to compare now; days are those of `zone`, the estate's."""
        return ripe_windows(
            every=self.every,
            zone=zone,
            done_until=done_until,
            now=now,
            settle=self.settle,
            skew=self.skew,
        )


def _within_faults(kind: object, told: object) -> Iterator[str]:
    if kind == model.Kind.MONEY:
        found = read_amount(str(told))
        if found is None or found < 0:
            yield 'expected within of money to be an amount such as "0.01"'
    elif kind == model.Kind.INSTANT:
        try:
            parse_duration(told)
        except ValueError as error:
            yield f"within: {error}"
    else:
        yield "within is for money and instants only"


def _with_allowance(field: model.Field, within: str) -> model.Field:
    if field.kind is model.Kind.MONEY:
        return replace(field, amount_within=Decimal(within))
    return replace(field, instant_within=parse_duration(within))
