"""views.*: modals and the Home tab. https://docs.slack.dev/reference/methods/views.open"""

from __future__ import annotations

from bot.sandbox.workspace import views
from bot.sandbox.workspace.content import structure
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.refusal import Refusal, explained
from bot.sandbox.workspace.views import View


def open_view(call: Call) -> Json:
    content = _content(call, "modal")
    trigger = call.site.triggers.redeem(call.required("trigger_id"))
    return _shown(call, call.site.views.open(trigger.user, content))


def push(call: Call) -> Json:
    """Only a trigger_id from inside a modal may push onto its stack."""
    content = _content(call, "modal")
    trigger = call.site.triggers.redeem(call.required("trigger_id"))
    if trigger.view_id is None:
        raise Refusal("invalid_trigger_id")
    return _shown(call, call.site.views.push(trigger.user, content))


def update(call: Call) -> Json:
    found = call.site.views.find(call.text("view_id"), call.text("external_id"))
    if found is None:
        raise Refusal("not_found")
    content = _content(call, found.content["type"])
    return _shown(call, call.site.views.update(found, content, call.text("hash")))


def publish(call: Call) -> Json:
    """Only where the manifest enables the Home tab."""
    if not call.site.workspace.app_home("home_tab_enabled"):
        raise Refusal("not_enabled")
    content = _content(call, "home")
    user = call.user("user_id")
    return _shown(call, call.site.views.publish(user.id, content, call.text("hash")))


def _content(call: Call, kind: str) -> Json:
    view = structure(call.params, "view", "invalid_arguments")
    if view is None:
        raise explained("invalid_arguments", ["missing required field: view"], listed=False)
    content = views.checked(view)
    if content["type"] != kind:
        reason = f"must be of type {kind} [json-pointer:/view/type]"
        raise explained("invalid_arguments", [reason], listed=False)
    return content


def _shown(call: Call, view: View) -> Json:
    return {"view": call.site.views.as_json(view)}


METHODS = {
    "views.open": Method(run=open_view, tokens=("xoxb",)),
    "views.push": Method(run=push, tokens=("xoxb",)),
    "views.update": Method(run=update, tokens=("xoxb",)),
    "views.publish": Method(run=publish, tokens=("xoxb",)),
}
