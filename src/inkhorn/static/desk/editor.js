// The editor: keys, counts, growing fields, a copy on this device, and a button that says when. Everything works without it, too.
import { bringBack, Copies, drawn, isHeldBy, revisionOf, stateOf, statesIn } from "./unsaved.js";

// A save that nothing came of may be tried again after this; a cover comes by 400 kbit a second at least.
const SAVING_MS = 30_000;
const COVER_BYTES_MS = 50;
const KEEP_MS = 300;

const editor = document.querySelector("[data-editor]");
const form = document.getElementById("manuscript");
const title = document.getElementById("title");
const text = document.getElementById("body");
const saved = document.querySelector("[data-saved]");
const copyNumber = form.elements.copy;
const copies = new Copies(editor.dataset.writer, editor.dataset.post, copyNumber.value);
// What stands here was sent, and not taken.
const isRefused = "refused" in editor.dataset;
let isSaving = false;
let mayLeave = false;
let hasRoom = true;
let timer = 0;

const isChanged = () => isRefused || Object.keys(statesIn(form)).length > 0;

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.setProperty("block-size", "auto");
  area.style.setProperty("block-size", `${area.scrollHeight + 4}px`);
}

function count() {
  const cjk = text.value.match(/[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g)?.length ?? 0;
  const words = text.value.match(/[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
  const total = cjk ? words + cjk : words;
  const place = document.querySelector("[data-words]");
  if (place) place.textContent = total === 1 ? place.dataset.one : place.dataset.many.replace("#", total.toLocaleString());
}

function keepOnDevice({ isSent = false } = {}) {
  clearTimeout(timer);
  timer = 0;
  if (!isChanged()) { copies.forgetOwn(); return; }
  hasRoom = copies.keep({ fields: statesIn(form, { ofAll: isRefused }), revision: revisionOf(form), isSent });
  copyNumber.value = hasRoom ? copies.number : "";
  tellUnsaved();
}

function tellUnsaved(field) {
  const isUnsaved = (field?.name && stateOf(field) !== drawn(field)) || isChanged();
  const words = isUnsaved ? saved.dataset[hasRoom ? "unsaved" : "unkept"] : "";
  // Or it would be read aloud at every letter.
  if (saved.textContent !== words) saved.textContent = words;
}

function noteChange(field) {
  count();
  tellUnsaved(field);
  clearTimeout(timer);
  timer = setTimeout(keepOnDevice, KEEP_MS);
}

// What the site has is offered to nobody. A page that was refused holds what was sent, and the site has none of that.
function unheldCopies() {
  if (isRefused) return copies.others();
  // Of this post or of another: whichever page is drawn next is told.
  for (const each of editor.dataset.taken.split(" ").filter(Boolean)) copies.taken(...each.split("."));
  const begun = editor.dataset.post === "new" ? [] : copies.others(`${copies.all}new.`).filter((copy) => "body" in copy.fields);
  for (const copy of [...begun, ...copies.others()]) if (isHeldBy(form, copy)) copies.forget(copy.key);
  return copies.others();
}

// Marks of pictures that were on their way stand for nothing any more.
function withoutMarks(words) {
  const mark = document.querySelector("[data-pasted]")?.dataset.working;
  if (!mark || !words) return words;
  const [before, after] = mark.split("{name}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return words.replace(new RegExp(`\\n?\\[${before}[^\\n]*?${after} \\d+\\]\\(\\)\\n?`, "g"), "");
}

function offerRecovery() {
  const notice = document.querySelector("[data-recover]");
  const [copy] = unheldCopies();
  notice.hidden = !copy;
  if (!copy) return;
  const isOlder = Number(copy.revision) < Number(editor.dataset.revision);
  notice.querySelector("[data-recover-words]").textContent = isOlder ? notice.dataset.older : notice.dataset.kept;
  notice.querySelector("[data-recover-take]").onclick = () => {
    // Saved against the version it was written on, so that nothing that came since is written over unseen.
    if (form.elements.revision) form.elements.revision.value = copy.revision;
    bringBack(form, { ...copy.fields, ...("body" in copy.fields && { body: withoutMarks(copy.fields.body) }) });
    keepOnDevice();
    copies.forget(copy.key);
    notice.hidden = true;
    text.focus();
  };
  notice.querySelector("[data-recover-drop]").onclick = () => {
    copies.forget(copy.key);
    offerRecovery();
    if (notice.hidden) text.focus();
  };
}

function wrapChosen(mark) {
  const { selectionStart: from, selectionEnd: to } = text;
  text.setRangeText(mark + text.value.slice(from, to) + mark, from, to, "select");
  text.setSelectionRange(from + mark.length, to + mark.length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function onKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const acts = {
    s: () => form.requestSubmit(form.querySelector("[data-save], .publish")),
    p: () => document.querySelector("[data-preview]")?.click(),
    b: () => document.activeElement === text && wrapChosen("**"),
    i: () => document.activeElement === text && wrapChosen("*"),
  };
  const act = acts[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
}

function sayWhen() {
  const button = document.querySelector("[data-release-button]");
  const day = form.elements.release_on?.value;
  if (!button) return;
  const when = day && new Date(`${day}T${form.elements.release_at.value || "00:00"}`);
  const shown = when && when.toLocaleString(undefined, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  button.textContent = shown ? button.dataset.later.replace("{when}", shown) : button.dataset.now;
}

[title, text].forEach((area) => { area.addEventListener("input", () => grow(area)); grow(area); });
editor.addEventListener("input", (event) => noteChange(event.target));
title.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); text.focus(); }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-preview")) return;
  // The second of two would meet the first, and the writer a conflict with themselves.
  if (isSaving) { event.preventDefault(); return; }
  isSaving = mayLeave = true;
  keepOnDevice({ isSent: true });
  setTimeout(() => { isSaving = false; }, SAVING_MS + (form.elements.cover.files[0]?.size ?? 0) / COVER_BYTES_MS);
});
addEventListener("pageshow", () => { isSaving = false; });
document.addEventListener("keydown", onKey);
document.querySelector("[data-release]")?.addEventListener("input", sayWhen);
document.querySelector("[data-drawer]")?.addEventListener("click", (event) => {
  if (matchMedia("(width < 900px)").matches) return;
  event.preventDefault();
  const isClosed = editor.dataset.drawer === "closed";
  editor.dataset.drawer = isClosed ? "open" : "closed";
  event.currentTarget.setAttribute("aria-expanded", String(isClosed));
});
// A phone puts pages away without asking them.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && (timer || !isSaving)) keepOnDevice(); });
addEventListener("beforeunload", (event) => {
  if (!mayLeave) keepOnDevice();
  if (!mayLeave && isChanged()) event.preventDefault();
  // Whoever follows a link while a save is on its way stops it.
  mayLeave = false;
});
copies.tidyUp();
if (isRefused) keepOnDevice();
offerRecovery();
if (isChanged()) noteChange();
else count();
