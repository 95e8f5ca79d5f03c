// Events wait while something is being read: an older answer must not cover what they say.

/** `handlers` by kind of event. Returns {hear(event), hold(read)}. */
export function createQueue(handlers) {
  const waiting = [];
  let reads = 0;

  function hear(event) {
    if (reads) waiting.push(event);
    else handlers[event.kind]?.(event);
  }

  async function hold(read) {
    reads += 1;
    try {
      await read();
    } finally {
      reads -= 1;
      if (!reads) waiting.splice(0).forEach(hear);
    }
  }
  return { hear, hold };
}
