"""What somebody is told about being linked to a person of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.render.message import Message, answer
from bot.slack.render.text import code, foreign, mention

NAMED = 8


def is_linked(person: str) -> Message:
    return answer(
        f"You are {foreign(person, 80)} in the settings: you can be put on call and paged."
    )


def linked_now(person: str, email: str) -> Message:
    return answer(
        f"Linked: by {code(email, 120)} you are {foreign(person, 80)} in the settings. You can be "
        "put on call and paged from now on."
    )


def taken(person: str, other: str) -> Message:
    return answer(
        f"Your e-mail is that of {foreign(person, 80)} in the settings, who is already linked to "
        f"{mention(other)}. You stay unlinked; ask whoever runs Seamwatch which account is right."
    )


def blind(user_id: str) -> Message:
    return answer(
        "Slack does not tell me your e-mail at the moment, so you could not be linked. Please try "
        "again in a minute.",
        _say_by_id(user_id),
    )


def not_in_settings(user_id: str, email: str | None, unlinked: Sequence[str]) -> Message:
    """`unlinked` are the people of the settings whom nobody is linked to yet."""
    known = f"Slack knows you by {code(email, 120)}" if email else "Slack tells me no e-mail of you"
    people = "and nobody in the settings has that e-mail" if email else "so I cannot look you up"
    waiting = ", ".join(foreign(name, 60) for name in unlinked[:NAMED])
    if len(unlinked) > NAMED:
        waiting += f" and {len(unlinked) - NAMED} more"
    return answer(
        f"{known}, {people}. You may acknowledge and resolve all the same, but you cannot be put "
        "on call or paged.",
        _say_by_id(user_id),
        small=[f"Not linked yet: {waiting}." if waiting else ""],
    )


def _say_by_id(user_id: str) -> str:
    line = code(f'slack = "{user_id}"')
    return (
        "Whoever runs Seamwatch can add you to the settings: a section `[[person]]` with your name "
        f"and {line}, or your e-mail."
    )
