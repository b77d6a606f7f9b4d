// Marking rows of a list: the bar with what can be done appears when something is marked, and stays in reach.
import { announce, word } from "./words.js";

const boxes = () => [...document.querySelectorAll(".row input[name='case']")];
let last = null;

export function refresh() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const chosen = boxes().filter((box) => box.checked);
  bar.hidden = chosen.length === 0;
  const text = word("selected", { n: chosen.length });
  bar.querySelector("[data-bulk-count]").textContent = text;
  for (const box of boxes()) box.closest(".row").classList.toggle("is-chosen", box.checked);
  const all = document.querySelector("[data-bulk-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  if (chosen.length) announce(text);
}

function range(box) {
  const list = boxes();
  const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const one of list.slice(from, to + 1)) one.checked = box.checked;
}

export function clear() {
  for (const box of boxes()) box.checked = false;
  refresh();
}

export function start() {
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.matches?.(".row input[name='case']")) {
      if (event.shiftKey && last) range(box);
      last = box;
      refresh();
    } else if (box.matches?.("[data-bulk-all]")) {
      for (const one of boxes()) one.checked = box.checked;
      refresh();
    } else if (box.closest?.("[data-bulk-clear]")) {
      clear();
    }
  });
  document.body.addEventListener("htmx:afterSettle", refresh);
  refresh();
}
