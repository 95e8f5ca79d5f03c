// What may be completed at the cursor: commands, their verbs, people and channels. Pure.

/** The verbs that a usage hint lists: "queue | show #n | ack [#n]" gives queue, show, ack with their hints. */
export function readVerbs(hint) {
  const list = (hint ?? "").trim().replace(/^\[([^[\]]*)\]$/, "$1").replace(/^<([^<>]*)>$/, "$1");
  const parts = /[|,]/.test(list) ? list.split(/\s*[|,]\s*/) : list.split(/\s+/);
  return parts.map((part) => /^([a-z][\w-]*)\s*(.*)$/i.exec(part.trim())).filter(Boolean)
    .map(([, verb, rest]) => ({ verb, rest }));
}

/**
 * The choices for the text before the cursor: {from, items: [{insert, title, rest, note}], first}, or null.
 * `from` is where the completed word begins; `first` says whether Enter takes the first item.
 */
export function complete(before, { commands, hints, users, groups = [], channels }) {
  const named = [...users, ...groups.map((group) => ({ name: group.handle, real_name: group.name }))];
  return completeCommand(before, commands, hints) ?? completeName(before, named, channels);
}

function completeCommand(before, commands, hints) {
  const whole = /^\/\S*$/.exec(before);
  if (whole) {
    return choices(0, before, commands.map((each) => ({ insert: each.command, title: each.command, note: each.description })));
  }
  const [, name, typed] = /^(\/\S+) +(\S*)$/.exec(before) ?? [];
  const command = commands.find((each) => each.command === name);
  if (!command) return null;
  const items = readVerbs(command.usage_hint).map(({ verb, rest }) => ({ insert: verb, title: verb, rest, note: hintFor(`${name} ${verb}`, rest, hints) }));
  return choices(before.length - typed.length, typed, items);
}

/** What these words do, in the app's own example of them, or of their beginning. */
function hintFor(words, rest, hints) {
  const near = Object.keys(hints).find((example) => example === words || example.startsWith(`${words} `));
  return hints[`${words} ${rest}`] ?? hints[near];
}

function completeName(before, users, channels) {
  const [, mark, typed] = /(?:^|\s)([@#])([\w.-]*)$/.exec(before) ?? [];
  if (!mark) return null;
  const items = mark === "@"
    ? users.map((each) => ({ insert: `@${each.name}`, title: `@${each.name}`, note: each.real_name }))
    : channels.map((each) => ({ insert: `#${each.name}`, title: `#${each.name}`, note: each.topic }));
  return choices(before.length - typed.length - 1, mark + typed, items);
}

function choices(from, typed, all) {
  const items = all.filter((item) => item.insert.toLowerCase().startsWith(typed.toLowerCase()));
  const done = items.some((item) => item.insert === typed);
  return items.length && !(done && items.length === 1) ? { from, items, first: typed !== "" && !done } : null;
}
