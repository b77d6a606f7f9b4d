// Brings the condition builder to life. The server draws every row; this module reads the rows back into the tree,
// keeps the text area in step, and asks the server to draw again when a row comes, goes or changes its kind.

const PAUSE = 400;

function read(node) {
  const tree = node.matches("[data-group]") ? readGroup(node) : readTest(node);
  const negated = node.querySelector(":scope > [data-negated], :scope > legend > [data-negated]");
  return negated && negated.value ? { not: tree } : tree;
}

function readGroup(node) {
  const mode = node.querySelector(":scope > legend > [data-mode]").value;
  const parts = node.querySelectorAll(":scope > [data-parts] > [data-group], :scope > [data-parts] > [data-test]");
  const found = Array.from(parts, read);
  return found.length ? { [mode]: found } : { all: [] };
}

function readTest(node) {
  const test = { field: node.querySelector("[data-field]").value, op: node.querySelector("[data-op]").value };
  const inputs = Array.from(node.querySelectorAll("[data-value]"));
  const kind = node.dataset.read;
  if (kind === "none" || !inputs.length) return test;
  if (kind === "pair") return { ...test, value: inputs.map((input) => input.value.trim()) };
  if (kind === "bool") return { ...test, value: inputs[0].value === "true" };
  if (kind === "list") return { ...test, value: readList(inputs[0]) };
  return { ...test, value: inputs[0].value.trim() };
}

function readList(input) {
  if (input.selectedOptions) return Array.from(input.selectedOptions, (option) => option.value);
  return input.value.split(/[,，、]/).map((part) => part.trim()).filter(Boolean);
}

class ConditionEditor {
  constructor(root) {
    this.root = root;
    this.builder = root.querySelector("[data-builder]");
    this.area = root.querySelector("textarea");
    this.json = root.querySelector("[data-json]");
    this.toggle = root.querySelector("[data-toggle]");
    this.control = root.dataset.subjectControl && document.getElementById(root.dataset.subjectControl);
    this.toggle.hidden = false;
    this.toggle.addEventListener("click", () => this.showText(this.json.hidden));
    this.builder.addEventListener("change", (event) => this.changed(event.target));
    this.builder.addEventListener("input", (event) => event.target.matches("input[data-value]") && this.typed());
    this.builder.addEventListener("click", (event) => this.clicked(event.target));
    if (this.control) this.control.addEventListener("change", () => this.draw("all"));
    this.draw("all");
  }

  get subject() {
    return this.control ? this.control.value : this.root.dataset.subject;
  }

  showText(shown) {
    this.json.hidden = !shown;
    this.builder.hidden = shown;
    this.toggle.setAttribute("aria-pressed", String(shown));
    if (!shown) this.draw("all");
  }

  keep() {
    const top = this.builder.querySelector("[data-group]");
    if (top) this.area.value = JSON.stringify(read(top), null, 1);
  }

  typed() {
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw("spoken"), PAUSE);
  }

  changed(target) {
    this.keep();
    const reshapes = target.matches("[data-field], [data-op], [data-mode], [data-negated]");
    this.draw(reshapes ? "all" : "spoken");
  }

  clicked(target) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.add) this.add(button.closest("[data-group]"), button.dataset.add);
    else if ("remove" in button.dataset) {
      button.closest("[data-test], [data-group]").remove();
      this.keep();
      this.draw("all");
    }
  }

  add(group, kind) {
    const parts = group.querySelector(":scope > [data-parts]");
    const first = this.builder.querySelector("[data-fields]").content.querySelector("option");
    if (!first) return;
    const row = document.createElement("div");
    row.dataset.test = "";
    row.dataset.read = "none";
    row.hidden = true;
    for (const [name, value] of [["field", first.value], ["op", ""]]) {
      const input = document.createElement("input");
      input.dataset[name] = "";
      input.value = value;
      row.append(input);
    }
    if (kind === "group") {
      const inner = group.cloneNode(true);
      inner.querySelector(":scope > [data-parts]").replaceChildren(row);
      inner.querySelector(":scope > legend > [data-negated]").value = "";
      parts.append(inner);
    } else parts.append(row);
    this.keep();
    // The server has chosen the first operator of a new row: take it over, then say what the tree means now.
    this.draw("all").then(() => {
      this.keep();
      this.draw("spoken");
    });
  }

  async draw(part) {
    if (!this.subject) return;
    // A redraw that is still under way is not forgotten because somebody has typed meanwhile.
    this.redraw = this.redraw || part === "all";
    const whole = this.redraw;
    const sent = this.area.value;
    const turn = (this.turn = (this.turn || 0) + 1);
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const answer = await fetch(this.root.dataset.url, {
      method: "POST",
      body: new URLSearchParams({ subject: this.subject, tree: sent, part: whole ? "all" : "spoken" }),
      headers: { "X-CSRFToken": token ? token.value : "" },
    }).catch(() => null);
    if (!answer || turn !== this.turn) return;
    if (!answer.ok) return this.unreadable();
    const html = await answer.text();
    if (turn !== this.turn) return;
    // What was typed while the server drew is newer than the drawing.
    if (sent !== this.area.value) return this.draw(whole ? "all" : "spoken");
    if (whole) this.show(html);
    else this.builder.querySelector("[data-spoken]").innerHTML = html;
  }

  show(html) {
    const place = this.focusedPlace();
    this.redraw = false;
    this.builder.innerHTML = html;
    this.builder.hidden = false;
    this.json.hidden = true;
    if (place) this.focus(place);
  }

  focusedPlace() {
    const control = document.activeElement;
    const holder = this.builder.contains(control) && control.closest("[data-path]");
    if (!holder) return null;
    const kind = ["field", "op", "mode", "negated", "value", "add"].find((name) => name in control.dataset);
    return kind ? { path: holder.dataset.path, kind } : null;
  }

  focus({ path, kind }) {
    const holder = Array.from(this.builder.querySelectorAll("[data-path]")).find((item) => item.dataset.path === path);
    const control = holder && holder.querySelector(`[data-${kind}]`);
    if (!control) return;
    control.focus();
    if (kind === "value" && control.setSelectionRange && control.type === "text") {
      control.setSelectionRange(control.value.length, control.value.length);
    }
  }

  unreadable() {
    this.redraw = false;
    // The text is no tree the server can draw: leave it to be mended as text.
    this.json.hidden = false;
    this.builder.hidden = true;
  }
}

for (const root of document.querySelectorAll("[data-condition-editor]")) new ConditionEditor(root);
