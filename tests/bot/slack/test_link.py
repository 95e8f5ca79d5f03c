"""`/seam link`: an account becomes a person of the settings, or is told what is missing."""

from __future__ import annotations

import asyncio

import pytest

from bot.directory import CannotAsk, Directory
from bot.people_settings import PersonSettings
from bot.store.links import links
from tests.bot.slack.scene import ALEX, PRIYA, ask, assert_slack_takes, desk_over, words_of
from tests.bot.slack.sound import assert_pings_nobody

PEOPLE = [
    PersonSettings(name="Priya Raman", email="priya@acme.example"),
    PersonSettings(name="Omar", email="omar@acme.example"),
]


class Emails:
    """What Slack tells of single accounts; look-ups by address find nobody, or are `blind`."""

    def __init__(self, found=None, *, blind=False, **emails):
        self.found, self.blind, self.emails = found or {}, blind, emails

    async def by_email(self, email):
        return self.found.get(email)

    async def is_gone(self, user_id):
        return False

    async def email_of(self, user_id):
        if self.blind:
            raise CannotAsk
        return self.emails.get(user_id)


@pytest.fixture
def linking(store):
    async def make(accounts, people=PEOPLE):
        directory = Directory(people, store=store, accounts=accounts)
        await directory.refresh()
        return desk_over(store, directory=directory)

    return make


async def link(desk, user_id=PRIYA):
    said = await asyncio.to_thread(ask, desk, "link", user_id)
    assert_slack_takes(said)
    return words_of(said)


async def test_an_account_is_linked_by_the_email_that_slack_tells(linking, store):
    desk = await linking(Emails(U0PRIYA="Priya@acme.example"))
    said = await link(desk)
    assert "you are Priya Raman in the settings" in said
    assert desk.directory.find("priya raman") == PRIYA
    [kept] = links(store.db)
    assert (kept.user_id, kept.person) == (PRIYA, "Priya Raman")
    assert Directory(PEOPLE, store=store).name_of(PRIYA) == "Priya Raman"
    assert "You are Priya Raman in the settings" in await link(desk)


async def test_who_was_looked_up_needs_no_link(linking, store):
    desk = await linking(Emails({"priya@acme.example": PRIYA}))
    assert "You are Priya Raman" in await link(desk)
    assert links(store.db) == []


async def test_who_is_not_in_the_settings_is_told_what_to_add(linking, store):
    desk = await linking(Emails(U0PRIYA="sam@acme.example"))
    said = await link(desk)
    assert "nobody in the settings has that e-mail" in said
    assert "you cannot be put on call or paged" in said
    assert '`slack = "U0PRIYA"`' in said
    assert "Not linked yet: Priya Raman, Omar." in said
    assert links(store.db) == []


async def test_without_an_email_the_id_is_what_to_add(linking):
    said = await link(await linking(Emails()))
    assert "Slack tells me no e-mail of you" in said
    assert '`slack = "U0PRIYA"`' in said


async def test_while_slack_cannot_be_asked_nobody_is_linked(linking, store):
    said = await link(await linking(Emails(blind=True)))
    assert "could not be linked" in said
    assert links(store.db) == []


async def test_somebody_who_is_linked_stays_so(linking, store):
    desk = await linking(Emails({"priya@acme.example": ALEX}, U0PRIYA="priya@acme.example"))
    said = await link(desk)
    assert f"already linked to <@{ALEX}>" in said
    assert desk.directory.find("Priya Raman") == ALEX
    assert links(store.db) == []


async def test_hostile_words_ping_nobody(linking):
    people = [PersonSettings(name="<!channel> & *Co*", email="a@b.example")]
    desk = await linking(Emails(U0PRIYA="<!here>&`x`@b.example"), people)
    said = await asyncio.to_thread(ask, desk, "link")
    assert_slack_takes(said)
    assert_pings_nobody(said)
