"""Category trees in several dimensions, and grade scales; versioned like the types that use them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from console.lowcode.models import VersionedConfig

from .base import Named, PartOfVersion


class CategoryTree(VersionedConfig):
    """One edition of a dimension (product, reason, channel). Codes stay the same from edition to edition."""

    code = models.SlugField(_("dimension"), max_length=40)
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["code", "-number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="category_tree_number")]
        verbose_name = _("category tree")
        verbose_name_plural = _("category trees")

    label = Named.label

    def __str__(self) -> str:
        return f"{self.label} v{self.number}"


class Category(PartOfVersion, Named):
    """A place in a tree. `path` holds the codes from the root (`/A/A1/`) so that a branch is one prefix."""

    WHOLE = "tree"

    tree = models.ForeignKey(CategoryTree, models.CASCADE, related_name="categories")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    code = models.CharField(_("code"), max_length=20)
    path = models.CharField(max_length=200, editable=False, db_index=True)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["tree", "code"], name="category_code")]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def save(self, *args, **kwargs) -> None:
        self.path = f"{self.parent.path if self.parent else '/'}{self.code}/"
        super().save(*args, **kwargs)


class GradeScale(VersionedConfig):
    """One edition of a severity scale; the rule of a grade is a condition tree anyone can read."""

    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["code", "-number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="grade_scale_number")]
        verbose_name = _("grade scale")
        verbose_name_plural = _("grade scales")

    label = Named.label

    def __str__(self) -> str:
        return f"{self.label} v{self.number}"


class Grade(PartOfVersion, Named):
    """Severity 1 (gravest) to 5. The first grade whose rule matches is suggested."""

    WHOLE = "scale"

    scale = models.ForeignKey(GradeScale, models.CASCADE, related_name="grades")
    value = models.PositiveSmallIntegerField(_("grade"))
    rule = models.JSONField(_("suggested when"), default=dict, blank=True)

    class Meta:
        ordering = ["value"]
        constraints = [models.UniqueConstraint(fields=["scale", "value"], name="grade_value")]
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
