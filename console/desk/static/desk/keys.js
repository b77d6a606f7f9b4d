// The keyboard. Single keys never fire while text is typed or an input method composes; each can be changed or
// switched off (the signed-in person's key_bindings), and Ctrl/⌘+Enter sends the form one is in.
import * as bulk from "./bulk.js";
import * as composer from "./composer.js";
import * as picker from "./picker.js";
import { current, move } from "./rows.js";
import { announce } from "./words.js";

let awaiting = 0;

const acts = {
  next: () => move(1),
  previous: () => move(-1),
  open: () => current()?.querySelector(".row-main").click(),
  reply: composer.reply,
  note: composer.note,
  status: () => press("[data-key='status']"),
  assign: () => press("[data-key='assign']"),
  find: () => focus("#find"),
  template: () => { composer.reply(); return picker.open() || focus("#find"); },
  actions: () => press("[data-key='actions']"),
  follow: () => press("[data-key='follow']"),
  mark: (event) => { const box = current()?.querySelector("input[name='case']"); if (box) bulk.mark(box, !box.checked, event.shiftKey); },
  "mark-all": () => press("[data-bulk-all]"),
  go: () => { awaiting = Date.now(); },
  help: () => press("[data-keys-help]"),
};

// What each of this person's keys does, as the server says it (desk/keys.py).
function bindings() {
  try { return JSON.parse(document.body.dataset.keys || "{}"); } catch { return {}; }
}

// "j", "Enter", "Ctrl+K": letters are the same with Shift and without; ⌘ is Ctrl.
export function nameOf(event) {
  const { key } = event;
  if (!key || ["Control", "Meta", "Shift", "Alt"].includes(key)) return "";
  if (event.ctrlKey || event.metaKey) return `Ctrl+${key.length === 1 ? key.toUpperCase() : key}`;
  return key.length === 1 ? key.toLowerCase() : key;
}

function press(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.focus();
  found.click();
  return true;
}

function focus(selector) {
  const found = document.querySelector(selector);
  if (!found || !found.offsetParent) return false;
  found.focus();
  if (found.select) found.select();
  return true;
}

const typing = (element) =>
  element.closest?.("input:not([type='checkbox']):not([type='radio']), textarea, select, [contenteditable]");

function sendForm(event) {
  const form = event.target.closest("form");
  if (!form) return;
  event.preventDefault();
  composer.send(form, { then: event.shiftKey });
}

function goTo(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) link.click();
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.altKey) return;
  const name = nameOf(event);
  const chord = name.startsWith("Ctrl+");
  if (!chord && (typing(event.target) || document.querySelector("dialog[open]"))) return;
  if (!chord && awaiting && Date.now() - awaiting < 1500) { awaiting = 0; event.preventDefault(); goTo(name); return; }
  const act = bindings()[name];
  if (!act) return;
  if (act === "send") { sendForm(event); return; }
  if (chord && document.querySelector("dialog[open]")) return;
  if (act === "open" && name === "Enter" && event.target.closest?.("a, button, summary, input")) return;
  event.preventDefault();
  acts[act](event);
}

// On the page of the keys: a field takes the key that is pressed in it.
function taken(event) {
  if (!event.target.matches?.("[data-key-field]") || event.isComposing || event.keyCode === 229 || event.altKey) return;
  if (["Tab", "Escape", "Shift", "Control", "Meta"].includes(event.key)) return;
  event.preventDefault();
  event.target.value = ["Backspace", "Delete"].includes(event.key) ? "" : nameOf(event);
}

export function start() {
  document.addEventListener("keydown", taken);
  document.addEventListener("keydown", pressed);
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".row[data-row]");
    if (!row) return;
    current()?.classList.remove("is-current");
    row.classList.add("is-current");
  });
  document.body.addEventListener("desk:announce", (event) => announce(event.detail.text));
}
