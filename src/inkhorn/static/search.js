// Shows what is found while somebody types. Without it the form does the same by a page of its own.
const PAUSE_MS = 200;
const LEAST = 2;
const PATIENCE_MS = 15_000;

const form = document.querySelector("main form[role='search']");
const field = form?.elements.q;
const told = document.querySelector("[data-search-status]");
const results = document.querySelector("[data-search-results]");

let timer = 0;
let asking = null;
// What the page was drawn for: somebody may have typed before this was here.
let shown = field?.defaultValue.trim();

const links = () => [...results.querySelectorAll(".entry-title a, .empty a")];

function addressOf(words) {
  const address = new URL(form.action);
  if (words) address.searchParams.set("q", words);
  return address;
}

// Refused, late or away: the words stay in the field, and Enter asks in the plain way.
function tellAway() {
  told.className = "facts";
  told.textContent = told.dataset.away;
  // The same words may be asked for again.
  shown = null;
}

async function ask(words) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const late = setTimeout(() => mine.abort("late"), PATIENCE_MS);
  const address = addressOf(words);
  try {
    const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-search-results]");
    if (!found || field.value.trim() !== words) return;
    results.replaceChildren(...found.childNodes);
    const said = page.querySelector("[data-search-status]");
    told.className = said.className;
    told.replaceChildren(...said.childNodes);
    document.title = page.title;
    history.replaceState(null, "", address);
    shown = words;
  } catch {
    if (asking === mine) tellAway();
  } finally {
    clearTimeout(late);
  }
}

function typed() {
  clearTimeout(timer);
  const words = field.value.trim();
  if (words === shown || (words && words.length < LEAST)) return;
  timer = setTimeout(() => ask(words), PAUSE_MS);
}

function move(event, from) {
  const all = links();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = from + step;
  if (!all.length || next >= all.length) return;
  event.preventDefault();
  if (next < 0) field.focus();
  else all[next].focus();
}

// Whoever leaves for another page is not told that the question was cut off.
function drop() {
  asking?.abort();
  asking = null;
}

if (form && told && results) {
  form.addEventListener("submit", drop);
  addEventListener("pagehide", drop);
  field.addEventListener("input", (event) => {
    if (!event.isComposing) typed();
  });
  field.addEventListener("compositionend", typed);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") move(event, -1);
    if (event.key === "Escape" && field.value) {
      event.preventDefault();
      field.value = "";
      typed();
    }
  });
  results.addEventListener("keydown", (event) => {
    const at = links().indexOf(document.activeElement);
    if (at < 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event, at);
    if (event.key === "Escape") {
      event.preventDefault();
      field.focus();
    }
  });
  addEventListener("online", typed);
  typed();
}
