// Nothing typed is lost. Every form with data-draft keeps its text on this computer at each stroke, and on the
// server (data-draft-url) a moment after the last one. Sending or saving the form clears both.
import { token } from "./session.js";
import { word } from "./words.js";

const QUIET = 900;
const MAX_AGE = 14 * 24 * 3600 * 1000;
const timers = new Map();
const key = (form) => `huiyin.draft.${form.dataset.draft}`;
const box = (form) => form.querySelector("[data-draft-text]");

function keep(form) {
  try {
    localStorage.setItem(key(form), JSON.stringify({ text: box(form).value, at: Date.now() }));
  } catch { /* private window or full disk: the server copy remains */ }
}

function forget(form) {
  clearTimeout(timers.get(form));
  try { localStorage.removeItem(key(form)); } catch { /* nothing kept */ }
}

function say(form, text) {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = text;
}

async function save(form) {
  say(form, word("saving"));
  const body = new FormData(form);
  body.delete("files");
  if (token()) body.set("csrfmiddlewaretoken", token());
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
    say(form, answer.ok ? word("saved") : word("local"));
  } catch {
    say(form, word("local"));
  }
}

function restore(form) {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(key(form))); } catch { return; }
  if (!kept || !box(form)) return;
  if (Date.now() - kept.at > MAX_AGE) { forget(form); return; }
  const server = Number(form.dataset.draftAt || 0);
  if (kept.text && kept.at > server && kept.text !== box(form).value) box(form).value = kept.text;
}

function typed(event) {
  const form = event.target.closest("form[data-draft]");
  if (!form || !event.target.matches("[data-draft-text], [data-draft-part]")) return;
  keep(form);
  clearTimeout(timers.get(form));
  if (form.dataset.draftUrl) timers.set(form, setTimeout(() => save(form), QUIET));
}

export function start() {
  document.addEventListener("input", typed);
  for (const form of document.querySelectorAll("form[data-draft]")) restore(form);
  document.body.addEventListener("htmx:load", (event) => {
    for (const form of event.target.querySelectorAll?.("form[data-draft]") || []) restore(form);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form && event.detail.elt === form && event.detail.successful) forget(form);
  });
}
