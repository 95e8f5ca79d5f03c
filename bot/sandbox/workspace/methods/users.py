"""users.* and usergroups.*. https://docs.slack.dev/reference/methods/users.info"""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.people import User, UserGroup
from bot.sandbox.workspace.refusal import Refusal


def info(call: Call) -> Json:
    return {"user": _shown(call, call.user())}


def list_users(call: Call) -> Json:
    found = list(call.site.workspace.users.values())
    page, cursor = call.page(found, lambda user: user.id)
    now = int(call.site.workspace.clock.now().timestamp())
    return {"members": [_shown(call, user) for user in page], "cache_ts": now} | cursor


def lookup_by_email(call: Call) -> Json:
    """Outsiders and deactivated accounts are not found, as Slack documents for the latter."""
    call.caller.needs("users:read")
    email = call.required("email").lower()
    for user in call.site.workspace.humans:
        if user.email == email and not user.is_outsider:
            return {"user": _shown(call, user)}
    raise Refusal("users_not_found")


def profile(call: Call) -> Json:
    """The profile of `user`, or of the caller."""
    user = call.user() if call.text("user") else call.caller.user
    return {"profile": _without_email(call, dict(user.profile))}


def list_groups(call: Call) -> Json:
    found = call.site.workspace.groups.values()
    return {"usergroups": [_group_shown(call, group) for group in found]}


def list_group_users(call: Call) -> Json:
    return {"users": list(_group(call).members)}


def update_group_users(call: Call) -> Json:
    """Replace the members, `users` being a comma-separated list of ids of people who are there."""
    group, workspace = _group(call), call.site.workspace
    wanted = tuple(dict.fromkeys(name for name in call.required("users").split(",") if name))
    active = {user.id for user in workspace.humans}
    if not wanted or not set(wanted) <= active:
        raise Refusal("invalid_users")
    now = int(workspace.clock.now().timestamp())
    changed = replace(group, members=wanted, changed=now, author=call.caller.user.id)
    workspace.groups[group.id] = changed
    return {"usergroup": _group_shown(call, changed, with_users=True)}


def _group(call: Call) -> UserGroup:
    group = call.site.workspace.groups.get(call.required("usergroup"))
    if group is None:
        raise Refusal("no_such_subteam")
    return group


def _group_shown(call: Call, group: UserGroup, *, with_users: bool = False) -> Json:
    """The usergroup object; members and their number only when they are asked for."""
    shown: Json = {
        "id": group.id,
        "team_id": call.site.workspace.team_id,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "description": group.description,
        "handle": group.handle,
        "date_create": group.created,
        "date_update": group.changed,
        "date_delete": 0,
        "auto_type": None,
        "created_by": group.author,
        "updated_by": group.author,
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }
    if with_users or call.flag("include_users"):
        shown["users"] = list(group.members)
    if with_users or call.flag("include_count"):
        shown["user_count"] = str(len(group.members))
    return shown


def _shown(call: Call, user: User) -> Json:
    shown: Json = user.as_json(call.site.workspace.clock.now())
    return shown | {"profile": _without_email(call, dict(user.profile))}


def _without_email(call: Call, profile: Json) -> Json:
    """The profile as far as the caller's scopes go."""
    if "users:read.email" not in call.caller.scopes and not call.caller.is_person:
        profile.pop("email", None)
    return profile


METHODS = {
    "users.info": Method(run=info, scope="users:read"),
    "users.list": Method(run=list_users, scope="users:read"),
    "users.lookupByEmail": Method(run=lookup_by_email, scope="users:read.email"),
    "users.profile.get": Method(run=profile, scope="users.profile:read"),
    "usergroups.list": Method(run=list_groups, scope="usergroups:read"),
    "usergroups.users.list": Method(run=list_group_users, scope="usergroups:read"),
    "usergroups.users.update": Method(run=update_group_users, scope="usergroups:write"),
}
