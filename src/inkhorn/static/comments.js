// Brings the thread under a post to life: answers are written where they belong, and appear without the page being loaded anew.
// Whatever fails here, the forms and links of the page work by themselves.
const POLL_MS = 20_000;
const PATIENCE_MS = 30_000;
// So that whoever reads the page aloud notices that a region was emptied.
const SPEAK_MS = 100;
// Three heartbeats.
const DEAF_MS = 30_000;
const LISTEN_AGAIN_MS = 300_000;

const section = document.getElementById("comments");
const form = document.getElementById("comment-form");
const told = section?.querySelector("[data-told]");

const say = (words) => {
  if (told) told.textContent = words;
};

// Whoever does not see the thread is told of what came to it: in one sentence, however much it was, and not of what they sent themselves.
const heard = section?.querySelector("[data-heard]");
const numbers = () => new Set([...section.querySelectorAll("article.comment:not(.is-gone)")].map((each) => each.id));
const own = new Set();

function tellOfNew(known) {
  const fresh = [...numbers()].filter((id) => !known.has(id) && !own.has(id));
  if (!heard || !fresh.length) return;
  const name = document.getElementById(fresh[0]).querySelector(".comment-name").textContent.trim();
  const words = fresh.length === 1 ? section.dataset.heardOne : section.dataset.heardMany;
  // Emptied first, or the same sentence would not be spoken again; what a name holds is taken as it is.
  heard.textContent = "";
  setTimeout(() => {
    heard.textContent = (words ?? "").replace("{number}", fresh.length).replace("{name}", () => name);
  }, SPEAK_MS);
}

// The list as it is now, put in place of the one that is shown, without touching what did not change: somebody may be typing in it.
const plain = (article) => new XMLSerializer().serializeToString(article).replace(/name="csrf_token" value="[^"]*"| tabindex="-1"/g, "");

function focusOn(article) {
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
}

function merge(shown, now) {
  const known = new Map([...shown.children].map((item) => [item.querySelector(":scope > article")?.id, item]));
  let place = shown.firstElementChild;
  for (const item of [...now.children]) {
    const article = item.querySelector(":scope > article");
    const old = known.get(article.id);
    known.delete(article.id);
    const kept = old ?? item;
    if (kept === place) place = place.nextElementSibling;
    else shown.insertBefore(kept, place);
    if (!old) continue;
    const before = old.querySelector(":scope > article");
    const replies = item.querySelector(":scope > ol");
    const shownReplies = old.querySelector(":scope > ol");
    if (plain(before) !== plain(article)) {
      const hadFocus = before.contains(document.activeElement);
      before.replaceWith(article);
      if (hadFocus) focusOn(article);
    }
    if (replies && shownReplies) merge(shownReplies, replies);
    else if (replies) old.append(replies);
    else shownReplies?.remove();
  }
  for (const gone of known.values()) {
    if (form && gone.contains(form)) putBack();
    gone.remove();
  }
}

let etag = "";
let posting = null;
// What we were told of could not be had: nobody tells of it again.
let isBehind = false;

// Whether what is shown is what stands there now.
async function draw() {
  const answer = await fetch(section.dataset.live, {
    cache: "no-store",
    headers: etag ? { "If-None-Match": etag } : {},
    signal: AbortSignal.timeout?.(PATIENCE_MS),
  });
  if (answer.status !== 200) return answer.status === 304;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("comments");
  if (!now) return false;
  // Only now: a line that broke in the midst of it would be told later that nothing has changed.
  etag = answer.headers.get("ETag") ?? "";
  // Which of it was sent from here is known once that was answered.
  await posting?.catch(() => {});
  const known = numbers();
  section.querySelector(":scope > h2").textContent = now.querySelector(":scope > h2").textContent;
  const list = now.querySelector(":scope > ol.thread");
  const shown = section.querySelector(":scope > ol.thread");
  if (list && shown) merge(shown, list);
  else if (list) (section.querySelector(":scope > p") ?? section.querySelector(":scope > h2")).after(list);
  else if (shown) {
    if (form && shown.contains(form)) putBack();
    shown.remove();
  }
  tellOfNew(known);
  return true;
}

// One at a time, or an older answer could come after a newer one; whoever asks while one waits its turn is answered by that.
let drawing = null;
let waiting = null;

function refresh() {
  waiting ??= (async () => {
    await drawing?.catch(() => {});
    drawing = waiting;
    waiting = null;
    isBehind = !(await draw().catch(() => false));
  })();
  return waiting;
}

// Others' words appear when they are written, as long as the server has a place to tell of them; else they are asked for now and then.
// Only while the thread is in sight: browsers open few connections to one host, and the server holds few.
let source = null;
let isInSight = false;
let mayListenAt = 0;
let heardAt = 0;

const isWatched = () => isInSight && document.visibilityState === "visible";
// A line can die without anybody saying so.
const isDeaf = () => Date.now() - heardAt > DEAF_MS;
const isToldOf = () => source?.readyState === EventSource.OPEN && !isDeaf();

function hush() {
  source?.close();
  source = null;
}

function listen() {
  if (!section.dataset.stream || !("EventSource" in window)) return;
  if (!isWatched() || isDeaf()) hush();
  if (!isWatched() || source || Date.now() < mayListenAt) return;
  source = new EventSource(section.dataset.stream);
  heardAt = Date.now();
  const look = () => {
    heardAt = Date.now();
    refresh().catch(() => {});
  };
  // The page may be older than the stream.
  source.addEventListener("here", look);
  source.addEventListener("changed", look);
  source.addEventListener("still", () => {
    heardAt = Date.now();
  });
  source.addEventListener("error", () => {
    // One that was only cut off comes again by itself.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    mayListenAt = Date.now() + LISTEN_AGAIN_MS;
  });
}

// Answering: the one form moves under the comment, and back.
let opener = null;
const title = form?.querySelector("h3");
const ordinary = title?.textContent ?? "";

function putBack() {
  // What is moved loses the focus.
  const focused = form.contains(document.activeElement) ? document.activeElement : null;
  if (form.nextElementSibling !== told) told.before(form);
  form.elements.parent.value = "";
  title.textContent = ordinary;
  form.querySelector("[data-cancel]")?.remove();
  if (focused && focused !== document.activeElement) (focused.isConnected ? focused : form.elements.body).focus({ preventScroll: true });
}

function answer(link) {
  opener = link;
  const article = link.closest("article");
  form.elements.parent.value = link.dataset.answers;
  title.textContent = `${title.dataset.reply} ${article.querySelector(".comment-name").textContent.trim()}`;
  article.after(form);
  if (!form.querySelector("[data-cancel]")) {
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "button is-quiet";
    cancel.dataset.cancel = "";
    cancel.textContent = form.dataset.cancelled;
    cancel.addEventListener("click", () => {
      putBack();
      // The thread may have been drawn anew since.
      const now = opener.isConnected ? opener : section.querySelector(`a[data-answers="${opener.dataset.answers}"]`);
      (now ?? form.elements.body).focus();
    });
    form.querySelector("button[type=submit]").after(cancel);
  }
  form.elements.body.focus();
}

// A guest's form is the same for everybody; what is this guest's own is fetched when the form is first touched.
function field(name) {
  let found = form.querySelector(`input[name=${name}]`);
  if (!found) {
    found = document.createElement("input");
    found.type = "hidden";
    found.name = name;
    form.append(found);
  }
  return found;
}

let fetching = null;
// Another service tells people from robots, by a box that stands on a sheet of the site's.
let isJudgedElsewhere = false;

function freshen() {
  const address = form.dataset.sheetValues;
  if (!address || form.querySelector("input[name=waiting]")?.value) return Promise.resolve();
  fetching ??= (async () => {
    const sheet = await (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE_MS) })).json();
    isJudgedElsewhere = !["proof-of-work", "none"].includes(sheet.kind);
    if (isJudgedElsewhere) return;
    field("waiting").value = sheet.waiting;
    const puzzle = field("puzzle");
    if (sheet.work && !puzzle.dataset.work) {
      Object.assign(puzzle.dataset, { work: sheet.work, working: form.dataset.waiting, waiting: form.dataset.patience });
      const status = document.createElement("p");
      status.className = "hint";
      status.dataset.puzzle = "";
      status.setAttribute("role", "status");
      form.append(status);
      await import("./puzzle.js");
    }
  })().finally(() => {
    fetching = null;
  });
  return fetching;
}

function clearErrors() {
  for (const error of form.querySelectorAll("p.error")) error.remove();
  for (const wrong of form.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
}

function showError(name, words) {
  const wrong = name && form.elements[name];
  const error = document.createElement("p");
  error.className = "error";
  error.textContent = words;
  error.id = `comment-error-${name || "form"}`;
  if (wrong instanceof HTMLElement && wrong.type !== "hidden") {
    wrong.setAttribute("aria-invalid", "true");
    wrong.setAttribute("aria-describedby", error.id);
    wrong.after(error);
    wrong.focus();
  } else {
    error.setAttribute("role", "alert");
    form.querySelector("button[type=submit]").before(error);
  }
}

// What is not sent yet outlives a page that is loaded anew, as on a train; in this tab only.
const draft = `inkhorn.comment.${form?.action}`;

function keepDraft() {
  const words = form.elements.body.value;
  try {
    if (words) sessionStorage.setItem(draft, words);
    else sessionStorage.removeItem(draft);
  } catch {
    // No room, or not allowed: the words stand in the form all the same.
  }
}

function noteJudged() {
  try {
    sessionStorage.setItem(`${draft}.judged`, form.elements.body.value);
  } catch {
    // As above.
  }
}

function takeUpDraft() {
  try {
    form.elements.body.value ||= sessionStorage.getItem(draft) ?? "";
  } catch {
    // As above.
  }
}

let isSending = false;

async function post() {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout?.(PATIENCE_MS),
  });
  const result = await answer.json();
  if (answer.ok && result.number) own.add(`comment-${result.number}`);
  return { answer, result };
}

async function send() {
  clearErrors();
  // Or the same words would not be spoken again.
  say("");
  await freshen();
  if (isJudgedElsewhere) {
    // What is written goes along; the page that says it arrived forgets what is kept of it here.
    keepDraft();
    noteJudged();
    form.submit();
    return;
  }
  const sent = { body: form.elements.body.value, parent: form.elements.parent.value };
  posting = post();
  const { answer, result } = await posting.finally(() => {
    posting = null;
  });
  if (!answer.ok) {
    showError(result.errors?.[0]?.field, result.detail);
    return;
  }
  const isWrittenOn = form.elements.body.value !== "" && form.elements.body.value !== sent.body;
  if (!isWrittenOn) form.elements.body.value = "";
  keepDraft();
  // The next one is another comment.
  if (form.elements.key) form.elements.key.value = crypto.randomUUID?.() ?? String(Math.random());
  for (const name of ["waiting", "puzzle"]) if (form.elements[name]) form.elements[name].value = "";
  // The next one has its two seconds too.
  freshen().catch(() => {});
  // Whoever chose another comment to answer meanwhile writes there.
  if (!isWrittenOn && form.elements.parent.value === sent.parent) putBack();
  say([result.message, isWrittenOn && form.dataset.writtenOn].filter(Boolean).join(" "));
  if (!result.number || result.state === "unconfirmed") return;
  // Not waited for: it arrived, and whoever writes on meanwhile may send that too.
  refresh()
    .then(() => leadTo(document.getElementById(`comment-${result.number}`)))
    .catch(() => {});
}

// Whoever waits for the comment is brought to it; whoever writes on or went elsewhere stays there.
function leadTo(article) {
  const focused = document.activeElement;
  if (!article || form.elements.body.value || !(focused === document.body || form.contains(focused))) return;
  article.scrollIntoView({ block: "center" });
  if (!focused.matches("input, textarea")) focusOn(article);
}

if (section) {
  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-answers]");
    if (!link || !form || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    answer(link);
  });
  // On the section, so that the sum which keeps robots out is done before it is heard here.
  section.addEventListener("submit", async (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    try {
      await send();
    } catch {
      showError("", form.dataset.failed);
    } finally {
      isSending = false;
    }
  });
  if (form) takeUpDraft();
  form?.elements.body.addEventListener("input", keepDraft);
  form?.addEventListener("focusin", () => freshen().catch(() => {}), { once: true });
  new IntersectionObserver((seen) => {
    isInSight = seen.some((each) => each.isIntersecting);
    listen();
  }).observe(section);
  document.addEventListener("visibilitychange", listen);
  // Pages that a browser keeps for the way back must not be held up by an open connection.
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);
  addEventListener("online", () => {
    hush();
    listen();
  });
  // Somebody may have begun before this was here.
  if (form?.contains(document.activeElement) || form?.elements.body.value) freshen().catch(() => {});
  setInterval(() => {
    listen();
    if (document.visibilityState === "visible" && (isBehind || !isToldOf())) refresh().catch(() => {});
  }, POLL_MS);
}
