// The page: who I am, which channel and thread are open, and what happens there.

import { act, readMessages, readState, Refusal } from "./api.js";
import { createComposer } from "./composer.js";
import { h, icon, ICONS } from "./dom.js";
import { listen } from "./events.js";
import { clockText, drawSidebar } from "./sidebar.js";
import { refreshDates, spoken } from "./text.js";
import { createThread } from "./thread.js";
import { Clock } from "./time.js";
import { Timeline } from "./timeline.js";
import { drawWelcome } from "./welcome.js";

const $ = (id) => document.getElementById(id);
const page = { clock: new Clock(), users: [], channels: [], unread: new Map(), readUpTo: new Map(), dismissed: new Set(), channel: null };

// What the drawing parts may ask and do.
const context = {
  clock: page.clock,
  get zone() { return page.zone; },
  get me() { return page.me; },
  user: (id) => page.users.find((each) => each.id === id),
  channel: (id) => page.channels.find((each) => each.id === id),
  openChannel,
  openThread,
  dismiss,
  press: (action) => attempt("action", action),
};
const choices = () => ({ commands: page.commands, users: page.users.filter((each) => each.id !== page.me.id), channels: page.channels.filter((each) => !each.is_im) });
const timeline = new Timeline($("messages"), $("scroll"), context);
const thread = createThread($("thread"), context, { send: (text) => say(text, thread.ts), choices, onClose: closeThread });
const composer = createComposer({ name: "composer", send: (text) => say(text), choices });
const does = { openChannel, switchUser, setClock, startScenario, closeMenu: () => showMenu(false) };
let stopListening = () => {};

// --- doing

/** Do what a person does; null when it went well, else one sentence for them. */
async function attempt(name, body) {
  try {
    const answer = await act(name, { user: page.me.name, wait: 0, ...body });
    return answer.acked === false && name === "action" ? `${page.app.name} did not answer in time. Please try again.` : null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function say(text, threadTs) {
  const where = { channel: page.channel.id, text };
  if (text.startsWith("/") && !threadTs) return attempt("command", where);
  if (text.startsWith("/")) return `${text.split(" ")[0]} does not work in threads. Use the buttons, or write to @${page.app.name}.`;
  return attempt("message", threadTs ? { ...where, thread_ts: threadTs } : where);
}

async function setClock(change) {
  announceTrouble(await attempt("clock", change));
}

async function startScenario(select) {
  select.disabled = true;
  const trouble = await attempt("scenario", { name: select.value });
  if (!trouble) page.scenario = select.value;
  drawSide();
  announceTrouble(trouble);
}

function announceTrouble(trouble) {
  if (trouble) showBanner(trouble);
  else if (!$("lost").dataset.link) showBanner(null);
}

function dismiss(message) {
  page.dismissed.add(message.ts);
  timeline.remove(message.ts);
  thread.timeline.remove(message.ts);
  drawHead();
}

// --- going somewhere

async function openChannel(id) {
  markRead();
  closeThread();
  showMenu(false);
  page.channel = context.channel(id);
  await hold(async () => {
    const messages = await readMessages(page.me.name, id);
    if (page.channel.id === id) showChannel(messages);
  });
}

function showChannel(messages) {
  const { id, is_im: isDirect, name } = page.channel;
  const readUpTo = page.unread.get(id) ? page.readUpTo.get(id) ?? page.startedAt : null;
  page.unread.delete(id);
  composer.label(isDirect ? `Message ${name}` : `Message #${name}`);
  timeline.load(kept(messages), readUpTo);
  drawSide();
  drawHead();
  remember();
}

const kept = (messages) => messages.filter((message) => !page.dismissed.has(message.ts));

function markRead() {
  const last = [...timeline.messages.keys()].sort().at(-1);
  if (page.channel && last) page.readUpTo.set(page.channel.id, last);
}

async function openThread(ts) {
  await hold(async () => {
    const messages = await readMessages(page.me.name, page.channel.id, ts);
    thread.open(ts, kept(messages), page.channel.is_im ? page.channel.name : `#${page.channel.name}`);
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

/** On a touch screen a focused box would raise the keyboard over what was just opened. */
function focusWithKeyboard(place) {
  if (matchMedia("(hover: hover)").matches) place.focus();
}

/** The address keeps who and where, so that a reload or a second window comes back to it. */
function remember() {
  const where = [page.channel.name, thread.ts].filter(Boolean).join("/");
  history.replaceState(null, "", `?user=${encodeURIComponent(page.me.name)}#${encodeURI(where)}`);
  const unread = [...page.unread.values()].reduce((sum, count) => sum + count, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${page.channel.name} – ${page.team.name} – Seamwatch sandbox`;
}

async function switchUser(name) {
  page.unread.clear();
  page.readUpTo.clear();
  announceTrouble(await become(name).then(() => null, (error) => error.message));
}

// --- hearing

const HEARD = {
  message: hearMessage,
  ephemeral: hearMessage,
  changed: ({ message }) => placeMessage(message, true),
  deleted: ({ channel, ts }) => { if (channel === page.channel.id) { timeline.remove(ts); thread.timeline.remove(ts); drawHead(); } },
  clock: ({ clock }) => { page.clock.set(clock); drawSide(); },
  app: ({ connected }) => { page.app.connected = connected; drawSide(); },
  scenario: ({ name }) => { page.scenario = name ?? page.scenario; drawSide(); },
};

const held = { reads: 0, events: [] };

/** While something is being read, events wait: an older answer must not cover what they say. */
async function hold(read) {
  held.reads += 1;
  try {
    await read();
  } finally {
    held.reads -= 1;
    if (!held.reads) held.events.splice(0).forEach(hear);
  }
}

function hear(event) {
  if (held.reads) held.events.push(event);
  else HEARD[event.kind]?.(event);
}

function hearMessage({ message }) {
  if (!context.channel(message.channel)) return;
  placeMessage(message, false);
  if (message.user === page.me.id) return;
  const who = context.user(message.user)?.name ?? "Someone";
  $("announcer").textContent = `${who}: ${spoken(message.text, context)}`;
  if (!standsInChannel(message) || (message.channel === page.channel.id && !document.hidden)) return;
  page.unread.set(message.channel, (page.unread.get(message.channel) ?? 0) + 1);
  drawSide();
  remember();
}

const standsInChannel = ({ thread_ts: root, ts, subtype }) => !root || root === ts || subtype === "thread_broadcast";

function placeMessage(message, onlyIfShown) {
  if (message.channel !== page.channel.id || page.dismissed.has(message.ts)) return;
  if (standsInChannel(message) && (!onlyIfShown || timeline.messages.has(message.ts))) timeline.put(message);
  if (thread.ts && [message.ts, message.thread_ts].includes(thread.ts)) thread.timeline.put(message);
  drawHead();
}

function hearLink(isUp) {
  if (isUp) delete $("lost").dataset.link;
  else $("lost").dataset.link = "lost";
  showBanner(isUp ? null : "The sandbox does not answer. Trying again every few seconds…");
}

// --- drawing

function drawSide() {
  drawSidebar($("sidebar"), page, does);
}

function drawHead() {
  const isEmpty = timeline.messages.size === 0;
  $("top").replaceChildren(
    h("button", { type: "button", class: "bare open-menu", "data-testid": "menu", "aria-label": "Open the menu", onclick: () => showMenu(true) }, icon(ICONS.menu)),
    h("div", { class: "where" }, h("h1", { "data-testid": "channel-title" }, page.channel.is_im ? page.channel.name : `# ${page.channel.name}`), h("span", { class: "quiet topic" }, page.channel.topic ?? "")),
    h("time", { class: "quiet now", "data-clock": "short" }, clockText(page, "short")));
  $("welcome").replaceChildren(drawWelcome({ channel: page.channel, app: page.app, commands: page.commands, isEmpty }, (text) => say(text)));
}

function showBanner(text) {
  $("lost").hidden = !text;
  $("lost").textContent = text ?? "";
}

function showMenu(isOpen) {
  document.body.classList.toggle("menu-open", isOpen);
  $("scrim").hidden = !isOpen;
}

// --- beginning

/** Be this person from now on. Raises Refusal for somebody who is not in the workspace. */
async function become(name) {
  take(await readState(name));
  page.startedAt = (page.clock.now() / 1000).toFixed(6);
  stopListening();
  stopListening = listen(name, hear, (isUp) => {
    hearLink(isUp);
    if (isUp) refresh(name).catch((error) => showBanner(error.message));
  });
}

/** Read everything again: at the beginning, and whenever the sandbox has been away. */
async function refresh(name) {
  await hold(async () => {
    take(await readState(name));
    const [channelName, threadTs] = decodeURI(location.hash.slice(1)).split("/");
    await openChannel((page.channels.find((each) => each.name === channelName) ?? page.channels[0]).id);
    if (threadTs && timeline.messages.has(threadTs)) await openThread(threadTs);
  });
}

function take(state) {
  const { team, app, me, channels, commands, scenarios = [], tz: zone } = state;
  const users = state.users.map((user) => ({ ...user, is_app: user.id === app.user_id }));
  Object.assign(page, { team, app, me, users, channels, commands, scenarios, zone, scenario: state.scenario ?? page.scenario });
  page.clock.set(state.clock);
}

function tick() {
  if (!page.zone) return;
  for (const face of document.querySelectorAll("[data-clock]")) face.textContent = clockText(page, face.dataset.clock);
  refreshDates(context);
}

function seen() {
  if (!document.hidden && page.channel && page.unread.delete(page.channel.id)) { drawSide(); remember(); }
}

async function begin() {
  document.addEventListener("visibilitychange", seen);
  $("composer").append(composer.element);
  $("scrim").addEventListener("click", () => showMenu(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    showMenu(false);
    closeThread();
  });
  setInterval(tick, 500);
  try {
    await become(new URLSearchParams(location.search).get("user") ?? "priya");
    focusWithKeyboard(composer);
  } catch (error) {
    showBanner(error instanceof Refusal ? error.message : "The page could not start. Reload it, please.");
    throw error;
  }
}

begin();
