// What a newcomer reads at the top of a channel.

import { h, icon, ICONS } from "./dom.js";
import { nameOf } from "./model.js";

const FIRST_TRIES = ["help", "queue"];

/** The opening of a channel: a guide while nothing has been said there, then one quiet line. */
export function drawWelcome({ channel, app, commands, isEmpty }, tryOut) {
  if (!isEmpty || !channel.is_member) {
    const words = isEmpty ? "Nothing has been said here yet." : `This is where ${nameOf(channel)} begins.`;
    return h("p", { class: "welcome brief quiet" }, words);
  }
  return h("div", { class: "welcome", "data-testid": "welcome" },
    h("img", { src: "/page/icon.svg", alt: "", width: "52", height: "52" }),
    h("h2", {}, app.connected ? `${app.name} is watching` : `Waiting for ${app.name} to connect`),
    h("p", {}, "This is a made-up workspace on your own machine, beside a made-up retailer whose orders, stock and customers flow between systems."),
    h("p", {}, "Nothing has been reported yet. When something goes wrong, one message appears here. It names the cause, offers a runbook, and changes in place as people take it on."),
    h("ul", { class: "tries", "aria-label": "Things to try" }, tries(commands).map(([text, what]) =>
      h("li", {}, h("button", { type: "button", "data-testid": "try", onclick: () => tryOut(text) }, h("code", {}, text), h("span", {}, what), icon(ICONS.send))))));
}

function tries(commands) {
  const root = commands[0]?.command;
  const what = { help: "what you can ask for", queue: "how the queue stands right now" };
  return root ? FIRST_TRIES.map((verb) => [`${root} ${verb}`, what[verb]]) : [];
}
