// A comment that went by way of a sheet arrived: what the form under the thread kept of it is not needed any more.
// This page stands at the address to which the form is sent.
const draft = `inkhorn.comment.${location.href.split("#")[0]}`;

try {
  // Whoever went back meanwhile and wrote something else keeps that.
  if (sessionStorage.getItem(draft) === sessionStorage.getItem(`${draft}.judged`)) sessionStorage.removeItem(draft);
  sessionStorage.removeItem(`${draft}.judged`);
} catch {
  // Nothing is kept where nothing may be.
}
