"""Events of a case as sentences; what an event's codes stand for is looked up in the case's own configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from console.cases.config import Spec
from console.cases.models import CustomerNotice, MessageMark, Party, Proceeding, Redress, RepeatReason

from .people import named


@dataclass(frozen=True)
class Line:
    """One event, ready to show."""

    at: datetime
    text: str
    who: str
    type: str = ""


class Names:
    """What ids and codes in events are called; people are looked up once for all events of a page."""

    def __init__(self, spec: Spec, people: dict[int, str], teams: dict[int, str]) -> None:
        self.spec, self.people, self.teams = spec, people, teams

    def state(self, code: Any) -> str:
        row = self.spec.states.get(code)
        return row.label if row else str(code or "–")

    def person(self, pk: Any) -> str:
        return self.people.get(pk, "–") if pk else _("nobody")

    def team(self, pk: Any) -> str:
        return self.teams.get(pk, "–")

    def field(self, code: str) -> str:
        known = self.spec.field(code)
        return known.label if known else FIELDS.get(code, lambda: code)()

    def choice(self, kind: str, code: Any) -> str:
        row = self.spec.choice(kind, code)
        return row.label if row else str(code or "–")

    def material(self, code: Any) -> str:
        row = self.spec.material(code)
        return row.label if row else str(code or "–")

    def asked(self, row: Any) -> str:
        """What a request is for."""
        payload = row.payload
        if row.kind == "redress":
            money = f" {payload['amount']} {payload['currency']}" if payload.get("amount") else ""
            return self.choice("redress", payload.get("kind")) + money
        return self.step(payload.get("transition") or f"extension:{payload.get('rule', '')}")

    def brought(self, row: Any) -> str:
        """What a request brings along, for the second person to read: grounds and words."""
        brought = row.payload.get("brought", {})
        grounds = self.choice("non_acceptance", brought["grounds"]) if brought.get("grounds") else ""
        return "\n".join(filter(None, (grounds, str(brought.get("words", "")))))

    def step(self, code: str) -> str:
        if code.startswith("redress:"):
            return _("redress %(name)s") % {"name": self.choice("redress", code.partition(":")[2])}
        if code.startswith("extension:"):
            rule = self.spec.extension_rules.get(code.partition(":")[2])
            return _("extension %(name)s") % {"name": named(rule) if rule else code}
        move = self.spec.transitions.get(code)
        return move.label if move else code


FIELDS: dict[str, Callable[[], str]] = {
    "outcome": lambda: _("Outcome"),
    "root_cause": lambda: _("Root cause"),
    "decision": lambda: _("Decision"),
}


def _assigned(data: dict, names: Names) -> str:
    if data.get("owner_id") != data.get("before_owner_id"):
        return _("Assigned to %(who)s") % {"who": names.person(data.get("owner_id"))}
    return _("Handed to %(team)s") % {"team": names.team(data.get("team_id"))}


def _fields(data: dict, names: Names) -> str:
    return _("Changed %(fields)s") % {"fields": ", ".join(names.field(code) for code in data.get("fields", []))}


def _notice(data: dict, names: Names) -> str:
    kind = dict(CustomerNotice.Kind.choices).get(data.get("kind"), data.get("kind"))
    return _("Notice: %(kind)s") % {"kind": kind}


def _marked(data: dict, names: Names) -> str:
    kind = dict(MessageMark.Kind.choices).get(data.get("kind"), data.get("kind"))
    return _("Message set aside: %(kind)s") % {"kind": kind}


def _material_asked(data: dict, names: Names) -> str:
    return _("Asked the customer for %(what)s") % {"what": _(", ").join(names.material(code) for code in data["kinds"])}


def _redress_settled(data: dict, names: Names) -> str:
    status = dict(Redress.Status.choices).get(data.get("status"), "")
    return f"{names.choice('redress', data.get('kind'))}: {status}"


def _role(data: dict) -> str:
    return str(dict(Party.Role.choices).get(data.get("role"), ""))


def _proceeding(data: dict) -> str:
    return str(dict(Proceeding.Kind.choices).get(data.get("kind"), ""))


def _decided(data: dict, names: Names) -> str:
    return _("Request approved") if data.get("approved") else _("Request rejected")


def _closed(data: dict, names: Names) -> str:
    if data.get("outcome"):
        return _("Closed: %(outcome)s") % {"outcome": names.choice("outcome", data["outcome"])}
    return _("Closed")


SENTENCES: dict[str, Callable[[dict, Names], str]] = {
    "case.opened": lambda data, names: _("Case opened"),
    "case.transitioned": lambda data, names: (
        _("%(before)s → %(after)s")
        % {
            "before": names.state(data.get("before")),
            "after": names.state(data.get("after")),
        }
    ),
    "case.assigned": _assigned,
    "case.classified": lambda data, names: _("Classified"),
    "case.graded": lambda data, names: (
        _("Grade %(before)s → %(after)s")
        % {
            "before": data.get("before") or "–",
            "after": data.get("after"),
        }
    ),
    "case.fields_changed": _fields,
    "case.retitled": lambda data, names: _("Subject changed"),
    "case.answered": lambda data, names: _("Customer answered"),
    "case.answer_failed": lambda data, names: _("The answer did not arrive"),
    "case.answer_taken_back": lambda data, names: _("The answer was taken back before it went out"),
    "case.customer_wrote": lambda data, names: _("The customer wrote"),
    "case.noted": lambda data, names: _("Note written"),
    "case.accepted": lambda data, names: pgettext("complaint", "Accepted"),
    "case.not_accepted": lambda data, names: (
        _("Not accepted: %(grounds)s") % {"grounds": names.choice("non_acceptance", data.get("grounds"))}
    ),
    "case.material_asked": _material_asked,
    "case.material_received": lambda data, names: _("On file: %(what)s") % {"what": names.material(data.get("kind"))},
    "case.decided": lambda data, names: (
        _("Decided: %(outcome)s") % {"outcome": names.choice("outcome", data.get("outcome"))}
    ),
    "case.closed": _closed,
    "case.reopened": lambda data, names: _("Reopened"),
    "case.withdrawn": lambda data, names: _("Withdrawn by the customer"),
    "case.approval_requested": lambda data, names: (
        _("Approval asked: %(step)s") % {"step": names.step(data.get("step", ""))}
    ),
    "case.approval_decided": _decided,
    "case.extended": lambda data, names: _("Deadline extended"),
    "case.notice_recorded": _notice,
    "case.customer_told": lambda data, names: _("The customer was told"),
    "case.tell_again": lambda data, names: _("The notice came back; the customer must be told again"),
    "case.not_told": lambda data, names: _("Not told, for a recorded reason"),
    "case.task_added": lambda data, names: _("Task added"),
    "case.task_done": lambda data, names: _("Task answered"),
    "case.task_cancelled": lambda data, names: _("Task cancelled"),
    "case.participant_added": lambda data, names: (
        _("%(who)s may see this case") % {"who": names.person(data.get("user_id"))}
    ),
    "case.participant_removed": lambda data, names: (
        _("%(who)s no longer sees this case") % {"who": names.person(data.get("user_id"))}
    ),
    "case.linked": lambda data, names: _("Linked to another case"),
    "case.repeat": lambda data, names: (
        _("Customer came again: %(reason)s") % {"reason": dict(RepeatReason.choices).get(data.get("reason"), "–")}
    ),
    "case.split": lambda data, names: _("Another matter split off"),
    "case.unlinked": lambda data, names: _("Link removed"),
    "case.merged": lambda data, names: _("Merged with another case"),
    "case.unmerged": lambda data, names: _("Merge taken back"),
    "case.message_marked": _marked,
    "case.message_unmarked": lambda data, names: _("Mark of a message taken back"),
    "case.set_aside": lambda data, names: _("Case set aside"),
    "case.taken_back": lambda data, names: _("Case taken up again"),
    "case.stepped_back": lambda data, names: _("Back to %(state)s") % {"state": names.state(data.get("state"))},
    "case.redress_added": lambda data, names: (
        _("Redress proposed: %(what)s") % {"what": names.choice("redress", data.get("kind"))}
    ),
    "case.redress_settled": _redress_settled,
    "case.redress_paid": lambda data, names: (
        _("Redress paid: %(what)s") % {"what": names.choice("redress", data.get("kind"))}
    ),
    "case.customer_known": lambda data, names: _("The customer was made sure of; the new address is theirs"),
    "case.party_added": lambda data, names: _("Added: %(role)s") % {"role": _role(data)},
    "case.party_ended": lambda data, names: _("No longer acts: %(role)s") % {"role": _role(data)},
    "case.recused": lambda data, names: (
        _("%(who)s keeps out because of an interest") % {"who": names.person(data.get("user_id"))}
    ),
    "case.recusal_ended": lambda data, names: (
        _("The recusal of %(who)s has ended") % {"who": names.person(data.get("user_id"))}
    ),
    "case.forwarded": lambda data, names: _("Forwarded by a regulator"),
    "case.regulator_answered": lambda data, names: _("The regulator was answered"),
    "case.proceeding_begun": lambda data, names: _("Begun: %(kind)s") % {"kind": _proceeding(data)},
    "case.proceeding_over": lambda data, names: _("Over: %(kind)s") % {"kind": _proceeding(data)},
    "case.recheck_asked": lambda data, names: _("The customer asked for a re-check"),
    "case.recheck_decided": lambda data, names: (
        _("Re-check decided; the case is taken up again") if data.get("reopens") else _("Re-check decided")
    ),
    "case.letter_made": lambda data, names: _("Decision letter made"),
    "case.letter_opened": lambda data, names: _("Decision letter opened"),
    "case.clock_due_soon": lambda data, names: _("Deadline comes near"),
    "case.clock_breached": lambda data, names: _("Deadline missed"),
    "case.escalated": lambda data, names: _("Escalated"),
    "survey.answered": lambda data, names: _("The customer rated it %(score)s of 5") % {"score": data.get("score")},
}
# Said by the timeline itself; the folded events do not repeat them.
SAID = {"case.noted", "case.customer_wrote", "case.answered"}


def sentence(event: Any, names: Names) -> str:
    known = SENTENCES.get(event.type)
    return known(event.data, names) if known else event.type


def actor_of(event: Any, names: Names) -> str:
    if event.actor_kind == "staff" and event.actor_id.isdigit():
        return names.people.get(int(event.actor_id), event.actor_label)
    if event.actor_kind == "customer":
        return _("Customer")
    if event.actor_kind == "system":
        return _("System")
    return event.actor_label or event.actor_kind


def line(event: Any, names: Names) -> Line:
    return Line(timezone.localtime(event.created_at), sentence(event, names), actor_of(event, names), event.type)


def people_in(events: list[Any]) -> set[int]:
    """Ids of colleagues the sentences will name."""
    found: set[int] = set()
    for event in events:
        if event.actor_kind == "staff" and event.actor_id.isdigit():
            found.add(int(event.actor_id))
        found |= {event.data.get(key) for key in ("owner_id", "user_id") if event.data.get(key)}
    return found


def teams_in(events: list[Any]) -> set[int]:
    return {event.data["team_id"] for event in events if event.type == "case.assigned" and event.data.get("team_id")}
