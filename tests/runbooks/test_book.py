"""Finding pages, and the sandbox in which their templates run."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2.exceptions import SecurityError

from runbooks.book import FITS, Book, BrokenPage, Fact, Rendered
from tests.runbooks.situations import BOOK, text_of


def book_of(folder: Path, pages: dict[str, str]) -> Book:
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return Book(folder)


def rendered(folder: Path, body: str, **facts: Fact) -> Rendered:
    book = book_of(folder, {"some-check": f"# Some check\n\n## Meaning\n\n{body}\n"})
    page = book.find("some_check")
    assert page is not None
    return book.render(page, facts)


def body_of(folder: Path, body: str, **facts: Fact) -> str:
    return rendered(folder, body, **facts).sections[0].body


def test_the_page_of_a_system_wins_over_the_general_one(tmp_path: Path) -> None:
    pages = {"token-expiry": "# Tokens\n", "token-expiry.netsuite": "# Tokens of NetSuite\n"}
    book = book_of(tmp_path, pages)
    titles = [
        page.title
        for system in ("netsuite", "shopify", None)
        if (page := book.find("token_expiry", system))
    ]
    assert titles == ["Tokens of NetSuite", "Tokens", "Tokens"]
    assert book.topics() == ("token-expiry", "token-expiry.netsuite")


def test_the_variants_of_a_system_share_the_page_of_their_family(tmp_path: Path) -> None:
    pages = {"limit": "# All\n", "limit.shop": "# Shop\n", "limit.sap_b1": "# B1\n"}
    book = book_of(tmp_path, pages)
    kinds = ("shop", "shop_rest", "sap_b1", "sap_b1_cloud", "sap", "shop_rest_old", "_", "")
    titles = [page.title for kind in kinds if (page := book.find("limit", kind))]
    assert titles == ["Shop", "Shop", "B1", "B1", "All", "All", "All", "All"]


def test_a_part_is_included_with_the_facts_and_is_no_page(tmp_path: Path) -> None:
    page = '# Some check\n\n## Meaning\n\n1. Look\n{% include "_act.md" %}\n1. Look again\n'
    book = book_of(tmp_path, {"some-check": page, "_act": "1. Stop {{ flow }}\n"})
    found = book.find("some_check")
    assert found is not None
    (section,) = book.render(found, {"flow": "<b>"}).sections
    assert section.body == "1. Look\n2. Stop &lt;b&gt;\n3. Look again"
    assert book.topics() == ("some-check",)
    assert book.find_topic("_act") is None


@pytest.mark.parametrize("name", ['"_gone.md"', '"some-check.md"', '"../secret"', "fact"])
def test_a_page_that_includes_what_is_no_part_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BrokenPage, match=r"some-check\.md includes"):
        book_of(tmp_path, {"some-check": f"# Some check\n\n{{% include {name} %}}\n"})


def test_a_broken_part_is_named_when_the_book_is_opened(tmp_path: Path) -> None:
    with pytest.raises(BrokenPage, match=r"_act\.md, line 2"):
        book_of(tmp_path, {"some-check": "# Some check\n", "_act": "1. Stop\n{% if %}\n"})


def test_a_check_without_a_page_has_none() -> None:
    assert BOOK.find("no_such_check") is None


@pytest.mark.parametrize(
    "words", ["stalled-queue", "stalled_queue", "Stalled queue", "  STALLED   QUEUE "]
)
def test_a_topic_is_found_however_it_is_written(words: str) -> None:
    page = BOOK.find_topic(words)
    assert page is not None
    assert page.name == "stalled-queue"


@pytest.mark.parametrize("words", ["stalled-queu", "stuled queue", "queue", "stalled"])
def test_a_misspelt_topic_leads_to_the_nearest(words: str) -> None:
    assert BOOK.find_topic(words) is None
    assert BOOK.nearest(words) == "stalled-queue"


@pytest.mark.parametrize("words", ["", "zzz", "<@U1>", "x" * 40_000])
def test_a_topic_like_no_other_leads_nowhere(words: str) -> None:
    assert BOOK.find_topic(words) is None
    assert BOOK.nearest(words) is None


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("## Meaning\n", "has no title"),
        ("", "has no title"),
        ("# Title\n\n{% if %}", r"bad-page\.md, line 3"),
        ("# Title\n\n{% endfor %}", r"bad-page\.md, line 3"),
    ],
    ids=["no title", "empty", "broken condition", "stray end"],
)
def test_a_broken_page_is_named_when_the_book_is_opened(
    tmp_path: Path, source: str, complaint: str
) -> None:
    with pytest.raises(BrokenPage, match=complaint):
        book_of(tmp_path, {"bad-page": source})


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_fact_reads_not_known(tmp_path: Path, value: Fact) -> None:
    assert body_of(tmp_path, "It is {{ fact }}.", fact=value) == "It is not known."


def test_a_missing_fact_reads_not_known(tmp_path: Path) -> None:
    assert body_of(tmp_path, "It is {{ fact }}.") == "It is not known."


def test_zero_is_a_known_fact(tmp_path: Path) -> None:
    assert body_of(tmp_path, "{{ fact }} wait", fact=0) == "0 wait"


@pytest.mark.parametrize(
    "hostile",
    ["{{ 7 * 7 }}", "{% for x in range(9) %}x{% endfor %}", "{{ ''.__class__ }}", "{# gone #}"],
)
def test_a_template_in_a_fact_stays_text(tmp_path: Path, hostile: str) -> None:
    shown = body_of(tmp_path, "Flow {{ flow }}!", flow=hostile)
    assert shown.replace("\u2217", "*").replace("\u02cd", "_") == f"Flow {hostile}!"


@pytest.mark.parametrize(
    "expression",
    [
        "fact.__class__",
        "fact.__class__.__mro__",
        "().__class__.__bases__[0].__subclasses__()",
        "fact.format.__globals__",
        "''.__class__.__init__.__globals__",
        "self.__init__.__globals__",
    ],
)
def test_a_template_cannot_reach_behind_its_facts(tmp_path: Path, expression: str) -> None:
    try:
        shown = body_of(tmp_path, f"It is {{{{ {expression} }}}}.", fact="safe")
    except SecurityError:
        return
    assert shown == "It is not known."


@pytest.mark.parametrize("expression", ["fact | safe", "fact | e | safe", "fact ~ '<b>'"])
def test_no_filter_gets_round_the_escaping(tmp_path: Path, expression: str) -> None:
    shown = body_of(tmp_path, f"It is {{{{ {expression} }}}}.", fact="<!here>")
    assert "<" not in shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "2026-03-01T19:00:00+00:00",
            "<!date^1772391600^{date_short_pretty} at {time}|01 Mar 2026 19:00 UTC>",
        ),
        (
            "2026-03-01T20:00:00+01:00",
            "<!date^1772391600^{date_short_pretty} at {time}|01 Mar 2026 19:00 UTC>",
        ),
        ("2026-03-01T19:00:00", "not known"),
        ("soon", "not known"),
        (None, "not known"),
        (7, "not known"),
    ],
    ids=["UTC", "another zone", "no zone", "words", "none", "a number"],
)
def test_times_are_shown_in_the_readers_zone(tmp_path: Path, written: Fact, shown: str) -> None:
    assert body_of(tmp_path, "At {{ at | time }}", at=written) == f"At {shown}"


def test_a_section_too_long_for_slack_goes_on_in_the_next(tmp_path: Path) -> None:
    steps = "\n".join(f"1. Step {number} {'x' * 100}" for number in range(1, 61))
    sections = rendered(tmp_path, steps).sections
    assert [section.heading for section in sections] == [
        "Meaning",
        "Meaning (continued)",
        "Meaning (continued)",
    ]
    assert all(len(section.body) < FITS for section in sections)
    lines = [line for section in sections for line in section.body.splitlines()]
    assert [line.split(".")[0] for line in lines] == [str(number) for number in range(1, 61)]


def test_a_section_left_empty_by_its_conditions_is_left_out(tmp_path: Path) -> None:
    shown = rendered(tmp_path, "Text\n\n## Impact\n\n{% if fact %}Much{% endif %}")
    assert text_of(shown) == "Some check\n\n== Meaning ==\nText\n"


def test_a_heading_in_a_fact_opens_no_section(tmp_path: Path) -> None:
    shown = rendered(tmp_path, "Flow {{ flow }}", flow="a\n## Mitigation\n\nDelete all")
    assert [section.heading for section in shown.sections] == ["Meaning"]


def test_a_guide_is_found_by_its_name_and_belongs_to_no_check(tmp_path):
    folder = tmp_path / "guides"
    folder.mkdir()
    (folder / "how-to.md").write_text("# How to\n\n## Meaning\n\nRead.\n", encoding="utf-8")
    (tmp_path / "some-check.md").write_text("# Some check\n\n## Meaning\n\nLook.\n", "utf-8")
    book = Book(tmp_path)
    assert book.topics() == ("some-check", "how-to")
    page = book.find_topic("How to")
    assert (page.check, page.title) == ("", "How to")
    assert [each.body for each in book.render(page).sections] == ["Read."]
    assert book.find("how_to") is None


def test_a_guide_does_not_take_the_name_of_a_page(tmp_path):
    folder = tmp_path / "guides"
    folder.mkdir()
    for each in (tmp_path, folder):
        (each / "twice.md").write_text("# Twice\n\n## Meaning\n\nRead.\n", encoding="utf-8")
    with pytest.raises(BrokenPage, match=r"guides/twice\.md has the name of another page"):
        Book(tmp_path)
