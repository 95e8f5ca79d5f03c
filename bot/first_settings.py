"""The text of a first settings file, from what Patchworks tells of its flows and instances. Pure.

What stands active is known and holds; what has to be filled in first stands in comments. Names are
foreign: each is written as a TOML string, in comments too, so that none of them can become a key.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, count

from bot.system_settings import PATCHWORKS, needed
from checks.declare import Connector
from checks.matching import kinds_of
from checks.runs import Flow, Instance, Pool
from checks.systems import all_connectors
from checks.words import plain, say_count

NAME_FITS = 60
PUNCTUATION = " .&/()+-"
HEAD = """\
# Seamwatch's settings, written by `seamwatch init` on {day} from what Patchworks told. No secret
# stands here, only where each is found: "env:NAME" or "file:PATH" (from this file's folder).
# Correct what is active, fill in what you need of the rest, then:
#     seamwatch config check
#     seamwatch doctor
# Every other key is in seamwatch.example.toml.

[estate]
name = "Our estate"                 # the retailer, as people say it
timezone = "UTC"                    # IANA name, such as "Europe/London": the local hour decides
                                    # what is usual

[slack]
token = "env:SEAMWATCH_SLACK_TOKEN"          # Bot User OAuth Token, xoxb-...
app_token = "env:SEAMWATCH_SLACK_APP_TOKEN"  # app-level token, xapp-..., for Socket Mode
channel = "#integrations"                    # where incidents are announced; invite the bot there
# fallback_channel = "#operations"           # told when the channel cannot be posted to
"""
FLOWS = """
# --- Flows: {count}. To any of them you may add
#     owner = "Dana"                # who is asked about it
#     time_sensitive = true         # a stop of it is critical
#     max_age = "15m"               # its jobs may wait this long
"""
INSTANCES = """
# --- Instances: {count}. Patchworks does not tell when their credentials end, so that only you can
# say it. Below each credential stands, in comments, what lets Seamwatch look at the system itself,
# with a credential of its own, never the platform's: take one "#" off each line and fill it in. A
# line that then still has a "#" may stay as it is. What each kind needs is in docs/systems.md.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What Patchworks told, at `at` (UTC). `unread` says why a part could not be read."""

    at: datetime
    flows: tuple[Flow, ...] = ()
    instances: tuple[Instance, ...] = ()
    pools: tuple[Pool, ...] = ()
    allowances: Mapping[str, object] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def watched(self) -> tuple[Flow, ...]:
        """The flows that may run: all but those known not to be deployed."""
        return tuple(flow for flow in self.flows if flow.deployed is not False)


def settings_text(told: Told, patchworks: Mapping[str, str]) -> str:
    """The whole file; `patchworks` are the keys of `[patchworks]` that it was asked with."""
    flows = say_count(len(told.watched), "deployed flow")
    parts = (
        HEAD.format(day=told.at.date().isoformat()),
        "\n".join(_patchworks(told, patchworks)),
        FLOWS.format(count=flows),
        "\n".join(_flows(told)),
        INSTANCES.format(count=len(told.instances)),
        "\n".join(_instances(told)),
    )
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def quoted(text: str) -> str:
    """Any text as a TOML string on one line, which reads as that text again.

    https://toml.io/en/v1.0.0#string
    """
    return f'"{"".join(map(_escaped, text))}"'


def kinds_behind(instance: Instance) -> tuple[str, ...]:
    """The kinds of connector that may read the instance's system, the likeliest first."""
    return kinds_of(instance.system or instance.name, all_connectors())


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:  # half a character, which TOML cannot hold
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _patchworks(told: Told, given: Mapping[str, str]) -> Iterator[str]:
    yield "[patchworks]"
    yield from (f"{key} = {quoted(value)}" for key, value in given.items())
    runs = told.allowances.get("concurrent_flows.limit")
    if isinstance(runs, int):
        yield f"# concurrent_flows = {runs:<16} # as Patchworks tells; it is asked again every hour"
    else:
        yield "# concurrent_flows = 10               # your plan's runs at a time: it was not told"
        numbers = [key for key, value in told.allowances.items() if isinstance(value, int)]
        if numbers:
            yield f"# concurrent_flows_field = {quoted(numbers[0])}  # or where it is told, of:"
            yield from (f"#   {quoted(each)} is {told.allowances[each]}" for each in numbers)
    yield from (f"# The {part} could not be read: {plain(why, 300)}"
                for part, why in told.unread.items())  # fmt: skip


def _flows(told: Told) -> Iterator[str]:
    instances = {instance.id: instance.name for instance in told.instances}
    handle = _handles(told.watched)
    for flow in told.watched:
        known = [f"schedule {quoted(each)}" for each in flow.schedules]
        known += [quoted(instances[each]) for each in flow.instance_ids if each in instances]
        if flow.enabled is False:
            known.append("switched off")
        mark = "" if known else "# "
        yield ""
        yield from [f"# {', '.join(known)}"] if known else []
        yield f"{mark}[[flow]]"
        yield f"{mark}{handle[flow.id]}"
    if left := len(told.flows) - len(told.watched):
        yield f"\n# Left out, because not deployed: {say_count(left, 'flow')}."


def _handles(things: Iterable[Flow]) -> dict[str, str]:
    """How each is meant: by its name, or by its id where several share the name."""
    things = list(things)
    times = Counter(thing.name for thing in things)
    return {
        thing.id: f"name = {quoted(thing.name)}"
        if times[thing.name] == 1
        else f"id = {quoted(thing.id)}  # {quoted(thing.name)}, as others are called too"
        for thing in things
    }


def _instances(told: Told) -> Iterator[str]:
    pools = {each: pool for pool in told.pools for each in pool.instance_ids}
    times = Counter(instance.name.casefold() for instance in told.instances)
    taken = {PATCHWORKS}
    for instance in told.instances:
        meant = instance.name if times[instance.name.casefold()] == 1 else instance.id
        name = distinct_name(instance, taken)
        taken.add(name.casefold())
        yield ""
        yield f"# {_about(instance, pools.get(instance.id))}"
        yield from _credential(instance, name, meant)
        kinds = kinds_behind(instance)
        for number, kind in enumerate(kinds):
            yield "# or instead, if that is what it is:" if number else "#"
            yield from _system(all_connectors()[kind], name, meant)
        if not kinds:
            yield "# No kind of [[system]] reads it; its runs are watched through Patchworks."


def _about(instance: Instance, pool: Pool | None) -> str:
    parts = [quoted(instance.name), f"system {quoted(instance.system)}" if instance.system else ""]
    if instance.rate_limit is not None and instance.rate_limit_unit:
        unit = plain(instance.rate_limit_unit)
        parts.append(f"at most {instance.rate_limit} requests per {unit}")
    if pool is not None and pool.limit is not None:
        parts.append(f"{pool.limit} at a time with the rest of the pool {quoted(pool.name)}")
    return ", ".join(filter(None, parts))


def _credential(instance: Instance, name: str, meant: str) -> Iterator[str]:
    yield "[[credential]]"
    yield f"name = {quoted(name)}"
    yield f"instance = {quoted(meant)}"
    if instance.auth_type:
        yield f"type = {quoted(instance.auth_type)}"
    yield '# owner = "Dana"                  # who renews it'
    yield "# expires = 2027-03-01            # the day on which it ends; or: endless = true"


def _system(connector: Connector, name: str, meant: str) -> Iterator[str]:
    """A section to be filled in; what may stay as it is has a second "#"."""
    wanted = needed(connector, has_base_url=False)
    yield "# [[system]]"
    yield f"# kind = {quoted(connector.kind)}  # {connector.title}"
    yield f"# name = {quoted(name)}"
    yield f"# instances = [{quoted(meant)}]"
    for key, what in connector.placeholders.items():
        mark = "" if key in wanted else "# "
        yield f"# {mark}{key} = {quoted(connector.defaults.get(key, ''))}  # {what}"
    for number, auth in enumerate(connector.auths):
        mark = "# " if number else ""
        if len(connector.auths) > 1:
            yield f"# {mark}auth = {quoted(auth.name)}"
        for key, what in auth.secrets.items():
            yield f"# {mark}{key} = {quoted(_reference(name, key))}  # {what}"
    yield '# # owner = "Dana"                # who looks after this credential'


def distinct_name(instance: Instance, taken: Set[str]) -> str:
    """A name that the settings take and that no other has; `taken` are case-folded."""
    tidy = " ".join("".join(map(_in_a_name, instance.name)).split())
    stem = tidy.lstrip(PUNCTUATION) or f"instance {instance.id}"
    endings = chain([""], (f" {number}" for number in count(2)))
    names = (f"{stem[: NAME_FITS - len(ending)].rstrip()}{ending}" for ending in endings)
    return next(name for name in names if name.casefold() not in taken)


def _in_a_name(sign: str) -> str:
    return sign if sign.isalpha() or sign.isdecimal() or sign in f"_{PUNCTUATION}" else " "


def _reference(name: str, key: str) -> str:
    """The environment variable that a secret may stand in."""
    words = re.findall(r"[A-Za-z0-9]+", f"{name} {key}")
    return f"env:{'_'.join(words).upper()}"
