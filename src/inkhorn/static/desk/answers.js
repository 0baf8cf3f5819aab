// Answers that are written and not sent: in this tab they outlive a page that is loaded anew and the way through the door, for their writer alone.
const words = document.querySelector("[data-told]")?.dataset ?? {};
const KEPT = `inkhorn.answers.${words.writer}`;

const formOf = (row) => row?.querySelector(".answer");
export const isOpen = (row) => formOf(row)?.classList.contains("is-open") ?? false;

// Whether they are kept.
function change(act) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT)) ?? { answers: {}, isUrgent: false };
    act(kept);
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    return true;
  } catch {
    // No room, or not allowed: the words stand in their forms all the same.
    return false;
  }
}

// Where something went wrong, or somebody was writing, that answer has the focus when it is taken up.
export function keep(rows, isUrgent) {
  return change((kept) => {
    kept.isUrgent = isUrgent;
    for (const row of rows.filter(formOf)) {
      const written = isOpen(row) && row.querySelector("textarea").value;
      if (written) kept.answers[row.id] = written;
      else delete kept.answers[row.id];
    }
  });
}

export function forget(id) {
  change((kept) => { delete kept.answers[id]; });
}

function drawAway(id, written) {
  const note = document.createElement("p");
  note.className = "banner telling";
  note.dataset.kind = "info";
  note.dataset.kept = id;
  const said = Object.assign(document.createElement("span"), { textContent: `${words.away} ` });
  said.append(Object.assign(document.createElement("q"), { textContent: written, dir: "auto" }));
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words.discard });
  button.dataset.size = "small";
  button.addEventListener("click", () => { forget(id); note.remove(); });
  note.append(said, button);
  return note;
}

// Each where it belongs; those to comments that cannot be answered on this page above the list. Returns the one that wants the focus.
export function takeUp() {
  let urgent = null;
  document.querySelectorAll("[data-kept]").forEach((note) => note.remove());
  change((kept) => {
    for (const [id, written] of Object.entries(kept.answers)) {
      const form = formOf(document.getElementById(id));
      if (!form) {
        document.querySelector("main .filters").after(drawAway(id, written));
        continue;
      }
      form.querySelector("textarea").value ||= written;
      form.classList.add("is-open");
      if (kept.isUrgent) urgent = form.querySelector("textarea");
    }
    kept.isUrgent = false;
  });
  return urgent;
}
