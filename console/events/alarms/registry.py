"""The alarm codes the house knows, each with its words. Rooms register theirs in AppConfig.ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

INFO, WARNING, ERROR, CRITICAL = 10, 20, 30, 40
SEVERITIES = {"info": INFO, "warning": WARNING, "error": ERROR, "critical": CRITICAL}


class _Params(dict):
    """Details for a sentence; a missing one shows as a dash instead of breaking the alarm."""

    def __missing__(self, key: str) -> str:
        return "–"


@dataclass(frozen=True)
class AlarmKind:
    """The words of one code. `text` and `next_step` are gettext_lazy sentences with %(name)s for details.

    `name_of(key)` gives the thing an alarm is about its name, in the sentences as %(about)s; `link_to(key)` the page
    where the next step is done. `by_hand`: nothing heals it by itself, a person says that it is dealt with.
    """

    code: str
    title: Any
    text: Any = ""
    next_step: Any = ""
    severity: int = ERROR
    owner: str = "administrator"
    name_of: Callable[[str], str] = str
    link_to: Callable[[str], str] = lambda key: ""
    by_hand: bool = False

    def sentence(self, params: Mapping[str, Any]) -> str:
        return str(self.text) % _Params(params) if self.text else ""

    def advice(self, params: Mapping[str, Any]) -> str:
        return str(self.next_step) % _Params(params) if self.next_step else ""


_kinds: dict[str, AlarmKind] = {}


def register_alarm(
    code: str,
    *,
    title: Any,
    text: Any = "",
    next_step: Any = "",
    severity: int | str = ERROR,
    owner: str = "administrator",
    **more: Any,
) -> AlarmKind:
    """Give an alarm code its words in both languages, its usual severity and its usual owner; `more` as AlarmKind."""
    kind = AlarmKind(code, title, text, next_step, severity_of(severity), owner, **more)
    _kinds[code] = kind
    return kind


def severity_of(value: int | str) -> int:
    """The number of a severity given by number or by word. Raises ValueError for anything else."""
    number = SEVERITIES.get(value, value) if isinstance(value, str) else int(value)
    if number not in SEVERITIES.values():
        raise ValueError(f"{value!r} is no severity; use {', '.join(SEVERITIES)}.")
    return number


def kind_of(code: str) -> AlarmKind:
    """The registered kind, or a bare one whose title is the code itself."""
    return _kinds.get(code) or AlarmKind(code, code)


def kinds() -> list[AlarmKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.code)


def register_own() -> None:
    """The alarms of this room."""
    register_alarm(
        "events.dead_letter",
        title=_("Deliveries given up"),
        text=_("The listener %(consumer)s failed again and again; its deliveries wait for a decision."),
        next_step=_("Open the delivery list, read the error, mend the cause, then replay or drop."),
        link_to=lambda key: f"{reverse('admin:events_eventdelivery_changelist')}?{urlencode({'consumer': key})}",
    )
    register_alarm(
        "audit.broken",
        title=_("Event log damaged"),
        text=_("%(problems)s problems were found in the event log."),
        next_step=_("Run manage.py verify_audit, keep a copy of the database, tell the security officer."),
        severity=CRITICAL,
    )
