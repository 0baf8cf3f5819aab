// Lists: arrow keys move, Enter opens, X chooses, / searches; the bulk bar appears when something is chosen.
document.documentElement.classList.add("js");

const isTyping = (target) => target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

function bringListToLife(form) {
  const rows = [...form.querySelectorAll("tbody tr, .thumbs > li")];
  // A row that nobody may choose, such as the owner's, has no box.
  const boxOf = (row) => row?.querySelector("input[name=chosen]");
  const boxes = rows.map(boxOf).filter(Boolean);
  const all = form.querySelector("[data-all]");
  const bulk = form.querySelector(".bulk");
  const told = form.querySelector("[data-chosen]");
  const words = told?.textContent ?? "";
  let cursor = -1;

  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    bulk?.toggleAttribute("data-empty", chosen === 0);
    if (told) told.textContent = chosen ? `${words}: ${chosen}` : words;
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  const move = (step) => {
    rows[cursor]?.classList.remove("is-cursor");
    cursor = Math.max(0, Math.min(rows.length - 1, cursor + step));
    rows[cursor]?.classList.add("is-cursor");
    rows[cursor]?.querySelector("td.title a, :scope > a")?.focus();
  };

  all?.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); count(); });
  form.addEventListener("change", count);
  // Enter in a box would press the form's first button, whatever that does.
  form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input[type=checkbox]")) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") { move(1); event.preventDefault(); }
    if (event.key === "ArrowUp") { move(-1); event.preventDefault(); }
    const box = boxOf(rows[cursor]);
    if (event.key === "x" && box) { box.checked = !box.checked; count(); }
  });
  count();
}

function showOpenTab(tabs) {
  const open = tabs.querySelector("[aria-current]")?.getBoundingClientRect();
  const box = tabs.getBoundingClientRect();
  if (open) tabs.scrollLeft += Math.max(0, open.right - box.right) - Math.max(0, box.left - open.left);
}

document.querySelectorAll(".tabs").forEach(showOpenTab);
document.querySelectorAll("form[data-list]").forEach(bringListToLife);
document.querySelectorAll(".filters select").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
document.addEventListener("keydown", (event) => {
  const search = document.querySelector(".filters input[type=search]");
  if (event.key === "/" && search && !isTyping(event.target)) { search.focus(); event.preventDefault(); }
});
