"""users.* and usergroups.*. https://docs.slack.dev/reference/methods/users.info"""

from __future__ import annotations

from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal


def info(call: Call) -> Json:
    return {"user": _shown(call, call.user())}


def list_users(call: Call) -> Json:
    found = list(call.site.workspace.users.values())
    page, cursor = call.page(found, lambda user: user.id)
    now = int(call.site.workspace.clock.now().timestamp())
    return {"members": [_shown(call, user) for user in page], "cache_ts": now} | cursor


def lookup_by_email(call: Call) -> Json:
    call.caller.needs("users:read")
    email = call.required("email").lower()
    for user in call.site.workspace.users.values():
        if user.email == email and not user.is_outsider:
            return {"user": _shown(call, user)}
    raise Refusal("users_not_found")


def list_groups(_call: Call) -> Json:
    """The made-up company has no user groups."""
    return {"usergroups": []}


def _shown(call: Call, user: User) -> Json:
    shown: Json = user.as_json()
    if "users:read.email" not in call.caller.scopes and not call.caller.is_person:
        shown["profile"].pop("email", None)
    return shown


METHODS = {
    "users.info": Method(run=info, scope="users:read"),
    "users.list": Method(run=list_users, scope="users:read"),
    "users.lookupByEmail": Method(run=lookup_by_email, scope="users:read.email"),
    "usergroups.list": Method(run=list_groups, scope="usergroups:read"),
}
