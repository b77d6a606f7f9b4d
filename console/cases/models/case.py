"""The case: one matter to bring to an end."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.lowcode.models import IndexRow
from console.staff.scopes import ScopeFields

from ..scoping import CaseQuerySet, asked_to, of_products
from .trees import Category
from .types import CaseType, CaseTypeVersion
from .workflow import StateClass

# Sort key of a case nothing is due for: after every real deadline.
# What somebody with an interest may still do, unless the type hides the case from them.
SIGHT = ("case.view", "message.view", "conversation.view")
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class TurnOf(models.TextChoices):
    STAFF = "staff", _("Ours")
    CUSTOMER = "customer", _("The customer's")
    NOBODY = "nobody", _("Nobody's")


class ToldState(models.TextChoices):
    NOT_YET = "not_yet", _("Not told yet")
    PENDING = "pending", _("Notice on its way")
    TOLD = "told", _("Told")
    FAILED = "failed", _("Notice did not arrive")
    EXEMPT = "exempt", _("Not told, for a recorded reason")


class AcceptanceState(models.TextChoices):
    UNDECIDED = "", _("Not decided yet")
    ACCEPTED = "accepted", pgettext_lazy("complaint", "Accepted")
    REFUSED = "refused", _("Not accepted")


class RepeatReason(models.TextChoices):
    """Why a customer comes again so soon, as whoever answers understands it."""

    DISSATISFIED = "dissatisfied", _("Dissatisfied with the answer")
    NEW_MATTER = "new_matter", _("A new matter")
    HESITATING = "hesitating", _("Hesitating, needs assurance")
    CURIOUS = "curious", _("Curious, wants to know more")


class Case(models.Model):
    """One matter of one customer. Changed only by `cases.services`; `revision` guards against overwriting."""

    # Keys covered by the indexes below have none of their own: it would lead lists astray, and cost each insert.
    number = models.CharField(_("number"), max_length=24, unique=True)
    public_ref = models.CharField(max_length=32, unique=True)
    type = models.ForeignKey(CaseType, models.PROTECT, related_name="cases", verbose_name=_("type"), db_index=False)
    version = models.ForeignKey(CaseTypeVersion, models.PROTECT, related_name="cases", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("customer"),
        db_index=False,
    )
    conversation = models.ForeignKey(
        "conversations.Conversation", models.PROTECT, null=True, blank=True, related_name="main_cases"
    )
    account = models.ForeignKey(
        "channels.ChannelAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("came by"),
        db_index=False,
    )
    origin = models.ForeignKey(
        "channels.Message", models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    subject = models.CharField(pgettext_lazy("case", "subject"), max_length=300)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")

    state = models.CharField(_("state"), max_length=40)
    state_class = models.CharField(_("state class"), max_length=20, choices=StateClass.choices)
    is_open = models.BooleanField(_("open"), default=True)
    turn = models.CharField(_("whose turn"), max_length=10, choices=TurnOf.choices, default=TurnOf.STAFF)
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)
    grade_reason = models.CharField(_("reason for the grade"), max_length=300, blank=True)
    site = models.ForeignKey(
        "staff.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site"), db_index=False
    )
    team = models.ForeignKey(
        "staff.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"), db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        db_index=False,
    )
    data = models.JSONField(_("fields"), default=dict, blank=True)

    reached_at = models.DateTimeField(_("reached the bank"))
    opened_at = models.DateTimeField(_("opened"))
    acceptance = models.CharField(
        pgettext_lazy("complaint", "accepted"),
        max_length=10,
        choices=AcceptanceState.choices,
        default=AcceptanceState.UNDECIDED,
        db_default=AcceptanceState.UNDECIDED,
        blank=True,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    root_cause = models.CharField(_("root cause"), max_length=40, blank=True)
    decision = models.TextField(_("decision"), blank=True)
    told = models.CharField(_("customer told"), max_length=10, choices=ToldState.choices, default=ToldState.NOT_YET)
    not_told_reason = models.CharField(_("reason for not telling"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    repeat_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("came again after"),
        db_index=False,
    )
    repeat_reason = models.CharField(
        _("why the customer came again"),
        max_length=12,
        choices=RepeatReason.choices,
        blank=True,
        default="",
        db_default="",
    )

    # Derived by services.recompute_clocks; never set elsewhere.
    next_due_at = models.DateTimeField(_("next deadline"), null=True, blank=True)
    next_clock = models.CharField(_("next clock"), max_length=20, blank=True)
    due_key = models.DateTimeField(default=NEVER, editable=False)
    next_check_at = models.DateTimeField(null=True, blank=True, editable=False)
    breached = models.BooleanField(_("a deadline was missed"), default=False)

    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)
    last_inbound_at = models.DateTimeField(_("last word of the customer"), null=True, blank=True)
    # The kind of mark (spam, automatic, thanks, duplicate) that made this no case at all; undone, it is empty again.
    set_aside = models.CharField(_("set aside as"), max_length=10, blank=True)
    suppress_reply = models.BooleanField(default=False)
    correlation_id = models.CharField(max_length=64, blank=True)
    escalated = models.BooleanField(default=False, editable=False)
    # Who has an interest in the matter and may not act on it; kept in step with the rows of `Interest`.
    recused = models.JSONField(default=list, null=True, blank=True, editable=False)
    # Which rows stand beside the case (parties, redress …), so that pages ask only for what is there; null: unknown.
    beside = models.JSONField(default=list, null=True, blank=True, editable=False)
    # False while the search index does not know the case as it is now.
    indexed = models.BooleanField(default=False, editable=False)
    revision = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()
    scope_fields = ScopeFields(owners=("owner",))
    scope_permission = "case.view"

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["due_key", "id"], condition=models.Q(is_open=True), name="case_open_due"),
            models.Index(fields=["owner", "due_key", "id"], condition=models.Q(is_open=True), name="case_owner_due"),
            # PostgreSQL does not take "no owner" from the one above in order.
            models.Index(
                fields=["due_key", "id"], condition=models.Q(is_open=True, owner__isnull=True), name="case_unowned_due"
            ),
            models.Index(fields=["due_key", "id"], condition=models.Q(breached=True), name="case_breached_due"),
            models.Index(fields=["team", "due_key", "id"], condition=models.Q(is_open=True), name="case_team_due"),
            models.Index(fields=["site", "due_key", "id"], condition=models.Q(is_open=True), name="case_site_due"),
            models.Index(
                fields=["state_class", "due_key", "id"], condition=models.Q(is_open=True), name="case_class_due"
            ),
            models.Index(
                fields=["next_check_at"], condition=models.Q(next_check_at__isnull=False), name="case_next_check"
            ),
            models.Index(fields=["id"], condition=models.Q(indexed=False), name="case_to_index"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="case_merged"),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            models.Index(fields=["closed_at", "id"], condition=models.Q(closed_at__isnull=False), name="case_closed"),
            models.Index(
                fields=["resolved_at", "id"], condition=models.Q(resolved_at__isnull=False), name="case_resolved"
            ),
            models.Index(fields=["type", "opened_at", "id"], name="case_type_opened"),
            models.Index(fields=["site", "opened_at", "id"], name="case_site_opened"),
            models.Index(fields=["team", "opened_at", "id"], name="case_team_opened"),
            models.Index(fields=["owner", "opened_at", "id"], name="case_owner_opened"),
            models.Index(fields=["customer", "opened_at", "id"], name="case_customer_opened"),
        ]

    def __str__(self) -> str:
        return self.number

    def is_open_to(self, user: Any) -> bool:
        """Whether a task, an invitation or a product of theirs opens this case to somebody beyond their reach."""
        return asked_to(user).filter(case=self).exists() or of_products(user).filter(case=self).exists()

    def has(self, rows: str) -> bool:
        """Whether rows of this name may stand beside the case."""
        return self.beside is None or rows in self.beside

    def set_beside(self, rows: str) -> None:
        """There are rows of this name now; the caller saves the case."""
        if not self.has(rows):
            self.beside = sorted({*self.beside, rows})

    def is_closed_to(self, user: Any, permission: str) -> bool:
        """Whether an interest in the matter keeps somebody from it; from its sight only where the type says so."""
        if user.pk not in (self.recused or []):
            return False
        return permission not in SIGHT or self.interests.filter(user_id=user.pk, hides=True, ended_at=None).exists()

    @property
    def stream(self) -> str:
        """Name of this case's stream in the event log."""
        return f"case:{self.pk}"


class CaseCategory(models.Model):
    """The place of a case in one dimension. `path` is kept beside the key: lists filter without a join."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="categories")
    dimension = models.CharField(_("dimension"), max_length=40)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    path = models.CharField(max_length=200)

    class Meta:
        ordering = ["dimension"]
        constraints = [models.UniqueConstraint(fields=["case", "dimension"], name="case_category_once")]
        indexes = [models.Index(fields=["dimension", "path", "case"], name="case_category_path")]
        verbose_name = _("category of a case")
        verbose_name_plural = _("categories of cases")

    def __str__(self) -> str:
        return self.path


class CaseIndex(IndexRow):
    """A custom field's value in typed form: what lists and rules filter on."""

    OWNER = "case"

    case = models.ForeignKey(Case, models.CASCADE, related_name="index_rows", db_index=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["field", "text", "case"], name="case_ix_text"),
            models.Index(fields=["field", "number", "case"], name="case_ix_number"),
            models.Index(fields=["field", "date", "case"], name="case_ix_date"),
            models.Index(fields=["case", "field"], name="case_ix_case"),
        ]
        verbose_name = _("field index")
        verbose_name_plural = _("field index")


class CategoryIndex(IndexRow):
    """Every branch a case stands in, by dimension: "in 卡片" also finds what lies under it."""

    OWNER = "case"

    case = models.ForeignKey(Case, models.CASCADE, related_name="category_rows", db_index=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["field", "text", "case"], name="case_category_text"),
            models.Index(fields=["case", "field"], name="case_category_case"),
        ]
        verbose_name = _("category index")
        verbose_name_plural = _("category index")


class CaseConversation(models.Model):
    """A conversation this matter was talked about in. One matter may go over several channels."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="conversation_links")
    conversation = models.ForeignKey("conversations.Conversation", models.CASCADE, related_name="case_links")
    since = models.DateTimeField(auto_now_add=True)
    # The duplicate it came with: unmerging takes back these and no others.
    merged_from = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "conversation"], name="case_conversation_once")]
        verbose_name = _("conversation of a case")
        verbose_name_plural = _("conversations of cases")

    def __str__(self) -> str:
        return f"{self.case_id}/{self.conversation_id}"


class CaseLink(models.Model):
    """Two matters that belong together: parent and child, duplicate, follow-up, or simply related."""

    class Kind(models.TextChoices):
        RELATED = "related", _("Related")
        CHILD = "child", _("Part of")
        FOLLOW_UP = "follow_up", _("Follows")
        DUPLICATE = "duplicate", _("Duplicate of")
        SPLIT = "split", _("Split from")
        RECHECK = "recheck", _("Re-check of")

    # What people say; a duplicate is merged, a split and a re-check come with their act.
    BY_HAND = (Kind.RELATED, Kind.CHILD, Kind.FOLLOW_UP)

    case = models.ForeignKey(Case, models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, models.CASCADE, related_name="linked_from")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.RELATED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "other", "kind"], name="case_link_once")]
        verbose_name = _("link between cases")
        verbose_name_plural = _("links between cases")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"
