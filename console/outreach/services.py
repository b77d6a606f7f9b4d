"""Notices: acknowledgement, decision, extension, closing. Sent once, by the best allowed way, on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from console.cases import services as cases
from console.cases.models import Case, CustomerNotice
from console.cases.services.notices import Noted
from console.cases.services.replying import answering
from console.channels.drafts import Upload
from console.channels.models import Delivery
from console.channels.services import Draft, Recipient, Refusal, Refused, send_many
from console.events import Actor, emit
from console.events.alarms import raise_alarm

from . import letters, surveys
from .models import Template, TemplateText
from .rendering import NoTemplate, Rendered, forget, render
from .routes import Route, routes
from .variables import reading

SYSTEM = Actor("system", "outreach", "outreach")
Kind = CustomerNotice.Kind
FINAL = (Kind.DECISION, Kind.CLOSING)
NO_FILES = {"file_kind", "file_size"}
NO_LETTER = "outreach.no_letter"
# A template's code for each notice.
CODES = {
    Kind.ACKNOWLEDGEMENT: "acknowledgement",
    Kind.DECISION: "decision",
    Kind.CLOSING: "closing",
    Kind.EXTENSION: "extension",
    Kind.UPDATE: "update",
    Kind.ACCEPTANCE: "acceptance",
    Kind.NON_ACCEPTANCE: "non_acceptance",
    Kind.SUPPLEMENT: "supplement",
}


def notify(case: Case, kind: str, actor: Actor = SYSTEM, *, undo_seconds: float = 0) -> CustomerNotice:
    """Tell the customer by the first way policy allows; on record with its delivery, or with the reason why not.

    Runs in the caller's transaction: the notice, its delivery and its record commit together. An acknowledgement is
    sent once for a case, however often this is called.
    """
    return notify_many([case], kind, actor, undo_seconds=undo_seconds)[0]


def notify_many(
    told: Sequence[Case], kind: str, actor: Actor = SYSTEM, *, undo_seconds: float = 0
) -> list[CustomerNotice]:
    """`notify` for many cases, with the queries of one; answers in the given order."""
    receipt = kind == Kind.ACKNOWLEDGEMENT
    with transaction.atomic(), reading(told):
        # Should two workers come at once, the second one's record is refused and all of it is undone.
        known = cases.acknowledged(told) if receipt else {}
        waiting = [_Telling(case, routes(case, first=receipt), undo_seconds) for case in told if case.pk not in known]
        news = [_quiet(one) for one in waiting if receipt and _suppressed(one.case)]
        waiting = [one for one in waiting if not (receipt and _suppressed(one.case))]
        while waiting:
            waiting = _try_next(waiting, kind, actor, news)
        notices = {notice.case_id: notice for notice in cases.record_notices(kind, news, actor)}
    return [known.get(case.pk) or notices[case.pk] for case in told]


@dataclass(slots=True)
class _Telling:
    """A customer to be told: the ways not tried yet, and what stood against those that were."""

    case: Case
    ways: Iterator[Route]
    undo_seconds: float
    refusals: list[Refusal] = field(default_factory=list)


def _suppressed(case: Case) -> bool:
    return case.suppress_reply or case.set_aside


def _quiet(one: _Telling) -> Noted:
    return Noted(one.case, reason="suppressed")


def _try_next(waiting: Sequence[_Telling], kind: str, actor: Actor, news: list[Noted]) -> list[_Telling]:
    """Send each by its next way. What became of it goes into `news`; returns those refused, to be tried again."""
    again: list[_Telling] = []
    tried: list[tuple[_Telling, Route, Rendered]] = []
    for one in waiting:
        route = next(one.ways, None)
        if route is None:
            news.append(Noted(one.case, reason=_why_not(one.refusals)))
            continue
        try:
            tried.append((one, route, render(CODES[kind], one.case.language, one.case, route.kind)))
        except NoTemplate:
            one.refusals.append(Refusal("no_template", _("There is no template for this notice."), ""))
            again.append(one)
    drafts = [
        replace(draft_of(one.case, kind, route, words, one.undo_seconds), attachments=_letter(one.case, kind, actor))
        for one, route, words in tried
    ]
    answers = _send_with_files(drafts, actor)
    for (one, route, words), answer in zip(tried, answers, strict=True):
        if isinstance(answer, Refused):
            one.refusals += answer.refusals
            again.append(one)
            continue
        if words.secrets and kind in FINAL:
            surveys.invited(one.case)
        news.append(Noted(one.case, answer, words.language, words.template, route.kind))
    return again


def _send(drafts: Sequence[Draft], actor: Actor) -> list[Delivery | Refused]:
    """Send what has its own record: it counts for no other case of its conversation."""
    token = answering.set(True)
    try:
        return send_many(drafts, actor) if drafts else []
    finally:
        answering.reset(token)


def _letter(case: Case, kind: str, actor: Actor) -> tuple[Upload, ...]:
    """The decision as a letter; without one the words go all the same, and somebody hears why."""
    if kind != Kind.DECISION:
        return ()
    try:
        made = letters.make(case, actor)
    except letters.LetterError as error:
        raise_alarm(NO_LETTER, error.code, text=str(error))
        return ()
    return (Upload(name=made.name, content=b"".join(letters.read(made)), content_type="application/pdf"),)


def _send_with_files(drafts: Sequence[Draft], actor: Actor) -> list[Delivery | Refused]:
    """As `_send`; a channel that carries no such file takes the words alone."""
    answers = _send(drafts, actor)
    bare = [place for place, answer in enumerate(answers) if drafts[place].attachments and _only_files(answer)]
    plain = _send([replace(drafts[place], attachments=()) for place in bare], actor)
    for place, answer in zip(bare, plain, strict=True):
        answers[place] = answer
    return answers


def _only_files(answer: Delivery | Refused) -> bool:
    return isinstance(answer, Refused) and {refusal.code for refusal in answer.refusals} <= NO_FILES


def draft_of(case: Case, kind: str, route: Route, words: Rendered, undo_seconds: float = 0) -> Draft:
    """The notice as a draft: in the thread the customer wrote in, when it goes back the way they came.

    Naming the conversation as thread also makes the words appear in its timeline.
    """
    origin = case.origin
    same_way = origin is not None and (origin.identity_id, origin.account_id) == (route.identity.pk, route.account.pk)
    return Draft(
        account=route.account,
        recipients=(Recipient(route.identity),),
        subject=words.subject,
        text=words.body,
        send_class=words.send_class,
        in_reply_to=origin if same_way else None,
        purpose=f"notice.{kind}",
        undo_seconds=undo_seconds,
        language=words.language,
        thread=case.conversation.thread_ref if case.conversation else "",
        automatic=True,
        correlation_id=case.correlation_id,
        hidden=words.secrets,
    )


def _why_not(refusals: list[Refusal]) -> str:
    codes = list(dict.fromkeys(refusal.code for refusal in refusals))
    return ", ".join(codes) if codes else "no_way"


def tell_again(case: Case, notice_id: int, actor: Actor = SYSTEM) -> CustomerNotice | None:
    """A final notice came back: the next allowed way, or a task to call when there is none."""
    failed = CustomerNotice.objects.get(pk=notice_id)
    notice = notify(case, failed.kind, actor)
    if notice.delivery_id is None:
        cases.ask_for_call(case, notice_id)
        return None
    return notice


def draft_template(template: Template, actor: Any = None) -> Template:
    """A copy to work on; an open draft of the same code and channels is given back instead."""
    for known in Template.objects.filter(code=template.code, state="draft"):
        if set(known.channel_kinds) == set(template.channel_kinds):
            return known
    latest = Template.objects.filter(code=template.code).order_by("-number").first()
    with transaction.atomic():
        draft = Template.objects.create(
            code=template.code,
            number=latest.number + 1,
            name=template.name,
            name_en=template.name_en,
            channel_kinds=template.channel_kinds,
            send_class=template.send_class,
            author=str(actor or "")[:150],
        )
        for text in template.texts.all():
            TemplateText.objects.create(template=draft, language=text.language, subject=text.subject, body=text.body)
    return draft


class TemplateRefused(Exception):
    """A template cannot be activated; the message says why."""


def activate_template(template: Template, actor: Actor = SYSTEM, reason: str = "") -> Template:
    """Make a draft the text in use for its code and channels; the one before is retired. Emits `template.activated`."""
    if template.state != "draft":
        raise TemplateRefused(_("Only a draft can be activated."))
    if not reason.strip():
        raise TemplateRefused(_("Give a reason."))
    texts = list(template.texts.all())
    if not any(text.language == "zh-hans" for text in texts):
        raise TemplateRefused(_("A template needs its Chinese text."))
    for text in texts:
        text.clean()
    now = timezone.now()
    with transaction.atomic():
        for row in Template.objects.filter(code=template.code, state="active"):
            if set(row.channel_kinds) == set(template.channel_kinds):
                Template.objects.filter(pk=row.pk).update(state="retired", active_until=now)
        template.body = {text.language: {"subject": text.subject, "body": text.body} for text in texts}
        template.state, template.active_from, template.reason = "active", now, reason.strip()[:300]
        template.author = str(actor)[:150]
        template.save()
        transaction.on_commit(forget)
        emit(
            f"template:{template.code}",
            "template.activated",
            {"code": template.code, "number": template.number},
            actor=actor,
        )
    forget()
    return template
