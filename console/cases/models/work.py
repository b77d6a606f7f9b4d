"""Work around a case: tasks for other departments, approvals, extensions, notices, redress."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .case import Case
from .clocks import ClockKind, ExtensionRule

USER = settings.AUTH_USER_MODEL


class Task(models.Model):
    """Something a person or another department does for a case. A participant answers it without a full seat."""

    class Kind(models.TextChoices):
        WORK = "work", pgettext_lazy("task", "Work")
        CALL = "call", _("Call the customer")
        TELL = "tell", _("Tell the customer")
        ESCALATION = "escalation", _("Look after a deadline")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.WORK)
    title = models.CharField(_("title"), max_length=200)
    detail = models.TextField(_("detail"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="case_tasks", verbose_name=_("assignee")
    )
    team = models.ForeignKey(
        "staff.Team", models.PROTECT, null=True, blank=True, related_name="case_tasks", verbose_name=_("team")
    )
    role = models.CharField(_("role"), max_length=40, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    key = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    done_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["assignee", "due_at"], condition=models.Q(status="open"), name="task_assignee_open"),
            models.Index(fields=["team", "due_at"], condition=models.Q(status="open"), name="task_team_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], condition=~models.Q(key=""), name="task_key_once")
        ]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")

    def __str__(self) -> str:
        return self.title


class Approval(models.Model):
    """A request that a second person of a role must decide; nobody decides their own."""

    class Kind(models.TextChoices):
        TRANSITION = "transition", _("Transition")
        EXTENSION = "extension", _("Extension")
        REDRESS = "redress", _("Redress")

    class Status(models.TextChoices):
        PENDING = "pending", _("Awaiting approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", pgettext_lazy("approval", "Rejected")
        CANCELLED = "cancelled", _("Cancelled")

    case = models.ForeignKey(Case, models.CASCADE, related_name="approvals")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    role = models.CharField(_("approved by role"), max_length=40)
    payload = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested"), auto_now_add=True)
    decided_by = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("approval", "decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.TextField(_("reason for the decision"), blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["role", "requested_at"], condition=models.Q(status="pending"), name="approval_pending")
        ]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Extension(models.Model):
    """A longer period for one clock, with reason, approval and notice to the customer."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    case = models.ForeignKey(Case, models.CASCADE, related_name="extensions")
    rule = models.ForeignKey(ExtensionRule, models.PROTECT, related_name="+")
    clock = models.CharField(_("clock"), max_length=20, choices=ClockKind.choices)
    amount = models.PositiveIntegerField(_("longer by"))
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    approval = models.OneToOneField(Approval, models.PROTECT, null=True, blank=True, related_name="extension")
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["requested_at", "id"]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")

    def __str__(self) -> str:
        return f"{self.case_id} +{self.amount}"


class CustomerNotice(models.Model):
    """Something the customer had to be told, and what became of it."""

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
        DECISION = "decision", _("Decision")
        CLOSING = "closing", _("Closing")
        EXTENSION = "extension", _("Extension")
        UPDATE = "update", _("Update")
        ACCEPTANCE = "acceptance", _("Acceptance")
        NON_ACCEPTANCE = "non_acceptance", _("Not accepted")
        SUPPLEMENT = "supplement", _("Material asked for")

    class Status(models.TextChoices):
        PENDING = "pending", _("On its way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Did not arrive")
        UNKNOWN = "unknown", _("Unknown")
        SKIPPED = "skipped", _("Not sent, for a recorded reason")

    case = models.ForeignKey(Case, models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    round = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    delivery = models.OneToOneField(
        "channels.Delivery",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="case_notice",
        db_constraint=False,
    )
    channel_kind = models.CharField(_("channel"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    template = models.CharField(_("template"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            # The receipt goes out once for a case, however often its opening is announced.
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(kind="acknowledgement"), name="notice_one_acknowledgement"
            )
        ]
        verbose_name = _("notice to the customer")
        verbose_name_plural = _("notices to customers")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Redress(models.Model):
    """What is done to put it right: money, correction, apology; approved by whom its limit names, then paid."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Awaiting approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    case = models.ForeignKey(Case, models.CASCADE, related_name="redress")
    kind = models.CharField(_("kind"), max_length=40)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    note = models.CharField(_("note"), max_length=300, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.APPROVED, db_default=Status.APPROVED
    )
    approval = models.OneToOneField(Approval, models.PROTECT, null=True, blank=True, related_name="redress")
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    reference = models.CharField(_("payment reference"), max_length=60, blank=True, default="", db_default="")
    paid_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["recorded_at", "id"]
        verbose_name = _("redress")
        verbose_name_plural = _("redress")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Participant(models.Model):
    """Someone outside the owning team who may see this one case because a task asks for it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="participants")
    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="case_participant_once")]
        verbose_name = _("participant")
        verbose_name_plural = _("participants")

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
