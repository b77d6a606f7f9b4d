// Files of a reply: chosen, pasted or dropped, listed, taken out again. What the channel cannot carry is said here,
// before anything is sent (#reply-to holds its limits); the server checks again.
import { announce, word } from "./words.js";

const MEGABYTE = 1024 * 1024;
const UNKNOWN = ["image", "audio", "video"];

const formOf = (element) => element?.closest("#reply-form") || document.getElementById("reply-form");
const inputOf = (form) => form?.querySelector("[data-files-input]");
const sizeOf = (bytes) => (bytes < MEGABYTE ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`);

function kindOf(file) {
  const head = file.type.split("/")[0];
  return UNKNOWN.includes(head) ? head : "document";
}

// Why a file may not go over this channel; empty when it may.
function why(file, way) {
  const { media, most } = way.dataset;
  if (!media.split(" ").includes(kindOf(file))) return word("fileKind", { name: file.name });
  if (Number(most) && file.size > Number(most)) return word("fileBig", { name: file.name, most: sizeOf(Number(most)) });
  return "";
}

function troubles(form) {
  const way = form.querySelector("#reply-to");
  const files = [...inputOf(form).files];
  const found = files.map((file) => why(file, way)).filter(Boolean);
  const all = files.reduce((sum, file) => sum + file.size, 0);
  const most = Number(way.dataset.mostAll);
  if (most && all > most) found.push(word("filesBig", { all: sizeOf(all), most: sizeOf(most) }));
  return found;
}

function put(form, files) {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  inputOf(form).files = carrier.files;
  show(form);
}

function show(form) {
  const list = form.querySelector("[data-files]");
  list.replaceChildren(...[...inputOf(form).files].map((file, place) => line(form, file, place)));
  form.querySelector("[data-files-why]").textContent = troubles(form).join(" ");
}

function line(form, file, place) {
  const item = document.createElement("li");
  item.className = "file";
  const name = document.createElement("span");
  name.className = "truncate";
  name.textContent = file.name;
  const size = document.createElement("span");
  size.className = "quiet nowrap";
  size.textContent = sizeOf(file.size);
  const out = document.createElement("button");
  out.type = "button";
  out.className = "btn-link";
  out.textContent = "×";
  out.setAttribute("aria-label", word("fileOut", { name: file.name }));
  out.addEventListener("click", () => {
    put(form, [...inputOf(form).files].filter((_, other) => other !== place));
    (form.querySelector("[data-files] button") || form.querySelector("[data-draft-text]")).focus();
  });
  item.append(name, size, out);
  return item;
}

// A second choice adds to the first. What was pasted has no name of its own.
function add(form, before, files) {
  const named = files.map((file, place) => (/^image\.\w+$/.test(file.name) ? renamed(file, place) : file));
  put(form, [...before, ...named]);
  announce(named.map((file) => word("fileIn", { name: file.name })).join(" "));
}

function renamed(file, place) {
  const time = new Date().toTimeString().slice(0, 8).replace(/:/g, "");
  return new File([file], `${word("pasted")}-${time}${place ? `-${place}` : ""}.${file.name.split(".").pop()}`, { type: file.type });
}

// The file dialog replaces what an input holds: `chosenBefore` is what it held.
let chosenBefore = [];

function choose(event) {
  const button = event.target.closest("[data-attach]");
  if (!button) return;
  const input = inputOf(formOf(button));
  chosenBefore = [...input.files];
  input.click();
}

function chosen(event) {
  if (!event.target.matches?.("[data-files-input]")) return;
  add(formOf(event.target), chosenBefore, [...event.target.files]);
  chosenBefore = [];
}

const take = (form, files) => add(form, [...inputOf(form).files], files);

function pasted(event) {
  const form = event.target.closest?.("#reply-form");
  const files = [...(event.clipboardData?.files || [])];
  if (!form || !files.length) return;
  event.preventDefault();
  take(form, files);
}

const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

function dragged(event) {
  const box = event.target.closest?.("#composer");
  document.getElementById("composer")?.classList.toggle("is-target", Boolean(box) && carries(event));
  if (box && carries(event)) event.preventDefault();
}

function dropped(event) {
  document.getElementById("composer")?.classList.remove("is-target");
  const form = event.target.closest?.("#composer")?.querySelector("#reply-form");
  if (!form || !carries(event)) return;
  event.preventDefault();
  document.querySelector("[data-compose='reply']")?.click();
  take(form, [...event.dataTransfer.files]);
}

export function start() {
  document.addEventListener("click", choose);
  document.addEventListener("change", chosen);
  document.addEventListener("paste", pasted);
  document.addEventListener("dragover", dragged);
  document.addEventListener("dragleave", dragged);
  document.addEventListener("drop", dropped);
  // Another channel may carry less: look again at what is attached.
  document.body.addEventListener("htmx:afterSettle", () => {
    const form = formOf(null);
    if (form && inputOf(form).files.length) show(form);
  });
}
