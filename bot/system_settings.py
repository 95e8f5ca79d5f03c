"""`[[system]]`: one section a configured system; its keys follow from the system's connector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, create_model

from bot.section import Section
from bot.values import Sayings, Secret, Url
from checks.asking import wanted_by
from checks.calls import PLACEHOLDER
from checks.declare import Auth, Connector
from checks.overrides import faults_in, override
from checks.system import address_fault
from checks.systems import all_connectors

PATCHWORKS = "patchworks"


class SystemSettings(Section):
    """What every system has. `connector` is the declaration that the other keys follow from."""

    connector: ClassVar[Connector]

    name: str = Field(
        min_length=1,
        max_length=60,
        pattern=r"^\w[\w .&/()+-]*$",
        description="as people say it: letters, digits, blanks and . & / ( ) + -",
    )
    auth: str | None = Field(default=None, description="which way in, where there are several")
    base_url: Url | None = Field(default=None, description="another address than the vendor's")
    token_url: Url | None = Field(
        default=None, description="another token endpoint than the vendor's, where there is one"
    )
    calls_per_minute: int = Field(
        default=30, ge=1, le=600, description="our own calls; most systems share their allowance"
    )
    concurrency: int = Field(default=1, ge=1, le=10, description="our calls at the same time")
    owner: str | None = Field(default=None, description="who looks after the credential")
    expires: date | None = Field(
        default=None, description="when the credential ends, where nothing tells it"
    )

    instances: tuple[str, ...] = Field(
        default=(), description="its instances in Patchworks, by name or id; none: by their system"
    )
    override: dict[str, str] = Field(
        default_factory=dict, description="single facts that differ, see docs/systems.md"
    )
    sayings: Sayings = Field(
        default_factory=dict, description="what run logs say when it refuses, by cause"
    )

    @property
    def declared(self) -> Connector:
        """The connector with the facts that the operator knows better."""
        return override(self.connector, self.override)

    @property
    def way_in(self) -> Auth:
        """The auth that is used."""
        return next(auth for auth in self.connector.auths if self.auth in (None, auth.name))

    @property
    def told(self) -> Mapping[str, str]:
        """The connector's own settings that are set, both addresses included."""
        named = (*self.connector.placeholders, "base_url", "token_url")
        values = {name: getattr(self, name) for name in named}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def secrets(self) -> Mapping[str, SecretStr]:
        """The secrets of the way in."""
        return {name: getattr(self, name) for name in self.way_in.secrets}

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if str(told.get("name", "")).casefold() == PATCHWORKS:
            yield 'expected another name than "patchworks", which is the platform itself'
        auths = {auth.name: auth for auth in cls.connector.auths}
        chosen = told.get("auth", next(iter(auths)) if len(auths) == 1 else None)
        if chosen not in auths:
            yield f"expected auth to be one of {', '.join(auths)}"
        for name, what in auths[str(chosen)].secrets.items() if chosen in auths else ():
            if name not in told:
                yield f"expected {name}, a reference to the secret: {what}"
        for name, what in needed(cls.connector, "base_url" in told).items():
            if name not in told:
                yield f"expected {name}: {what}"
        yield from _addresses(cls.connector, told)
        facts = told.get("override")
        if isinstance(facts, Mapping) and all(isinstance(fact, str) for fact in facts.values()):
            yield from faults_in(cls.connector, facts)


def _addresses(connector: Connector, told: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the settings that the address is made of."""
    for name in PLACEHOLDER.findall(connector.base_url) if "base_url" not in told else ():
        value = told.get(name)
        if isinstance(value, str) and (fault := address_fault(connector, name, value)):
            yield fault


def needed(connector: Connector, has_base_url: bool) -> Mapping[str, str]:
    """The settings that its calls cannot do without, and what each is."""
    base_url = "" if has_base_url else connector.base_url
    used = {*wanted_by(connector), *PLACEHOLDER.findall(base_url)} - connector.defaults.keys()
    return {name: what for name, what in connector.placeholders.items() if name in used}


@cache
def system_models() -> Any:
    """The type of a `[[system]]` section: one model a kind, told apart by `kind`."""
    models = tuple(_model(kind, connector) for kind, connector in all_connectors().items())
    union: Any = models[0]
    for model in models[1:]:
        union = union | model
    return Annotated[union, Field(discriminator="kind")]


def _model(kind: str, connector: Connector) -> type[SystemSettings]:
    fields: dict[str, Any] = {"kind": (Literal[kind], ...)}
    for name, what in connector.placeholders.items():
        default = connector.defaults.get(name)
        fields[name] = (str | None, Field(default=default, description=what))
    for auth in connector.auths:
        for name, what in auth.secrets.items():
            fields[name] = (Secret | None, Field(default=None, description=what))
    model = create_model(f"{kind}_settings", __base__=SystemSettings, **fields)
    model.connector = connector
    return model
