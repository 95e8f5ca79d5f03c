"""auth.test, apps.connections.open, team.info, bots.info: who am I and where do I connect."""

from __future__ import annotations

from bot.sandbox.workspace import people
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.refusal import Refusal


def auth_test(call: Call) -> Json:
    """Bolt drops the app's own events by the ids that this tells."""
    workspace, user = call.site.workspace, call.caller.user
    if call.caller.kind == "xapp":
        return {"app_name": workspace.app_name, "app_id": workspace.app_id}
    answer: Json = {
        "url": f"{call.site.url}/",
        "team": people.TEAM_NAME,
        "user": user.name,
        "team_id": workspace.team_id,
        "user_id": user.id,
        "is_enterprise_install": False,
    }
    return answer | ({"bot_id": user.bot_id} if user.bot_id else {})


def open_connection(call: Call) -> Json:
    ticket = call.site.socket.issue_ticket()
    base = call.site.url.replace("http://", "ws://", 1)
    return {"url": f"{base}/link/?ticket={ticket}&app_id={call.site.workspace.app_id}"}


def team_info(call: Call) -> Json:
    return {
        "team": {
            "id": call.site.workspace.team_id,
            "name": people.TEAM_NAME,
            "domain": people.TEAM_DOMAIN,
            "email_domain": "acme.example",
        }
    }


def bot_info(call: Call) -> Json:
    bot = call.site.workspace.bot
    if call.text("bot") not in (None, bot.bot_id):
        raise Refusal("bot_not_found")
    return {
        "bot": {
            "id": bot.bot_id,
            "deleted": False,
            "name": bot.real_name,
            "app_id": call.site.workspace.app_id,
            "user_id": bot.id,
        }
    }


METHODS = {
    "auth.test": Method(run=auth_test, tokens=("xoxb", "xoxp", "xapp")),
    "apps.connections.open": Method(
        run=open_connection, scope="connections:write", tokens=("xapp",)
    ),
    "team.info": Method(run=team_info, scope="team:read"),
    "bots.info": Method(run=bot_info, scope="users:read"),
}
