// Chapters play in the page's own player, and one sound at a time.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".chapters a");
  const player = link?.closest("details, .audio")?.querySelector("audio");
  if (!player || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  player.currentTime = Number(link.hash.replace("#t=", "")) || 0;
  // Paused before it came, it has not failed.
  player.play().catch((error) => { if (error.name !== "AbortError") location.href = link.href; });
});

document.addEventListener("play", (event) => {
  document.querySelectorAll("audio").forEach((each) => { if (each !== event.target) each.pause(); });
}, true);
