// What happens when the network, the session or the server fails under an act: nothing typed is lost, and the
// page says what to do. Forms stay as they are, because htmx swaps nothing on an error.
import { toast } from "./toasts.js";
import { word } from "./words.js";

let offline = null;

// Signing in again, perhaps in another tab, renews the token: the page's own copy would be refused.
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

function signIn() {
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.signIn}?next=${next}`);
}

function explain(event) {
  const xhr = event.detail.xhr;
  if (xhr.status === 401) {
    toast({ text: word("signedOut"), seconds: 3600, level: "red", action: { text: word("signIn"), run: signIn } });
  } else if (xhr.status === 403) {
    toast({ text: xhr.getResponseHeader("X-Reason") ? decodeURIComponent(xhr.getResponseHeader("X-Reason")) : word("forbidden"), level: "red" });
  } else if (xhr.status !== 409 || !event.detail.shouldSwap) {
    const number = xhr.getResponseHeader("X-Correlation-Id");
    toast({ text: word("failed") + (number ? ` (${number})` : ""), level: "red", seconds: 12 });
  }
}

function lost() {
  if (!offline) offline = toast({ text: word("offline"), seconds: 86400, level: "red" });
}

function back() {
  if (!offline) return;
  offline.remove();
  offline = null;
  toast({ text: word("online") });
}

export function start() {
  document.body.addEventListener("htmx:configRequest", freshToken);
  document.body.addEventListener("htmx:responseError", explain);
  document.body.addEventListener("htmx:sendError", lost);
  document.body.addEventListener("htmx:afterOnLoad", back);
  window.addEventListener("offline", lost);
  window.addEventListener("online", back);
}
