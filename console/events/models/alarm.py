from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField
from console.foundation.models import WorkRow


class Severity(models.IntegerChoices):
    INFO = 10, _("for information")
    WARNING = 20, _("warning")
    ERROR = 30, _("error")
    CRITICAL = 40, _("critical")


class AlarmQuerySet(models.QuerySet):
    def open(self):
        return self.filter(cleared_at__isnull=True)


class Alarm(models.Model):
    """Something that needs a person: what, how bad, whose, and what to do next. One open row a (code, key)."""

    code = models.CharField(_("code"), max_length=80)
    key = models.CharField(_("about"), max_length=120, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices, default=Severity.ERROR)
    text = models.CharField(_("text"), max_length=500, blank=True)
    next_step = models.CharField(_("next step"), max_length=500, blank=True)
    owner = models.CharField(_("owner"), max_length=80, blank=True, help_text=_("Code of a role or a team."))
    params = models.JSONField(_("details"), default=dict, blank=True)
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen at"), default=timezone.now)
    count = models.PositiveIntegerField(_("times seen"), default=1)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.CharField(_("acknowledged by"), max_length=150, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True, default="", db_default="")
    closing_note = models.CharField(_("what was done"), max_length=300, blank=True, default="", db_default="")

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at", "-id"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "key"], name="alarm_open_once", condition=models.Q(cleared_at__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["-raised_at"], name="alarm_raised")]

    def __str__(self) -> str:
        return f"{self.title} {self.about}".strip()

    @property
    def kind(self):
        from ..alarms.registry import kind_of

        return kind_of(self.code)

    @property
    def title(self) -> str:
        """The headline in the reader's language."""
        return str(self.kind.title)

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language when the code is registered with a sentence."""
        return self.kind.sentence({"about": self.about, **self.params}) or self.text

    @property
    def advice(self) -> str:
        """What to do next, in the reader's language."""
        return self.kind.advice({"about": self.about, **self.params}) or self.next_step

    @cached_property
    def about(self) -> str:
        """What the alarm is about, by its name."""
        return self.kind.name_of(self.key)

    @property
    def link(self) -> str:
        """Where the next step is done; "" when there is no page for it."""
        return self.kind.link_to(self.key)

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None


class AlarmRoute(models.Model):
    """Where notices of which alarms go."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("e-mail")
        WEBHOOK = "webhook", _("webhook")
        SYSLOG = "syslog", _("syslog")

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("way"), max_length=10, choices=Kind.choices)
    target = models.CharField(
        _("target"),
        max_length=500,
        help_text=_("Mail addresses separated by commas, a web address, or host:port of a syslog server."),
    )
    secret = EncryptedTextField(_("webhook secret"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    min_severity = models.PositiveSmallIntegerField(
        _("from severity"), choices=Severity.choices, default=Severity.WARNING
    )
    codes = models.CharField(
        _("codes"), max_length=300, default="*", help_text=_("Patterns separated by commas, like channel.*")
    )
    owner = models.CharField(_("only for owner"), max_length=80, blank=True)
    grace_minutes = models.PositiveSmallIntegerField(
        _("wait before telling (minutes)"),
        default=0,
        help_text=_("An alarm that clears within this time is not told at all."),
    )
    remind_minutes = models.PositiveIntegerField(
        _("remind every (minutes)"), default=0, help_text=_("0 means no reminders. Acknowledged alarms rest.")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("alarm route")
        verbose_name_plural = _("alarm routes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AlarmNotice(WorkRow):
    """One notice of one alarm over one route: raised, reminder n, or cleared. Failures stay."""

    RAISED, REMINDER, CLEARED = "raised", "reminder", "cleared"
    KINDS = [(RAISED, _("raised")), (REMINDER, _("reminder")), (CLEARED, _("cleared"))]

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="notices", verbose_name=_("alarm"))
    route = models.ForeignKey(AlarmRoute, models.CASCADE, related_name="notices", verbose_name=_("route"))
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS)
    number = models.PositiveIntegerField(_("number"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta(WorkRow.Meta):
        verbose_name = _("alarm notice")
        verbose_name_plural = _("alarm notices")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["alarm", "route", "kind", "number"], name="alarm_notice_once")]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.kind} → {self.route_id}"
