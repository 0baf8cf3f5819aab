// What of the editor's form the site does not have yet, and the copies of it that this device keeps until it has.
// Every page writes a copy of its own: another tab with the same post, or with another new one, does not write over it.
const even = (words) => words.replace(/\r\n?/g, "\n");
const flat = (words) => words.trim().replace(/\s+/g, " ");
const chosen = (options) => JSON.stringify(options.map((each) => each.value));

function stateOf(field) {
  if (field.type === "checkbox") return String(field.checked);
  if (field.type === "file") return [...field.files].map((each) => each.name).join();
  if (field.options) return chosen([...field.selectedOptions]);
  return even(field.value);
}

// As the page was drawn: somebody may have typed before any of this was here.
function drawn(field) {
  if (field.type === "checkbox") return String(field.defaultChecked);
  if (field.type === "file") return "";
  if (!field.options) return even(field.defaultValue);
  const given = [...field.options].filter((each) => each.defaultSelected);
  return chosen(given.length || field.multiple ? given : [...field.options].slice(0, 1));
}

function setState(field, state) {
  if (field.type === "checkbox") field.checked = state === "true";
  else if (field.options) for (const each of field.options) each.selected = JSON.parse(state).includes(each.value);
  else if (field.type !== "file") field.value = state;
}

// By the name of each field that is another than it was drawn, what it holds now.
export function changesIn(form) {
  const fields = [...form.elements].filter((field) => field.name && field.matches("input:not([type=hidden]), select, textarea"));
  return Object.fromEntries(fields.map((field) => [field, stateOf(field)]).filter(([field, state]) => state !== drawn(field)).map(([field, state]) => [field.name, state]));
}

export function bringBack(form, fields) {
  for (const [name, state] of Object.entries(fields)) {
    const field = form.elements[name];
    if (!field) continue;
    setState(field, state);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const PREFIX = "inkhorn.unsaved.";
const own = String(Math.random()).slice(2);
let isOwnThere = false;

export function keep(post, copy) {
  try {
    localStorage.setItem(`${PREFIX}${post}.${own}`, JSON.stringify({ ...copy, at: Date.now() }));
    isOwnThere = true;
  } catch { /* no room or no permission: the site still has what was saved last */ }
}

export function forget(key) {
  try { localStorage.removeItem(key); } catch { /* as above */ }
}

// Only what this page wrote: whoever merely looks takes nothing from anybody.
export function forgetOwn(post) {
  if (isOwnThere) forget(`${PREFIX}${post}.${own}`);
  isOwnThere = false;
}

// What other pages kept of this post, the newest first; `post` is its number, or `new`.
export function copiesOf(post) {
  const start = `${PREFIX}${post}.`;
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(start) && key !== start + own)
      .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }))
      .filter((copy) => copy.fields)
      .sort((one, other) => other.at - one.at);
  } catch {
    return [];
  }
}

// Whether the page as it was drawn holds what is in the copy. The site tidies addresses and tags, so of a later version the words alone tell.
export function isHeldBy(form, copy) {
  const isWord = (name) => name === "title" || name === "body";
  const tidy = (name, state) => (name === "body" ? even(state).trim() : flat(state));
  return Object.entries(copy.fields).every(([name, state]) => {
    const field = form.elements[name];
    if (!field || field.type === "file" || (copy.revision !== revisionOf(form) && !isWord(name))) return true;
    return tidy(name, drawn(field)) === tidy(name, state);
  });
}

export const revisionOf = (form) => form.elements.revision?.value ?? "0";
