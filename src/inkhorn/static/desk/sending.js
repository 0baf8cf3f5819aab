// How one file gets to the site: small ones whole, large ones in parts that go on where a lost line stopped them.
const SMALL_BYTES = 4 * 1024 * 1024;
// After these the site keeps nothing of what came; after any other refusal it goes on when the cause is mended.
const FORGOTTEN = [404, 413, 422];
const PATIENCE_MS = [1000, 2000, 5000, 10000, 20000, 30000];
// nginx lets go of a body on which nothing comes for 60 seconds: after that the next try finds the file free.
const STILL_MS = 75000;
// Bytes may still be on their way down a slow line, and drawing takes long; every proxy of ours answers 504 before, after 120 seconds.
const ANSWER_MS = 300000;
// While others' files are put together; each takes minutes at most.
const PLACE_MS = 30 * 60 * 1000;

export class Refused extends Error {
  constructor(words, status = 0) { super(words); this.status = status; }
}
// What may go well on another try; it carries what the site said, for when none did.
class Lost extends Error {}
const stopping = () => new DOMException("", "AbortError");
const pause = (milliseconds, signal) => new Promise((wake, fail) => {
  if (signal?.aborted) throw stopping();
  const end = () => {
    clearTimeout(timer);
    removeEventListener("online", end);
    signal?.removeEventListener("abort", end);
    if (signal?.aborted) fail(stopping());
    else wake();
  };
  const timer = setTimeout(end, milliseconds);
  addEventListener("online", end);
  signal?.addEventListener("abort", end);
});

function ask(method, address, body, headers, { onProgress, signal } = {}) {
  return new Promise((answer, fail) => {
    if (signal?.aborted) throw stopping();
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries({ Accept: "application/json", ...headers })) request.setRequestHeader(name, value);
    const stop = () => request.abort();
    let timer = 0;
    const allow = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => { fail(new Lost()); request.abort(); }, milliseconds);
    };
    request.upload.addEventListener("progress", (event) => { allow(STILL_MS); onProgress?.(event.loaded); });
    request.upload.addEventListener("load", () => allow(ANSWER_MS));
    request.addEventListener("load", () => answer(request));
    request.addEventListener("error", () => fail(new Lost()));
    request.addEventListener("abort", () => fail(stopping()));
    // A file has hundreds of parts, and one signal.
    request.addEventListener("loadend", () => { clearTimeout(timer); signal?.removeEventListener("abort", stop); });
    signal?.addEventListener("abort", stop);
    allow(STILL_MS);
    request.send(body);
  });
}

function read(request) {
  try { return JSON.parse(request.responseText || "{}"); } catch { return {}; /* a page, from something between us and the site */ }
}

function told(request) {
  const said = read(request);
  if (request.status >= 200 && request.status < 300) return said;
  const isDamaged = said.errors?.some((each) => each.field === "Content-Digest");
  if (isDamaged || [0, 429, 502, 503, 504].includes(request.status) || request.status > 507) throw new Lost(said.detail ?? "");
  throw new Refused(said.detail ?? "", request.status);
}

const form = (fields) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
};

// Kept on this device, so that a page opened again goes on with the same file.
const mark = (file) => `inkhorn.upload.${file.name}|${file.size}|${file.lastModified}`;
const remember = (file, id) => { try { id ? localStorage.setItem(mark(file), id) : localStorage.removeItem(mark(file)); } catch { /* no room: it begins anew */ } };
const remembered = (file) => { try { return localStorage.getItem(mark(file)); } catch { return null; } };

async function begun(file, ways, options) {
  const id = remembered(file);
  if (id) {
    const found = await ask("GET", `${ways.parts}/${id}`, null, {}, options);
    // Only what is gone is begun anew: what cannot be asked just now goes on later.
    if (found.status !== 404) return told(found);
  }
  const made = told(await ask("POST", ways.parts, form({ csrf_token: ways.token, filename: file.name, size: file.size }), {}, options));
  remember(file, made.id);
  return made;
}

// The checksum of a part, where the page was got in a way that browsers trust with it.
async function digestOf(part) {
  if (!globalThis.crypto?.subtle) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await part.arrayBuffer()));
  return { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:` };
}

// Where another try of ours still holds the file, it says only that: then it is asked how far it is.
function isBusyWith(request) {
  return request.status === 409 && read(request).offset === undefined;
}

// Where others' files come first, it is asked again for half an hour; where it is put together already, for an earlier try of ours whose answer
// was lost, until it is told what became of it.
async function inTurn(address, fields, hooks) {
  hooks.patientUntil ??= Date.now() + PLACE_MS;
  for (;;) {
    hooks.onWorking();
    const answer = await ask("POST", address, form(fields), {}, { signal: hooks.signal });
    const seconds = Number(answer.getResponseHeader("Retry-After"));
    const isWaitedFor = answer.status === 409 || (answer.status === 503 && Date.now() < hooks.patientUntil);
    if (!isWaitedFor || !seconds) return answer;
    await pause(seconds * 1000, hooks.signal);
  }
}

async function sendParts(file, ways, hooks) {
  const upload = await begun(file, ways, hooks);
  hooks.onUpload?.(upload.id);
  if (upload.asset) {
    remember(file, null);
    return upload.asset;
  }
  let { offset } = upload;
  if (offset) hooks.onResumed?.();
  while (offset < file.size) {
    const from = offset;
    const part = file.slice(from, from + upload.part);
    const headers = { "Upload-Offset": String(from), "X-CSRF-Token": ways.token, "Content-Type": "application/offset+octet-stream", ...await digestOf(part) };
    const sent = await ask("PATCH", `${ways.parts}/${upload.id}`, part, headers, { signal: hooks.signal, onProgress: (loaded) => hooks.onProgress(from + loaded) });
    if (isBusyWith(sent)) throw new Lost(read(sent).detail ?? "");
    // It says how far it is, whether this part was what it waited for or not.
    ({ offset } = sent.status === 409 ? read(sent) : told(sent));
    hooks.onProgress(offset);
    hooks.onMoved();
  }
  const finished = await inTurn(`${ways.parts}/${upload.id}/finish`, { csrf_token: ways.token }, hooks);
  if (finished.status === 409) throw new Lost(read(finished).detail ?? "");
  const asset = told(finished);
  remember(file, null);
  return asset;
}

async function sendWhole(file, ways, hooks) {
  const sent = await ask("POST", ways.whole, form({ csrf_token: ways.token, file }), {}, hooks);
  hooks.onWorking();
  return told(sent);
}

async function patiently(act, hooks) {
  let tries = 0;
  const whole = { ...hooks, onMoved: () => { tries = 0; } };
  for (;;) {
    try {
      return await act(whole);
    } catch (failure) {
      if (!(failure instanceof Lost)) throw failure;
      if (tries >= PATIENCE_MS.length) throw failure.message ? new Refused(failure.message) : failure;
      hooks.onLost();
      await pause(PATIENCE_MS[tries], hooks.signal);
      tries += 1;
    }
  }
}

// The upload as the site tells it; Refused with the site's own words, an AbortError where somebody stopped it.
export async function send(file, ways, hooks) {
  try {
    return await patiently((whole) => (file.size <= SMALL_BYTES ? sendWhole : sendParts)(file, ways, whole), hooks);
  } catch (failure) {
    if (failure instanceof Refused && FORGOTTEN.includes(failure.status)) remember(file, null);
    throw failure;
  }
}

// Has an upload added where it belongs. An answer may be lost, so it is asked for as what may have been done already.
export async function place(address, asset, ways, hooks) {
  await patiently(async () => {
    const added = await inTurn(address, { csrf_token: ways.token, asset_id: asset.id, once: "yes" }, hooks);
    const said = read(added);
    if (said.refused?.length) throw new Refused(said.refused[0], added.status);
    // Whose session has ended is given a page, with 200.
    if (!told(added).kept) throw new Refused("", added.status);
  }, hooks);
}

export const stopped = (ways, id) => id && ask("DELETE", `${ways.parts}/${id}`, null, { "X-CSRF-Token": ways.token }).catch(() => null);
