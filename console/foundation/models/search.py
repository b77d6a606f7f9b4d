from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """What the search engine keeps of one object: its text for phrases and snippets, and who may find it.

    `id` is object_id * 16 + the kind's code, so that the order of ids is the order of creation in every
    database. The index proper is vendor DDL beside this table (migrations/0002_search.py).
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.PositiveSmallIntegerField()
    text = models.TextField()
    folded = models.TextField(null=True)
    title_length = models.PositiveIntegerField(default=0)
    site = models.BigIntegerField(null=True)
    team = models.BigIntegerField(null=True)
    owner = models.BigIntegerField(null=True)
    customer = models.BigIntegerField(null=True)
    language = models.CharField(max_length=10, default="", blank=True)
    audience = models.CharField(max_length=20, default="", blank=True)
    state = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        indexes = [
            models.Index(fields=["kind", "-id"], name="foundation_search_kind"),
            models.Index(fields=["kind", "site", "-id"], name="foundation_search_site"),
            models.Index(fields=["kind", "team", "-id"], name="foundation_search_team"),
            models.Index(fields=["kind", "owner", "-id"], name="foundation_search_owner"),
            models.Index(fields=["kind", "customer", "-id"], name="foundation_search_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"

    @property
    def object_id(self) -> int:
        return self.id >> 4
