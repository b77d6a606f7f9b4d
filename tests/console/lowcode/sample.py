"""A model of the tests' own, with every kind of value a condition can meet. Its tables live only while tests run."""

from django.db import models

from console.lowcode.conditions import Subject
from console.lowcode.fields import FieldSpec, IndexRow, condition_fields

LABEL = "lowcode_sample"


class Place(models.Model):
    name = models.CharField(max_length=50, null=True)

    class Meta:
        app_label = LABEL


class Thing(models.Model):
    title = models.CharField(max_length=200, blank=True)
    remark = models.TextField(null=True)
    state = models.CharField(max_length=20, null=True)
    amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    grade = models.IntegerField(default=0)
    due = models.DateField(null=True)
    seen_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(null=True)
    owner_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    place = models.ForeignKey(Place, models.SET_NULL, null=True)
    phone_hash = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        app_label = LABEL


class ThingIndex(IndexRow):
    OWNER = "thing"
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+")

    class Meta(IndexRow.Meta):
        app_label = LABEL


MODELS = (Place, Thing, ThingIndex)
CHOICES = [{"code": code, "zh": code, "en": code} for code in ("card", "loan", "app")]
SPECS = [
    FieldSpec("product", "choice", "产品", "Product", choices=tuple(CHOICES), filterable=True),
    FieldSpec("topics", "multi_choice", "主题", "Topics", choices=tuple(CHOICES), filterable=True),
    FieldSpec("loss", "number", "损失", "Loss", filterable=True),
    FieldSpec("day", "date", "日期", "Day", filterable=True),
    FieldSpec("agreed", "boolean", "同意", "Agreed", filterable=True),
    FieldSpec("code", "text", "代码", "Code", filterable=True),
    FieldSpec("story", "long_text", "经过", "Story"),
]
STATES = [("new", "新建"), ("open", "处理中"), ("closed", "已关闭")]


def make_subject() -> Subject:
    about = Subject("thing", Thing, "Thing")
    about.register_field("title", "text", column="title", label="Title")
    about.register_field("remark", "long_text", column="remark", label="Remark")
    about.register_field("state", "choice", column="state", label="State", choices=STATES)
    about.register_field("amount", "number", column="amount", label="Amount")
    about.register_field("grade", "number", column="grade", label="Grade")
    about.register_field("due", "date", column="due", label="Due")
    about.register_field("seen_at", "datetime", column="seen_at", label="Seen at")
    about.register_field("urgent", "boolean", column="urgent", label="Urgent")
    about.register_field("owner", "user", column="owner_id", label="Owner")
    about.register_field("team", "team", column="team_id", label="Team")
    about.register_field("place", "text", column="place__name", label="Place")
    about.register_field("phone", "encrypted", column="phone_hash", label="Phone", purpose="phone")
    about.register_field("length", "number", resolver=lambda thing: len(thing.title), label="Length")
    about.register_provider(lambda: condition_fields(SPECS, ThingIndex))
    return about
