"""What is said about a case: custom fields, categories, grade. Every door validates the same way."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from console.lowcode import fields as lowcode_fields

from .. import config, search, subjects
from ..config import Spec, spec_of
from ..models import Case, CaseCategory, CaseIndex, CategoryIndex
from . import deadlines
from .base import CaseError, changing, demand, record, who


def set_fields(case: Case, values: dict[str, Any], actor: Any = None, *, revision: int | None = None) -> Case:
    """Change custom fields; emits `case.fields_changed` with the codes of those that changed.

    Raises CaseError with the field's code when a value does not fit, Stale, NotAllowed.
    """
    by = who(actor)
    demand(by, "case.work", case)
    with changing(case, revision) as row:
        spec = spec_of(row.version)
        changed = apply_fields(row, spec, values)
        if changed:
            record(row, "case.fields_changed", by, fields=changed)
    return case


def clean_fields(spec: Spec, values: dict[str, Any]) -> dict[str, Any]:
    """Values as they are stored, None for one that is emptied. Raises CaseError with the field's code."""
    try:
        return lowcode_fields.validate_values(spec.fields, values, partial=True)
    except lowcode_fields.FieldErrors as errors:
        code, texts = next(iter(errors.by_field.items()))
        raise CaseError("invalid_field", texts[0], field=code) from errors


def apply_fields(case: Case, spec: Spec, values: dict[str, Any]) -> list[str]:
    """Validate and set values on the case and, once it is stored, its index rows; the codes that changed."""
    cleaned = clean_fields(spec, values)
    changed = sorted(code for code, value in cleaned.items() if case.data.get(code) != value)
    merged = {**case.data, **cleaned}
    case.data = {code: value for code, value in merged.items() if value is not None}
    if case.pk and changed:
        lowcode_fields.sync_index(CaseIndex, case, spec.fields, case.data)
    return changed


def set_category(case: Case, dimension: str, code: str, actor: Any = None, *, revision: int | None = None) -> Case:
    """Put the case into a place of one dimension ("" takes it out); emits `case.classified`."""
    by = who(actor)
    demand(by, "case.work", case)
    with changing(case, revision) as row:
        apply_categories(row, spec_of(row.version), {dimension: code})
        record(row, "case.classified", by, dimension=dimension, code=code)
    return case


def apply_categories(case: Case, spec: Spec, places: dict[str, str]) -> None:
    """Set several dimensions at once. Raises CaseError for an unknown dimension or category."""
    for dimension, code in places.items():
        if dimension not in spec.version.dimensions:
            raise CaseError("unknown_dimension", _("This type does not use this dimension."), field=dimension)
        key = f"category.{dimension}"
        CategoryIndex.objects.filter(case=case, field=key).delete()
        if not code:
            CaseCategory.objects.filter(case=case, dimension=dimension).delete()
            continue
        category = config.tree(dimension).get(code)
        if category is None:
            raise CaseError("unknown_category", _("There is no such category."), field=dimension)
        CaseCategory.objects.update_or_create(
            case=case, dimension=dimension, defaults={"category": category, "path": category.path}
        )
        CategoryIndex.objects.bulk_create(index_rows(case, dimension, category.path))


def index_rows(case: Case, dimension: str, path: str) -> list[CategoryIndex]:
    """What a case is found by in this place: the category and every branch above it."""
    return [CategoryIndex(case=case, field=f"category.{dimension}", text=part) for part in subjects.branches(path)]


def set_grade(case: Case, grade: int, actor: Any = None, reason: str = "", *, revision: int | None = None) -> Case:
    """Set the severity and recompute every clock from the beginning; emits `case.graded`.

    A person who departs from the suggested grade gives a reason. Raises CaseError, Stale, NotAllowed.
    """
    by = who(actor)
    demand(by, "case.grade", case)
    with changing(case, revision) as row:
        spec = spec_of(row.version)
        known = [item.value for item in config.grades(spec.version.grade_scale)]
        if known and grade not in known:
            raise CaseError("unknown_grade", _("There is no such grade."), field="grade")
        suggested = suggest_grade(row)
        if by.user is not None and not reason and suggested not in (None, grade):
            raise CaseError("reason_needed", _("Give a reason for this grade."), field="grade_reason")
        before, row.grade, row.grade_reason = row.grade, grade, reason[:300]
        deadlines.refresh(row, spec)
        record(row, "case.graded", by, before=before, after=grade, suggested=suggested)
    return case


def suggest_grade(case: Case) -> int | None:
    """The first grade of the scale whose visible rule matches the case; None when none does."""
    scale = spec_of(case.version).version.grade_scale
    for grade in config.grades(scale):
        if grade.rule and subjects.holds(grade.rule, case):
            return grade.value
    return None


def retitle(case: Case, subject: str, actor: Any = None, *, revision: int | None = None) -> Case:
    """Change the subject; emits `case.retitled`."""
    by = who(actor)
    demand(by, "case.work", case)
    if not subject.strip():
        raise CaseError("empty_subject", _("A case needs a subject."), field="subject")
    with changing(case, revision) as row:
        row.subject = subject.strip()[:300]
        search.stale(row)
        record(row, "case.retitled", by)
    return case
