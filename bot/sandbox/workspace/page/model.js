// What the page knows: the workspace as the server told it, who is looking, and what has been read.

import { Clock } from "./time.js";

/** One per page. `channel` is the open one; `unread` counts by channel; `readUpTo` holds a ts by channel. */
export function createModel() {
  const model = {
    clock: new Clock(), users: [], groups: [], channels: [], commands: [], hints: {}, scenarios: [], channel: null,
    home: null, tab: "messages",
    unread: new Map(), readUpTo: new Map(), dismissed: new Set(),
  };

  /** Take over what /page/state says. */
  model.take = (state) => {
    const { team, app, me, groups, channels, commands, home, hints = {}, scenarios = [], tz: zone } = state;
    const users = state.users.map((user) => ({ ...user, is_app: user.id === app.user_id }));
    model.unread = new Map(channels.filter((each) => each.unread).map((each) => [each.id, each.unread]));
    for (const { id, read_up_to: ts } of channels) if (ts) model.readUpTo.set(id, ts);
    Object.assign(model, { team, app, me, users, groups, channels, commands, home, hints, scenarios, zone, scenario: state.scenario ?? model.scenario });
    model.clock.set(state.clock);
  };

  model.user = (id) => model.users.find((each) => each.id === id);
  model.group = (id) => model.groups.find((each) => each.id === id);
  model.people = () => model.users.filter((each) => !each.is_bot && !each.is_deactivated);
  model.findChannel = (id) => model.channels.find((each) => each.id === id);
  model.kept = (messages) => messages.filter((message) => !model.dismissed.has(message.ts));
  model.countUnread = (id) => model.unread.set(id, (model.unread.get(id) ?? 0) + 1);

  /** What can be completed in a box. */
  model.choices = () => ({
    commands: model.commands,
    hints: model.hints,
    users: model.users.filter((each) => each.id !== model.me.id && !each.is_deactivated),
    groups: model.groups,
    channels: model.channels.filter((each) => !each.is_im),
  });
  return model;
}

/** Whether the channel is the conversation with an app that has a Home tab. */
export const hasTabs = (model) => Boolean(model.channel?.is_im && model.app.has_home);

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
