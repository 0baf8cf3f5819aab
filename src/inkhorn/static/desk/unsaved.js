// What of the editor's form the site does not have yet, and the copies of it that this device keeps until it has.
// Every page writes a copy of its own: another tab with the same post, or with another new one, does not write over it.
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 60;

const even = (words) => words.replace(/\r\n?/g, "\n");
const chosen = (options) => JSON.stringify(options.map((each) => each.value));

export function stateOf(field) {
  if (field.type === "checkbox") return String(field.checked);
  if (field.type === "file") return [...field.files].map((each) => each.name).join();
  if (field.options) return chosen([...field.selectedOptions]);
  return even(field.value);
}

// As the page was drawn: somebody may have typed before any of this was here.
export function drawn(field) {
  if (field.type === "checkbox") return String(field.defaultChecked);
  if (field.type === "file") return "";
  // A field of one line takes none of the breaks that a program may have written.
  if (!field.options) return field.matches("input") ? field.defaultValue.replace(/[\r\n]/g, "") : even(field.defaultValue);
  const given = [...field.options].filter((each) => each.defaultSelected);
  return chosen(given.length || field.multiple ? given : [...field.options].slice(0, 1));
}

function setState(field, state) {
  if (field.type === "checkbox") field.checked = state === "true";
  else if (field.options) for (const each of field.options) each.selected = JSON.parse(state).includes(each.value);
  else if (field.type !== "file") field.value = state;
}

// By the name of each field what it holds now: of those that are other than they were drawn, or of all.
export function statesIn(form, { ofAll = false } = {}) {
  const fields = [...form.elements].filter((field) => field.name && field.matches("input:not([type=hidden]), select, textarea"));
  return Object.fromEntries(fields.filter((field) => ofAll || stateOf(field) !== drawn(field)).map((field) => [field.name, stateOf(field)]));
}

export function bringBack(form, fields) {
  for (const [name, state] of Object.entries(fields)) {
    const field = form.elements[name];
    if (!field) continue;
    setState(field, state);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export const revisionOf = (form) => form.elements.revision?.value ?? "0";

// As the site tidies them.
const TIDY = {
  title: (words) => words.trim().replace(/\s+/g, " "),
  tags: (words) => words.split(",").map((each) => each.trim()).filter(Boolean).join(),
};
// The site gives a post an address where none is wanted, and takes the promised hour as its own.
const SITES_OWN = new Set(["slug", "release_on", "release_at", "published_on", "published_at", "has_no_cover"]);

// Whether the page as it was drawn holds what is in the copy.
export function isHeldBy(form, copy) {
  return Object.entries(copy.fields).every(([name, state]) => {
    const field = form.elements[name];
    if (!field || field.type === "file" || (SITES_OWN.has(name) && copy.revision !== revisionOf(form))) return true;
    const tidy = TIDY[name] ?? ((words) => words.trim());
    return tidy(drawn(field)) === tidy(state);
  });
}

// The copies of one person, for others may write on this device too. A copy has a number by which the site tells which one it took.
export class Copies {
  constructor(writer, post, number) {
    this.all = `inkhorn.unsaved.${writer}.`;
    this.start = `${this.all}${post}.`;
    this.number = number || crypto.getRandomValues(new Uint32Array(2)).join("");
    this.isKept = false;
  }

  // Whether there was room, which the oldest copies make where there is none.
  keep(copy) {
    const removed = [];
    while (!this.#write(this.start + this.number, { ...copy, at: Date.now() })) {
      const oldest = this.others(this.all).at(-1);
      if (!oldest) {
        for (const { key, ...words } of removed) this.#write(key, words);
        return false;
      }
      removed.push(oldest);
      this.forget(oldest.key);
    }
    this.isKept = true;
    return true;
  }

  // Only what this page wrote: whoever merely looks takes nothing from anybody.
  forgetOwn() {
    if (this.isKept) this.forget(this.start + this.number);
    this.isKept = false;
  }

  forget(key) {
    try { localStorage.removeItem(key); } catch { /* nothing is kept where nothing may be */ }
  }

  // What other pages kept of this post, the newest first.
  others(start = this.start) {
    let keys = [];
    try { keys = Object.keys(localStorage).filter((key) => key.startsWith(start) && key !== this.start + this.number); } catch { /* as above */ }
    return keys.map((key) => this.#read(key)).filter((copy) => copy?.fields).sort((one, other) => other.at - one.at);
  }

  // The site took this copy of a post, which may have had no number yet. What was typed after it was sent belongs to the version that came of it.
  taken(post, revision, number) {
    for (const begun of [post, "new"]) {
      const key = `${this.all}${begun}.${number}`;
      const copy = this.#read(key);
      this.forget(key);
      if (copy?.fields && !copy.isSent) this.#write(`${this.all}${post}.${number}`, { ...copy, key: undefined, revision });
    }
  }

  tidyUp() {
    for (const copy of this.others(this.all)) if (Date.now() - copy.at > LONGEST_DAYS * DAY_MS) this.forget(copy.key);
  }

  #write(key, words) {
    try { localStorage.setItem(key, JSON.stringify(words)); return true; } catch { return false; }
  }

  #read(key) {
    try { return { ...JSON.parse(localStorage.getItem(key)), key }; } catch { return null; }
  }
}
