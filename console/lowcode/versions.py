"""Versions of configuration: drafted, made active from a moment, retired; each step with author and reason."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import Actor, emit

from .models.versions import VersionedConfig

__all__ = [
    "VersionedConfig",
    "activate_version",
    "active_version",
    "draft_version",
    "retire_version",
    "version_at",
]
Version = TypeVar("Version", bound=VersionedConfig)
STREAM = "configuration"


def active_version(model: type[Version], code: str, at: datetime | None = None) -> Version | None:
    """The version of `code` that is valid at a moment (now): the one activated last before it. None when none is."""
    return version_at(model.objects.filter(code=code), at)


def version_at(queryset: Any, at: datetime | None = None) -> Any:
    """As `active_version`, among the rows of a queryset."""
    at = at or timezone.now()
    valid = queryset.exclude(state=VersionedConfig.State.DRAFT).filter(
        Q(active_until__isnull=True) | Q(active_until__gt=at), active_from__lte=at
    )
    return valid.order_by("-active_from", "-number").first()


def draft_version(
    model: type[Version], code: str, body: dict[str, Any], *, author: Actor, reason: str = "", **fields: Any
) -> Version:
    """A new draft after the newest version of `code`. Other fields of the model may be given."""
    with transaction.atomic():
        newest = model.objects.filter(code=code).aggregate(top=Max("number"))["top"] or 0
        version = model(code=code, number=newest + 1, body=body, author=str(author), reason=reason, **fields)
        version.full_clean(exclude=[field.name for field in model._meta.fields if field.is_relation])
        version.save()
        _tell("drafted", version, author)
    return version


def activate_version(version: Version, *, actor: Actor, reason: str, at: datetime | None = None) -> Version:
    """Make a draft valid from a moment (now). Raises ValidationError without a reason or when it is no draft."""
    if not reason.strip():
        raise ValidationError(_("Say why this version becomes active."))
    with transaction.atomic():
        fresh = type(version).objects.select_for_update().get(pk=version.pk)
        if not fresh.editable:
            raise ValidationError(_("Only a draft can be made active."))
        fresh.state = VersionedConfig.State.ACTIVE
        fresh.active_from = at or timezone.now()
        fresh.author, fresh.reason = str(actor)[:150], reason.strip()[:300]
        fresh.save(update_fields=["state", "active_from", "author", "reason"])
        _tell("activated", fresh, actor)
    return fresh


def retire_version(version: Version, *, actor: Actor, reason: str, at: datetime | None = None) -> Version:
    """End a version's validity at a moment (now). Raises ValidationError without a reason or when it is a draft."""
    if not reason.strip():
        raise ValidationError(_("Say why this version is retired."))
    if version.editable:
        raise ValidationError(_("A draft was never active; delete it instead."))
    with transaction.atomic():
        version.state = VersionedConfig.State.RETIRED
        version.active_until = at or timezone.now()
        version.save(update_fields=["state", "active_until"])
        _tell("retired", version, actor)
    return version


def _tell(what: str, version: VersionedConfig, actor: Actor) -> None:
    data = {"model": version._meta.label_lower, "id": version.pk, "code": version.code, "number": version.number}
    emit(STREAM, f"configuration.{what}", data, actor=actor)
