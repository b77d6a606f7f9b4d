"""Template words every hub page may use: icons, the shell's parts, times and names as people read them."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from .. import helping, shell

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", size: int = 16) -> SafeString:
    """One icon of the vendored sprite. With a label it speaks; without, it is decoration beside a word."""
    css = "icon" if size == 16 else f"icon icon-{size}"
    href = f"{static('vendor/lucide/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href)
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, href)


@register.simple_tag(takes_context=True)
def shell_of(context: template.Context) -> shell.Shell:
    """Navigation, counts, alarms and choices of the person at this desk; once per request."""
    return shell.of(context["request"])


@register.simple_tag(takes_context=True)
def widgets_of(context: template.Context) -> list[helping.Shown]:
    """The cards plugins add to the hub's first page, for the person who looks."""
    return helping.widgets(context["request"].user)


@register.filter
def initials(name: str) -> str:
    """What stands in a small circle: the first Han letter, or up to two Latin initials."""
    name = str(name).strip()
    if not name:
        return "?"
    if "一" <= name[0] <= "鿿":
        return name[0]
    return "".join(part[0] for part in name.split()[:2]).upper()


@register.simple_tag
def html_lang() -> str:
    return "zh-Hans" if (get_language() or "").startswith("zh") else "en"
