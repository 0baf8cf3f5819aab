// The queue: A approves, S spam, T trash, R answers, X chooses, Z undoes, arrows move. Each act is its own form, sent in place; the page that
// comes back is the page that would have come without this module, and what is shown is taken from it.
const isTyping = (target) => target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-queue] > [data-comment]")];
let cursor = -1;
let isBusy = false;

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

// Takes what changed from the page that an act answered with.
function take(page, address) {
  const main = page.querySelector("main");
  if (!main) return false;
  const kept = new Map(rows().map((row) => [row.id, row.querySelector("textarea")?.value]));
  document.querySelector("main").replaceWith(main);
  for (const each of page.querySelectorAll("[data-refresh]")) {
    document.querySelector(`[data-refresh="${each.dataset.refresh}"]`)?.replaceWith(each);
  }
  for (const row of rows()) {
    const words = kept.get(row.id);
    const field = row.querySelector("textarea");
    if (words && field && !field.value) { field.value = words; field.form.classList.add("is-open"); }
  }
  // As desk.js does it on a page that was loaded.
  main.querySelectorAll(".filters select").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
  history.replaceState(null, "", address);
  dress();
  return true;
}

async function send(form, button) {
  if (isBusy) return;
  isBusy = true;
  // The property of a button without one is the address of the page.
  const act = button?.getAttribute("formaction") ?? form.action;
  const data = new FormData(form, button);
  const at = cursor;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(act, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) throw new Error(page.querySelector("main p")?.textContent || document.body.dataset.failed || answer.statusText);
    // What was written is stored; only then may it be lost here.
    form.querySelector("textarea")?.form.reset();
    if (!new URL(answer.url).pathname.startsWith("/desk/comments/") || !take(page, answer.url)) { location.assign(answer.url); return; }
    say(document.querySelector(".telling")?.querySelector("span")?.textContent ?? "");
    show(at);
  } catch (error) {
    form.removeAttribute("aria-busy");
    const queue = document.querySelector("[data-queue]");
    tellFailure(error instanceof TypeError ? queue?.dataset.offline ?? "" : error.message);
  } finally {
    isBusy = false;
  }
}

function tellFailure(words) {
  document.querySelector("[data-failure]")?.remove();
  const note = document.createElement("p");
  note.className = "banner telling";
  note.dataset.kind = "warning";
  note.dataset.failure = "";
  note.setAttribute("role", "alert");
  note.textContent = words;
  document.querySelector("main").prepend(note);
  note.scrollIntoView({ block: "nearest" });
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
  if (link.matches("[data-close]")) closeAnswer(link.closest("form"));
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
    document.querySelector(".telling form button")?.click();
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

dress();
