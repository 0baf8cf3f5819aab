// The editor: files pasted or dropped into the text go to the library, and their Markdown stands where the caret was.
import { send, Refused } from "./sending.js";

const text = document.getElementById("body");
const place = document.querySelector("[data-pasted]");
const ways = place.dataset;
let number = 0;

const shielded = (words) => words.replace(/[\\[\]]/g, "\\$&");
const markdownOf = (asset) => (asset.content_type.startsWith("image/")
  ? `![${shielded(asset.alt)}](${asset.path})`
  : `[${shielded(asset.filename)}](${asset.path})`);

function swap(from, to) {
  const start = text.value.indexOf(from);
  if (start < 0) return;
  text.setRangeText(to, start, start + from.length, "preserve");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function take(file) {
  number += 1;
  // Something to see while it is on its way, and a place that moves along with the text round it.
  const mark = `[${ways.working.replace("{name}", shielded(file.name))} ${number}]()`;
  text.setRangeText(`\n${mark}\n`, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  place.hidden = true;
  try {
    const asset = await send(file, ways, { onProgress: () => {}, onWorking: () => {}, onLost: () => {} });
    swap(mark, markdownOf(asset));
  } catch (failure) {
    swap(`\n${mark}\n`, "");
    place.querySelector("[data-told]").textContent = `${file.name}: ${failure instanceof Refused && failure.message ? failure.message : ways.failed}`;
    place.hidden = false;
  }
}

async function takeAll(files) {
  for (const file of files) await take(file);
}

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
