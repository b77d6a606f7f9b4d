// Short news at the bottom, with undo where an act can be undone. The server asks for one by the header
// HX-Trigger: {"desk:toast": {text, undo: url, seconds, level}}; without htmx the page shows it as a message.
import { word } from "./words.js";

const CARRIED = "huiyin.undo";
const stack = () => document.getElementById("toasts");

export function toast({ text, undo = "", seconds = 6, level = "", action = null }) {
  const same = [...stack().children].find((known) => known.dataset.text === text && !undo && !action);
  if (same) return same;
  const box = document.createElement("div");
  box.dataset.text = text;
  box.className = `toast${level ? ` toast-${level}` : ""}`;
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (undo) box.append(undoButton(box, undo));
  if (action) box.append(linkButton(action));
  stack().append(box);
  if (undo) box.dataset.undo = undo;
  // More than two would cover the case; the timeline of each has its undo too.
  const open = [...stack().children].filter((known) => known.dataset.undo);
  if (open.length > 2) open[0].remove();
  countDown(box, seconds, Boolean(undo));
  return box;
}

function undoButton(box, url) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-link";
  button.textContent = word("undo");
  button.addEventListener("click", () => {
    box.remove();
    window.htmx.ajax("POST", url, { target: "#toasts", swap: "none" });
  });
  return button;
}

function linkButton({ text, run }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-link";
  button.textContent = text;
  button.addEventListener("click", run);
  return button;
}

// Time stands still while somebody points at it or has focus in it.
function countDown(box, seconds, visible) {
  let left = seconds;
  const count = document.createElement("span");
  count.className = "count";
  count.setAttribute("aria-hidden", "true");
  if (visible) box.append(count);
  const tick = () => {
    if (!box.isConnected) return;
    if (!box.matches(":hover") && !box.contains(document.activeElement)) left -= 1;
    if (left < 0) { box.remove(); return; }
    box.dataset.left = left;
    count.textContent = left;
    setTimeout(tick, 1000);
  };
  tick();
}

// What can still be undone goes along to the next page.
function carry() {
  const open = [...stack().children].filter((box) => box.dataset.undo);
  const seeds = open.map(({ dataset: { text, undo, left } }) => ({ text, undo, seconds: Number(left) }));
  try { sessionStorage.setItem(CARRIED, JSON.stringify(seeds)); } catch { /* the timeline offers the undo too */ }
}

function unpack() {
  try {
    for (const seed of JSON.parse(sessionStorage.getItem(CARRIED) || "[]")) toast(seed);
    sessionStorage.removeItem(CARRIED);
  } catch { /* nothing carried */ }
}

export function start() {
  unpack();
  window.addEventListener("pagehide", carry);
  document.body.addEventListener("desk:toast", (event) => toast(event.detail));
  for (const seed of document.querySelectorAll("template[data-toast]")) {
    toast({ text: seed.dataset.text, undo: seed.dataset.undo || "", level: seed.dataset.level || "" });
    seed.remove();
  }
}
