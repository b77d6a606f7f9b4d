from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class PortalPolicy(models.Model):
    """Limits of the customers' pages, one row. What is not stored yet is as shipped."""

    forms_per_hour = models.PositiveIntegerField(
        _("forms an hour from one network"),
        default=120,
        help_text=_("Telephone networks let thousands share one address."),
    )
    forms_per_address = models.PositiveIntegerField(_("forms an hour from one sender"), default=10)
    fill_seconds = models.PositiveSmallIntegerField(
        _("shortest time to fill in a form (seconds)"),
        default=3,
        help_text=_("Faster is a machine: asked to send again."),
    )
    max_files = models.PositiveSmallIntegerField(_("files on one form"), default=6)
    unsent_mb = models.PositiveIntegerField(
        _("files of forms not yet sent, in all (MB)"),
        default=4000,
        db_default=4000,
        help_text=_("When they take more, no further file is taken until some are sent or a day has passed."),
    )
    code_minutes = models.PositiveSmallIntegerField(_("a code is good for (minutes)"), default=10)
    code_tries = models.PositiveSmallIntegerField(_("tries for one code"), default=5)
    codes_per_address = models.PositiveSmallIntegerField(_("codes an hour to one address"), default=5)
    codes_per_network = models.PositiveIntegerField(_("codes an hour from one network"), default=60)
    idle_minutes = models.PositiveSmallIntegerField(_("signed out after idle minutes"), default=30)
    change_type = models.CharField(
        _("type of case for a changed address"), max_length=40, default="enquiry", help_text=_("Code of a case type.")
    )

    class Meta:
        verbose_name = _("limits of the customers' pages")
        verbose_name_plural = _("limits of the customers' pages")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "PortalPolicy":
        return cls.objects.order_by("pk").first() or cls()


class UrgentMatter(models.Model):
    """What cannot wait for an answer: the number to call and the first thing to do, above every form."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("in customers' words (Chinese)"), max_length=80)
    title_en = models.CharField(_("in customers' words (English)"), max_length=80)
    action = models.CharField(_("what to do at once (Chinese)"), max_length=200)
    action_en = models.CharField(_("what to do at once (English)"), max_length=200)
    phone = models.CharField(_("number to call"), max_length=40, blank=True, help_text=_("Empty: the hotline."))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("shown"), default=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("urgent matter")
        verbose_name_plural = _("urgent matters")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title

    @property
    def advice(self) -> str:
        return self.action_en if (get_language() or "").startswith("en") else self.action
