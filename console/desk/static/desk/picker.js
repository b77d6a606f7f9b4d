// Templates by "/": at the beginning of a line or after a space it opens the list, what is typed behind it narrows
// the list, arrows choose, Enter or Tab inserts, Escape leaves the text alone. An input method that writes "、" for
// the key is understood at the beginning of a line; while it composes, nothing is chosen.
import { close as closeDialog } from "./dialogs.js";
import { announce, word } from "./words.js";

const OPENS = /(?:^|\s)\/([^\s/]{0,30})$|(?:^|\n)、([^\s、]{0,30})$/;
let from = -1; // where the "/" stands; -1: the list was opened by its button

const list = () => document.getElementById("templates");
const area = () => document.querySelector("#reply-form [data-draft-text]");
const options = () => [...list().children].filter((option) => !option.hidden);
const current = () => list().querySelector("[aria-selected='true']");
const isOpen = () => Boolean(list()) && !list().hidden;

function choose(option) {
  for (const one of list().children) one.setAttribute("aria-selected", one === option);
  if (option) {
    area().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    announce(option.textContent);
  } else {
    area().removeAttribute("aria-activedescendant");
  }
}

function narrow(typed) {
  for (const option of list().children) option.hidden = !option.dataset.find.includes(typed.toLowerCase());
  if (!options().length) { close(); return; }
  list().hidden = false;
  area().setAttribute("aria-controls", "templates");
  choose(options()[0]);
}

export function close() {
  if (!isOpen()) return;
  list().hidden = true;
  choose(null);
  area().removeAttribute("aria-controls");
}

// Opened by key or button, without a "/" in the text. Says whether there is a list.
export function open() {
  if (!list()) return false;
  from = -1;
  area().focus();
  narrow("");
  return true;
}

function typed(event) {
  if (event.target !== area() || !list() || event.isComposing) return;
  const before = area().value.slice(0, area().selectionStart);
  const found = OPENS.exec(before);
  if (!found) { close(); return; }
  const words = found[1] ?? found[2];
  from = before.length - words.length - 1;
  narrow(words);
}

async function take(option) {
  const box = area();
  const place = from < 0 ? box.selectionStart : from;
  const until = box.selectionStart;
  close();
  const answer = await fetch(option.dataset.url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || !answer.ok) { announce(word("failed")); return; }
  box.setRangeText(await answer.text(), place, until, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

// A draft or an article of the answers dialog, put where the cursor was; the person goes on writing.
function insert(button) {
  const box = area();
  const text = document.getElementById(button.dataset.insert).textContent;
  closeDialog();
  if (!box) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

function pressed(event) {
  if (!isOpen() || event.target !== area() || event.isComposing || event.keyCode === 229) return;
  const known = options();
  const here = known.indexOf(current());
  if (event.key === "ArrowDown") choose(known[(here + 1) % known.length]);
  else if (event.key === "ArrowUp") choose(known[(here - 1 + known.length) % known.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) take(current());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export function start() {
  document.addEventListener("input", typed);
  document.addEventListener("compositionend", typed);
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("#templates [role='option']");
    if (option) { event.preventDefault(); take(option); } else if (!event.target.closest("[data-templates]")) close();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-templates]")) open();
    const button = event.target.closest("[data-insert]");
    if (button) insert(button);
  });
}
