"""What can be wrong with a plugin before it runs, in words for an operator. No Django set up is needed here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "manifest_missing": _("It has no plugin.toml. Ask its author for a complete package."),
    "manifest_broken": _("Its plugin.toml cannot be read. Correct the line named below."),
    "manifest_invalid": _("Its plugin.toml lacks something. Correct the entry named below."),
    "slug_clash": _("Two plugins carry this name, so neither is loaded. Remove one of them."),
    "not_allowed": _("It was found but is not allowed. Add its name to HUIYIN_PLUGINS and restart."),
    "safe_mode": _("Safe mode is on: only bundled plugins run. Unset HUIYIN_SAFE_MODE and restart."),
    "api_range": _("It was made for another version of the plugin interface. Install a release that fits."),
    "blocked": _("This release is known to do harm and is blocked. Install another release."),
    "dependency": _("A package it needs is missing or too old. Install it, then restart."),
    "not_found": _("HUIYIN_PLUGINS names it, but no such plugin is installed."),
    "preflight": _("Its trial start failed, so it is not loaded. Correct the error named below, then restart."),
    "import": _("Its code cannot be imported. Correct the error named below, then restart."),
    "hook": _("One of its hooks is refused. Correct what is named below, then restart."),
    "connector": _("One of its connectors is refused. Correct what is named below, then restart."),
    "extension": _("One of its extensions is refused. Correct what is named below, then restart."),
    "extension_clash": _("Two plugins offer an extension of this name, so neither does. Remove one of them."),
    "connector_clash": _("Two plugins offer this channel, so neither does. Remove one of them."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a plugin, or a part of it, does not run. `detail` is the plain technical cause."""

    slug: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        sentence = SENTENCES.get(self.code, self.code)
        return f"{self.slug}: {sentence} {self.detail}".rstrip()
