from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FieldDefinition(models.Model):
    """Base of every room's field rows: one custom field, its words, its limits and when it is needed."""

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("kind of field", "text")
        LONG_TEXT = "long_text", pgettext_lazy("kind of field", "long text")
        CHOICE = "choice", pgettext_lazy("kind of field", "choice")
        MULTI_CHOICE = "multi_choice", pgettext_lazy("kind of field", "several choices")
        NUMBER = "number", pgettext_lazy("kind of field", "number")
        DATE = "date", pgettext_lazy("kind of field", "date")
        BOOLEAN = "boolean", pgettext_lazy("kind of field", "yes or no")

    code = models.SlugField(_("code"), max_length=50)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.TEXT)
    label_zh = models.CharField(_("label (Chinese)"), max_length=100)
    label_en = models.CharField(_("label (English)"), max_length=100)
    help_zh = models.CharField(_("help (Chinese)"), max_length=300, blank=True)
    help_en = models.CharField(_("help (English)"), max_length=300, blank=True)
    required = models.BooleanField(_("always required"), default=False)
    required_in = models.JSONField(
        _("required in states"), default=list, blank=True, help_text=_("A list of state codes.")
    )
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_('A list like {"code": "card", "zh": "卡片", "en": "Card"}.')
    )
    min_value = models.CharField(_("smallest value"), max_length=30, blank=True)
    max_value = models.CharField(_("largest value"), max_length=30, blank=True)
    max_length = models.PositiveIntegerField(_("most characters"), null=True, blank=True)
    pattern = models.CharField(
        _("pattern"),
        max_length=100,
        blank=True,
        help_text=_("# a digit, @ a letter, * a digit or letter, ? anything; {2,4} after one repeats it."),
    )
    default = models.JSONField(_("default"), null=True, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    visible_to = models.JSONField(
        _("visible to"), default=list, blank=True, help_text=_("A list of role codes; empty means everyone.")
    )
    filterable = models.BooleanField(_("can be filtered by"), default=False)
    asked = models.BooleanField(
        _("asked of customers"), default=False, db_default=False, help_text=_("Stands on the contact form.")
    )

    class Meta:
        abstract = True
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return f"{self.code} · {self.label}"

    @property
    def label(self) -> str:
        return self.spec().label

    def spec(self):
        """The same field as a plain value."""
        from ..fields.spec import FieldSpec

        return FieldSpec.of(self)

    def clean(self) -> None:
        from ..fields.spec import problems_of

        super().clean()
        problems = problems_of(self.spec())
        if problems:
            raise ValidationError(problems)


class IndexRow(models.Model):
    """Base of every room's index rows: one filterable value in the column of its type.

    A subclass adds the foreign key to what the value belongs to and names it in OWNER.
    """

    OWNER = "owner"

    field = models.CharField(_("field"), max_length=50)
    text = models.CharField(pgettext_lazy("kind of field", "text"), max_length=500, null=True)
    number = models.DecimalField(pgettext_lazy("kind of field", "number"), max_digits=15, decimal_places=4, null=True)
    date = models.DateField(pgettext_lazy("kind of field", "date"), null=True)
    ref = models.BigIntegerField(pgettext_lazy("kind of field", "reference"), null=True)

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [
            models.Index(fields=["field", "text"], name="%(app_label)s_%(class)s_text"),
            models.Index(fields=["field", "number"], name="%(app_label)s_%(class)s_number"),
            models.Index(fields=["field", "date"], name="%(app_label)s_%(class)s_date"),
            models.Index(fields=["field", "ref"], name="%(app_label)s_%(class)s_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.field}={self.value}"

    @property
    def value(self):
        return next((v for v in (self.text, self.number, self.date, self.ref) if v is not None), None)
