// Pages learn of news by asking a cheap question: "is this stamp still true?" (docs/adr/0003-live-updates.md).
// Asked every few seconds while the page is in view, rarely when it is not, and ever more slowly after failures.
// News never moves what is under the hand: a part is refreshed only when nobody is typing or choosing in it.
import { writing } from "./composer.js";
import { back, lost, signedOut } from "./session.js";
import { shown } from "./rows.js";
import { toast } from "./toasts.js";
import { word } from "./words.js";

const MOST_ROWS = 200;
const NEAR = 5000;
const FAR = 60000;
// Looking by itself is no deed of the person: it must not keep a forgotten session open.
const BACKGROUND = { "X-Background": "1" };
let timer = null;
let failures = 0;
let offered = null;
let pressing = false;

const watched = () => [...document.querySelectorAll("[data-stamp]")];

function busy(part) {
  const field = document.activeElement;
  const typing = field && part.contains(field) && field.matches("input:not([type='checkbox']), textarea, select");
  return typing || part.querySelector("input:checked[name='case'], details.menu[open]") || shown() > MOST_ROWS;
}

// As many rows as are shown, so that pages somebody went on to stay.
function refresh(part) {
  const many = part.id === "rows" && shown() > 0 ? `&shown=${shown()}` : "";
  window.htmx.ajax("GET", part.dataset.refresh + many, { target: part, swap: part.dataset.swap || "outerHTML", headers: BACKGROUND });
}

function offer(part) {
  if (offered?.isConnected) return;
  offered = toast({ text: word("news"), seconds: 30, action: { text: word("show"), run: () => { offered.remove(); refresh(part); } } });
}

// A part that is exchanged between pressing and letting go takes the press with it: what came waits for the next look.
function underTheFinger(event) {
  if (pressing && event.detail.requestConfig.headers["X-Background"]) event.detail.shouldSwap = false;
}

// Colleagues at the same case, as the server names them.
function company(people) {
  const place = document.getElementById("case-here");
  if (!place) return;
  const lines = people.map(({ text, writing: writes }) => {
    const line = document.createElement("li");
    line.className = writes ? "chip chip-amber" : "chip";
    line.textContent = text;
    return line;
  });
  if (place.textContent.trim() !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
}

async function ask(asked = false) {
  const parts = watched();
  if (!parts.length) { plan(); return; }
  const query = parts.map((part) => `part=${encodeURIComponent(part.dataset.stampOf)}`).join("&");
  try {
    const answer = await fetch(`${document.body.dataset.stampUrl}?${query}&writing=${writing()}`, { headers: { "HX-Request": "true", ...BACKGROUND }, redirect: "manual" });
    back();
    if (answer.status === 401) signedOut();
    if (!answer.ok) throw new Error(answer.status);
    const stamps = await answer.json();
    for (const part of parts) {
      const now = stamps[part.dataset.stampOf];
      if (!now || now === part.dataset.stamp || !part.isConnected) continue;
      if (!asked && busy(part)) offer(part); else refresh(part);
    }
    company(stamps.here || []);
    failures = 0;
  } catch (error) {
    if (error instanceof TypeError) lost();
    failures += 1;
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  const base = document.visibilityState === "visible" ? NEAR : FAR;
  timer = setTimeout(ask, Math.min(base * 2 ** failures, FAR) * (0.9 + Math.random() * 0.2));
}

export function start() {
  if (!document.body.dataset.stampUrl) return;
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? ask() : plan()));
  for (const [name, on] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
    // The click follows in the same turn as the letting go.
    document.addEventListener(name, () => { if (on) pressing = true; else setTimeout(() => { pressing = false; }); }, true);
  }
  document.body.addEventListener("htmx:beforeSwap", underTheFinger);
  document.body.addEventListener("desk:look", () => ask(true)); // news of one's own making
  plan();
}
