"""From a template to words: only listed variables, and no line with a hole in it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import translation

from console.cases.models import Case

from . import brand
from .models import Template, TemplateText
from .variables import BY_NAME, reading

FRESH_SECONDS = 3.0
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
# Said when the customer's language has no text; in that language, because it is for them.
FALLBACK = {
    "en": "This notice is not available in English yet; the Chinese text follows.",
    "zh-hans": "本通知暂无中文版本，以下为英文原文。",
}


# What a text without a case may say all the same.
STANDING = {"bank": brand.bank_name, "hotline": brand.hotline}


class NoTemplate(LookupError):
    """No active template of this code fits the channel."""


@dataclass(frozen=True)
class Rendered:
    """A text ready to send. `fallback` says that it is not in the language asked for."""

    subject: str
    body: str
    language: str
    template: str
    send_class: str
    fallback: bool = False
    secrets: tuple[str, ...] = ()


def unknown_variables(text: str) -> list[str]:
    """Names in `{{ }}` that are not on the list, and braces that do not close."""
    found = sorted({name for name in _VARIABLE.findall(text) if name not in BY_NAME})
    rest = _VARIABLE.sub("", text)
    return found + (["{{ }}"] if "{{" in rest or "}}" in rest else [])


def template_for(code: str, channel_kind: str = "", case_type: str = "") -> Template:
    """The active template of a code, one made for this kind of channel first. Raises NoTemplate.

    A code that ends in a case type (`decision-recheck`) goes before the general one for cases of that type.
    """
    for wanted in filter(None, (case_type and f"{code}-{case_type}", code)):
        for row in _active().get(wanted, ()):
            if not row.channel_kinds or channel_kind in row.channel_kinds:
                return row
    raise NoTemplate(code)


_kept: dict[str, tuple[float, dict[str, list[Template]]]] = {}


def forget() -> None:
    """Drop the templates and the brand kept in memory: after an activation here, and between tests."""
    _kept.clear()
    brand.forget()


def _active() -> dict[str, list[Template]]:
    """Active templates with their texts by code, those for single channels first; asked again after some seconds."""
    until, found = _kept.get("all", (0.0, {}))
    if until < time.monotonic():
        found = {}
        rows = Template.objects.filter(state="active").prefetch_related("texts").order_by("-number")
        for row in sorted(rows, key=lambda row: not row.channel_kinds):
            found.setdefault(row.code, []).append(row)
        _kept["all"] = (time.monotonic() + FRESH_SECONDS, found)
    return found


def render(code: str, language: str, context: Mapping[str, str] | Case, channel_kind: str = "") -> Rendered:
    """The words of a template in a language, or in the other one with a line that says so. Raises NoTemplate."""
    template = template_for(code, channel_kind, context.type.code if isinstance(context, Case) else "")
    text, fallback = text_in(template, language)
    return render_text(template, text, context, wanted=language if fallback else "")


def text_in(template: Template, language: str) -> tuple[TemplateText, bool]:
    """The text in this language; else the first there is, and True. Raises NoTemplate for an empty template."""
    texts = {text.language: text for text in template.texts.all()}
    if language in texts:
        return texts[language], False
    if not texts:
        raise NoTemplate(template.code)
    return texts.get("zh-hans") or next(iter(texts.values())), True


def render_text(
    template: Template, text: TemplateText, context: Mapping[str, str] | Case, wanted: str = ""
) -> Rendered:
    """As `render`, for a text at hand: a draft in its preview, say."""
    with translation.override(text.language):
        values = _values(f"{text.subject}\n{text.body}", context)
    body = fill(text.body, values)
    if wanted:
        body = f"{FALLBACK[wanted]}\n\n{body}"
    return Rendered(
        subject=" ".join(fill(text.subject, values).split()),
        body=body,
        language=text.language,
        template=f"{template.code} v{template.number}",
        send_class=template.send_class,
        fallback=bool(wanted),
        secrets=tuple(value for name, value in values.items() if value and BY_NAME[name].secret),
    )


def _values(text: str, context: Mapping[str, str] | Case) -> dict[str, str]:
    names = {name for name in _VARIABLE.findall(text) if name in BY_NAME}
    if isinstance(context, Case):
        with reading([context]):
            return {name: BY_NAME[name].read(context) for name in names}
    return {name: str(context.get(name) or (STANDING[name]() if name in STANDING else "")) for name in names}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Variables replaced; a line that names an empty one is left out, so no sentence ends in nothing."""
    lines = []
    for line in text.splitlines():
        names = _VARIABLE.findall(line)
        if any(not values.get(name) for name in names):
            continue
        lines.append(_VARIABLE.sub(lambda found: values[found[1]], line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
