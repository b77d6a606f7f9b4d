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
  const all = document.querySelector("[data-bulk-all]");
  const everything = chosen.length > 0 && chosen.length === boxes().length;
  const more = everything && document.querySelector(".queue-more");
  const choice = bar.querySelector("[data-bulk-whole]");
  if (!more) whole(false);
  const taken = Boolean(bar.querySelector("[name='whole']")?.value);
  if (choice) choice.hidden = !more || taken;
  bar.querySelector("[data-bulk-count]").textContent = taken ? choice.dataset.taken : text;
  for (const box of boxes()) box.closest(".row").classList.toggle("is-chosen", box.checked);
  if (all) {
    all.checked = everything;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  if (chosen.length) announce(text);
}

function range(box) {
  const list = boxes();
  const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const one of list.slice(from, to + 1)) one.checked = box.checked;
}

// With Shift: every row from the one marked before to this one.
export function mark(box, on, shift) {
  box.checked = on;
  if (shift && last) range(box);
  last = box;
  whole(false);
  refresh();
}

// The whole view instead of the rows that are marked: said by the hidden field, and plainly beside it.
function whole(on) {
  const field = document.querySelector("#bulk [name='whole']");
  if (field) field.value = on ? "1" : "";
}

export function clear() {
  whole(false);
  for (const box of boxes()) box.checked = false;
  refresh();
}

export function start() {
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.matches?.(".row input[name='case']")) {
      mark(box, box.checked, event.shiftKey);
    } else if (box.matches?.("[data-bulk-all]")) {
      for (const one of boxes()) one.checked = box.checked;
      whole(false);
      refresh();
    } else if (box.closest?.("[data-bulk-whole]")) {
      whole(true);
      refresh();
    } else if (box.closest?.("[data-bulk-clear]")) {
      clear();
    }
  });
  document.body.addEventListener("htmx:afterSettle", refresh);
  refresh();
}
