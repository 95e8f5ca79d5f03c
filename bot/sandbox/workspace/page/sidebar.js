// The left side: the workspace, its channels, who I am, the app's connection, and the sandbox's clock.

import { h, icon, ICONS } from "./dom.js";
import { avatar } from "./message.js";
import { format } from "./time.js";

const SPEEDS = [1, 10, 60];
const STEPS = [["10m", "+10 min"], ["2h", "+2 h"]];

/** Draws the whole side anew from the page's state. `does` holds what a person can do here. */
export function drawSidebar(element, page, does) {
  element.replaceChildren(
    h("div", { class: "team" }, h("img", { src: "/page/icon.svg", alt: "", width: "30", height: "30" }),
      h("div", {}, h("strong", {}, page.team.name), h("span", { class: "quiet" }, "Seamwatch sandbox")),
      h("button", { type: "button", class: "bare close-menu", "aria-label": "Close the menu", onclick: does.closeMenu }, icon(ICONS.close))),
    h("div", { class: "side-scroll" },
      h("h2", { id: "channels-title" }, "Channels"),
      h("ul", { class: "channels", "aria-labelledby": "channels-title" }, page.channels.filter((each) => !each.is_im).map((each) => channelRow(each, page, does))),
      directMessages(page, does),
      h("h2", {}, "App"),
      h("p", { class: page.app.connected ? "link on" : "link off", "data-testid": "connection", role: "status" },
        h("span", { class: "dot" }), `${page.app.name} is ${page.app.connected ? "connected" : "not connected"}`)),
    h("div", { class: "panel" }, scenarioPicker(page, does), clockPanel(page, does), userPicker(page, does)));
}

function directMessages(page, does) {
  const found = page.channels.filter((each) => each.is_im);
  if (!found.length) return null;
  return [h("h2", { id: "direct-title" }, "Direct messages"),
    h("ul", { class: "channels", "aria-labelledby": "direct-title" }, found.map((each) => channelRow(each, page, does)))];
}

function channelRow(channel, page, does) {
  const unread = page.unread.get(channel.id) ?? 0;
  const current = channel.id === page.channel?.id;
  return h("li", {}, h("button", {
    type: "button", class: unread ? "channel unread" : "channel", "data-testid": `channel-${channel.name}`,
    "aria-current": current ? "page" : null, onclick: () => does.openChannel(channel.id),
  }, h("span", { class: "hash", "aria-hidden": "true" }, channel.is_im ? "@" : "#"), h("span", { class: "label" }, channel.name),
  unread > 0 && h("span", { class: "count", "aria-label": `${unread} unread` }, String(unread))));
}

function clockPanel(page, does) {
  const speed = (value) => h("button", {
    type: "button", class: "chip", "data-testid": `speed-${value}`, "aria-pressed": String(page.clock.speed === value),
    title: value === 1 ? "Real time" : `One real second is ${value} seconds here`, onclick: () => does.setClock({ speed: value }),
  }, `${value}×`);
  const step = ([by, label]) => h("button", { type: "button", class: "chip", "data-testid": `advance-${by}`, onclick: () => does.setClock({ advance: by }) }, label);
  return h("section", { class: "clock", "aria-label": "Sandbox time" },
    h("div", { class: "face" }, h("span", { class: "quiet" }, "Sandbox time"), h("time", { "data-testid": "clock", "data-clock": "long" }, clockText(page, "long"))),
    h("div", { class: "chips", role: "group", "aria-label": "Speed and steps" }, SPEEDS.map(speed), STEPS.map(step)));
}

const FACES = {
  long: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  short: { weekday: "short", hour: "2-digit", minute: "2-digit" },
};

/** What a clock shows, `face` long or short; the page keeps it true. */
export const clockText = (page, face) => format(page.clock.now(), page.zone, FACES[face]);

function scenarioPicker(page, does) {
  if (!page.scenarios.length) return null;
  const option = (each) => h("option", { value: each.name, selected: each.name === page.scenario }, each.title);
  return h("label", { class: "pick" }, h("span", { class: "quiet" }, "Scenario"),
    h("select", { "data-testid": "scenario", onchange: (event) => does.startScenario(event.target) },
      !page.scenario && h("option", { value: "", disabled: true, selected: true }, "Choose…"), page.scenarios.map(option)));
}

function userPicker(page, does) {
  const kind = (user) => (user.is_guest ? " (guest)" : user.is_outsider ? " (outsider)" : "");
  const people = page.users.filter((user) => !user.is_bot);
  return h("label", { class: "pick who" }, avatar(page.me), h("span", { class: "unseen" }, "You are"),
    h("select", { "data-testid": "user-switcher", onchange: (event) => does.switchUser(event.target.value) },
      people.map((user) => h("option", { value: user.name, selected: user.id === page.me.id }, `${user.real_name || user.name}${kind(user)}`))));
}
