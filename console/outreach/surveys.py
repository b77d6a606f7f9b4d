"""Asking how it was: a signed link in the notice that ends a case, good for one answer; a low score may open a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from console.cases import services as cases
from console.cases.models import Case
from console.events import Actor, emit
from console.foundation import crypto
from console.foundation.text import clean
from console.foundation.text.masking import mask_text

from .models import SurveyAnswer, SurveyInvitation, SurveyRule

PURPOSE = "survey"
MAX_WORDS = 4000
TOP = 4  # the two best scores of five count as satisfied
DAYS = 90


class BadLink(ValueError):
    """Not one of our links, or its time is over."""


class Answered(ValueError):
    """This link has been used."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A question sheet somebody holds the link to."""

    case: Case
    round: int
    rule: SurveyRule


def rule_for(case: Case) -> SurveyRule | None:
    return SurveyRule.objects.filter(type_id=case.type_id, is_active=True).first()


def wait(case: Case) -> int:
    """How many seconds the closing notice waits, because it asks how it was."""
    rule = rule_for(case)
    return rule.hours_after * 3600 if rule else 0


def link(case: Case) -> str:
    """The address of the question sheet for a case that ends now; empty when customers of its type are not asked.

    Nor is anybody asked twice: about a case answered for already, or one that a low score opened.
    """
    rule = rule_for(case)
    answered = Q(case=case, round=case.reopened) | Q(opened=case)
    if rule is None or SurveyAnswer.objects.filter(answered).exists():
        return ""
    token = crypto.sign(PURPOSE, f"{case.pk}:{case.reopened}".encode(), rule.valid_days * 24 * 3600)
    try:
        return settings.HUIYIN_BASE_URL.rstrip("/") + reverse("portal:survey", args=[token])
    except NoReverseMatch:
        return ""


def invited(case: Case) -> None:
    """The link went out with a notice."""
    SurveyInvitation.objects.get_or_create(case=case, round=case.reopened)


def read(token: str) -> Sheet:
    """The sheet behind a link. Raises BadLink and Answered."""
    try:
        pk, _colon, round_ = crypto.verify(PURPOSE, token).decode().partition(":")
        case = Case.objects.select_related("type", "version", "customer").get(pk=int(pk))
    except (crypto.BadSignature, ValueError, Case.DoesNotExist) as error:
        raise BadLink from error
    if SurveyAnswer.objects.filter(case=case, round=int(round_)).exists():
        raise Answered
    rule = rule_for(case)
    if rule is None:
        raise BadLink
    return Sheet(case, int(round_), rule)


def answer(sheet: Sheet, score: int, reason: str = "", text: str = "", language: str = "") -> SurveyAnswer:
    """Keep an answer, once; emits `survey.answered`. Raises Answered when somebody was faster."""
    if not 1 <= score <= 5:
        raise ValueError(score)
    known = {code for code, _words in sheet.rule.options()}
    try:
        with transaction.atomic():
            row = SurveyAnswer.objects.create(
                case=sheet.case,
                round=sheet.round,
                score=score,
                reason=reason if reason in known else "",
                text=mask_text(clean(text).strip()[:MAX_WORDS]),
                language=language[:10],
            )
            data = {"case_id": sheet.case.pk, "answer_id": row.pk, "score": score, "reason": row.reason}
            actor = Actor("customer", str(sheet.case.customer_id or ""))
            emit(sheet.case.stream, "survey.answered", data, actor=actor)
    except IntegrityError as error:
        raise Answered from error
    return row


def follow_up(row: SurveyAnswer) -> Case | None:
    """Open the case a low score asks for by its rule; the one there is when that was done before."""
    rule = rule_for(row.case)
    if row.opened_id or rule is None or row.score > rule.low_score:
        return row.opened
    case, language = row.case, settings.LANGUAGE_CODE
    with transaction.atomic(), override(language):
        opened = cases.open_case(
            rule.low_type or case.type,
            case.customer,
            case.conversation,
            subject=_("Rated %(score)s of 5: %(subject)s") % {"score": row.score, "subject": case.subject},
            team=rule.low_team or case.team,
            site=case.site,
            grade=rule.low_grade,
            account=case.account,
            language=case.language,
            reached_at=row.answered_at,
            follows=case,
        )
        cases.add_note(opened, words_of(row, rule))
        SurveyAnswer.objects.filter(pk=row.pk).update(opened=opened)
    return opened


def words_of(row: SurveyAnswer, rule: SurveyRule) -> str:
    """What was answered, as a colleague reads it."""
    reason = dict(rule.options()).get(row.reason, row.reason)
    parts = [_("The customer rated %(number)s with %(score)s of 5.") % {"number": row.case.number, "score": row.score}]
    return "\n".join([*parts, *(part for part in (reason, row.text) if part)])


def figures(answers: Any, invitations: Any, days: int = DAYS) -> dict[str, Any]:
    """The last days in numbers: answers, mean, satisfied (4 and 5 of 5), and how many of those asked have answered."""
    since = timezone.now() - timedelta(days=days)
    rows = answers.filter(answered_at__gte=since).order_by()
    found = rows.aggregate(answers=Count("pk"), mean=Avg("score"), top=Count("pk", filter=Q(score__gte=TOP)))
    asked = invitations.filter(created_at__gte=since).count()
    count = found["answers"]
    return {
        "days": days,
        "answers": count,
        "mean": round(found["mean"], 2) if count else None,
        "satisfied": round(100 * found["top"] / count, 1) if count else None,
        "asked": asked,
        "response": round(100 * min(count, asked) / asked, 1) if asked else None,
    }
