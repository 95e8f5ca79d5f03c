// Draws one message as a list item.

import { drawAttachment, drawBlocks } from "./blocks.js";
import { h, icon, ICONS, localUrl, picture } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./text.js";
import { format, timeOfDay } from "./time.js";

/**
 * `compact` leaves out picture and name (the message before it is by the same person);
 * `inThread` leaves out the way into the thread.
 */
export function drawMessage(message, context, { compact = false, inThread = false } = {}) {
  const at = Number(message.ts) * 1000;
  const author = context.user(message.user);
  const time = h("time", { class: "at", title: format(at, context.zone, { dateStyle: "full", timeStyle: "medium" }) }, timeOfDay(at, context.zone));
  const classes = ["message", compact && "compact", message.ephemeral && "private"].filter(Boolean).join(" ");
  return h("li", { class: classes, tabindex: "-1", "data-testid": "message", dataset: { ts: message.ts } },
    h("div", { class: "gutter" }, compact ? time : avatar(author)),
    h("div", { class: "content" },
      message.ephemeral && h("div", { class: "only-you" }, icon(ICONS.eye), "Only visible to you"),
      !compact && h("div", { class: "byline" }, name(author), time),
      message.subtype === "thread_broadcast" && !inThread && repliedTo(message, context),
      drawBody(message, context),
      message.files?.map(drawFile),
      message.reactions?.length > 0 && h("div", { class: "reactions" }, message.reactions.map((each) => drawReaction(each, context))),
      message.ephemeral && h("button", { type: "button", class: "textual", "data-testid": "dismiss", onclick: () => context.dismiss(message) }, "Dismiss"),
      !inThread && message.reply_count > 0 && threadBar(message, context)),
    !inThread && !message.ephemeral && h("div", { class: "tools" },
      h("button", { type: "button", class: "bare", "data-testid": "reply", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => context.openThread(root(message)) }, icon(ICONS.reply))));
}

const root = (message) => message.thread_ts ?? message.ts;

/** The square beside a message: the app's mark, or the person's initials on their colour. */
export function avatar(user) {
  if (user?.is_app) return h("img", { class: "avatar", src: "/page/icon.svg", alt: "" });
  const drawn = h("span", { class: "avatar", "aria-hidden": "true" }, user?.initials ?? "?");
  if (user) drawn.style.backgroundColor = user.colour;
  return drawn;
}

const name = (user) => [
  h("span", { class: "name" }, user?.real_name || user?.name || "Someone who left"),
  user?.is_bot && h("span", { class: "badge" }, "App"),
  user?.is_guest && h("span", { class: "badge" }, "Guest"),
  user?.is_deactivated && h("span", { class: "badge" }, "Deactivated"),
  user?.is_outsider && h("span", { class: "badge" }, "Outside"),
];

/** Blocks replace the text; without blocks the text stands above the attachments. */
function drawBody(message, context) {
  const place = { channel: message.channel, message_ts: message.ts };
  const edited = message.edited && h("span", { class: "edited" }, "(edited)");
  const words = !message.blocks?.length && message.text;
  return h("div", { class: "body" },
    message.blocks?.length > 0 && drawBlocks(message.blocks, context, place),
    words && h("div", { class: "mrkdwn" }, mrkdwn(message.text, context), edited && [" ", edited]),
    message.attachments?.map((attachment) => drawAttachment(attachment, context, place)),
    !words && edited);
}

function repliedTo(message, context) {
  return h("button", { type: "button", class: "textual", onclick: () => context.openThread(message.thread_ts) }, "Also sent to the channel, from a thread");
}

function drawFile(file) {
  const address = file.url_private ?? file.permalink ?? "";
  const isPicture = file.mimetype?.startsWith("image/") && address && localUrl(address);
  const title = file.title || file.name || "File";
  return h("figure", { class: "file" }, h("figcaption", {}, title), isPicture && picture(address, file.alt_txt || title, "image"));
}

function drawReaction({ name: reaction, users = [], count }, context) {
  const who = users.map((id) => context.user(id)?.name ?? id).join(", ");
  return h("span", { class: "reaction", title: `${who} reacted with :${reaction}:` }, emoji(reaction), ` ${count ?? users.length}`);
}

function threadBar(message, context) {
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(context.user(id)));
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const last = message.latest_reply && timeOfDay(Number(message.latest_reply) * 1000, context.zone);
  return h("button", { type: "button", class: "thread-bar", "data-testid": "thread-bar", onclick: () => context.openThread(message.ts) },
    h("span", { class: "faces" }, faces), h("strong", {}, count), last && h("span", { class: "quiet" }, `last at ${last}`));
}
