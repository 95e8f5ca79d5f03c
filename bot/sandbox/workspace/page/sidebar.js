// The left side: the workspace, its channels, who I am, the app's connection, and the sandbox's clock.

import { h, icon, ICONS } from "./dom.js";
import { avatar } from "./message.js";
import { format } from "./time.js";

const SPEEDS = [1, 10, 60];
const STEPS = [["10m", "+10 min"], ["2h", "+2 h"]];

/** Draws what has changed. `does` holds what a person can do here. */
export function drawSidebar(element, model, does) {
  if (!element.firstChild) element.append(...frame(does));
  const part = (name, facts, draw) => drawPart(element.querySelector(`[data-part=${name}]`), facts, draw);
  const { team, app, me, users, channels, unread, channel, scenarios, scenario, clock } = model;
  part("team", team, () => [h("strong", {}, team.name), h("span", { class: "quiet" }, "Seamwatch sandbox")]);
  part("channels", [channels, [...unread], channel.id], () => channelLists(model, does));
  part("app", app, () => connection(app));
  part("scenario", [scenarios, scenario], () => scenarioPicker(model, does));
  part("clock", clock.speed, () => clockPanel(model, does));
  part("user", [users, me], () => userPicker(model, does));
}

function frame(does) {
  const part = (name, tag = "div") => h(tag, { "data-part": name });
  return [
    h("div", { class: "team" }, h("img", { src: "/page/icon.svg", alt: "", width: "30", height: "30" }), part("team"),
      h("button", { type: "button", class: "bare close-menu", "aria-label": "Close the menu", onclick: does.closeMenu }, icon(ICONS.close))),
    h("div", { class: "side-scroll" }, part("channels"), part("app")),
    h("div", { class: "panel" }, part("scenario"), part("clock"), part("user")),
  ];
}

/** A part is left alone while its facts stay the same: an open list stays open, the keyboard stays put. */
export function drawPart(slot, facts, draw) {
  const shown = JSON.stringify(facts);
  if (slot.dataset.shown === shown) return;
  const focused = slot.contains(document.activeElement) && document.activeElement.dataset.testid;
  slot.dataset.shown = shown;
  slot.replaceChildren(...(facts ? [draw(facts)].flat() : []));
  if (focused) slot.querySelector(`[data-testid="${focused}"]`)?.focus();
}

function channelLists(model, does) {
  const list = (id, title, found) => found.length ? [
    h("h2", { id }, title),
    h("ul", { class: "channels", "aria-labelledby": id }, found.map((each) => channelRow(each, model, does))),
  ] : [];
  return [
    ...list("channels-title", "Channels", model.channels.filter((each) => !each.is_im)),
    ...list("direct-title", "Direct messages", model.channels.filter((each) => each.is_im)),
  ];
}

const connection = (app) => [
  h("h2", {}, "App"),
  h("p", { class: app.connected ? "link on" : "link off", "data-testid": "connection", role: "status" },
    h("span", { class: "dot" }), `${app.name} is ${app.connected ? "connected" : "not connected"}`),
];

function channelRow(channel, model, does) {
  const unread = model.unread.get(channel.id) ?? 0;
  const current = channel.id === model.channel?.id;
  return h("li", {}, h("button", {
    type: "button", class: unread ? "channel unread" : "channel", "data-testid": `channel-${channel.name}`,
    "aria-current": current ? "page" : null, onclick: () => does.openChannel(channel.id),
  }, h("span", { class: "hash", "aria-hidden": "true" }, channel.is_im ? "@" : "#"), h("span", { class: "label" }, channel.name),
  unread > 0 && h("span", { class: "count", "aria-label": `${unread} unread` }, String(unread))));
}

function clockPanel(model, does) {
  const speed = (value) => h("button", {
    type: "button", class: "chip", "data-testid": `speed-${value}`, "aria-pressed": String(model.clock.speed === value),
    title: value === 1 ? "Real time" : `One real second is ${value} seconds here`, onclick: () => does.setClock({ speed: value }),
  }, `${value}×`);
  const step = ([by, label]) => h("button", { type: "button", class: "chip", "data-testid": `advance-${by}`, onclick: () => does.setClock({ advance: by }) }, label);
  return h("section", { class: "clock", "aria-label": "Sandbox time" },
    h("div", { class: "face" }, h("span", { class: "quiet" }, "Sandbox time"), h("time", { "data-testid": "clock", "data-clock": "long" }, clockText(model, "long"))),
    h("div", { class: "chips", role: "group", "aria-label": "Speed and steps" }, SPEEDS.map(speed), STEPS.map(step)));
}

const FACES = {
  long: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  short: { weekday: "short", hour: "2-digit", minute: "2-digit" },
};

/** What a clock shows, `face` long or short; the page keeps it true. */
export const clockText = (model, face) => format(model.clock.now(), model.zone, FACES[face]);

function scenarioPicker(model, does) {
  if (!model.scenarios.length) return [];
  const option = (each) => h("option", { value: each.name, selected: each.name === model.scenario }, each.title);
  return h("label", { class: "pick above" }, h("span", { class: "quiet" }, "Scenario"),
    h("select", { "data-testid": "scenario", onchange: (event) => does.startScenario(event.target) },
      !model.scenario && h("option", { value: "", disabled: true, selected: true }, "Choose…"), model.scenarios.map(option)));
}

function userPicker(model, does) {
  const kind = (user) => (user.is_guest ? " (guest)" : user.is_outsider ? " (outsider)" : "");
  return h("label", { class: "pick who" }, avatar(model.me), h("span", { class: "unseen" }, "You are"),
    h("select", { "data-testid": "user-switcher", onchange: (event) => does.switchUser(event.target.value) },
      model.people().map((user) => h("option", { value: user.name, selected: user.id === model.me.id }, `${user.real_name || user.name}${kind(user)}`))));
}
