// <details class="menu">: closes on Escape (focus back to its button), on a click outside, and after a choice.
function close(menu, { focus = false } = {}) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

export function start() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const inside = menu.contains(event.target);
      if (!inside || event.target.closest(".menu-item:not([aria-disabled='true'])")) close(menu);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu || event.isComposing) return;
    if (event.key === "Escape") { close(menu, { focus: true }); event.stopPropagation(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(menu, event);
  });
}

function step(menu, event) {
  const items = [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent);
  if (!items.length) return;
  const here = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? here + 1 : here - 1;
  items[(next + items.length) % items.length].focus();
  event.preventDefault();
}
