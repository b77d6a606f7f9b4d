"""What a customer does with a matter of theirs: add words and files, withdraw, ask to have it looked at again.

Words go the way of every form, so they are safe before anything else happens; moves go through the services of cases.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from console.cases import services as cases
from console.cases.config import spec_of
from console.cases.models import Case, Party, StateClass, Transition
from console.channels.models import ChannelAccount, Envelope
from console.channels.tokens import make_token
from console.plugin_api.messages import InboundAttachment
from console.plugin_api.submissions import Submission

from ..models import CustomerSession
from . import sessions
from .submitting import submit

RECHECK, WITHDRAW, CHANGE = "recheck", "withdraw", "change"
ENDED = (StateClass.RESOLVED, StateClass.CLOSED)


class NotNow(ValueError):
    """This cannot be done with the matter as it stands."""


def add_words(
    session: CustomerSession,
    case: Case,
    account: ChannelAccount,
    text: str,
    *,
    form: str,
    language: str,
    purpose: str = "",
    files: tuple[InboundAttachment, ...] = (),
) -> Envelope:
    """Say something more about a matter; it joins the matter's own conversation."""
    identity = session.identity
    address = {identity.channel_kind: identity.address}
    return submit(
        account,
        Submission(
            form=form,
            text=text,
            email=address.get("email", ""),
            phone=address.get("phone", ""),
            subject=case.subject if case.conversation_id else f"{case.number} {case.subject}",
            language=language,
            purpose=purpose,
            thread=make_token(case.conversation.thread_ref) if case.conversation else "",
            proven_kind=identity.channel_kind,
            proven_until=session.expires_at.isoformat(),
            files=files,
        ),
    )


def may_read_decision(session: CustomerSession, case: Case) -> bool:
    """Whether the decision is for this address: the customer's, or of a party who receives it for them."""
    return cases.may_do(case, session.identity, Party.Scope.RECEIVE)


def may_withdraw(session: CustomerSession, case: Case) -> bool:
    if not cases.may_do(case, session.identity, Party.Scope.WITHDRAW):
        return False
    return spec_of(case.version).triggered(Transition.Trigger.WITHDRAWN, case.state) is not None


def goes_up(case: Case) -> bool:
    """Whether a superior team of this type looks at it again, as a matter of its own."""
    return cases.superior_of(case) is not None


def may_recheck(session: CustomerSession, case: Case) -> bool:
    if not may_read_decision(session, case):
        return False
    if goes_up(case):
        return case.withdrawn_at is None and cases.against_recheck(case) is None
    return case.state_class in ENDED and case.decided_at is not None and case.withdrawn_at is None


def withdraw(session: CustomerSession, case: Case) -> Case:
    """The customer takes the matter back: handling ends today. Raises NotNow."""
    if not may_withdraw(session, case):
        raise NotNow
    try:
        return cases.withdraw(case, sessions.actor_of(session))
    except cases.CaseError as error:
        raise NotNow from error


def ask_superior(session: CustomerSession, case: Case, words: str) -> None:
    """The customer does not agree: the superior team opens a re-check. Raises NotNow."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            cases.ask_for_recheck(case, words, sessions.actor_of(session))
        except cases.CaseError as error:
            raise NotNow from error


def recheck(session: CustomerSession, case: Case) -> bool:
    """The customer does not agree: the matter runs again, with a task that says why. False when the time in which a
    matter is taken up again is over: the words then open a new one that follows it. Raises NotNow."""
    if not may_recheck(session, case):
        raise NotNow
    if case.state_class == StateClass.CLOSED and not cases.may_reopen(case):
        return False
    by = sessions.actor_of(session)
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        try:
            cases.reopen(case, by)
        except cases.CaseError as error:
            # The words may have been read meanwhile and have taken the matter up already.
            case.refresh_from_db()
            if case.state_class in ENDED:
                raise NotNow from error
        title = _("Look at it again: the customer does not agree with the decision")
        cases.add_task(case, title, by, team=case.team, assignee=case.owner, key=f"recheck:{case.reopened}")
    return True
