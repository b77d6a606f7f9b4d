// The hub's scripts, started once. Each module knows one thing; pages work without any of them.
import * as attachments from "./attachments.js";
import * as bulk from "./bulk.js";
import * as composer from "./composer.js";
import * as dialogs from "./dialogs.js";
import * as drafts from "./drafts.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as menus from "./menus.js";
import * as panes from "./panes.js";
import * as picker from "./picker.js";
import * as rows from "./rows.js";
import * as session from "./session.js";
import * as toasts from "./toasts.js";

for (const module of [menus, dialogs, toasts, session, panes, drafts, picker, attachments, composer, bulk, rows, live, keys]) module.start();
