"""The keyboard of the desk: what can be done by key, and which keys this person has for it.

static/desk/keys.js does what is named here. A person's own keys are kept as differences from these; "" is "off".
"""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 12
CHORD = "Ctrl+"
NAMED = {"enter": "Enter"}
# What browsers do themselves with Ctrl, and a page cannot or should not take from people.
BROWSERS = frozenset("acflnprstvwxyz0+-")


@dataclass(frozen=True)
class Action:
    """One thing a key does. What is done while one types needs Ctrl."""

    code: str
    key: str
    label: str | Promise
    while_typing: bool = False


ACTIONS = (
    Action("next", "j", gettext_lazy("Next row")),
    Action("previous", "k", gettext_lazy("Previous row")),
    Action("open", "Enter", gettext_lazy("Open the row")),
    Action("mark", "x", gettext_lazy("Select the row")),
    Action("mark-all", "*", gettext_lazy("Select all rows shown")),
    Action("follow", "e", gettext_lazy("Next case: what breaches first")),
    Action("reply", "r", gettext_lazy("Reply")),
    Action("note", "n", gettext_lazy("Internal note")),
    Action("assign", "a", gettext_lazy("Assign")),
    Action("status", "s", gettext_lazy("Change the status")),
    Action("actions", ".", gettext_lazy("More actions")),
    Action("template", "/", gettext_lazy("Template, or search")),
    Action("go", "g", gettext_lazy("Go to … (then the letter of a place)")),
    Action("find", "Ctrl+K", gettext_lazy("Find anything")),
    Action(
        "send",
        "Ctrl+Enter",
        gettext_lazy("Send or save what you write; with Shift, also what followed last"),
        while_typing=True,
    ),
    Action("help", "?", gettext_lazy("This list")),
)
BY_CODE = {action.code: action for action in ACTIONS}


def keys_of(user: Any) -> dict[str, str]:
    """Which key does what for this person; "" where it is switched off."""
    own = getattr(user, "key_bindings", None) or {}
    return {action.code: own.get(action.code, action.key) for action in ACTIONS}


def table(user: Any) -> str:
    """For keys.js: what each key does."""
    return json.dumps({key: code for code, key in keys_of(user).items() if key})


def parts(key: str) -> list[str]:
    """A key as the caps one presses."""
    return ["Ctrl", key.removeprefix(CHORD)] if key.startswith(CHORD) else [key]


def spelt(typed: str) -> str:
    """A key as it is kept, whatever way it was typed; letters are the same with Shift and without."""
    text = unicodedata.normalize("NFKC", typed).strip()
    chord = text.lower().startswith(CHORD.lower()) and len(text) > len(CHORD)
    name = text[len(CHORD) :] if chord else text
    name = NAMED.get(name.lower(), name.upper() if chord else name.lower() if len(name) == 1 else name)
    return CHORD + name if chord else name


def problem_with(action: Action, key: str) -> str:
    """Why this key cannot do this; "" when it can."""
    name = key.removeprefix(CHORD)
    if name != "Enter" and (len(name) != 1 or not name.isprintable()):
        return _("Press one letter, digit or sign, or Enter; with Ctrl if you like.")
    if key.startswith(CHORD) and name.lower() in BROWSERS:
        return _("The browser keeps %(key)s for itself.") % {"key": key}
    if action.while_typing and not key.startswith(CHORD):
        return _("This is pressed while one types, so it needs Ctrl.")
    return ""


def choose(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What somebody typed, spelt: (differences from what is shipped, problems by action)."""
    chosen = {action.code: spelt(typed[action.code])[:LONGEST] for action in ACTIONS if action.code in typed}
    wanted = {action.code: chosen.get(action.code, action.key) for action in ACTIONS}
    problems = {}
    for code, key in wanted.items():
        other = next((one for one, same in wanted.items() if same == key and one != code), "")
        if not key:
            continue
        if problem := problem_with(BY_CODE[code], key):
            problems[code] = problem
        elif other:
            words = {"key": key, "what": BY_CODE[other].label}
            problems[code] = _("%(key)s is also “%(what)s”. One key does one thing.") % words
    return {code: key for code, key in wanted.items() if key != BY_CODE[code].key}, problems
