// What the scripts say, in the reader's language (templates/desk/shell/words.html).
const source = document.getElementById("words");

export function word(name, values = {}) {
  const text = (source && source.dataset[name]) || "";
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function announce(text) {
  const region = document.getElementById("announce");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}
