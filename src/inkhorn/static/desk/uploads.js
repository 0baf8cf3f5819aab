// The library's uploads: files dropped, chosen or pasted go up one after the other, each with a bar, a way to stop it and the site's own words.
import { send, stopped, Refused } from "./sending.js";

const place = document.querySelector("[data-uploads]");
const words = place.dataset;
const list = place.querySelector("ul");
const heading = place.querySelector("[data-told]");
const show = place.querySelector("[data-show]");
const waiting = [];
let all = 0;
let done = 0;
let isBusy = false;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const megabytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);

function drawIcon(name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${words.icon}#${name}`);
  icon.append(use);
  return icon;
}

function drawRow(file) {
  const row = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "name clip", textContent: file.name, dir: "auto", title: file.name });
  const bar = Object.assign(document.createElement("progress"), { max: Math.max(1, file.size), value: 0 });
  bar.setAttribute("aria-label", file.name);
  const said = Object.assign(document.createElement("span"), { className: "words" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
  button.dataset.kind = "quiet";
  button.dataset.size = "small";
  button.dataset.icon = "";
  const hidden = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: fill(words.stop, { name: file.name }) });
  button.append(drawIcon("close"), hidden);
  row.append(drawIcon(file.type.startsWith("image/") ? "image" : file.type.startsWith("audio/") ? "music" : "page"), name, bar, said, button);
  list.append(row);
  place.hidden = false;
  return { row, bar, said, button, hidden };
}

function refuse(drawn, sentence) {
  drawn.row.classList.add("refused");
  drawn.row.querySelector(".icon").replaceWith(drawIcon("warning"));
  drawn.bar.remove();
  drawn.said.textContent = sentence || words.failed;
  drawn.said.setAttribute("role", "alert");
  drawn.button.replaceChildren(words.dismiss);
  delete drawn.button.dataset.icon;
}

function tellHeading() {
  heading.textContent = done < all ? fill(words.heading, { number: Math.min(all, done + 1), all })
    : list.children.length && !list.querySelector(":scope > :not(.refused)") ? words.noneHeading : words.doneHeading;
}

async function sendOne({ file, drawn, stop }) {
  const began = Date.now();
  let id = null;
  let from = null;
  const hooks = {
    signal: stop.signal,
    onUpload: (given) => { id = given; },
    onProgress: (bytes) => {
      from ??= bytes;
      drawn.bar.value = Math.min(bytes, file.size);
      const rate = (bytes - from) / Math.max(1, Date.now() - began);
      const left = rate > 0 && Date.now() - began > 2000 ? `, ${fill(words.left, { seconds: Math.ceil((file.size - bytes) / rate / 1000) })}` : "";
      drawn.said.textContent = fill(words.progress, { done: megabytes(bytes), all: megabytes(file.size) }) + left;
    },
    onWorking: () => { drawn.bar.removeAttribute("value"); drawn.said.textContent = words.working; },
    onLost: () => { drawn.said.textContent = words.lost; },
    onResumed: () => { drawn.said.textContent = words.resumed; },
  };
  try {
    if (file.size > Number(words.largest) * 1048576) throw new Refused(words.tooLarge);
    const asset = await send(file, words, hooks);
    drawn.bar.value = drawn.bar.max = 1;
    drawn.said.textContent = words.kept;
    drawn.hidden.textContent = words.dismiss;
    drawn.row.dataset.asset = asset.id;
    show.hidden = false;
  } catch (failure) {
    if (failure.name === "AbortError") { stopped(words, id); drawn.row.remove(); }
    else refuse(drawn, failure instanceof Refused ? failure.message : "");
  }
  drawn.isOver = true;
}

async function work() {
  if (isBusy) return;
  isBusy = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    tellHeading();
    if (!next.stop.signal.aborted) await sendOne(next);
    done += 1;
  }
  isBusy = false;
  tellHeading();
}

function take(files) {
  for (const file of files) {
    const drawn = drawRow(file);
    const stop = new AbortController();
    drawn.button.addEventListener("click", () => {
      if (!drawn.isOver) stop.abort();
      drawn.row.remove();
      if (!list.children.length && !isBusy) place.hidden = true;
    });
    waiting.push({ file, drawn, stop });
    all += 1;
  }
  work();
}

const picker = document.querySelector("form[data-upload] input[type=file]");
picker.form.addEventListener("submit", (event) => {
  event.preventDefault();
  take([...picker.files]);
  picker.value = "";
  place.scrollIntoView({ block: "nearest" });
});
document.querySelector("[data-choose-files]").addEventListener("click", (event) => {
  event.preventDefault();
  picker.click();
});
picker.addEventListener("change", () => { if (picker.files.length) picker.form.requestSubmit(); });

// Whatever is dropped anywhere on the page; a link or a word is left to the browser.
const bringsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragover", (event) => { if (bringsFiles(event)) { event.preventDefault(); document.body.classList.add("is-over"); } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("is-over"); });
addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("is-over");
  take([...event.dataTransfer.files]);
});
addEventListener("paste", (event) => { if (event.clipboardData?.files.length) take([...event.clipboardData.files]); });
addEventListener("beforeunload", (event) => { if (isBusy) event.preventDefault(); });
