from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BlueprintRelease(models.Model):
    """One application of a blueprint that changed something: what, by whom, why. Never edited."""

    name = models.CharField(_("name"), max_length=100)
    version = models.CharField(_("version"), max_length=40, blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    bundle = models.TextField(_("content"))
    changes = models.JSONField(_("changes"), default=list)
    author = models.CharField(_("author"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    applied_at = models.DateTimeField(_("applied at"), default=timezone.now)

    class Meta:
        verbose_name = _("blueprint release")
        verbose_name_plural = _("blueprint releases")
        ordering = ["-applied_at", "-id"]
        default_permissions = ("view",)
        permissions = [("apply_blueprint", _("Can apply blueprints"))]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()
