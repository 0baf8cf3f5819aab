// The editor: keys, counts, growing fields, a copy on this device, and a button that says when. Everything works without it, too.
import { bringBack, changesIn, copiesOf, forget, forgetOwn, isHeldBy, keep, revisionOf } from "./unsaved.js";

// A save that nothing came of may be tried again after this.
const SAVING_MS = 30_000;
const KEEP_MS = 300;

const editor = document.querySelector("[data-editor]");
const form = document.getElementById("manuscript");
const title = document.getElementById("title");
const text = document.getElementById("body");
const saved = document.querySelector("[data-saved]");
const { post } = editor.dataset;
// What stands here was sent, and not taken.
const isRefused = "refused" in editor.dataset;
let isSaving = false;
let mayLeave = false;
let timer = 0;

const isChanged = () => isRefused || Object.keys(changesIn(form)).length > 0;

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

function keepOnDevice() {
  const refused = isRefused ? { title: title.value, body: text.value } : {};
  if (isChanged()) keep(post, { fields: { ...refused, ...changesIn(form) }, revision: revisionOf(form) });
  else forgetOwn(post);
}

function noteChange() {
  count();
  if (saved) saved.textContent = isChanged() ? saved.dataset.unsaved : "";
  clearTimeout(timer);
  timer = setTimeout(keepOnDevice, KEEP_MS);
}

// What the site has, or what stands here, is offered to nobody.
function unheldCopies() {
  const begun = post === "new" ? [] : copiesOf("new").filter(({ fields }) => "body" in fields || "title" in fields);
  for (const copy of [...begun, ...copiesOf(post)]) if (isHeldBy(form, copy)) forget(copy.key);
  return copiesOf(post);
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
    bringBack(form, copy.fields);
    keepOnDevice();
    forget(copy.key);
    notice.hidden = true;
    text.focus();
  };
  notice.querySelector("[data-recover-drop]").onclick = () => {
    forget(copy.key);
    offerRecovery();
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
editor.addEventListener("input", noteChange);
title.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); text.focus(); }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-preview")) return;
  // The second of two would meet the first, and the writer a conflict with themselves.
  if (isSaving) { event.preventDefault(); return; }
  isSaving = mayLeave = true;
  setTimeout(() => { isSaving = false; }, SAVING_MS);
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
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keepOnDevice(); });
addEventListener("beforeunload", (event) => {
  keepOnDevice();
  if (!mayLeave && isChanged()) event.preventDefault();
  // Whoever follows a link while a save is on its way stops it.
  mayLeave = false;
});
if (isRefused) keepOnDevice();
offerRecovery();
if (isChanged()) noteChange();
else count();
