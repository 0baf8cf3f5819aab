// Albums and shows at the desk: songs put in order where they stand, several files sent with bars, a song played in place.
import { place, send, Refused } from "./sending.js";

const PATIENCE_MS = 30_000;
const form = document.getElementById("sound");
const saved = document.querySelector("[data-saved]");
let isChanged = false;
let isSaving = false;
let batchesOnTheirWay = 0;

function noteChange() {
  isChanged = true;
  if (saved) saved.textContent = saved.dataset.saved;
}
form?.addEventListener("input", noteChange);
form?.addEventListener("submit", () => { isSaving = true; });
// What was typed before this was here counts, too.
if ([...(form?.elements ?? [])].some((field) => field.matches("textarea, input:is([type=text], :not([type]))") && field.value !== field.defaultValue)) noteChange();
window.addEventListener("beforeunload", (event) => {
  if (batchesOnTheirWay || (isChanged && !isSaving)) event.preventDefault();
  // Who stays after all has saved nothing.
  isSaving = false;
});

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
function drawPlaying() {
  for (const link of document.querySelectorAll("[data-play]")) {
    const use = link.querySelector("use");
    const isPlaying = link.href === player.src && !player.paused && !player.error;
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isPlaying ? "#pause" : "#play"));
  }
}
function play(link) {
  const isSame = link.href === player.src && !player.error;
  if (isSame && !player.paused) { player.pause(); return; }
  if (!isSame) player.src = link.href;
  player.play().catch((error) => {
    // Stopped, or another one chosen, before it came.
    if (error.name === "AbortError") return;
    location.href = link.href;
  });
}
for (const turn of ["play", "pause", "ended", "emptied", "error"]) player.addEventListener(turn, drawPlaying);

// Files, one after the other, so that one that is refused leaves the others alone.
async function sendOne(drop, file, row) {
  const say = (words) => { row.words.textContent = `${file.name}: ${words}`; };
  const hooks = {
    onProgress: (bytes) => { row.bar.value = bytes / file.size; },
    onWorking: () => { row.bar.removeAttribute("value"); say(drop.dataset.working); },
    onLost: () => say(drop.dataset.lost),
    onResumed: () => say(drop.dataset.resumed),
  };
  let words = drop.dataset.failed;
  try {
    const asset = await send(file, drop.dataset, hooks);
    words = drop.dataset.unsure;
    await place(drop.action, asset, drop.dataset, hooks);
    row.line.remove();
    return true;
  } catch (failure) {
    row.bar.remove();
    say(failure instanceof Refused && failure.message ? failure.message : words);
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

// A part of the page as the site has it now; fields, with what was chosen in them, stay the ones they were.
function bringIn(part, fresh) {
  const [old, made] = [document.querySelector(part), fresh.querySelector(part)];
  if (!old || !made || old.isEqualNode(made)) return;
  const copy = document.importNode(made, true);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  for (const field of old.querySelectorAll("input")) copy.querySelector(`[name="${field.name}"]`)?.replaceWith(field);
  old.replaceWith(copy);
  if (focused) (focused.isConnected ? focused : [...copy.querySelectorAll("a")].find((each) => each.href === focused.href))?.focus();
}

// Songs that came are added below those that stand here, in which somebody may be typing.
function bringInSongs(fresh) {
  const [list, made] = [document.querySelector(".tracks"), fresh.querySelector(".tracks")];
  if (!list || !made) return;
  const numberOf = (row) => row.querySelector("[name=order]").value;
  const [here, there] = [list, made].map((each) => [...each.children].map(numberOf));
  for (const row of [...list.children]) if (row !== lifted && !there.includes(numberOf(row))) row.remove();
  for (const row of made.children) if (!here.includes(numberOf(row))) list.append(document.importNode(row, true));
}

async function refresh() {
  // Where a save was refused the page stands at the address of saving.
  const answer = await fetch(form.action.replace(/\/revise$/, "") + location.search, { signal: AbortSignal.timeout?.(PATIENCE_MS) });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Whose session has ended is given the page for signing in, with 200.
  if (!answer.ok || fresh.getElementById("sound")?.getAttribute("action") !== form.getAttribute("action")) throw new Error(answer.statusText);
  bringInSongs(fresh);
  for (const part of ["[data-facts]", ".album > figure", "[data-episodes]"]) bringIn(part, fresh);
  drawPlaying();
  // An album that has no artist yet is given that of its first song.
  for (const field of form.querySelectorAll(".stack input[type=text]")) {
    if (!field.value && !field.defaultValue) field.value = field.defaultValue = fresh.getElementById(field.id)?.value ?? "";
  }
}

document.querySelectorAll("form[data-drop]").forEach((drop) => {
  const field = drop.elements.file;
  const label = drop.querySelector(".drop");
  const list = drop.querySelector("[data-sending]");
  let before = Promise.resolve();
  drop.dataset.live = "";
  const show = async () => {
    list.querySelector("[data-unshown]")?.remove();
    try {
      await refresh();
    } catch {
      const line = document.createElement("li");
      line.className = "error";
      line.dataset.unshown = "";
      line.textContent = drop.dataset.unshown;
      list.append(line);
    }
  };
  const sendBatch = async (rows) => {
    let kept = 0;
    for (const [file, row] of rows) kept += await sendOne(drop, file, row);
    if (kept) await show();
    batchesOnTheirWay -= 1;
  };
  const sendAll = (files) => {
    if (!files.length) return;
    if (!batchesOnTheirWay) list.replaceChildren();
    const rows = files.map((file) => [file, rowFor(list, file)]);
    batchesOnTheirWay += 1;
    before = before.then(() => sendBatch(rows));
  };
  const sendChosen = () => {
    const files = [...field.files];
    field.value = "";
    sendAll(files);
  };
  drop.addEventListener("submit", (event) => {
    // What was chosen from the library goes the plain way.
    if (!field.files.length) return;
    event.preventDefault();
    sendChosen();
  });
  field.addEventListener("change", sendChosen);
  sendChosen();
  for (const kind of ["dragover", "dragenter"]) label.addEventListener(kind, (event) => { event.preventDefault(); label.classList.add("is-over"); });
  for (const kind of ["dragleave", "drop"]) label.addEventListener(kind, () => label.classList.remove("is-over"));
  label.addEventListener("drop", (event) => { event.preventDefault(); sendAll([...event.dataTransfer.files]); });
});
