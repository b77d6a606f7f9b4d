"""Reply templates: texts of the outreach room that a person inserts and then changes as they like."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import Http404

from console.cases.models import Case
from console.outreach.models import Template
from console.outreach.rendering import NoTemplate, render

SECONDS = 30


@dataclass(frozen=True)
class Offered:
    code: str
    name: str
    name_en: str

    @property
    def label(self) -> str:
        return Template(name=self.name, name_en=self.name_en).label


def offered(channel_kind: str) -> list[Offered]:
    """Active templates of the class "reply" that fit a channel; asked again every half minute."""
    rows = cache.get("desk.templates")
    if rows is None:
        active = Template.objects.filter(state="active", send_class="reply").order_by("name")
        rows = list(active.values_list("code", "name", "name_en", "channel_kinds"))
        cache.set("desk.templates", rows, SECONDS)
    return [Offered(*row[:3]) for row in rows if not row[3] or channel_kind in row[3]]


def rendered(user: Any, case: Case, code: str) -> str:
    """The text in the case's language, its variables filled in."""
    kind = case.account.channel_kind if case.account else ""
    try:
        return render(code, case.language, case, kind).body
    except NoTemplate as missing:
        raise Http404 from missing
