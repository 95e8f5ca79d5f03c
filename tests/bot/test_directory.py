"""People by name and by account: settings, then links, then what Slack says of e-mails."""

from __future__ import annotations

import asyncio

import pytest

from bot.directory import CannotAsk, Directory
from bot.people_settings import PersonSettings, TeamSettings
from bot.store.links import Link, save_link

PRIYA = PersonSettings(name="Priya", slack="U0PRIYA")
OMAR = PersonSettings(name="Omar", email="omar@acme.example")
DANA = PersonSettings(name="Dana", email="dana@acme.example")


class Phonebook:
    """Slack's knowledge of e-mails; unreachable while `blind`."""

    def __init__(self, **ids):
        self.ids, self.blind = {f"{name}@acme.example": each for name, each in ids.items()}, False
        self.gone: set[str] = set()

    async def is_gone(self, user_id):
        if self.blind:
            raise CannotAsk
        return user_id in self.gone

    async def by_email(self, email):
        if self.blind:
            raise CannotAsk
        return self.ids.get(email)

    async def email_of(self, user_id):
        if self.blind:
            raise CannotAsk
        return next((email for email, each in self.ids.items() if each == user_id), None)


def linked(store, user_id, person, email, at):
    with store.writing() as db:
        save_link(db, Link(user_id=user_id, person=person, email=email, linked_at=at))


def test_an_empty_directory_knows_nobody():
    nobody = Directory()
    assert (nobody.find("Priya"), nobody.name_of("U1"), nobody.names) == (None, None, ())


async def test_people_are_found_by_id_and_by_email():
    directory = Directory([PRIYA, OMAR, DANA], accounts=Phonebook(omar="U0OMAR"))
    assert directory.find("priya") == "U0PRIYA"
    assert directory.find("Omar") is None
    await directory.refresh()
    assert directory.find("Omar") == "U0OMAR"
    assert directory.name_of("U0OMAR") == "Omar"
    assert directory.name_of("U0ELSE") is None
    assert directory.unlinked() == ("Dana",)


async def test_who_was_found_by_email_is_known_without_slack_too(store):
    """A report is written by another process; a changed address is another person's."""
    directory = Directory([PRIYA, OMAR], store=store, accounts=Phonebook(omar="U0OMAR"))
    await directory.refresh()
    assert Directory([PRIYA, OMAR], store=store).name_of("U0OMAR") == "Omar"
    moved = OMAR.model_copy(update={"email": "o@acme.example"})
    assert Directory([PRIYA, moved], store=store).name_of("U0OMAR") is None


async def test_who_is_no_longer_found_by_email_is_forgotten(store):
    phonebook = Phonebook(omar="U0OMAR")
    directory = Directory([PRIYA, OMAR], store=store, accounts=phonebook)
    await directory.refresh()
    phonebook.ids.clear()
    await directory.refresh()
    assert Directory([PRIYA, OMAR], store=store).name_of("U0OMAR") is None


async def test_somebody_whose_account_is_switched_off_cannot_be_reached():
    phonebook = Phonebook(omar="U0OMAR")
    phonebook.gone = {"U0OMAR", "U0PRIYA"}
    directory = Directory([PRIYA, OMAR], accounts=phonebook)
    await directory.refresh()
    assert directory.unlinked() == ("Priya", "Omar")
    phonebook.blind = True
    await directory.refresh()
    assert directory.find("Omar") is None
    phonebook.blind, phonebook.gone = False, set()
    await directory.refresh()
    assert directory.find("Priya") == "U0PRIYA"


async def test_what_was_known_stays_while_slack_cannot_be_asked(caplog):
    phonebook = Phonebook(omar="U0OMAR", dana="U0DANA")
    directory = Directory([OMAR, DANA], accounts=phonebook)
    await directory.refresh()
    phonebook.blind = True
    await directory.refresh()
    assert directory.find("Omar") == "U0OMAR"
    assert [record.message for record in caplog.records] == [
        "Slack could not be asked who 2 people of the settings are"
    ]


async def test_somebody_whose_account_is_gone_is_unlinked_again():
    phonebook = Phonebook(omar="U0OMAR")
    directory = Directory([OMAR], accounts=phonebook)
    await directory.refresh()
    phonebook.ids.clear()
    await directory.refresh()
    assert directory.find("Omar") is None
    assert directory.name_of("U0OMAR") is None


async def test_a_link_wins_over_a_look_up_and_settings_win_over_a_link(store, noon):
    linked(store, "U0NEW", "Omar", "OMAR@acme.example", noon)
    linked(store, "U0FAKE", "Priya", "priya@acme.example", noon)
    directory = Directory([PRIYA, OMAR], store=store, accounts=Phonebook(omar="U0OMAR"))
    await directory.refresh()
    assert directory.find("Omar") == "U0NEW"
    assert directory.find("Priya") == "U0PRIYA"
    assert directory.name_of("U0FAKE") is None


def test_a_link_ends_when_the_settings_name_another_address(store, noon):
    linked(store, "U0OLD", "Omar", "omar@elsewhere.example", noon)
    assert Directory([OMAR], store=store).find("Omar") is None


def test_a_link_to_somebody_who_left_the_settings_is_nobodys(store, noon):
    linked(store, "U0GONE", "Gone", "gone@acme.example", noon)
    assert Directory([OMAR], store=store).name_of("U0GONE") is None


def test_one_account_is_one_person():
    twice = Directory([PRIYA, PersonSettings(name="Twin", slack="U0PRIYA")])
    assert twice.name_of("U0PRIYA") == "Priya"
    assert twice.unlinked() == ("Twin",)


def test_the_teams_of_a_person():
    teams = [
        TeamSettings(name="integrations", members=("priya", "Omar")),
        TeamSettings(name="finance", members=("Dana",)),
    ]
    directory = Directory([PRIYA, OMAR, DANA], teams)
    assert directory.teams_of("Priya") == {"integrations"}
    assert directory.teams_of("nobody") == frozenset()


async def test_an_address_is_asked_for_from_a_thread():
    phonebook = Phonebook(omar="U0OMAR")
    directory = Directory([OMAR], accounts=phonebook)
    with pytest.raises(CannotAsk):
        directory.email_of("U0OMAR")
    await directory.refresh()
    assert await asyncio.to_thread(directory.email_of, "U0OMAR") == "omar@acme.example"
    phonebook.blind = True
    with pytest.raises(CannotAsk):
        await asyncio.to_thread(directory.email_of, "U0OMAR")
