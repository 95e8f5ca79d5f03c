// The sandbox's clock, and times as their reader sees them (the reader's zone, British English).

const DAY_MS = 86_400_000;
const HALF_YEAR_MS = 183 * DAY_MS;

/** Follows the sandbox's clock between two messages about it. */
export class Clock {
  set({ now, speed }) {
    this.anchor = Date.parse(now);
    this.set_at = performance.now();
    this.speed = speed;
  }

  /** Sandbox time now, milliseconds since 1970. */
  now() {
    return this.anchor + (performance.now() - this.set_at) * this.speed;
  }
}

const formatters = new Map();

/** `options` of Intl.DateTimeFormat; formatters are kept because making one is slow. */
export function format(ms, zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formatters.get(key).format(ms);
}

/** The clock on the reader's wall as a date-and-time field holds it: "2026-03-05T14:00". */
export function wallTime(ms, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(ms);
  const part = (type) => parts.find((each) => each.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The moment when that clock shows this: of an hour that comes twice, one of the two; of one that is left out, the hour after. */
export function fromWallTime(text, zone) {
  const wanted = Date.parse(`${text}Z`);
  const off = (ms) => Date.parse(`${wallTime(ms, zone)}Z`) - ms;
  const near = wanted - off(wanted);
  return wanted - off(near);
}

export const timeOfDay = (ms, zone) => format(ms, zone, { hour: "2-digit", minute: "2-digit" });
export const dayKey = (ms, zone) => format(ms, zone, { year: "numeric", month: "2-digit", day: "2-digit" });

/** "today", "yesterday", "tomorrow", or null. */
function nearDay(ms, now, zone) {
  const near = { today: now, yesterday: now - DAY_MS, tomorrow: now + DAY_MS };
  return Object.keys(near).find((name) => dayKey(ms, zone) === dayKey(near[name], zone)) ?? null;
}

/** The heading of a day in a list of messages. */
export function dayName(ms, now, zone) {
  const near = nearDay(ms, now, zone);
  return near ? near[0].toUpperCase() + near.slice(1) : day(ms, now, zone, { weekday: "long", month: "long" });
}

function day(ms, now, zone, shape) {
  const year = Math.abs(now - ms) < HALF_YEAR_MS ? {} : { year: "numeric" };
  return format(ms, zone, { day: "numeric", ...shape, ...year });
}

const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];

function ago(ms, now) {
  const seconds = Math.round(Math.abs(now - ms) / 1000);
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  const amount = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return ms <= now ? `${amount} ago` : `in ${amount}`;
}

const DATES = {
  date: { month: "long" },
  date_short: { month: "short" },
  date_long: { month: "long", weekday: "long" },
};

function token(name, ms, now, zone) {
  const plain = name.replace(/_pretty$/, "");
  const near = plain === name ? null : nearDay(ms, now, zone);
  if (near) return near;
  if (DATES[plain]) return day(ms, now, zone, DATES[plain]);
  const numeric = { year: "numeric", month: "2-digit", day: "2-digit" };
  if (name === "date_num") return format(ms, zone, numeric).split("/").reverse().join("-");
  if (name === "date_slash") return format(ms, zone, numeric);
  if (name === "time") return timeOfDay(ms, zone);
  if (name === "time_secs") return format(ms, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return name === "ago" ? ago(ms, now) : null;
}

/**
 * A date token of a message, `pattern` such as "{date_short_pretty} at {time}"; null when the pattern
 * holds an unknown token, so that the fallback is shown. The year is left out within half a year.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export function formatDate(seconds, pattern, now, zone) {
  const ms = Number(seconds) * 1000;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  let unknown = false;
  const text = pattern.replace(/\{(\w+)\}/g, (_, name) => {
    const value = token(name, ms, now, zone);
    unknown ||= value === null;
    return value ?? "";
  });
  if (unknown) return null;
  return text.replace(/^(today|yesterday|tomorrow)/, (word) => word[0].toUpperCase() + word.slice(1));
}
