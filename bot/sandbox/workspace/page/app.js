// The page: which channel and thread are open, what a person does there, and what they hear.

import { act, readMessages, readState, Refusal } from "./api.js";
import { createComposer } from "./composer.js";
import { h, icon, ICONS } from "./dom.js";
import { listen } from "./events.js";
import { createHome, drawTabs } from "./home.js";
import { createModal } from "./modal.js";
import { createModel, hasTabs, nameOf, readPermalink, standsInChannel } from "./model.js";
import { createQueue } from "./queue.js";
import { createReading } from "./reading.js";
import { clockText, drawPart, drawSidebar } from "./sidebar.js";
import { refreshDates, spoken } from "./text.js";
import { createThread } from "./thread.js";
import { Timeline } from "./timeline.js";
import { drawWelcome } from "./welcome.js";

const $ = (id) => document.getElementById(id);
const model = createModel();

// What the drawing parts may ask and do.
const context = {
  clock: model.clock,
  get zone() { return model.zone; },
  get me() { return model.me; },
  user: model.user,
  group: model.group,
  people: model.people,
  channels: () => model.channels.filter((each) => !each.is_im),
  channel: model.findChannel,
  openChannel,
  openThread,
  dismiss,
  press: (action) => attempt("action", action),
};
const does = { openChannel, switchUser, setClock, startScenario, closeMenu: () => showMenu(false) };
const timeline = new Timeline($("messages"), $("scroll"), context);
const thread = createThread($("thread"), context, { send: (text) => say(text, thread.ts), choices: model.choices, onClose: closeThread });
const composer = createComposer({ name: "composer", send: (text) => say(text), choices: model.choices });
const modal = createModal(context, { submit: submitView, close: (view_id, all) => attempt("view/close", { view_id, all }).then(showTrouble) });
const showHome = createHome($("home"), context);
const markRead = createReading();
const { hear, hold } = createQueue({
  message: hearMessage,
  ephemeral: hearMessage,
  changed: ({ message }) => placeMessage(message, true),
  deleted: ({ channel, ts }) => { if (channel === model.channel.id) takeAway(ts); },
  clock: ({ clock }) => { model.clock.set(clock); drawSide(); },
  app: ({ connected }) => { model.app.connected = connected; drawSide(); drawHead(); },
  view: ({ view }) => modal.show(view),
  home: ({ home }) => { model.home = home; drawHome(); },
  scenario: ({ name }) => { model.scenario = name; drawSide(); },
});
let stopListening = () => {};

// --- doing

/** Do what a person does; null when it went well, else one sentence for them. */
async function attempt(name, body) {
  try {
    const answer = await act(name, { user: model.me.name, wait: 0, ...body });
    return name === "action" && answer.acked === false ? `${model.app.name} did not answer in time. Please try again.` : null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Submit a modal; resolves to what is wrong, by block_id, "" for the modal as a whole. */
async function submitView(view_id, values) {
  try {
    const answer = await act("view", { user: model.me.name, wait: 0, view_id, values });
    return answer.view?.errors ?? (answer.acked ? {} : { "": answer.notice });
  } catch (error) {
    if (error instanceof Refusal) return { "": error.message };
    throw error;
  }
}

function say(text, threadTs) {
  (threadTs ? thread : timeline).toEnd?.(); // whoever speaks wants to see the answer
  const where = { channel: model.channel.id, text };
  if (!threadTs) return attempt(text.startsWith("/") ? "command" : "message", where);
  if (text.startsWith("/")) return `${text.split(" ")[0]} does not work in threads. Use the buttons, or write to @${model.app.name}.`;
  return attempt("message", { ...where, thread_ts: threadTs });
}

async function setClock(change) {
  showTrouble(await attempt("clock", change));
}

async function startScenario(select) {
  select.disabled = true;
  showTrouble(await attempt("scenario", { name: select.value }));
  select.disabled = false;
}

function dismiss({ ts }) {
  model.dismissed.add(ts);
  takeAway(ts);
}

// --- going somewhere

async function openChannel(id, tab) {
  const last = [...timeline.messages.keys()].sort().at(-1);
  if (last) model.readUpTo.set(model.channel.id, last);
  closeThread();
  showMenu(false);
  model.channel = model.findChannel(id);
  model.tab = hasTabs(model) ? tab ?? (model.unread.get(id) ? "messages" : "home") : "messages";
  if (hasTabs(model)) attempt("home", { tab: model.tab }).then(showTrouble);
  await hold(async () => {
    const messages = await readMessages(model.me.name, id);
    if (model.channel.id === id) showChannel(messages);
  });
}

/** Go to the Home tab of the app, or to the messages with it. */
const openTab = (tab) => openChannel(model.channel.id, tab);

function showChannel(messages) {
  const { id } = model.channel;
  const readUpTo = model.unread.get(id) ? model.readUpTo.get(id) ?? model.startedAt : null;
  if (model.tab === "messages") {
    model.unread.delete(id);
    markRead(model.me.name, id);
  }
  const invitation = `Message ${nameOf(model.channel)}`;
  composer.label(`${invitation}, or / for a command`, invitation);
  timeline.load(model.kept(messages), readUpTo);
  drawSide();
  drawHead();
  remember();
}

async function openThread(ts) {
  await hold(async () => {
    const messages = await readMessages(model.me.name, model.channel.id, ts);
    thread.open(ts, model.kept(messages), nameOf(model.channel));
  });
  focusWithKeyboard(thread);
  remember();
}

function closeThread() {
  if (!thread.ts) return;
  thread.close();
  focusWithKeyboard(composer);
  remember();
}

/** A link to a message of this workspace leads there, inside the page. */
async function followLink(event) {
  const address = event.target.closest?.("a[href]")?.href;
  const place = address && readPermalink(address);
  if (!place || !model.findChannel(place.channel)) return;
  event.preventDefault();
  await openChannel(place.channel);
  if (place.thread) await openThread(place.thread);
  (place.thread ? thread.timeline : timeline).show(place.ts);
}

/** On a touch screen a focused box would raise the keyboard over what was just opened. */
function focusWithKeyboard(place) {
  if (matchMedia("(hover: hover)").matches) place.focus();
}

/** The address keeps who and where, so that a reload or a second window comes back to it. */
function remember() {
  const where = [model.channel.name, model.tab === "home" ? "home" : thread.ts].filter(Boolean).join("/");
  history.replaceState(null, "", `?user=${encodeURIComponent(model.me.name)}#${encodeURI(where)}`);
  const unread = [...model.unread.values()].reduce((sum, count) => sum + count, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${nameOf(model.channel)} – ${model.team.name} – Seamwatch sandbox`;
}

// --- hearing

function hearMessage({ message }) {
  if (!model.findChannel(message.channel)) return;
  placeMessage(message, false);
  if (message.user === model.me.id) return;
  const who = model.user(message.user)?.name ?? "Someone";
  $("announcer").textContent = `${who}: ${spoken(message.text, context)}`;
  if (!standsInChannel(message)) return;
  if (message.channel === model.channel.id && model.tab === "messages" && !document.hidden) return markRead(model.me.name, message.channel);
  model.countUnread(message.channel);
  drawSide();
  drawHead();
  remember();
}

function placeMessage(message, onlyIfShown) {
  if (message.channel !== model.channel.id || model.dismissed.has(message.ts)) return;
  if (standsInChannel(message) && (!onlyIfShown || timeline.messages.has(message.ts))) timeline.put(message);
  if (thread.ts && [message.ts, message.thread_ts].includes(thread.ts)) thread.timeline.put(message);
  drawHead();
}

function takeAway(ts) {
  timeline.remove(ts);
  thread.timeline.remove(ts);
  drawHead();
}

/** Be this person from now on. Raises Refusal for somebody who is not in the workspace. */
async function become(name) {
  modal.show(null);
  await takeState(name);
  model.startedAt = (model.clock.now() / 1000).toFixed(6);
  stopListening();
  stopListening = listen(name, hear, (isUp) => {
    $("lost").hidden = isUp;
    if (isUp) refresh(name).catch((error) => showTrouble(error.message));
  });
}

async function takeState(name) {
  const state = await readState(name);
  model.take(state);
  modal.show(state.view);
}

async function switchUser(name) {
  model.readUpTo.clear();
  await become(name).catch((error) => showTrouble(error.message));
}

/** Read everything again: at the beginning, and whenever the sandbox has been away. */
async function refresh(name) {
  await hold(async () => {
    await takeState(name);
    const [channelName, threadTs] = decodeURI(location.hash.slice(1)).split("/");
    const channel = model.channels.find((each) => each.name === channelName) ?? model.channels[0];
    await openChannel(channel.id, threadTs === "home" ? "home" : "messages");
    if (threadTs && timeline.messages.has(threadTs)) await openThread(threadTs);
  });
}

// --- drawing

const drawSide = () => drawSidebar($("sidebar"), model, does);

function drawHead() {
  const { channel, app, commands } = model;
  $("top").replaceChildren(
    h("button", { type: "button", class: "bare open-menu", "data-testid": "menu", "aria-label": "Open the menu", onclick: () => showMenu(true) }, icon(ICONS.menu)),
    h("div", { class: "where" }, h("h1", { "data-testid": "channel-title" }, nameOf(channel)), h("span", { class: "quiet topic" }, channel.topic ?? "")),
    h("time", { class: "quiet now", "data-clock": "short" }, clockText(model, "short")));
  const isHome = model.tab === "home";
  drawPart($("tabs"), hasTabs(model) && [model.tab, model.unread.get(channel.id) ?? 0], ([tab, unread]) => drawTabs(tab, unread, openTab));
  const isMute = isHome || (channel.is_im && !app.reads_messages);
  for (const [id, hidden] of Object.entries({ home: !isHome, scroll: isHome, composer: isMute })) $(id).hidden = hidden;
  drawHome();
  $("welcome").replaceChildren(drawWelcome({ channel, app, commands, isEmpty: timeline.messages.size === 0 }, (text) => say(text)));
}

const drawHome = () => showHome(model.home, model.app.name);

function showTrouble(text) {
  $("trouble").hidden = !text;
  $("trouble").textContent = text ?? "";
}

function showMenu(isOpen) {
  document.body.classList.toggle("menu-open", isOpen);
  $("scrim").hidden = !isOpen;
}

function tick() {
  if (!model.zone) return;
  for (const face of document.querySelectorAll("[data-clock]")) face.textContent = clockText(model, face.dataset.clock);
  refreshDates(context);
}

// --- beginning

function onEscape(event) {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  showMenu(false);
  closeThread();
}

function onReturn() {
  if (document.hidden || model.tab !== "messages" || !model.channel || !model.unread.delete(model.channel.id)) return;
  markRead(model.me.name, model.channel.id);
  drawSide();
  remember();
}

async function begin() {
  $("composer").append(composer.element);
  $("scrim").addEventListener("click", () => showMenu(false));
  document.addEventListener("keydown", onEscape);
  document.addEventListener("click", followLink);
  document.addEventListener("visibilitychange", onReturn);
  setInterval(tick, 500);
  try {
    await become(new URLSearchParams(location.search).get("user") ?? "priya");
    focusWithKeyboard(composer);
  } catch (error) {
    showTrouble(error instanceof Refusal ? error.message : "The page could not start. Reload it, please.");
    throw error;
  }
}

begin();
