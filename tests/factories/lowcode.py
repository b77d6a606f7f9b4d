"""Saved views and blueprint releases for tests."""

from __future__ import annotations

import factory

from console.lowcode.models import BlueprintRelease, SavedView


class SavedViewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SavedView

    code = factory.Sequence(lambda n: f"view-{n}")
    subject = "case"
    name_zh = factory.Sequence(lambda n: f"视图{n}")
    name_en = factory.Sequence(lambda n: f"View {n}")
    shared = SavedView.Shared.EVERYONE


class BlueprintReleaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BlueprintRelease

    name = factory.Sequence(lambda n: f"bundle-{n}")
    digest = "0" * 64
    bundle = "format: huiyin-blueprint/1\nname: x\n"
    author = "staff:admin"
    reason = "a test"
