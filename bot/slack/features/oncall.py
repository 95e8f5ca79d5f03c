"""`/seam oncall`: who is on call now, until when, who comes next, and when nobody is."""

from __future__ import annotations

from bot.oncall.duty import duty_of
from bot.slack.desk import Desk
from bot.slack.named import nearest_names
from bot.slack.render.choice import none_named
from bot.slack.render.message import Message
from bot.slack.render.oncall import no_rota, oncall_answer
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    rotas, now = desk.rotas.all, desk.clock.now()
    if not rotas:
        return no_rota()
    if ask.said:
        found = desk.rotas.find(ask.said)
        if found is None:
            names = [rota.name for rota in rotas]
            return none_named("rota", ask.said, nearest_names(ask.said, names), names)
        rotas = (found,)
    arranged = desk.rotas.overrides(now)
    told = [duty_of(rota, arranged, now, desk.rotas.trouble.get(rota.name, "")) for rota in rotas]
    return oncall_answer(told, desk.directory.find, now)


VERB = Verb(
    name="oncall",
    place=24,
    answer=answer,
    aliases=("on-call", "whoisoncall", "rota"),
    examples=(
        Example(typed="oncall", does="who is on call now, until when, and who comes next"),
        Example(typed="oncall integrations", does="one rota, with its arrangements and gaps"),
    ),
)
