// What happens when the network, the session or the server fails under an act: nothing typed is lost, and the page
// says what to do. Forms stay as they are, because htmx swaps nothing on an error. Signing in again happens over the
// page, and the act that met the closed door is done once more, by itself; each act carries a key, so that twice
// sent is once done.
import { toast } from "./toasts.js";
import { word } from "./words.js";

const DONE = "huiyin.signed-in"; // told by the page after sign-in (signed-in.js), in the frame or in another tab
let offline = null;
let waiting = null; // how to do again what could not be done

const box = () => document.getElementById("sign-in");

// Signing in again renews the token: the page's own copy would be refused.
export function token() {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found ? decodeURIComponent(found[1]) : "";
}

function freshToken(event) {
  const now = token();
  if (!now) return;
  event.detail.headers["X-CSRFToken"] = now;
  if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = now;
}

// Something a person did, not what a page asks by itself while somebody types.
function deed({ elt, requestConfig: asked }) {
  if (asked.headers["X-Background"]) return false;
  return asked.triggeringEvent ? ["click", "submit"].includes(asked.triggeringEvent.type) : elt === document.body;
}

function repeat({ elt, requestConfig: asked }) {
  const button = asked.triggeringEvent?.submitter;
  if (elt.matches("form")) return () => elt.isConnected && (button?.isConnected ? button.click() : elt.requestSubmit());
  if (asked.triggeringEvent) return () => elt.click();
  return () => window.htmx.ajax(asked.verb.toUpperCase(), asked.path, { target: asked.target, swap: "none" });
}

function signIn() {
  if (box().open) return;
  const link = box().querySelector("[data-sign-in]");
  const frame = document.createElement("iframe");
  frame.title = word("signIn");
  frame.className = "frame";
  frame.src = link.href;
  frame.addEventListener("load", () => {
    const page = frame.contentDocument;
    // Whoever began to type before the last picture was there keeps the field they are in.
    if (page?.activeElement === page?.body) page?.querySelector("input[name='login'], input[name='code']")?.focus();
    page?.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) box().close(); });
  });
  box().querySelector("[data-frame]").replaceChildren(frame);
  box().showModal();
}

// Closed by hand (the frame is still there): what waited is left to the person again.
function closed() {
  if (!box().querySelector("iframe")) return;
  box().querySelector("[data-frame]").replaceChildren();
  waiting = null;
  signedOut();
}

function signedIn(event) {
  if (event.key !== DONE || !event.newValue) return;
  for (const one of document.querySelectorAll(".toast[data-signed-out]")) one.remove();
  box().querySelector("[data-frame]").replaceChildren();
  if (box().open) box().close();
  // Somebody else signed in here: this page is not theirs.
  if (event.newValue.split(".")[0] !== document.body.dataset.user) { location.reload(); return; }
  document.body.dispatchEvent(new CustomEvent("desk:back"));
  once();
}

function once() {
  const act = waiting;
  waiting = null;
  if (act) act();
}

// Noticed in passing: said, but no window opens under somebody's hands.
export function signedOut() {
  if (box().open || document.querySelector(".toast[data-signed-out]")) return;
  toast({ text: word("signedOut"), seconds: 3600, level: "red", action: { text: word("signIn"), run: signIn } }).dataset.signedOut = "";
}

function explain(event) {
  const xhr = event.detail.xhr;
  if (xhr.status === 401) {
    if (!deed(event.detail)) { signedOut(); return; }
    waiting = repeat(event.detail);
    signIn();
  } else if (xhr.status === 403) {
    toast({ text: xhr.getResponseHeader("X-Reason") ? decodeURIComponent(xhr.getResponseHeader("X-Reason")) : word("forbidden"), level: "red" });
  } else if (xhr.status !== 409 || !event.detail.shouldSwap) {
    const number = xhr.getResponseHeader("X-Correlation-Id");
    const reason = xhr.getResponseHeader("X-Reason");
    toast({ text: (reason ? decodeURIComponent(reason) : word("failed")) + (number ? ` (${number})` : ""), level: "red", seconds: 12 });
  }
}

export function lost() {
  if (!offline?.isConnected) offline = toast({ text: word("offline"), seconds: 86400, level: "red" });
}

function notSent(event) {
  if (deed(event.detail)) waiting = repeat(event.detail);
  lost();
}

export function back() {
  if (!offline) return;
  offline.remove();
  offline = null;
  toast({ text: word("online"), seconds: waiting ? 60 : 6, action: waiting && { text: word("again"), run: once } });
  document.body.dispatchEvent(new CustomEvent("desk:back"));
}

export function start() {
  document.body.addEventListener("htmx:configRequest", freshToken);
  document.body.addEventListener("htmx:responseError", explain);
  document.body.addEventListener("htmx:sendError", notSent);
  document.body.addEventListener("htmx:afterOnLoad", back);
  window.addEventListener("offline", lost);
  window.addEventListener("online", back);
  window.addEventListener("storage", signedIn);
  box().addEventListener("close", closed);
  box().querySelector("[data-later]").addEventListener("click", () => box().close());
}
