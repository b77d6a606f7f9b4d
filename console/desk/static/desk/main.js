// The hub's scripts, started once. Each module knows one thing; pages work without any of them.
import * as menus from "./menus.js";

for (const module of [menus]) module.start();
