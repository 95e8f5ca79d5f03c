// What a person has read: told to the sandbox, so that it is still read after a reload or when they come back.

import { act } from "./api.js";

const PAUSE_MS = 300;

/** Returns read(user, channel): soon after, in one go however much has come. Failure only means "unread" later. */
export function createReading() {
  const waiting = new Map();
  return function read(user, channel) {
    const key = `${user} ${channel}`;
    if (waiting.has(key)) return;
    waiting.set(key, setTimeout(() => {
      waiting.delete(key);
      act("read", { user, channel }).catch(() => {});
    }, PAUSE_MS));
  };
}
