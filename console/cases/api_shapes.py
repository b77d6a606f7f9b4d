"""What goes over the wire: shapes of requests and answers."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from rest_framework import serializers

from .models import (
    Acceptance,
    Case,
    CaseLink,
    CaseType,
    Clock,
    CustomerNotice,
    Extension,
    Forwarding,
    Interest,
    Material,
    Party,
    Proceeding,
    Redress,
    RepeatReason,
    Task,
)
from .services import missing_for_closing, versions


class CaseOut(serializers.ModelSerializer):
    """One row of a list of cases. The customer is an id: names and numbers have an endpoint of their own."""

    type = serializers.CharField(source="type.code")
    team = serializers.CharField(source="team.code", default=None, allow_null=True)
    site = serializers.CharField(source="site.code", default=None, allow_null=True)
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    conversation = serializers.IntegerField(source="conversation_id", allow_null=True)
    account = serializers.IntegerField(source="account_id", allow_null=True)
    repeat_reason = serializers.ChoiceField([("", ""), *RepeatReason.choices])

    class Meta:
        model = Case
        fields = [
            "number", "type", "subject", "language", "state", "state_class", "is_open", "turn", "grade", "customer",
            "conversation", "account", "site", "team", "owner", "reached_at", "opened_at", "decided_at",
            "resolved_at", "closed_at", "acceptance", "next_due_at", "next_clock", "breached", "outcome",
            "root_cause", "told", "reopened", "repeat_reason", "revision",
        ]  # fmt: skip
        read_only_fields = fields


class ClockOut(serializers.ModelSerializer):
    class Meta:
        model = Clock
        fields = ["kind", "state", "started_at", "due_at", "stopped_at", "remaining_seconds", "breached_at"]
        read_only_fields = fields


class NoticeOut(serializers.ModelSerializer):
    class Meta:
        model = CustomerNotice
        fields = ["id", "kind", "status", "channel_kind", "language", "template", "reason", "created_at", "settled_at"]
        read_only_fields = fields


class TaskOut(serializers.ModelSerializer):
    assignee = serializers.IntegerField(source="assignee_id", allow_null=True)
    team = serializers.CharField(source="team.code", default=None, allow_null=True)

    class Meta:
        model = Task
        fields = ["id", "kind", "title", "detail", "status", "assignee", "team", "due_at", "answer", "created_at"]
        read_only_fields = fields


class ExtensionOut(serializers.ModelSerializer):
    rule = serializers.CharField(source="rule.code")
    approval = serializers.IntegerField(source="approval_id", allow_null=True)

    class Meta:
        model = Extension
        fields = ["id", "rule", "clock", "amount", "reason", "status", "approval", "requested_at", "decided_at"]
        read_only_fields = fields


class MissingOut(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()
    anchor = serializers.CharField()


class DetailOut(CaseOut):
    """One case with its clocks, fields, categories, notices, tasks and what closing still asks for."""

    version = serializers.IntegerField(source="version.number")
    clocks = ClockOut(many=True)
    notices = NoticeOut(many=True)
    tasks = TaskOut(many=True)
    extensions = ExtensionOut(many=True)
    categories = serializers.SerializerMethodField()
    missing_for_closing = serializers.SerializerMethodField()

    class Meta(CaseOut.Meta):
        fields = [
            *CaseOut.Meta.fields, "version", "data", "decision", "categories", "clocks", "notices", "tasks",
            "extensions", "missing_for_closing",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, case: Case) -> dict[str, Any]:
        prefetch_related_objects([case], "clocks", "notices", "tasks__team", "extensions__rule")
        return super().to_representation(case)

    def get_categories(self, case: Case) -> dict[str, str]:
        return {row.dimension: row.category.code for row in case.categories.select_related("category")}

    def get_missing_for_closing(self, case: Case) -> list[dict[str, Any]]:
        return MissingOut(missing_for_closing(case), many=True).data


class AcceptanceOut(serializers.ModelSerializer):
    class Meta:
        model = Acceptance
        fields = ["round", "accepted", "grounds", "words", "decided_by", "decided_at"]
        read_only_fields = fields


class ProceedingOut(serializers.ModelSerializer):
    class Meta:
        model = Proceeding
        fields = ["id", "kind", "body", "reference", "started_on", "ended_on", "result"]
        read_only_fields = fields


class PartyOut(serializers.ModelSerializer):
    """Somebody beside the customer. Names and addresses are personal and stay in the hub."""

    class Meta:
        model = Party
        fields = ["id", "role", "scope", "valid_from", "expires_on", "ended_at", "recorded_at"]
        read_only_fields = fields


class RedressOut(serializers.ModelSerializer):
    class Meta:
        model = Redress
        fields = [
            "id", "kind", "amount", "currency", "note", "status", "approval", "paid_on", "reference", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class ForwardingOut(serializers.ModelSerializer):
    class Meta:
        model = Forwarding
        fields = ["id", "authority", "number", "reached_at", "answer_by", "answered_on", "answer_reference"]
        read_only_fields = fields


class MaterialOut(serializers.ModelSerializer):
    class Meta:
        model = Material
        fields = ["id", "kind", "party", "attachment", "original_seen", "note", "received_at", "good_until"]
        read_only_fields = fields


class InterestOut(serializers.ModelSerializer):
    class Meta:
        model = Interest
        fields = ["id", "user", "hides", "declared_at", "ended_at"]
        read_only_fields = fields


class ComplaintOut(serializers.Serializer):
    """What a regulated complaint has beside its conversation."""

    acceptances = AcceptanceOut(many=True)
    materials = MaterialOut(many=True)
    parties = PartyOut(many=True)
    interests = InterestOut(many=True)
    redress = RedressOut(many=True)
    forwardings = ForwardingOut(many=True)
    proceedings = ProceedingOut(many=True)
    rechecks = serializers.SerializerMethodField()

    def get_rechecks(self, case: Case) -> list[str]:
        return list(case.rechecks.values_list("case__number", flat=True))


class LinkOut(serializers.ModelSerializer):
    case = serializers.CharField(source="case.number")
    other = serializers.CharField(source="other.number")

    class Meta:
        model = CaseLink
        fields = ["id", "case", "other", "kind"]
        read_only_fields = fields


class OfferOut(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    requires = MissingOut(many=True)
    needs_approval = serializers.BooleanField()


class MovedOut(serializers.Serializer):
    case = DetailOut()
    approval = serializers.IntegerField(allow_null=True)


class ReplyOut(MovedOut):
    delivery = serializers.IntegerField()


class CaseTypeListOut(serializers.ListSerializer):
    """A page of types, read together."""

    def to_representation(self, rows: Any) -> list[dict[str, Any]]:
        rows = list(rows)
        self.contents = versions.active_contents(rows)
        return super().to_representation(rows)


class CaseTypeOut(serializers.ModelSerializer):
    """A type and its active version."""

    version = serializers.SerializerMethodField()
    content = serializers.SerializerMethodField()

    class Meta:
        model = CaseType
        fields = ["code", "name", "name_en", "description", "version", "content"]
        read_only_fields = fields
        list_serializer_class = CaseTypeListOut

    def to_representation(self, row: CaseType) -> dict[str, Any]:
        contents = getattr(self.parent, "contents", None)
        known = versions.active_contents([row]) if contents is None else contents
        self.version, self.content = known.get(row.pk, (None, {}))
        return super().to_representation(row)

    def get_version(self, row: CaseType) -> int | None:
        return self.version.number if self.version else None

    def get_content(self, row: CaseType) -> dict[str, Any]:
        return self.content


class Change(serializers.Serializer):
    revision = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class CaseIn(serializers.Serializer):
    """A new case."""

    type = serializers.SlugField(max_length=40)
    subject = serializers.CharField(max_length=300)
    customer = serializers.IntegerField(required=False, allow_null=True)
    data = serializers.DictField(required=False)
    categories = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    grade = serializers.IntegerField(required=False, min_value=1, max_value=9)
    team = serializers.SlugField(required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=["zh-hans", "en"], required=False)
    reached_at = serializers.DateTimeField(required=False)


class MoveIn(Change):
    transition = serializers.SlugField(max_length=40)
    data = serializers.DictField(required=False, default=dict)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class AssignIn(Change):
    owner = serializers.IntegerField(required=False, allow_null=True)
    team = serializers.SlugField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class ValuesIn(Change):
    data = serializers.DictField()


class CategoryIn(Change):
    dimension = serializers.SlugField(max_length=40)
    code = serializers.CharField(allow_blank=True, max_length=20)


class GradeIn(Change):
    grade = serializers.IntegerField(min_value=1, max_value=9)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class RepeatIn(Change):
    earlier = serializers.CharField(max_length=24)
    reason = serializers.ChoiceField(choices=RepeatReason.choices)


class NoteIn(serializers.Serializer):
    text = serializers.CharField(max_length=20_000)


class ReplyIn(Change):
    text = serializers.CharField(max_length=100_000)
    then = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    data = serializers.DictField(required=False, default=dict)
    confirmed = serializers.ListField(child=serializers.CharField(), required=False, default=list)


class ExtendIn(serializers.Serializer):
    rule = serializers.SlugField(max_length=40)
    reason = serializers.CharField(max_length=2000)


class ReasonIn(Change):
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class WithdrawIn(ReasonIn):
    """`party`: the representative or agent who withdraws for the customer."""

    party = serializers.IntegerField(required=False, allow_null=True, default=None)


class TaskIn(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    detail = serializers.CharField(required=False, allow_blank=True, default="")
    assignee = serializers.IntegerField(required=False, allow_null=True, default=None)
    team = serializers.SlugField(required=False, allow_blank=True, default="")
    due_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class MaterialIn(serializers.Serializer):
    kind = serializers.SlugField(max_length=40)
    attachment = serializers.IntegerField(required=False, allow_null=True, default=None)
    party = serializers.IntegerField(required=False, allow_null=True, default=None)
    original_seen = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class PartyIn(serializers.Serializer):
    role = serializers.ChoiceField(choices=Party.Role.values)
    name = serializers.CharField(max_length=120)
    contact = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    scope = serializers.ListField(
        child=serializers.ChoiceField(choices=Party.Scope.values), required=False, default=list
    )
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class InterestIn(Change):
    user = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="Empty: yourself.")
    reason = serializers.CharField(max_length=2000)


class RedressIn(serializers.Serializer):
    kind = serializers.SlugField(max_length=40)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    currency = serializers.CharField(max_length=3, required=False, default="CNY")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class PaidIn(serializers.Serializer):
    redress = serializers.IntegerField()
    paid_on = serializers.DateField(required=False, allow_null=True, default=None)
    reference = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class ForwardingIn(serializers.Serializer):
    authority = serializers.CharField(max_length=120)
    number = serializers.CharField(max_length=60)
    reached_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    answer_by = serializers.DateTimeField(required=False, allow_null=True, default=None)


class AnsweredIn(serializers.Serializer):
    forwarding = serializers.IntegerField()
    answered_on = serializers.DateField(required=False, allow_null=True, default=None)
    reference = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class RecheckIn(serializers.Serializer):
    reason = serializers.CharField(max_length=4000)


class SplitIn(serializers.Serializer):
    """The other matter, in the customer's words; `message` speaks of it and goes along."""

    subject = serializers.CharField(max_length=300)
    type = serializers.SlugField(required=False, allow_blank=True, default="", help_text="Empty: the same type.")
    message = serializers.IntegerField(required=False, allow_null=True, default=None)


class MergeIn(serializers.Serializer):
    into = serializers.CharField(max_length=40, help_text="Number of the case that goes on.")


class LinkIn(serializers.Serializer):
    other = serializers.CharField(max_length=40, help_text="Number of the other case.")
    kind = serializers.ChoiceField(choices=CaseLink.BY_HAND, required=False, default=CaseLink.Kind.RELATED)
