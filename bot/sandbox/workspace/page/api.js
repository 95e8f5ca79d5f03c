// Speaks with the sandbox: what the page shows, and what a person does.

/** The sandbox said no, or could not be reached; the message is a sentence for the reader. */
export class Refusal extends Error {}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Refusal("The sandbox does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(body.error || `The sandbox answered with ${response.status}.`);
  return body;
}

const query = (parameters) => new URLSearchParams(parameters).toString();

export const readState = (user) => ask(`/page/state?${query({ user })}`);

export async function readMessages(user, channel, thread) {
  const where = thread ? { user, channel, thread_ts: thread } : { user, channel };
  return (await ask(`/page/messages?${query(where)}`)).messages;
}

/** Do what a person's client does; resolves to what the app did. Raises Refusal. */
export function act(name, body) {
  const headers = { "Content-Type": "application/json" };
  return ask(`/control/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
}
