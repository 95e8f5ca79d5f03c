"""What every connector declares: complete, with sources, and consistent in itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, timedelta

import pytest

from checks.calls import PLACEHOLDER
from checks.declare import Auth, Call, Connector, Mark, NotOffered, Source
from checks.systems import all_connectors
from tests.checks.connectors.sampled import answer_of, counts_of, every, samples_of

CONNECTORS = all_connectors()
ENTITIES = {"orders", "products", "customers", "inventory"}
each = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)


@each
def test_it_names_its_documentation(connector: Connector) -> None:
    assert connector.docs.startswith("https://")
    for source in every(Source, connector):
        assert isinstance(source, Source)
        if source.mark is Mark.RECALLED:
            assert source.url == "" or source.url.startswith("https://")
        else:
            assert source.url.startswith("https://"), source


@each
def test_every_field_is_filled_or_says_why_not(connector: Connector) -> None:
    for field in ("kind", "title", "base_url", "auths", "credentials", "limits", "samples"):
        assert getattr(connector, field), field
    for field in ("counts", "signals"):
        assert getattr(connector, field) != (), f"{field}: NotOffered says why"
    for missing in every(NotOffered, connector):
        assert isinstance(missing, NotOffered)
        assert len(missing.why.split()) > 2, missing
    assert re.fullmatch(r"[a-z][a-z0-9_]*", connector.kind)


@each
def test_every_way_in_uses_a_credential_that_is_declared(connector: Connector) -> None:
    credentials = {credential.name: credential for credential in connector.credentials}
    assert len(credentials) == len(connector.credentials)
    assert len({auth.name for auth in connector.auths}) == len(connector.auths)
    for auth in connector.auths:
        assert auth.credential in credentials


@each
def test_we_never_use_a_credential_that_rotates(connector: Connector) -> None:
    """Using the platform's would break the very integration that is watched."""
    rotating = {credential.name for credential in connector.credentials if credential.rotates}
    assert not rotating & {auth.credential for auth in connector.auths}


@each
def test_every_placeholder_is_declared(connector: Connector) -> None:
    settings = {*connector.placeholders, *connector.defaults, *_told_by_a_login(connector)}
    assert _used([connector.base_url, connector.probe, connector.status_page]) <= settings
    assert _used([limit.ask for limit in connector.limits]) <= settings
    assert _used([count.call for count in counts_of(connector)]) <= settings | {"since"}
    for auth in connector.auths:
        assert _used(_templates(auth)) <= settings | set(auth.secrets)


@each
def test_every_setting_is_explained_and_used(connector: Connector) -> None:
    ways_in = [_templates(auth) for auth in connector.auths]
    used = _used([connector.base_url, *every(Call, connector), *ways_in])
    assert set(connector.placeholders) <= used
    assert set(connector.defaults) <= set(connector.placeholders)
    for auth in connector.auths:
        assert not set(auth.secrets) & set(connector.placeholders), "a secret is no setting"
        assert all([*auth.secrets.values(), *connector.placeholders.values()])


@each
def test_a_count_asks_for_what_changed(connector: Connector) -> None:
    for count in counts_of(connector):
        assert "since" in _used([count.call]), count.entity


@each
def test_a_published_number_is_a_number(connector: Connector) -> None:
    for limit in connector.limits:
        for published in limit.published:
            assert published.amount > 0
            assert published.per is None or published.per > timedelta(0)
    for event in connector.events:
        assert event.on.tzinfo is UTC


@each
def test_an_entity_is_counted_in_one_way(connector: Connector) -> None:
    entities = [count.entity for count in counts_of(connector)]
    assert len(entities) == len(set(entities))
    assert set(entities) <= ENTITIES


def _told_by_a_login(connector: Connector) -> set[str]:
    """What a session gives for later calls, as read off the samples of a login."""
    readers = [auth.session for auth in connector.auths if auth.session]
    logins = [answer_of(sample) for sample in samples_of(connector, "login")]
    return {name for read in readers for login in logins for name in read(login)}


def _templates(auth: Auth) -> list[object]:
    return [auth.details, auth.open, auth.close]


def _used(templates: Iterable[object]) -> set[str]:
    """The placeholders in the paths, parameters, headers and bodies of calls, and in texts."""
    texts = [text for template in templates for text in every(str, template)]
    return {name for text in texts for name in PLACEHOLDER.findall(str(text))}
