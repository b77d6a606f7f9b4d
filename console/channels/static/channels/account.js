// Fields that matter only under another field's value stay out of sight until then. Without this script all are shown.
const fields = [...document.querySelectorAll("[data-when]")];

function look() {
  for (const field of fields) {
    const other = field.closest("form").elements[field.dataset.when];
    const hasError = field.querySelector("[role=alert]");
    field.hidden = Boolean(other) && !hasError && !field.dataset.is.split(" ").includes(other.value);
  }
  for (const group of document.querySelectorAll(".chan-form fieldset")) {
    const members = [...group.querySelectorAll(".chan-field")];
    group.hidden = members.length > 0 && members.every((member) => member.hidden);
  }
}

document.addEventListener("change", look);
look();
