"""Templates of what customers are told, in both languages, versioned."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from console.channels.models.delivery import SEND_CLASSES
from console.lowcode.models import VersionedConfig


class Template(VersionedConfig):
    """One edition of a text we send by ourselves. `code` says for what; an active edition is never changed."""

    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    channel_kinds = models.JSONField(
        _("channels"), default=list, blank=True, help_text=_("Kinds of channel; empty: all of them.")
    )
    send_class = models.CharField(_("class"), max_length=20, choices=SEND_CLASSES, default="service")

    class Meta:
        ordering = ["code", "-number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="template_number")]
        verbose_name = _("template")
        verbose_name_plural = _("templates")

    @property
    def label(self) -> str:
        return (self.name_en or self.name) if (get_language() or "").startswith("en") else self.name


class TemplateText(models.Model):
    """A template in one language. `{{ name }}` stands for a variable of the list in variables.py."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))

    class Meta:
        ordering = ["template", "-language"]
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="template_language")]
        verbose_name = _("text")
        verbose_name_plural = _("texts")

    def __str__(self) -> str:
        return f"{self.template} {self.language}"

    def save(self, *args, **kwargs) -> None:
        if not self.template.editable:
            raise ValidationError(_("A version that has been active is never changed. Draft a new one from it."))
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse variables that do not exist. Raises ValidationError."""
        from ..rendering import unknown_variables

        for field in ("subject", "body"):
            unknown = unknown_variables(getattr(self, field))
            if unknown:
                names = ", ".join(unknown)
                raise ValidationError({field: _("There is no variable %(names)s.") % {"names": names}})
