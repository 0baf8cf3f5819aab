// The editor: keys, counts, growing fields, a copy on this device, and a button that says when. Everything works without it, too.
const editor = document.querySelector("[data-editor]");
const form = document.getElementById("manuscript");
const title = document.getElementById("title");
const text = document.getElementById("body");
const saved = document.querySelector("[data-saved]");
const kept = `inkhorn.post.${editor.dataset.post}`;
// As the page was drawn: somebody may have typed before this was here.
const began = snapshot(title.defaultValue, text.defaultValue);
let isLeaving = false;
let timer = 0;

function snapshot(titled = title.value, written = text.value) {
  return JSON.stringify({ title: titled, body: written });
}

function isChanged() {
  return snapshot() !== began;
}

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
  if (place) place.textContent = `${total.toLocaleString()} ${total === 1 ? "word" : "words"}`;
}

function keepOnDevice() {
  try {
    if (isChanged()) localStorage.setItem(kept, JSON.stringify({ ...JSON.parse(snapshot()), revision: editor.dataset.revision }));
    else localStorage.removeItem(kept);
  } catch { /* no room or no permission: the server still has the last save */ }
}

function onInput(event) {
  grow(event.target);
  noteChange();
}

function noteChange() {
  count();
  if (saved) saved.textContent = isChanged() ? saved.dataset.unsaved ?? "Not saved yet" : "";
  clearTimeout(timer);
  timer = setTimeout(keepOnDevice, 300);
}

function offerRecovery() {
  const notice = document.querySelector("[data-recover]");
  let words;
  try { words = JSON.parse(localStorage.getItem(kept) ?? "null"); } catch { words = null; }
  if (!words) return;
  if (words.title === title.value && words.body === text.value) { localStorage.removeItem(kept); return; }
  notice.hidden = false;
  notice.querySelector("[data-recover-take]").addEventListener("click", () => {
    title.value = words.title;
    text.value = words.body;
    notice.hidden = true;
    [title, text].forEach((area) => area.dispatchEvent(new Event("input", { bubbles: true })));
    text.focus();
  });
  notice.querySelector("[data-recover-drop]").addEventListener("click", () => {
    localStorage.removeItem(kept);
    notice.hidden = true;
  });
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

[title, text].forEach((area) => { area.addEventListener("input", onInput); grow(area); });
title.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); text.focus(); }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-preview")) return;
  isLeaving = true;
});
document.addEventListener("keydown", onKey);
document.querySelector("[data-release]")?.addEventListener("input", sayWhen);
document.querySelector("[data-drawer]")?.addEventListener("click", (event) => {
  if (matchMedia("(width < 900px)").matches) return;
  event.preventDefault();
  const isClosed = editor.dataset.drawer === "closed";
  editor.dataset.drawer = isClosed ? "open" : "closed";
  event.currentTarget.setAttribute("aria-expanded", String(isClosed));
});
addEventListener("beforeunload", (event) => {
  keepOnDevice();
  if (!isLeaving && isChanged()) event.preventDefault();
});
// What was begun without a number has one now.
try {
  const first = JSON.parse(localStorage.getItem("inkhorn.post.new") ?? "null");
  if (first && first.body === text.value && editor.dataset.post !== "new") localStorage.removeItem("inkhorn.post.new");
} catch { /* nothing kept */ }
offerRecovery();
if (isChanged()) noteChange();
else count();
