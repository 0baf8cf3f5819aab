// The queue: A approves, S spam, T trash, R answers, X chooses, Z undoes, arrows move. Each act is its own form, sent in place; the page that
// comes back is the page that would have come without this module, and what is shown is taken from it.
import { forget, isOpen, keep, takeUp } from "./answers.js";

const isTyping = (target) => target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-queue] > [data-comment]")];
const PATIENCE_MS = 30_000;
let cursor = -1;
// Acts go one after another, in the order in which they were pressed.
let line = Promise.resolve(true);
const underWay = new Set();
let failures = 0;

function show(index, { focus = true } = {}) {
  const all = rows();
  all.forEach((row) => row.classList.remove("is-cursor"));
  if (!all.length) { cursor = -1; return; }
  cursor = Math.max(0, Math.min(all.length - 1, index));
  const row = all[cursor];
  row.classList.add("is-cursor");
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function say(words) {
  const told = document.querySelector("[data-told]");
  if (told) told.textContent = words;
}

function count() {
  const bulk = document.querySelector("#chosen");
  if (!bulk) return;
  const chosen = document.querySelectorAll("[data-queue] input[name=chosen]:checked").length;
  const words = bulk.querySelector("[data-chosen]");
  words.dataset.words ??= words.textContent;
  words.textContent = [words.dataset.words, words.dataset.one][chosen] ?? words.dataset.many.replace("#", chosen);
  bulk.toggleAttribute("data-empty", chosen === 0);
}

function openAnswer(row) {
  const form = row?.querySelector(".answer");
  if (!form) return;
  form.classList.add("is-open");
  form.querySelector("textarea").focus();
}

function closeAnswer(form) {
  form.classList.remove("is-open");
  form.closest("[data-comment]")?.focus();
}

// A comment that stayed only for the sake of its answer goes with it.
function discardAnswer(row) {
  if (!("left" in row.dataset)) { closeAnswer(row.querySelector(".answer")); return; }
  const at = rows().indexOf(row);
  forget(row.id);
  row.remove();
  show(at);
}

// What stands in the rows is all there is to keep, unless they could not be drawn.
let isDrawn = true;

function keepAnswers() {
  const isWriting = typedIn()?.closest(".answer") ?? false;
  return isDrawn && keep(rows(), failures > 0 || Boolean(isWriting));
}

// What was written is stored; only then may it be lost here.
function forgetAnswer(id) {
  const form = document.getElementById(id)?.querySelector(".answer");
  form?.reset();
  form?.classList.remove("is-open");
  forget(id);
}

// What somebody has begun in a row, and how it goes on where the row is drawn anew.
function begunIn(row) {
  const field = row.querySelector("textarea");
  return {
    words: field?.value ?? "",
    isSent: field?.readOnly ?? false,
    isOpen: isOpen(row),
    isChosen: row.querySelector("input[name=chosen]").checked,
    hasMenu: row.querySelector("details").open,
  };
}

function goOn(row, begun, about) {
  row.querySelector("input[name=chosen]").checked = begun.isChosen && !("left" in row.dataset);
  if (begun.hasMenu && !about.rows.includes(row.id)) row.querySelector("details").open = true;
  const field = row.querySelector("textarea");
  if (!field || row.id === about.answered) return;
  field.value ||= begun.words;
  field.readOnly = begun.isSent;
  field.form.classList.toggle("is-open", begun.isOpen);
}

const typedIn = () => (isTyping(document.activeElement) ? document.activeElement : null);

// Whoever writes to a comment goes on, though it has left the list meanwhile, by whatever was done with it.
function keepWrittenTo(main, about) {
  let list = main.querySelector("[data-queue]");
  let before = null;
  for (const row of rows()) {
    const same = main.querySelector(`[id="${row.id}"]`);
    const hasWords = isOpen(row) && row.querySelector("textarea").value;
    const isKept = row.id !== about.answered && (hasWords || row.contains(typedIn()));
    if (same) delete row.dataset.left;
    else if (isKept) row.dataset.left = "";
    else continue;
    if (!list) {
      list = row.parentElement.cloneNode();
      main.querySelector(".empty")?.replaceWith(list);
    }
    const now = same ?? row.cloneNode(true);
    if (!same && before) before.after(now);
    else if (!same) list.prepend(now);
    before = now;
  }
}

// What somebody types in, with what takes its place on the other page. It is not moved, or the caret and a half composed letter were lost.
function stillIn(main, about) {
  const still = typedIn()?.closest("main [data-comment], main .filters");
  if (!still || still.id === about.answered) return null;
  const twin = main.querySelector(still.id ? `[id="${still.id}"]` : ".filters");
  return twin && { still, twin };
}

function replaceAround(shown, now, kept) {
  if (!kept) shown.replaceWith(now);
  if (!kept || shown === kept.still) return;
  const around = [...shown.children].find((each) => each.contains(kept.still));
  const within = [...now.children].find((each) => each.contains(kept.twin));
  const nodes = [...now.childNodes];
  const at = nodes.indexOf(within);
  for (const node of [...shown.childNodes]) if (node !== around) node.remove();
  around.before(...nodes.slice(0, at));
  around.after(...nodes.slice(at + 1));
  replaceAround(around, within, kept);
}

// Finds what had the focus on the page that is there then.
function finderOf(element) {
  const marks = (each) => JSON.stringify([
    each.form?.getAttribute("action"),
    ...["id", "name", "value", "type", "formaction", "href", "data-key"].map((name) => each.getAttribute(name)),
  ]);
  const wanted = marks(element);
  const row = element.parentElement?.closest("[data-comment]")?.id;
  return () => {
    const scope = row ? document.getElementById(row) : document;
    return [...(scope?.querySelectorAll(element.tagName) ?? [])].find((each) => marks(each) === wanted);
  };
}

// Takes what changed from the page that an act answered with. The cursor stays on its comment, or on the one that moved up to its place.
function take(page, address, about) {
  const now = page.querySelector("main");
  if (!now) return false;
  keepAnswers();
  const begun = new Map(rows().map((row) => [row.id, begunIn(row)]));
  const below = rows().slice(Math.max(0, cursor)).map((row) => row.id);
  const focused = document.activeElement;
  const find = finderOf(focused);
  const selects = now.querySelectorAll(".filters select");
  const search = document.querySelector("main .filters input[type=search]");
  const note = failures > about.failures && document.querySelector("[data-failure]");
  keepWrittenTo(now, about);
  replaceAround(document.querySelector("main"), now, stillIn(now, about));
  for (const each of page.querySelectorAll("[data-refresh]")) {
    document.querySelector(`[data-refresh="${each.dataset.refresh}"]`)?.replaceWith(each);
  }
  for (const row of rows()) if (begun.has(row.id)) goOn(row, begun.get(row.id), about);
  if (search && search.value !== search.defaultValue) document.querySelector("main .filters input[type=search]").value = search.value;
  if (note) document.querySelector("main").prepend(note);
  // As desk.js does it on a page that was loaded.
  selects.forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
  history.replaceState(null, "", address);
  takeUp();
  dress();
  if (!focused.isConnected) find()?.focus({ preventScroll: true });
  const next = below.find((id) => rows().some((row) => row.id === id));
  show(next ? rows().findIndex((row) => row.id === next) : cursor, { focus: document.activeElement === document.body });
  return true;
}

// A fault of ours is for whoever mends it, and holds up nothing.
function tellOurselves(error) {
  globalThis.reportError?.(error);
  return false;
}

function isTaken(page, address, about) {
  try {
    return take(page, address, about);
  } catch (error) {
    isDrawn = false;
    return tellOurselves(error);
  }
}

// Whether it was done. By the time it is sent the form may have been replaced by another.
async function perform(address, data, about) {
  const { offline, slow } = document.querySelector("[data-told]").dataset;
  let answer = null;
  let page = null;
  try {
    const signal = AbortSignal.timeout?.(PATIENCE_MS);
    answer = await fetch(address, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "text/html" }, signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    // Whoever began to answer may have done it.
    tellFailure(answer || error.name === "TimeoutError" ? slow : offline);
    return false;
  }
  const { pathname } = new URL(answer.url);
  if (pathname === "/sign-in") { tellSignedOut(pathname); return false; }
  if (!answer.ok) {
    tellFailure(page.querySelector("main p")?.textContent || document.body.dataset.failed || answer.statusText);
    return false;
  }
  if (about.answered) forgetAnswer(about.answered);
  if (!pathname.startsWith("/desk/comments/") || !isTaken(page, answer.url, about)) { keepAnswers(); location.assign(answer.url); return true; }
  say(document.querySelector(".telling:not([data-failure], [data-kept])")?.querySelector("span")?.textContent ?? "");
  return true;
}

function send(form, button) {
  // The property of a button without one is the address of the page.
  const address = button?.getAttribute("formaction") ?? form.action;
  const data = new FormData(form, button);
  const row = form.closest("[data-comment]")?.id;
  const name = [address, data.get("move"), ...data.getAll("chosen")].join();
  if (underWay.has(name)) return;
  underWay.add(name);
  const field = form.querySelector("textarea");
  const about = {
    rows: row ? [row] : data.getAll("chosen").map((number) => `comment-${number}`),
    answered: field ? row : "",
    failures,
  };
  form.setAttribute("aria-busy", "true");
  // What is on its way is not written on: it would be neither sent nor kept.
  if (field) field.readOnly = true;
  line = line.then(() => perform(address, data, about)).catch(tellOurselves).finally(() => {
    underWay.delete(name);
    form.removeAttribute("aria-busy");
    const now = field && document.getElementById(field.id);
    if (now) now.readOnly = false;
  });
}

// Of what is on its way still, the last is undone, once it is done.
async function undo() {
  const isHasty = underWay.size > 0;
  const wasDone = await line;
  if (wasDone || !isHasty) document.querySelector(".telling form button")?.click();
}

function tellFailure(words) {
  failures += 1;
  // Whatever stands in its way may be gone only once the page is loaded anew.
  keepAnswers();
  document.querySelector("[data-failure]")?.remove();
  const note = document.createElement("p");
  note.className = "banner telling";
  note.dataset.kind = "warning";
  note.dataset.failure = "";
  note.setAttribute("role", "alert");
  note.textContent = words;
  document.querySelector("main").prepend(note);
  note.scrollIntoView({ block: "nearest" });
  return note;
}

function tellSignedOut(door) {
  const { signedOut, signIn, unkept } = document.querySelector("[data-told]").dataset;
  const link = Object.assign(document.createElement("a"), { className: "link", textContent: signIn });
  link.href = `${door}?next=${encodeURIComponent(location.pathname + location.search)}`;
  tellFailure(`${keepAnswers() ? signedOut : unkept} `).append(link);
}

function dress() {
  document.querySelectorAll("[data-keys]").forEach((keys) => { keys.hidden = false; });
  count();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form.closest("[data-queue]") || form.id === "chosen" || form.matches(".telling form"))) return;
  event.preventDefault();
  const row = form.closest("[data-comment]");
  if (row) show(rows().indexOf(row), { focus: false });
  send(form, event.submitter);
});
document.addEventListener("change", (event) => { if (event.target.name === "chosen") count(); });
document.addEventListener("reset", () => requestAnimationFrame(count));
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-key=r], [data-close]");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-close]")) discardAnswer(link.closest("[data-comment]"));
  else openAnswer(link.closest("[data-comment]"));
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-comment]");
  if (row) show(rows().indexOf(row), { focus: false });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const form = event.target.closest?.(".answer");
    if (form) closeAnswer(form);
    document.querySelectorAll("[data-queue] details[open]").forEach((each) => { each.open = false; each.querySelector("summary").focus(); });
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.matches?.(".answer textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const row = rows()[cursor];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    // Within an open menu or among the filters, arrows are the browser's.
    if (event.target.closest?.("details[open], .filters, .rail")) return;
    event.preventDefault();
    show(cursor + (event.key === "ArrowDown" ? 1 : -1));
  } else if (key === "z") {
    undo();
  } else if (row && key === "x") {
    const box = row.querySelector("input[name=chosen]");
    box.checked = !box.checked;
    count();
  } else if (row && ["a", "s", "t", "r", "e"].includes(key)) {
    const act = row.querySelector(`[data-key="${key}"]`);
    if (!act) return;
    event.preventDefault();
    act.click();
  }
});

addEventListener("pagehide", keepAnswers);
// The one on its way arrives all the same; those behind it would not. Of an answer it would not be known whether it is still to be sent.
addEventListener("beforeunload", (event) => { if (underWay.size > 1 || rows().some((row) => row.querySelector("textarea")?.readOnly)) event.preventDefault(); });

takeUp()?.focus();
dress();
