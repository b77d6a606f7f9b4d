// One <dialog> for every form that opens over the page: filled by htmx, closed by Escape, "data-close" or success.
export const dialog = () => document.getElementById("dialog");
let opener = null;

export function close() {
  const box = dialog();
  if (box.open) box.close();
  box.replaceChildren();
  if (opener && opener.isConnected) opener.focus();
  opener = null;
}

function open() {
  const box = dialog();
  if (!box.open) {
    opener = document.activeElement;
    box.showModal();
  }
  const first = box.querySelector("[autofocus], [aria-invalid='true'], textarea, select, input:not([type='hidden']), button.btn-primary");
  if (first) first.focus();
}

export function start() {
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === dialog() && dialog().childElementCount) open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") || event.target === dialog()) close();
  });
  dialog().addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.body.addEventListener("desk:done", close);
}
