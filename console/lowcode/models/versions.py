from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionedConfig(models.Model):
    """Base of configuration that is never edited once it has been used: a new version follows it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", pgettext_lazy("version", "active")
        RETIRED = "retired", _("retired")

    code = models.SlugField(_("code"), max_length=60)
    number = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    active_from = models.DateTimeField(_("active from"), null=True, blank=True)
    active_until = models.DateTimeField(_("active until"), null=True, blank=True)
    body = models.JSONField(_("content"), default=dict, blank=True)
    author = models.CharField(_("author"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        abstract = True
        ordering = ["code", "-number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="%(app_label)s_%(class)s_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    def save(self, *args, **kwargs) -> None:
        names = kwargs.get("update_fields")
        if (names is None or {"body", "code", "number"} & set(names)) and self._was_changed():
            raise ValidationError(_("A version that has been active is never changed. Draft a new one from it."))
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self._was_changed():
            raise ValidationError(_("A version that has been active is never changed. Draft a new one from it."))

    @property
    def editable(self) -> bool:
        return self.state == self.State.DRAFT

    def _was_changed(self) -> bool:
        """Whether saving would rewrite something that has been active."""
        if not self.pk or self.editable:
            return False
        before = type(self)._base_manager.filter(pk=self.pk).values("state", "code", "number", "body").first()
        if before is None or before.pop("state") == self.State.DRAFT:
            return False
        return any(before[name] != getattr(self, name) for name in before)
