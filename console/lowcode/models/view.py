from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Their own views, views for everyone, and views shared with a role or team of theirs."""
        from ..conditions import context_for

        context = context_for(user)
        if getattr(user, "is_superuser", False):
            return self
        shared = Q(shared=SavedView.Shared.EVERYONE)
        names = [f"role:{role}" for role in context.roles] + [f"team:{team}" for team in context.team_ids]
        for name in names:
            shared |= Q(shared=SavedView.Shared.SOME, shared_with__contains=f"|{name}|")
        return self.filter(Q(owner_id=user.pk) | shared)


class SharedWithField(models.TextField):
    """A list of names kept as `|role:agent|team:3|`: one plain LIKE finds a name, on both databases."""

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        return value if isinstance(value, list) else [name for name in (value or "").split("|") if name]

    def get_prep_value(self, value):
        if isinstance(value, str):
            return value
        return f"|{'|'.join(value)}|" if value else ""

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))


class SavedView(models.Model):
    """A list somebody wants to see again: which rows, in which order, with which columns."""

    class Shared(models.TextChoices):
        NOBODY = "nobody", _("only the owner")
        SOME = "some", _("some roles or teams")
        EVERYONE = "everyone", _("everyone")

    code = models.SlugField(_("code"), max_length=60, blank=True, help_text=_("Needed to carry it in a blueprint."))
    subject = models.CharField(_("about"), max_length=50)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    tree = models.JSONField(_("condition"), default=dict, blank=True)
    sort = models.JSONField(
        _("sort by"), default=list, blank=True, help_text=_("Field names; - before one reverses it.")
    )
    columns = models.JSONField(_("columns"), default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    shared = models.CharField(_("shared with"), max_length=10, choices=Shared.choices, default=Shared.NOBODY)
    shared_with = SharedWithField(_("roles and teams"), default=list, blank=True)
    order = models.PositiveIntegerField(_("order"), default=100)
    count_cap = models.PositiveIntegerField(_("count up to"), default=999)
    active = models.BooleanField(_("active"), default=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["subject", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="saved_view_code", condition=~Q(code=""))]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    def clean(self) -> None:
        """Put the tree into its normal form. Raises ValidationError when it or the sorting is not valid."""
        from ..services.views import check_view

        super().clean()
        problems = check_view(self)
        if problems:
            raise ValidationError(problems)
