"""The list of checks, in the order in which their answers help most."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext_lazy as _

from ..drafts import Draft, Refusal
from . import content, people
from .facts import Facts, facts_for
from .quiet import quiet_until

Check = Callable[[Draft, Facts], Iterator[Refusal]]


def quiet(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Only where the rule says refuse; otherwise `send` waits for the end of the quiet hours by itself."""
    if facts.rule.quiet_action != "refuse" or draft.primary is None:
        return
    zone = draft.primary.identity.customer.time_zone
    until = quiet_until(facts.rule, str(draft.send_class), zone, facts.now)
    if until is not None:
        yield Refusal(
            "quiet_hours",
            _("It is night for this customer."),
            _("Send it when the quiet hours are over, or answer a question of the customer."),
            data={"until": until.isoformat()},
        )


CHECKS: tuple[Check, ...] = (
    content.account,
    people.recipients,
    content.proactive,
    content.words,
    content.templates,
    content.links,
    content.banned,
    content.files,
    people.others_data,
    people.new_recipient,
    people.consent,
    people.suppressed,
    quiet,
)


def findings(draft: Draft, facts: Facts | None = None) -> list[Refusal]:
    """Everything the checks have to say, what was confirmed included: for the composer."""
    facts = facts or facts_for(draft)
    return [refusal for check in CHECKS for refusal in check(draft, facts)]


def check(draft: Draft, facts: Facts | None = None) -> list[Refusal]:
    """What stands in the way of this draft: everything but what the author confirmed."""
    return [
        refusal for refusal in findings(draft, facts)
        if not (refusal.confirmable and refusal.code in draft.confirmed)
    ]  # fmt: skip
