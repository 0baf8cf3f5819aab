// Lets each operation of the page be tried: a form made of its parts, sent by fetch, and the answer below it.
const key = document.querySelector("#key");
document.querySelector("form.key").hidden = false;
document.querySelector("form.key").addEventListener("submit", (event) => event.preventDefault());

for (const operation of document.querySelectorAll(".operation")) {
  // One may be open before this is here.
  if (operation.open) offer(operation);
  else operation.addEventListener("toggle", () => offer(operation), { once: true });
}
if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");

function offer(operation) {
  if (operation.querySelector("form.try")) return;
  const parts = [...operation.querySelectorAll(".parts > div")].map((part) => part.dataset);
  const form = element("form", { className: "try" });
  const fields = element("div", { className: "fields" });
  form.append(element("h3", { textContent: "Try it" }), fields);
  for (const part of parts.filter((part) => part.place !== "body")) fields.append(field(operation, part));
  const type = operation.dataset.type;
  if (type === "application/json") fields.append(field(operation, { name: "JSON", place: "json" }));
  if (type === "multipart/form-data") parts.filter((part) => part.place === "body").forEach((part) => fields.append(field(operation, part)));
  const answer = element("pre", { tabIndex: 0, hidden: true });
  answer.setAttribute("role", "status");
  form.append(element("button", { textContent: "Send" }), answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(operation, form, answer);
  });
  operation.append(form);
}

function field(operation, part) {
  const id = `${operation.id}-${part.name.replace(/\W/g, "-")}`;
  const isLong = part.place === "json";
  const input = element(isLong ? "textarea" : "input", { id, name: part.name });
  input.dataset.place = part.place;
  if (part.name === "file") input.type = "file";
  if (isLong) input.value = "{\n}";
  input.required = "required" in part && !isLong;
  const around = element("div", { className: isLong ? "wide" : "" });
  around.append(element("label", { htmlFor: id, textContent: part.name }), input);
  return around;
}

async function send(operation, form, answer) {
  let path = operation.dataset.path;
  const query = new URLSearchParams();
  const headers = key.value ? { Authorization: `Bearer ${key.value.trim()}` } : {};
  let body;
  for (const input of form.elements) {
    const { place } = input.dataset;
    if (!place || (!input.value && place !== "json")) continue;
    if (place === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (place === "query") query.set(input.name, input.value);
    if (place === "header") headers[input.name] = input.value;
    if (place === "json") {
      body = input.value;
      headers["Content-Type"] = "application/json";
    }
    if (place === "body") (body ??= new FormData()).append(input.name, input.files ? input.files[0] : input.value);
  }
  answer.hidden = false;
  answer.textContent = "…";
  try {
    const told = await fetch(path + (query.size ? `?${query}` : ""), { method: operation.dataset.method, headers, body, credentials: "omit" });
    const seen = ["etag", "location", "ratelimit", "idempotency-replayed"].filter((name) => told.headers.has(name));
    answer.textContent = [`${told.status} ${told.statusText}`, ...seen.map((name) => `${name}: ${told.headers.get(name)}`), "", pretty(await told.text())].join("\n");
  } catch (error) {
    answer.textContent = `The site did not answer: ${error.message}`;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
