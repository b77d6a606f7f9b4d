// One <dialog> for every form that opens over the page: filled by htmx, closed by Escape, "data-close" or success.
// What is in it is shown: the box itself is watched, so nothing that loads early, late or twice stays unseen.
export const dialog = () => document.getElementById("dialog");
let opener = null;
let asked = null; // the question under way: a second press of an impatient hand must not fill the box anew

export function close() {
  const box = dialog();
  if (box.open) box.close();
  box.replaceChildren();
  if (opener && opener.isConnected) opener.focus();
  opener = null;
}

function show() {
  const box = dialog();
  if (!box.childElementCount) return;
  if (!box.open) {
    opener = document.activeElement;
    box.showModal();
  }
  const first = box.querySelector("[autofocus], [aria-invalid='true'], textarea, select, input:not([type='hidden']), button.btn-primary");
  if (first) first.focus();
}

const opens = ({ target, requestConfig }) => target === dialog() && requestConfig.verb === "get";

// The same question twice is asked once; another one takes its place.
function onlyOnce(event) {
  if (!opens(event.detail)) return;
  // A press that htmx kept until the first was answered: the box is there, and perhaps written in.
  if (dialog().childElementCount && !dialog().contains(event.detail.elt)) { event.preventDefault(); return; }
  if (!asked || [0, 4].includes(asked.xhr.readyState)) return;
  if (asked.path === event.detail.pathInfo.finalRequestPath) event.preventDefault(); else asked.xhr.abort();
}

function sent(event) {
  if (opens(event.detail)) asked = { xhr: event.detail.xhr, path: event.detail.pathInfo.finalRequestPath };
}

export function start() {
  new MutationObserver(show).observe(dialog(), { childList: true });
  show();
  document.body.addEventListener("htmx:beforeRequest", onlyOnce);
  document.body.addEventListener("htmx:beforeSend", sent);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") || event.target === dialog()) close();
  });
  dialog().addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  // The browser may close it by itself, on a second Escape: then it is emptied like any other.
  dialog().addEventListener("close", () => dialog().childElementCount && close());
  document.body.addEventListener("desk:done", close);
}
