// Buttons marked data-copy: put the list beside them on the clipboard, and say so; where the browser refuses, it is selected to be copied by hand.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const list = button.closest(".card")?.querySelector("[data-codes]");
  const words = button.querySelector("span");
  if (!list || !navigator.clipboard) return;
  button.hidden = false;
  words.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText([...list.children].map((each) => each.textContent).join("\n"));
      words.textContent = button.dataset.copy;
    } catch {
      getSelection().selectAllChildren(list);
      words.textContent = button.dataset.selected;
    }
  });
});
