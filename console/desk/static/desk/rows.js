// A long list that changes under the hand: what one points at or has chosen stays where it is, news slides in around
// it, further pages come by key or by scrolling and are kept when the list is read anew.
const rows = () => [...document.querySelectorAll(".row[data-row]")];
let held = null;
let known = null;

export const current = () => document.querySelector(".row.is-current");

export function choose(row) {
  current()?.classList.remove("is-current");
  row.classList.add("is-current");
  row.querySelector(".row-main").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export function move(step) {
  const list = rows();
  if (!list.length) return;
  const here = list.indexOf(current());
  if (step > 0 && here === list.length - 1 && further(list.length)) return;
  choose(list[Math.max(0, Math.min(list.length - 1, here < 0 ? 0 : here + step))]);
}

// Past the last row: the next page, and on to its first row.
function further(count) {
  const more = document.querySelector(".queue-more a");
  if (!more) return false;
  document.body.addEventListener("htmx:afterSettle", () => { if (rows()[count]) choose(rows()[count]); }, { once: true });
  more.click();
  return true;
}

// The row that must not move: under the pointer, else the one in focus or last chosen.
function anchor(list) {
  return list.querySelector(".row[data-row]:hover") || list.querySelector(".row[data-row]:focus-within") || list.querySelector(".row.is-current");
}

export const shown = () => rows().length;

function remember(event) {
  const list = event.detail.target;
  if (list.id !== "rows") return;
  const row = anchor(list);
  known = new Set(rows().map((one) => one.id));
  held = row && { id: row.id, top: row.getBoundingClientRect().top, current: current()?.id };
}

function restore() {
  if (!known) return;
  for (const row of rows()) row.classList.toggle("row-new", !known.has(row.id));
  const chosen = held?.current && document.getElementById(held.current);
  if (chosen) chosen.classList.add("is-current");
  const row = held && document.getElementById(held.id);
  const box = row?.closest("[data-keep-scroll]");
  if (box) box.scrollTop += row.getBoundingClientRect().top - held.top;
  known = held = null;
}

export function start() {
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:afterSettle", restore);
}
