"""Deadlines: their policies (configuration) and their derived, stored state (one row per running clock)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .base import Named, PartOfVersion, Sourced
from .types import CaseTypeVersion


class ClockKind(models.TextChoices):
    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    FIRST_RESPONSE = "first_response", _("First response")
    UPDATE = "update", _("Update the customer")
    DECISION = "decision", _("Decide")
    EXTENSION = "extension", _("Decide the extension")
    ACCEPTANCE = "acceptance", _("Accept or not")
    REGULATOR = "regulator", _("Answer the regulator")


class Fact(models.TextChoices):
    """Moments a clock may start at or be met by."""

    REACHED = "reached", _("The voice reached the bank")
    OPENED = "opened", _("The case was opened")
    ACKNOWLEDGED = "acknowledged", _("Receipt was acknowledged")
    RESPONDED = "responded", _("A person answered")
    UPDATED = "updated", _("The customer was told something")
    DECIDED = "decided", _("A decision was recorded")
    TOLD = "told", _("The customer was told the decision")
    EXCUSED = "excused", _("A reason for not telling was recorded")
    RESOLVED = "resolved", _("The case was resolved")
    REOPENED = "reopened", _("The case was reopened")
    EXTENSION_ASKED = "extension_asked", _("An extension was asked for")
    EXTENSION_DECIDED = "extension_decided", _("The extension was decided")
    REFUSED = "refused", _("It was not accepted")
    FORWARDED = "forwarded", _("The regulator forwarded it")
    REGULATOR_ANSWERED = "regulator_answered", _("The regulator was answered")
    ACCEPTANCE_TOLD = "acceptance_told", _("The customer was told whether it is accepted")


class ClockPolicy(PartOfVersion, Sourced):
    """How long, counted how, from when, until what. One row for each clock of a case type version."""

    class Basis(models.TextChoices):
        CALENDAR_DAYS = "calendar_days", _("Calendar days")
        ELAPSED = "elapsed", _("Minutes, day and night")
        WORKING_TIME = "working_time", _("Working minutes")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="clock_policies")
    kind = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices)
    basis = models.CharField(_("counts"), max_length=16, choices=Basis.choices, default=Basis.WORKING_TIME)
    amount = models.PositiveIntegerField(_("amount"), help_text=_("Days or minutes, as counted."))
    by_grade = models.JSONField(
        _("amount by grade"), default=dict, blank=True, help_text=_('For example {"1": 60, "2": 240}.')
    )
    starts = models.CharField(_("starts when"), max_length=20, choices=Fact.choices, default=Fact.REACHED)
    met_by = models.CharField(_("met when"), max_length=20, choices=Fact.choices)
    pauses = models.JSONField(_("pauses in state classes"), default=list, blank=True)
    pause_source = models.CharField(
        _("rule that lets it pause"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("A clock set by regulation pauses only where a rule says so."),
    )
    restarts = models.BooleanField(_("starts again on reopening"), default=True)
    recurring = models.BooleanField(_("starts again each time it is met"), default=False)
    statutory = models.BooleanField(_("set by regulation"), default=False)
    max_extension = models.PositiveIntegerField(_("longest extension"), default=0)

    class Meta:
        ordering = ["version", "kind"]
        constraints = [models.UniqueConstraint(fields=["version", "kind"], name="case_clock_kind")]
        verbose_name = _("clock policy")
        verbose_name_plural = _("clock policies")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class ExtensionRule(PartOfVersion, Sourced):
    """A step by which a clock may be extended: how much, who approves, whether the customer is told."""

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="extension_rules")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    clock = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices, default=ClockKind.DECISION)
    amount = models.PositiveIntegerField(_("longer by"), help_text=_("In the unit of the clock."))
    after = models.CharField(_("only after extension"), max_length=40, blank=True)
    approval_role = models.CharField(_("approved by role"), max_length=40, blank=True)
    tells_customer = models.BooleanField(_("the customer is told"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_extension_code")]
        verbose_name = _("extension rule")
        verbose_name_plural = _("extension rules")

    def __str__(self) -> str:
        return self.label

    label = Named.label


class EscalationStep(PartOfVersion):
    """Who hears of a deadline, and when: minutes before it (positive) or after it (negative), 0 at the breach."""

    class Target(models.TextChoices):
        OWNER = "owner", _("Owner")
        TEAM = "team", _("Team")
        SUPERVISOR = "supervisor", _("Supervisor of the team")
        OFFICER = "complaint_officer", _("Complaint officer of the site")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="escalation_steps")
    clock = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices)
    minutes_before = models.IntegerField(_("minutes before the deadline"), default=0)
    target = models.CharField(_("tell"), max_length=20, choices=Target.choices, default=Target.OWNER)
    makes_task = models.BooleanField(_("give them a task"), default=False)

    class Meta:
        ordering = ["clock", "-minutes_before", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "clock", "minutes_before", "target"], name="case_escalation_step"
            )
        ]
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.minutes_before:+d}"


class ClockState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("clock", "Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    BREACHED = "breached", _("Breached")
    CANCELLED = "cancelled", _("Not needed")


class Clock(models.Model):
    """The stored result of `clocks.compute` for one policy of one case. Derived: never edited, only recomputed."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="clocks")
    policy = models.ForeignKey(ClockPolicy, models.PROTECT, related_name="+")
    kind = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=ClockState.choices)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    remaining_seconds = models.BigIntegerField(null=True, blank=True)
    breached_at = models.DateTimeField(_("breached"), null=True, blank=True)

    class Meta:
        ordering = ["case", "kind"]
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="case_clock")]
        indexes = [models.Index(fields=["kind", "state", "due_at"], name="case_clock_due")]
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class StateInterval(models.Model):
    """From when to when a case stood in a state: with the marks, the whole history the clocks need."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="intervals")
    state = models.CharField(max_length=40)
    state_class = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=60, blank=True)
    # An interval begun by a message that was then set aside never counted.
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "started_at", "id"]
        indexes = [models.Index(fields=["case", "started_at"], name="case_interval")]
        verbose_name = _("state interval")
        verbose_name_plural = _("state intervals")

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class Mark(models.Model):
    """A moment that starts or meets clocks. Revoked, never removed: a bounced notice told nobody."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="marks")
    fact = models.CharField(max_length=20, choices=Fact.choices)
    at = models.DateTimeField()
    source = models.CharField(max_length=60, blank=True)  # what happened: delivery:17, message:4, user:3
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "at", "id"]
        indexes = [
            models.Index(fields=["case", "at"], name="case_mark"),
            models.Index(fields=["source"], name="case_mark_source"),
        ]
        verbose_name = _("mark")
        verbose_name_plural = _("marks")

    def __str__(self) -> str:
        return f"{self.case_id} {self.fact}"


class Escalation(models.Model):
    """A step that was taken, once for each deadline it was due against."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="escalations")
    kind = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices)
    step = models.ForeignKey(EscalationStep, models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("deadline"))
    fired_at = models.DateTimeField(_("told at"))
    people = models.JSONField(_("told"), default=list)

    class Meta:
        ordering = ["-fired_at"]
        constraints = [models.UniqueConstraint(fields=["case", "step", "due_at"], name="case_escalation_once")]
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Recompute(models.Model):
    """A resumable run over open cases after a calendar or policy correction. `cursor` is the last case done."""

    reason = models.CharField(max_length=200)
    calendar = models.ForeignKey("foundation.BusinessCalendar", models.CASCADE, null=True, blank=True)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("recomputation of clocks")
        verbose_name_plural = _("recomputations of clocks")

    def __str__(self) -> str:
        return self.reason
