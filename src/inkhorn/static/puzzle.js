// Does the sum that keeps robots out of an open form: begun when the form is first touched, done while somebody types.
// Where it cannot be done the form is sent without it, and the site asks for patience instead.
const FELT_MS = 500;
// Somewhat less than the site gives, so that nobody who comes back from lunch sends an old one.
const FRESH_MS = 15 * 60 * 1000;
// Whoever types does not ask at every letter for what was refused a moment ago; whoever sends asks once more.
const AGAIN_MS = 10_000;
const AT_ONCE = 8;
// The site sets work of a few hundred steps; what wants more is not its own.
const MOST_STEPS = 5000;
const PATIENCE_MS = 15_000;

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function step(parameters, counter) {
  const nonce = bytes(parameters.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(parameters.salt), iterations: parameters.cost };
  return { counter, derivedKey: hex(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8)) };
}

// The browser derives keys beside the page's own thread, so several steps at once keep it busy and the page free.
async function solve(address) {
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`the work was refused with ${answer.status}`);
  const challenge = await answer.json();
  const { parameters } = challenge;
  for (let counter = 0; counter < MOST_STEPS; counter += AT_ONCE) {
    const tried = await Promise.all(Array.from({ length: AT_ONCE }, (_, ahead) => step(parameters, counter + ahead)));
    const solution = tried.find(({ derivedKey }) => derivedKey.startsWith(parameters.keyPrefix));
    if (solution) return btoa(JSON.stringify({ challenge, solution }));
  }
  throw new Error("the work has no end");
}

function guard(field) {
  const form = field.form;
  const told = form.querySelector("[data-puzzle]");
  if (!globalThis.crypto?.subtle) {
    told.textContent = field.dataset.waiting;
    return;
  }
  let work = null;
  let doneAt = 0;
  let failedAt = 0;
  let isHeld = false;
  let isLetGo = false;
  const isReady = () => field.value !== "" && Date.now() - doneAt < FRESH_MS;

  const begin = () => {
    if (isReady()) return Promise.resolve();
    work ??= solve(field.dataset.work)
      .then((answer) => {
        field.value = answer;
        doneAt = Date.now();
        told.textContent = "";
      })
      .catch(() => {
        field.value = "";
        failedAt = Date.now();
        told.textContent = field.dataset.waiting;
      })
      .finally(() => {
        work = null;
      });
    return work;
  };

  const touch = () => {
    if (Date.now() - failedAt >= AGAIN_MS) begin();
  };
  for (const each of ["input", "pointerdown", "keydown"]) form.addEventListener(each, touch);
  form.addEventListener("submit", async (event) => {
    if (isReady() || isLetGo) return;
    event.preventDefault();
    if (isHeld) return;
    isHeld = true;
    const felt = setTimeout(() => {
      told.textContent = field.dataset.working;
    }, FELT_MS);
    await begin();
    clearTimeout(felt);
    isHeld = false;
    isLetGo = true;
    form.requestSubmit(event.submitter);
    isLetGo = false;
  });
}

for (const field of document.querySelectorAll("input[data-work]")) guard(field);
