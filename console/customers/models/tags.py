from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.staff.models.org import Bilingual


class Tag(Bilingual):
    """A word people put on customers by hand."""

    class Colour(models.TextChoices):
        SLATE = "slate", _("grey")
        TEAL = "teal", _("teal")
        AMBER = "amber", _("amber")
        RED = "red", _("red")
        GREEN = "green", _("green")
        VIOLET = "violet", _("violet")
        BLUE = "blue", _("blue")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour.choices, default=Colour.SLATE)
    is_active = models.BooleanField(_("active"), default=True)
    customers = models.ManyToManyField("customers.Customer", through="customers.CustomerTag", related_name="tags")

    class Meta:
        verbose_name = _("customer tag")
        verbose_name_plural = _("customer tags")
        ordering = ["code"]


class CustomerTag(models.Model):
    """One tag on one customer: who put it there and when."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, models.PROTECT, verbose_name=_("tag"), related_name="links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tag of a customer")
        verbose_name_plural = _("tags of customers")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="customers_tag_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tag_id}"
