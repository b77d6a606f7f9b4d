"""A case as plugins see it: what it is about, without names, addresses and identifiers."""

from __future__ import annotations

from typing import Any

from console.conversations.models import Entry
from console.plugin_api.cases import CaseView, Label, Utterance

from . import config
from .config import spec_of
from .models import Case

LATEST = 20


def outline(case: Case, user: Any) -> CaseView:
    """What a plugin is told about a case while this person looks at it; nothing the person may not see."""
    rows = Entry.objects.filter(conversation__case_links__case=case, message__isnull=False).not_hidden_from(user)
    latest = reversed(rows.select_related("message").order_by("-at", "-id")[:LATEST])
    return CaseView(
        number=case.number,
        type=case.type.code,
        state=case.state,
        subject=case.subject,
        channel=case.account.channel_kind if case.account else "",
        language=case.language or "zh-hans",
        grade=case.grade,
        opened_at=case.opened_at,
        categories={row.dimension: row.category.code for row in case.categories.select_related("category")},
        messages=tuple(Utterance(text=row.message.text, inbound=row.inbound, at=row.at) for row in latest),
    )


def labels(case: Case) -> tuple[Label, ...]:
    """Every place of every classification this case's type uses."""
    return tuple(
        Label(dimension=dimension, code=row.code, name=row.label)
        for dimension in spec_of(case.version).version.dimensions
        for row in config.tree(dimension).values()
    )
