// Forms marked data-passkey: shown where the browser knows passkeys; on sending, the browser is asked, and its answer goes along.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const described = (list) => (list ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));

// What the server asked, as navigator.credentials wants it.
function readOptions(told) {
  const options = { ...told, challenge: toBytes(told.challenge) };
  if (told.user) options.user = { ...told.user, id: toBytes(told.user.id) };
  if (told.excludeCredentials) options.excludeCredentials = described(told.excludeCredentials);
  if (told.allowCredentials) options.allowCredentials = described(told.allowCredentials);
  return options;
}

// What the browser answered, as the server wants it; bytes become text, and whatever else it tells stays behind.
function writeAnswer(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = toText(response[name]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    response: answer,
    clientExtensionResults: {},
  });
}

async function askServer(form) {
  const sent = new URLSearchParams();
  const token = form.elements.namedItem("csrf_token");
  if (token) sent.set("csrf_token", token.value);
  const asked = await fetch(form.dataset.options ?? `${form.getAttribute("action")}/options`, {
    method: "POST",
    body: sent,
    headers: { Accept: "application/json" },
  });
  // It is too long since the last proof: the form goes as it is, and the server asks in its place.
  if (asked.status === 403) return null;
  const told = await asked.json();
  if (!asked.ok) throw new Error(told.detail ?? "", { cause: "server" });
  return readOptions(told.publicKey);
}

function fieldOf(form) {
  const known = form.querySelector("[data-answer]");
  if (known) return known;
  const made = Object.assign(document.createElement("input"), { type: "hidden", name: "credential" });
  form.append(made);
  return made;
}

function carryTick(form) {
  // The box to stay signed in stands in the form above.
  const box = document.querySelector("[data-sheet] input[name=is_remembered]");
  if (!box?.checked || form.elements.namedItem("is_remembered")) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "is_remembered", value: "y" }));
}

function bringToLife(form) {
  const told = document.querySelector("[data-told]");
  const button = form.querySelector("button[type=submit]");
  const say = (words) => { if (told) told.textContent = words; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    say("");
    try {
      const publicKey = await askServer(form);
      if (!publicKey) { form.submit(); return; }
      const isNew = "user" in publicKey;
      const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      fieldOf(form).value = writeAnswer(credential);
      carryTick(form);
      form.submit();
    } catch (error) {
      button.removeAttribute("aria-busy");
      const isCancelled = ["NotAllowedError", "AbortError"].includes(error.name);
      const known = error.name === "InvalidStateError" ? told?.dataset.known : undefined;
      say(error.cause === "server" && error.message ? error.message : known ?? (isCancelled ? told?.dataset.cancelled : told?.dataset.failed) ?? "");
      button.focus();
    }
  });
  // A page that is come back to must not look as if it were still at work.
  window.addEventListener("pageshow", () => button.removeAttribute("aria-busy"));
  form.hidden = false;
}

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("form[data-passkey]").forEach(bringToLife);
  document.querySelectorAll("[data-without-passkeys]").forEach((each) => { each.hidden = true; });
}
