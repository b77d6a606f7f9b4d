// Scroll and focus across partial updates: the timeline opens at its end and stays where the reader is; a pane
// that is replaced keeps its scroll; the customer sheet slides over on narrow screens.
import { reply } from "./composer.js";

const scrolls = new Map();

function nearEnd(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

export function toEnd() {
  const box = document.querySelector("[data-scroll-end]");
  if (box) box.scrollTop = box.scrollHeight;
}

function remember(event) {
  for (const box of event.detail.target.querySelectorAll("[data-keep-scroll]")) scrolls.set(box.id, box.scrollTop);
  const line = document.querySelector("[data-scroll-end]");
  if (line && (line.contains(event.detail.target) || event.detail.target.contains(line))) {
    scrolls.set("end", nearEnd(line));
    scrolls.set("height", line.scrollHeight);
    scrolls.set("top", line.scrollTop);
  }
}

function restore(event) {
  for (const box of event.detail.target.querySelectorAll("[data-keep-scroll]")) {
    if (scrolls.has(box.id)) box.scrollTop = scrolls.get(box.id);
  }
  const line = document.querySelector("[data-scroll-end]");
  if (!line || !scrolls.has("end")) return;
  if (event.detail.target.hasAttribute("data-older")) {
    line.scrollTop = scrolls.get("top") + line.scrollHeight - scrolls.get("height");
  } else if (scrolls.get("end")) {
    line.scrollTop = line.scrollHeight;
  }
  scrolls.delete("end");
}

// Another case beside the same queue: its row is marked there, and focus that was in the old case goes to the head of the
// new one: its words are read before anything is typed, and single keys are at hand.
function arrived(event) {
  if (event.detail.target.id !== "case-area") return;
  const number = (document.getElementById("case-live")?.dataset.stampOf || "").replace("case:", "");
  for (const row of document.querySelectorAll("#queue-pane .row[data-row]")) {
    const here = row.querySelector(".row-number").textContent === number;
    row.classList.toggle("is-current", here);
    if (here) { row.setAttribute("aria-current", "true"); row.scrollIntoView({ block: "nearest" }); } else row.removeAttribute("aria-current");
  }
  const held = document.activeElement;
  if (held === document.body || event.detail.target.contains(held)) document.getElementById("case-subject")?.focus({ preventScroll: true });
}

// An answer about a case that is no longer open here comes too late to change what is.
function late(event) {
  const shown = event.detail.target.dataset?.case;
  const come = event.detail.fragment.querySelector?.("[data-case]")?.dataset.case;
  if (shown && come && shown !== come) event.detail.shouldSwap = false;
}

function sheet(event) {
  const button = event.target.closest("[data-sheet]");
  if (!button) return;
  const panel = document.getElementById(button.dataset.sheet);
  const open = panel.classList.toggle("is-open");
  for (const one of document.querySelectorAll(`[data-sheet="${panel.id}"]`)) one.setAttribute("aria-expanded", open);
  if (open) panel.querySelector("a, button, input, summary, [tabindex]")?.focus();
}

// A link to a field inside a closed section opens the section (and the sheet it is in) before it jumps.
function reveal(event) {
  const link = event.target.closest("a[data-reveal]");
  if (!link) return;
  const target = document.querySelector(link.hash === "#reply" ? "#reply-text" : link.hash);
  if (!target) return;
  event.preventDefault();
  if (link.hash === "#reply") { reply(); return; }
  target.closest("details")?.setAttribute("open", "");
  target.closest(".side")?.classList.add("is-open");
  target.scrollIntoView({ block: "center" });
  (target.matches("input, select, textarea, button") ? target : target.querySelector("input, select, textarea, button") || target).focus();
}

export function start() {
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:oobBeforeSwap", late);
  document.body.addEventListener("htmx:afterSettle", restore);
  document.body.addEventListener("htmx:afterSettle", arrived);
  document.body.addEventListener("desk:to-end", toEnd);
  document.addEventListener("click", sheet);
  document.addEventListener("click", reveal);
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
  });
  document.querySelector(".view[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  toEnd();
}
