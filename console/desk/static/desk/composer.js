// The reply box: tabs between reply and note, the channel's limits while typing, and sending with "and then".
import { word } from "./words.js";

const WRITES = 10000; // a stroke counts as writing for this long
let stroke = { at: 0, what: "" };

function show(name, { focus = true } = {}) {
  const tab = document.querySelector(`[data-compose="${name}"]`);
  if (!tab) return;
  for (const other of document.querySelectorAll("[data-compose]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", on);
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
  }
  if (focus) document.querySelector(`#compose-${name} [data-draft-text]`)?.focus();
}

export const reply = () => show("reply");
export const note = () => show("note");

// "reply" or "note" while somebody types there; the page tells colleagues with its next look.
export const writing = () => (Date.now() - stroke.at < WRITES ? stroke.what : "");

function size(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.42)}px`;
}

function count(area) {
  const limit = Number(area.form?.querySelector("[data-limit]")?.dataset.limit || 0);
  const place = area.form?.querySelector("[data-count]");
  if (!place || !limit) return;
  const left = limit - [...area.value].length;
  place.textContent = left < 0 ? word("over", { n: -left }) : left <= limit / 5 ? word("left", { n: left }) : "";
  place.classList.toggle("error", left < 0);
}

function insert(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function tabs(event) {
  const tab = event.target.closest("[data-compose]");
  if (!tab) return;
  if (event.type === "click") show(tab.dataset.compose);
  if (event.type === "keydown" && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    const other = tab.parentElement.querySelector(`[data-compose]:not([data-compose="${tab.dataset.compose}"])`);
    show(other.dataset.compose, { focus: false });
    other.focus();
  }
}

// Ctrl+Enter sends, with Shift it also does what this person chose last to follow.
export function send(form, { then = false } = {}) {
  const button = (then && form.querySelector("[data-send-then]")) || form.querySelector("[data-send]");
  if (button) button.click(); else form.requestSubmit(); // a click: htmx sends along only the button that was clicked
}

// A subject or an address is no place to send a letter from by accident.
function noAccident(event) {
  if (event.key === "Enter" && event.target.matches?.("#reply-form input") && !event.ctrlKey && !event.metaKey) event.preventDefault();
}

// While nothing is typed, what the page shows counts as seen; from the first word on, later news is asked about.
function seen() {
  const form = document.getElementById("reply-form");
  const now = document.getElementById("case-live")?.dataset.seen;
  if (form && now && !form.querySelector("[data-draft-text]").value.trim()) form.elements.seen.value = now;
}

// A reply that was called back returns to the box it came from, unless something new was begun there.
function recalled(event) {
  const area = document.querySelector("#compose-reply [data-draft-text]");
  if (!area || area.value.trim()) return;
  show("reply");
  insert(area, event.detail.text);
}

export function start() {
  document.addEventListener("click", tabs);
  document.addEventListener("keydown", tabs);
  document.addEventListener("keydown", noAccident);
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-grow]")) return;
    stroke = { at: Date.now(), what: event.target.form?.dataset.writing || "" };
    size(event.target);
    count(event.target);
  });
  document.body.addEventListener("desk:recalled", recalled);
  document.body.addEventListener("htmx:afterSettle", () => {
    seen();
    for (const area of document.querySelectorAll("[data-grow]")) if (area.value) { size(area); count(area); }
  });
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target.matches("form[data-writing]") && event.detail.xhr.status === 200) stroke.at = 0;
  });
  for (const area of document.querySelectorAll("[data-grow]")) if (area.value) size(area);
}
