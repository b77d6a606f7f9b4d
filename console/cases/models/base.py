"""What configuration rows of this room share: a name in both languages."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """A configuration row people read: Chinese name, English name, place in its list."""

    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, falling back to the Chinese one."""
        return (self.name_en or self.name) if (get_language() or "").startswith("en") else self.name


class Sourced(models.Model):
    """A limit that somebody set: by which rule, and since when. Shown wherever the limit is."""

    source = models.CharField(
        pgettext_lazy("limit", "source"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Law, order or promise, article."),
    )
    in_force_from = models.DateField(_("in force since"), null=True, blank=True)

    class Meta:
        abstract = True


class PartOfVersion(models.Model):
    """A row of a versioned configuration: it may change only while its version is a draft."""

    WHOLE = "version"

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        self._refuse_unless_draft()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        self._refuse_unless_draft()
        return super().delete(*args, **kwargs)

    def _refuse_unless_draft(self) -> None:
        if not getattr(self, self.WHOLE).editable:
            raise ValidationError(_("A version that has been active is never changed. Draft a new one from it."))
