// Albums and shows at the desk: songs put in order where they stand, several files sent with bars, a song played in place.
import { send, Refused } from "./sending.js";

const form = document.getElementById("sound");
const saved = document.querySelector("[data-saved]");
let isChanged = false;

function noteChange() {
  isChanged = true;
  if (saved) saved.textContent = saved.dataset.saved;
}
form?.addEventListener("input", noteChange);
form?.addEventListener("submit", () => { isChanged = false; });
// What was typed before this was here counts, too.
if ([...(form?.elements ?? [])].some((field) => field.matches("textarea, input:is([type=text], :not([type]))") && field.value !== field.defaultValue)) noteChange();
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

// Order: what is sent is the order in which the rows stand.
function move(row, step) {
  const list = row.parentElement;
  const beside = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!beside) return;
  if (step < 0) list.insertBefore(row, beside); else list.insertBefore(beside, row);
  settle(row);
}

function settle(row) {
  const list = row.parentElement;
  const told = document.querySelector("[data-told]");
  const title = row.querySelector("input.plain");
  const number = [...list.children].indexOf(row) + 1;
  if (told) told.textContent = list.dataset.moved.replace("{name}", title.value || title.placeholder).replace("{number}", number);
  noteChange();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  if (button) {
    event.preventDefault();
    move(button.closest("li"), button.value.endsWith(":up") ? -1 : 1);
    button.focus();
  }
  const link = event.target.closest("[data-play]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    play(link);
  }
});

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".tracks > li");
  if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const focused = document.activeElement;
  move(row, event.key === "ArrowUp" ? -1 : 1);
  focused.focus();
});

// Dragging by the grip.
let lifted = null;
document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest(".tracks .grip")?.closest("li");
  if (!row) return;
  event.preventDefault();
  lifted = row;
  row.classList.add("is-lifted");
});
document.addEventListener("pointermove", (event) => {
  const over = lifted && document.elementFromPoint(event.clientX, event.clientY)?.closest(".tracks > li");
  if (!over || over === lifted) return;
  const box = over.getBoundingClientRect();
  over.parentElement.insertBefore(lifted, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    if (!lifted) return;
    lifted.classList.remove("is-lifted");
    settle(lifted);
    lifted = null;
  });
}

// One song at a time.
const player = new Audio();
let playing = null;
function mark(link, isPlaying) {
  const use = link.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isPlaying ? "#pause" : "#play"));
}
function play(link) {
  if (playing === link && !player.paused) { player.pause(); return; }
  if (playing !== link) { if (playing) mark(playing, false); player.src = link.href; playing = link; }
  player.play().catch(() => { location.href = link.href; });
}
player.addEventListener("play", () => mark(playing, true));
for (const stop of ["pause", "ended"]) player.addEventListener(stop, () => mark(playing, false));

// Files, one after the other, so that one that is refused leaves the others alone.
async function sendOne(drop, file, row) {
  const say = (words) => { row.words.textContent = `${file.name}: ${words}`; };
  const hooks = {
    onProgress: (bytes) => { row.bar.value = bytes / file.size; },
    onWorking: () => { row.bar.removeAttribute("value"); say(drop.dataset.working); },
    onLost: () => say(drop.dataset.lost),
    onResumed: () => say(drop.dataset.resumed),
  };
  try {
    const asset = await send(file, drop.dataset, hooks);
    const body = new FormData();
    body.append("csrf_token", drop.elements.csrf_token.value);
    body.append("asset_id", asset.id);
    const added = await fetch(drop.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await added.json();
    if (!added.ok) throw new Refused(told.refused?.[0] ?? told.detail);
    row.line.remove();
    return true;
  } catch (failure) {
    row.bar.remove();
    say(failure instanceof Refused && failure.message ? failure.message : drop.dataset.failed);
    row.words.classList.add("error");
    return false;
  }
}

function rowFor(list, file) {
  const line = document.createElement("li");
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(words, bar);
  list.append(line);
  list.hidden = false;
  return { line, words, bar };
}

async function refresh() {
  // What is typed beside it is kept: it is saved before the page is read anew.
  const page = form && document.querySelector(".tracks") && isChanged
    ? await fetch(form.action, { method: "POST", body: new FormData(form) })
    : await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  for (const part of [".tracks", "[data-facts]", ".album > figure"]) {
    const [old, made] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && made) old.replaceWith(document.importNode(made, true));
  }
  if (!document.querySelector(".tracks")) { location.reload(); return; }
  // An album that has no artist yet is given that of its first song.
  for (const field of form.querySelectorAll(".stack input[type=text]")) {
    if (!field.value) field.value = fresh.getElementById(field.id)?.value ?? "";
  }
  isChanged = false;
}

document.querySelectorAll("form[data-drop]").forEach((drop) => {
  const field = drop.elements.file;
  const label = drop.querySelector(".drop");
  const list = drop.querySelector("[data-sending]");
  drop.dataset.live = "";
  const sendAll = async (files) => {
    list.replaceChildren();
    let kept = 0;
    for (const [file, row] of [...files].map((each) => [each, rowFor(list, each)])) kept += await sendOne(drop, file, row);
    field.value = "";
    if (kept) await refresh();
  };
  drop.addEventListener("submit", (event) => {
    // What was chosen from the library goes the plain way.
    if (!field.files.length) return;
    event.preventDefault();
    sendAll(field.files);
  });
  field.addEventListener("change", () => { if (field.files.length) sendAll(field.files); });
  if (field.files.length) sendAll(field.files);
  for (const kind of ["dragover", "dragenter"]) label.addEventListener(kind, (event) => { event.preventDefault(); label.classList.add("is-over"); });
  for (const kind of ["dragleave", "drop"]) label.addEventListener(kind, () => label.classList.remove("is-over"));
  label.addEventListener("drop", (event) => { event.preventDefault(); sendAll(event.dataTransfer.files); });
});
