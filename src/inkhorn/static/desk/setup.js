// Fills in what only the browser knows: the time zone it is in.
const field = document.querySelector("[data-guess=timezone]");
if (field && !field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
