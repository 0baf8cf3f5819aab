// One's own account: letters counted as they are typed, a time zone found by typing, a picture sent without losing what is typed beside it.
document.querySelectorAll("[data-count-of]").forEach((told) => {
  const field = document.getElementById(told.dataset.countOf);
  const count = () => {
    // As the server counts: letters, not the halves that some of them are made of.
    told.textContent = told.dataset.words.replace("{count}", [...field.value].length).replace("{most}", field.dataset.most);
  };
  field.addEventListener("input", count);
  count();
});

function makeSearchable(select) {
  const list = document.createElement("datalist");
  list.id = `${select.id}-list`;
  const words = new Map([...select.options].map((option) => [option.text, option.value]));
  list.append(...[...words.keys()].map((text) => new Option(text, text)));
  const field = document.createElement("input");
  field.type = "text";
  field.autocomplete = "off";
  field.id = select.id;
  field.setAttribute("list", list.id);
  for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
  field.value = select.selectedOptions[0]?.text ?? "";
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = select.name;
  const settle = () => { sent.value = words.get(field.value) ?? field.value.trim().replaceAll(" ", "_"); };
  field.addEventListener("input", settle);
  field.addEventListener("focus", () => field.select());
  settle();
  const hadFocus = document.activeElement === select;
  select.replaceWith(field, sent, list);
  if (hadFocus) field.focus();
}

document.querySelectorAll("select[data-searchable]").forEach(makeSearchable);

function showPortrait(address) {
  document.querySelectorAll("[data-mine]").forEach((each) => {
    const image = Object.assign(new Image(160, 160), { alt: "", src: address ?? "" });
    each.replaceChildren(address ? image : each.dataset.mine);
  });
  document.querySelectorAll("[data-with-portrait]").forEach((each) => { each.hidden = !address; });
}

async function sendPortrait(form) {
  const place = form.closest(".portrait");
  const told = place.querySelector("[data-told]");
  const error = place.querySelector(".error");
  const file = place.querySelector("input[type=file]");
  const button = form.querySelector("button");
  button.setAttribute("aria-busy", "true");
  error.hidden = true;
  told.textContent = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (!answer?.ok || !said) throw new Error(said?.detail ?? form.dataset.lost);
    showPortrait(said.portrait);
    told.textContent = said.told;
    file.value = "";
    file.removeAttribute("aria-invalid");
    if (!said.portrait) file.focus();
  } catch (failure) {
    error.querySelector("span").textContent = failure.message;
    error.hidden = false;
    file.setAttribute("aria-invalid", "true");
    file.focus();
  }
  button.removeAttribute("aria-busy");
}

document.querySelectorAll("form[data-portrait]").forEach((form) => {
  form.addEventListener("submit", (event) => { event.preventDefault(); sendPortrait(form); });
});
