// The library's panel: the focal point set by a click or by the sliders, what is to be copied chosen at once.
const place = document.querySelector("[data-focal]");

function follow() {
  const across = document.getElementById("focus_across");
  const down = document.getElementById("focus_down");
  if (!across || !down) return;
  const drawing = place.querySelector("svg");
  const { width, height } = drawing.viewBox.baseVal;
  // Cut as the site's pages cut it, which place pictures by tenths.
  const cut = (drawn) => {
    const [wide, high] = drawn.dataset.ratio.split("/").map(Number);
    const size = [Math.min(width, (height * wide) / high), Math.min(height, (width * high) / wide)];
    const from = [[width, across], [height, down]].map(([length, field], axis) => ((length - size[axis]) * Math.round(field.value / 10)) / 10);
    drawn.setAttribute("viewBox", [...from, ...size].join(" "));
  };
  const draw = () => {
    document.querySelectorAll("[data-ratio]").forEach(cut);
    drawing.querySelectorAll("circle").forEach((ring) => {
      ring.setAttribute("cx", (width * across.value) / 100);
      ring.setAttribute("cy", (height * down.value) / 100);
    });
    drawing.setAttribute("aria-label", place.dataset.focal.replace("{across}", across.value).replace("{down}", down.value));
    for (const field of [across, down]) field.labels[0].querySelector("output").textContent = `${field.value} %`;
  };
  const point = (event) => {
    const box = drawing.getBoundingClientRect();
    const part = (value, from, length) => Math.round(Math.max(0, Math.min(1, (value - from) / length)) * 100);
    across.value = part(event.clientX, box.left, box.width);
    down.value = part(event.clientY, box.top, box.height);
    draw();
  };
  drawing.addEventListener("pointerdown", (event) => { drawing.setPointerCapture(event.pointerId); point(event); });
  drawing.addEventListener("pointermove", (event) => { if (drawing.hasPointerCapture(event.pointerId)) point(event); });
  [across, down].forEach((field) => field.addEventListener("input", draw));
  draw();
}

if (place) follow();
document.querySelectorAll("[data-select]").forEach((field) => field.addEventListener("focus", () => field.select()));
