from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="site")
class Brand(BaseSiteSetting):
    """How the organisation presents itself: one row a site, edited by knowledge editors."""

    name_zh = models.CharField(
        _("name (Chinese)"), max_length=80, default="回音", help_text=_("At the head of the help centre.")
    )
    name_en = models.CharField(_("name (English)"), max_length=80, default="Huiyin")
    bank_zh = models.CharField(
        _("bank (Chinese)"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("How letters and notices call the bank."),
    )
    bank_en = models.CharField(_("bank (English)"), max_length=80, blank=True, default="", db_default="")
    logo = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("logo"),
    )
    hotline = models.CharField(_("hotline"), max_length=40, blank=True)
    footer_zh = models.TextField(_("footer (Chinese)"), blank=True)
    footer_en = models.TextField(_("footer (English)"), blank=True)
    notice_zh = models.CharField(_("notice (Chinese)"), max_length=200, blank=True, help_text=_("Shown on every page."))
    notice_en = models.CharField(_("notice (English)"), max_length=200, blank=True)

    panels = [
        MultiFieldPanel([FieldPanel("name_zh"), FieldPanel("name_en"), FieldPanel("logo")], _("Identity")),
        MultiFieldPanel([FieldPanel("bank_zh"), FieldPanel("bank_en"), FieldPanel("hotline")], _("In letters")),
        MultiFieldPanel([FieldPanel("notice_zh"), FieldPanel("notice_en")], _("Notice")),
        MultiFieldPanel([FieldPanel("footer_zh"), FieldPanel("footer_en")], _("Footer")),
    ]

    class Meta:
        verbose_name = _("brand")

    def _in_language(self, field: str) -> str:
        """The reader's language, falling back to the other one rather than to nothing."""
        first, second = ("en", "zh") if (get_language() or "").startswith("en") else ("zh", "en")
        return getattr(self, f"{field}_{first}") or getattr(self, f"{field}_{second}")

    @property
    def name(self) -> str:
        return self._in_language("name")

    @property
    def footer(self) -> str:
        return self._in_language("footer")

    @property
    def notice(self) -> str:
        return self._in_language("notice")
