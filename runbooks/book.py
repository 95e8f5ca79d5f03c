"""The runbooks: finds the page for a check, and renders it with one incident's facts for Slack.

A page is a Markdown file beside this module, `<check-with-dashes>.md` or, for one kind of system
only, `<check-with-dashes>.<kind>.md`. What pages share is a part, `_<name>.md`, which they include.
A page in the folder `guides` is about no check: it is found by its name alone.
Jinja2 expressions are sandboxed; every value that they print is escaped for mrkdwn, whatever it
holds, and a value that is missing reads "not known".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from jinja2 import DictLoader, Template, TemplateSyntaxError, Undefined, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runbooks.mrkdwn import NOT_KNOWN, Part, hold, mark_steps, to_mrkdwn, to_parts

# A section block holds 3,000 characters, and its heading wants room in it too.
# https://docs.slack.dev/reference/block-kit/blocks/section-block
FITS = 2800
CONTINUED = " (continued)"
GUIDES = "guides"
PART = "_"  # a file whose name begins so is no page

Fact = str | int | float | None
NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class BrokenPage(Exception):
    """A page cannot be used; the sentence says which, why, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One runbook page. `name` is its topic, such as "stalled-queue"; `check` its check's name, ""
    for a guide; `system` the kind of system that it is for, None for any."""

    name: str
    title: str
    check: str
    system: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Where the facts come from. Leave all out for a page without an incident.

    `incident_state` is triggered, acknowledged or resolved (`state` alone is a fact about a flow).
    `read_at` is when the facts were read. A link that is not http(s) is shown as plain words.
    """

    incident: int | None = None
    incident_state: str | None = None
    run_url: str | None = None
    dashboard_url: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`heading` is plain text; `body` is escaped mrkdwn of fewer than 2,800 characters."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section taken apart, so that each of its steps can be ticked off."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page ready for Slack. Show bodies with `verbatim: true`, so that nothing is linkified.

    `chapters` hold the same as `sections`, step by step."""

    title: str
    sections: tuple[Section, ...]
    chapters: tuple[Chapter, ...] = ()

    @property
    def steps(self) -> tuple[Part, ...]:
        """Every numbered step, in order."""
        parts = (part for chapter in self.chapters for part in chapter.parts)
        return tuple(part for part in parts if part.step is not None)


class Book:
    """All pages, read and compiled once. Raises BrokenPage for one that cannot be used."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._pages: dict[str, Page] = {}
        self._templates: dict[str, Template] = {}
        sources = _sources(folder or files("runbooks"))
        for (name, text), template in zip(sources, _compiled(sources), strict=True):
            if not name.startswith(PART):
                self._add(name, text, template)

    def find(self, check: str, kind: str | None = None) -> Page | None:
        """The page of a check ("stalled_queue"): that of the kind of system where there is one,
        else that of its family ("shopify" for "shopify_rest"), else the general one."""
        name = check.replace("_", "-")
        kinds = (kind, kind.rpartition("_")[0]) if kind else ()
        wanted = (*(f"{name}.{each}" for each in kinds), name)
        found = (self._pages[each] for each in wanted if each in self._pages)
        return next((page for page in found if page.check), None)

    def topics(self) -> tuple[str, ...]:
        """The names of all pages, in order."""
        return tuple(self._pages)

    def find_topic(self, words: str) -> Page | None:
        """The page that a person asks for: "stalled-queue", "Stalled queue", "stalled_queue"."""
        wanted = _topic(words)
        return next((page for page in self._pages.values() if _topic(page.name) == wanted), None)

    def nearest(self, words: str) -> str | None:
        """The topic most like what was typed; None when nothing is near."""
        near = get_close_matches(_topic(words), self._pages, n=1, cutoff=0.5)
        return near[0] if near else None

    def render(
        self, page: Page, facts: Mapping[str, Fact] = NO_FACTS, about: About | None = None
    ) -> Rendered:
        """The page with these facts filled in. Facts that a page does not name are left out."""
        known = {**facts, **asdict(about or About())}
        _, *parts = f"\n{self._templates[page.name].render(known)}".split("\n## ")
        sections: list[Section] = []
        chapters: list[Chapter] = []
        for part in parts:
            heading, _, markdown = part.partition("\n")
            sections += _sections(heading.strip(), to_mrkdwn(markdown))
            chapters.append(Chapter(heading=heading.strip(), parts=tuple(to_parts(markdown))))
        return Rendered(title=page.title, sections=tuple(sections), chapters=tuple(chapters))

    def _add(self, file_name: str, source: str, template: Template) -> None:
        name = file_name.removesuffix(".md")
        mark, _, title = source.partition("\n")[0].partition(" ")
        if mark != "#" or not title.strip():
            raise BrokenPage(f'runbooks/{file_name} has no title: begin it with "# Its title".')
        check, _, kind = name.partition(".")
        folder, _, bare = name.rpartition("/")
        page = Page(
            name=bare,
            title=title.strip(),
            check="" if folder else check.replace("-", "_"),
            system=None if folder else kind or None,
        )
        if bare in self._pages:
            raise BrokenPage(f"runbooks/{file_name} has the name of another page: rename it.")
        self._templates[bare] = template
        self._pages[bare] = page


def _sources(folder: Traversable) -> tuple[tuple[str, str], ...]:
    """The name and the text of every Markdown file, in order; guides last."""
    guides = folder.joinpath(GUIDES)
    own = [(entry.name, entry) for entry in folder.iterdir()]
    more = (
        [(f"{GUIDES}/{entry.name}", entry) for entry in guides.iterdir()] if guides.is_dir() else []
    )
    pages = [*sorted(own, key=_name), *sorted(more, key=_name)]
    return tuple(
        (name, entry.read_text(encoding="utf-8")) for name, entry in pages if name.endswith(".md")
    )


def _name(named: tuple[str, Traversable]) -> str:
    return named[0]


@lru_cache(maxsize=4)
def _compiled(sources: tuple[tuple[str, str], ...]) -> tuple[Template, ...]:
    """A template for each text. The same texts are compiled once a process: it takes a third of a
    second, and every reload of the settings opens the book anew."""
    sources = tuple((name, mark_steps(text)) for name, text in sources)
    parts = {name: text for name, text in sources if name.startswith(PART)}
    environment = _environment(parts)
    return tuple(_compile(name, text, parts, environment) for name, text in sources)


def _compile(
    file_name: str,
    source: str,
    parts: Mapping[str, str],
    environment: ImmutableSandboxedEnvironment,
) -> Template:
    try:
        parsed = environment.parse(source)
        included = meta.find_referenced_templates(parsed)
        missing = sorted(each or "a name worked out" for each in included if each not in parts)
        if missing:
            raise BrokenPage(
                f"runbooks/{file_name} includes {', '.join(missing)}, which is not there: "
                f"write it beside the page, with a name that begins with {PART}."
            )
        return environment.from_string(parsed)
    except TemplateSyntaxError as error:
        raise BrokenPage(
            f"runbooks/{file_name}, line {error.lineno}: {error.message}; correct the template."
        ) from error


def _environment(parts: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(parts),
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # or the last line of a part runs into what follows it
    )
    environment.globals.clear()
    environment.filters["time"] = _time
    return environment


def _printed(value: object) -> str:
    """What an expression prints: this is the autoescape, and no filter gets round it."""
    missing = value is None or value == "" or isinstance(value, Undefined)
    return hold(NOT_KNOWN if missing else value)


def _time(written: object) -> datetime | None:
    """A moment told as ISO 8601 with its zone, or as a datetime; None for anything else."""
    try:
        at = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _topic(words: str) -> str:
    return "-".join(words.lower().replace("_", " ").replace("-", " ").split())


def _sections(heading: str, body: str) -> list[Section]:
    """One section, or several cut between lines where one would be too long for Slack."""
    parts = [""]
    for line in body.splitlines():
        if parts[-1] and len(parts[-1]) + 1 + len(line) >= FITS:
            parts.append("")
        parts[-1] += f"\n{line}" if parts[-1] else line
    headings = [heading] + [heading + CONTINUED] * (len(parts) - 1)
    return [
        Section(heading=title, body=part.strip())
        for title, part in zip(headings, parts, strict=True)
        if part.strip()
    ]
