// The editor: files pasted or dropped into the text go to the library, and their Markdown stands where the caret was.
import { send, Refused } from "./sending.js";

const text = document.getElementById("body");
const failed = document.querySelector("[data-pasted]");
const ways = failed.dataset;
const held = document.querySelector("[data-held]");
let number = 0;
// Each file on its way by the mark that stands for it in the text.
const coming = new Map();
// The button of a save that waits for them.
let waiting = null;

const shielded = (words) => words.replace(/[\\[\]]/g, "\\$&");
const markdownOf = (asset) => (asset.content_type.startsWith("image/")
  ? `![${shielded(asset.alt)}](${asset.path})`
  : `[${shielded(asset.filename)}](${asset.path})`);

// One that does not stand there yet, for a text that was brought back may have some of its own.
function markOf(file) {
  let mark = "";
  do {
    number += 1;
    mark = `[${ways.working.replace("{name}", () => shielded(file.name))} ${number}]()`;
  } while (text.value.includes(mark));
  return mark;
}

function swap(from, to) {
  const start = text.value.indexOf(from);
  if (start < 0) return;
  text.setRangeText(to, start, start + from.length, "preserve");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function take(file, mark) {
  const stop = coming.get(mark);
  try {
    if (stop.signal.aborted) throw new DOMException("", "AbortError");
    const asset = await send(file, ways, { signal: stop.signal, onProgress: () => {}, onWorking: () => {}, onLost: () => {} });
    swap(mark, markdownOf(asset));
  } catch (failure) {
    swap(`\n${mark}\n`, "");
    swap(mark, "");
    if (failure.name !== "AbortError") {
      // Whoever pressed Save meanwhile is to see this first.
      waiting = null;
      held.hidden = true;
      failed.querySelector("[data-told]").textContent = `${file.name}: ${failure instanceof Refused && failure.message ? failure.message : ways.failed}`;
      failed.hidden = false;
    }
  }
  coming.delete(mark);
  if (!coming.size) goOn();
}

async function takeAll(files) {
  // Something to see while they are on their way, and places that move along with the text round them.
  const marks = files.map(markOf);
  text.setRangeText(marks.map((mark) => `\n${mark}\n`).join(""), text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  failed.hidden = true;
  for (const mark of marks) coming.set(mark, new AbortController());
  for (const [index, file] of files.entries()) await take(file, marks[index]);
}

// A save waits for what is on its way, or readers would find the mark instead of the picture.
function goOn() {
  held.hidden = true;
  const button = waiting;
  waiting = null;
  if (button) button.form.requestSubmit(button);
}

document.addEventListener("submit", (event) => {
  if (event.target !== text.form || !coming.size || event.submitter?.hasAttribute("data-preview")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // Whoever wanted it published and then saves wants it published.
  if (waiting?.name !== "then") waiting = event.submitter ?? text.form.querySelector("[data-save], .publish");
  held.hidden = false;
  held.querySelector("[data-held-words]").textContent = held.dataset.held;
  held.scrollIntoView({ block: "nearest" });
}, true);
held.querySelector("[data-held-drop]").addEventListener("click", () => { for (const stop of coming.values()) stop.abort(); });

text.addEventListener("paste", (event) => {
  // Words that come with a picture of themselves, as from a table, stay words.
  if (!event.clipboardData.files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  takeAll([...event.clipboardData.files]);
});
text.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
text.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  takeAll([...event.dataTransfer.files]);
});
