// Nothing typed is lost. Every form with data-draft keeps its text on this computer at each stroke, and on the
// server (data-draft-url) a moment after the last one. Sending or saving the form clears both. Where two windows
// write the same draft the newer words win and the others are offered.
import { signedOut, token } from "./session.js";
import { toast } from "./toasts.js";
import { word } from "./words.js";

const QUIET = 900;
const MAX_AGE = 14 * 24 * 3600 * 1000;
const timers = new Map();
const unsaved = new Set();
const forms = () => [...document.querySelectorAll("form[data-draft]")];
const key = (form) => `huiyin.draft.${form.dataset.draft}`;
const box = (form) => form.querySelector("[data-draft-text]");

function kept(form) {
  try { return JSON.parse(localStorage.getItem(key(form))); } catch { return null; }
}

function keep(form) {
  try {
    localStorage.setItem(key(form), JSON.stringify({ text: box(form).value, at: Date.now() }));
  } catch { /* private window or full disk: the server copy remains */ }
}

function forget(form) {
  clearTimeout(timers.get(form));
  unsaved.delete(form);
  try { localStorage.removeItem(key(form)); } catch { /* nothing kept */ }
}

function say(form, text) {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = text;
}

function fill(form, text) {
  box(form).value = text;
  box(form).dispatchEvent(new Event("input", { bubbles: true }));
}

// Words that were typed elsewhere and are not simply the beginning of these.
function offer(form, other) {
  const now = box(form).value;
  if (!other.trim() || now.startsWith(other.trim()) || other.startsWith(now.trim())) return;
  toast({ text: word("otherDraft"), seconds: 60, action: { text: word("useOther"), run: () => form.isConnected && fill(form, other) } });
}

async function save(form) {
  say(form, word("saving"));
  const body = new FormData(form);
  body.delete("files");
  body.set("revision", form.dataset.revision || "");
  if (token()) body.set("csrfmiddlewaretoken", token());
  unsaved.add(form);
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
    if (answer.status === 401) signedOut();
    if (!answer.ok) throw new Error(answer.status);
    const { revision, other } = await answer.json();
    unsaved.delete(form);
    form.dataset.revision = revision || "";
    say(form, word("saved"));
    offer(form, other);
  } catch {
    say(form, word("local"));
  }
}

function restore(form) {
  const mine = kept(form);
  if (!mine || !box(form)) return;
  if (Date.now() - mine.at > MAX_AGE) { forget(form); return; }
  const shown = box(form).value;
  if (!mine.text || mine.text === shown) return;
  if (mine.at > Number(form.dataset.draftAt || 0)) {
    box(form).value = mine.text;
    offer(form, shown);
  } else {
    offer(form, mine.text);
  }
}

// Another window of this browser typed in the same draft. An empty box was sent or given up there.
function elsewhere(event) {
  const form = forms().find((one) => key(one) === event.key);
  if (!form || !event.newValue) return;
  const { text } = JSON.parse(event.newValue);
  const before = box(form).value;
  if (text === before) return;
  box(form).value = text;
  if (!form.dataset.followed) offer(form, before);
  form.dataset.followed = "1"; // from here on this window only follows, until somebody types in it
}

function typed(event) {
  const form = event.target.closest("form[data-draft]");
  if (!form || !event.target.matches("[data-draft-text], [data-draft-part]")) return;
  delete form.dataset.followed;
  keep(form);
  clearTimeout(timers.get(form));
  if (form.dataset.draftUrl) timers.set(form, setTimeout(() => save(form), QUIET));
}

export function start() {
  document.addEventListener("input", typed);
  window.addEventListener("storage", elsewhere);
  forms().forEach(restore);
  document.body.addEventListener("htmx:load", (event) => {
    for (const form of event.target.querySelectorAll?.("form[data-draft]") || []) restore(form);
  });
  document.body.addEventListener("desk:back", () => {
    for (const form of unsaved) if (form.isConnected) save(form); else unsaved.delete(form);
  });
  // A save that comes in behind the sending would bring the draft back.
  document.body.addEventListener("htmx:beforeRequest", (event) => clearTimeout(timers.get(event.detail.elt)));
  // Before the answer takes the form's place: a form that is gone tells nobody anything.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const form = event.target;
    if (form.matches("form[data-draft]") && event.detail.xhr.status === 200) forget(form);
  });
}
