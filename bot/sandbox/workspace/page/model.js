// What the page knows: the workspace as the server told it, who is looking, and what has been read.

import { Clock } from "./time.js";

/** One per page. `channel` is the open one; `unread` counts by channel; `readUpTo` holds a ts by channel. */
export function createModel() {
  const model = {
    clock: new Clock(), users: [], channels: [], commands: [], hints: {}, scenarios: [], channel: null,
    unread: new Map(), readUpTo: new Map(), dismissed: new Set(),
  };

  /** Take over what /page/state says. */
  model.take = (state) => {
    const { team, app, me, channels, commands, hints = {}, scenarios = [], tz: zone } = state;
    const users = state.users.map((user) => ({ ...user, is_app: user.id === app.user_id }));
    Object.assign(model, { team, app, me, users, channels, commands, hints, scenarios, zone, scenario: state.scenario ?? model.scenario });
    model.clock.set(state.clock);
  };

  model.user = (id) => model.users.find((each) => each.id === id);
  model.findChannel = (id) => model.channels.find((each) => each.id === id);
  model.kept = (messages) => messages.filter((message) => !model.dismissed.has(message.ts));
  model.countUnread = (id) => model.unread.set(id, (model.unread.get(id) ?? 0) + 1);

  /** What can be completed in a box. */
  model.choices = () => ({
    commands: model.commands,
    hints: model.hints,
    users: model.users.filter((each) => each.id !== model.me.id),
    channels: model.channels.filter((each) => !each.is_im),
  });
  return model;
}

export const nameOf = (channel) => (channel.is_im ? channel.name : `#${channel.name}`);

/** Whether a message stands in the channel itself, not only in a thread. */
export const standsInChannel = ({ thread_ts: root, ts, subtype }) => !root || root === ts || subtype === "thread_broadcast";

/** Where a permalink leads: {channel, ts, thread}, or null for any other address. */
export function readPermalink(address) {
  const url = new URL(address, location.href);
  const [, channel, seconds, micros] = /^\/archives\/(\w+)\/p(\d{10})(\d{6})$/.exec(url.pathname) ?? [];
  if (!channel || url.origin !== location.origin) return null;
  return { channel, ts: `${seconds}.${micros}`, thread: url.searchParams.get("thread_ts") };
}
