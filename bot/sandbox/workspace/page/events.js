// Live updates: one stream of events, opened again by itself when it breaks.

const PATIENCE_MS = [500, 1000, 2000, 4000];

/**
 * Call `onEvent` for each event and `onLink(true|false)` when the stream opens or breaks.
 * Returns a function that ends the listening.
 */
export function listen(user, onEvent, onLink) {
  let source = null;
  let timer = null;
  let failures = 0;

  function open() {
    source = new EventSource(`/page/events?user=${encodeURIComponent(user)}`);
    source.onopen = () => { failures = 0; onLink(true); };
    source.onmessage = (message) => onEvent(JSON.parse(message.data));
    source.onerror = again;
  }

  function again() {
    source.close();
    onLink(false);
    timer = setTimeout(open, PATIENCE_MS[Math.min(failures++, PATIENCE_MS.length - 1)]);
  }

  open();
  return () => { clearTimeout(timer); source.close(); };
}
