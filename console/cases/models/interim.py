"""Stand-ins with the names lowcode will own."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionedConfig(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    number = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    active_from = models.DateTimeField(_("active from"), null=True, blank=True)
    author = models.CharField(_("author"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    body = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class FieldDefinition(models.Model):
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=16, default="text")
    required = models.BooleanField(_("required"), default=False)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True


class IndexRow(models.Model):
    field = models.CharField(max_length=40)
    text = models.CharField(max_length=200, null=True)
    number = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    date = models.DateTimeField(null=True)
    ref = models.BigIntegerField(null=True)

    class Meta:
        abstract = True
