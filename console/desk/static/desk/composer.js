// The reply box: tabs between reply and note, recipients, templates, the channel's limits while typing.
import { announce, word } from "./words.js";

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

function size(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.42)}px`;
}

function count(area) {
  const limit = Number(area.dataset.limit || 0);
  const place = area.form?.querySelector("[data-count]");
  if (!place || !limit) return;
  const left = limit - [...area.value].length;
  place.textContent = left < 0 ? word("over", { n: -left }) : left <= limit / 5 ? word("left", { n: left }) : "";
  place.classList.toggle("error", left < 0);
}

function insert(area, text) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  area.value = value.slice(0, from) + text + value.slice(to);
  area.selectionStart = area.selectionEnd = from + text.length;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

async function template(select) {
  const url = select.value;
  select.value = "";
  if (!url) return;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.ok) insert(select.form.querySelector("[data-draft-text]"), await answer.text());
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

function files(input) {
  const place = input.form.querySelector("[data-files]");
  place.textContent = [...input.files].map((file) => `${file.name} (${Math.ceil(file.size / 1024)} KB)`).join(" · ");
  announce(place.textContent);
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
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-grow]")) { size(event.target); count(event.target); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-template]")) template(event.target);
    if (event.target.matches("input[type='file'][data-files-input]")) files(event.target);
  });
  document.body.addEventListener("desk:recalled", recalled);
  for (const area of document.querySelectorAll("[data-grow]")) if (area.value) size(area);
}
