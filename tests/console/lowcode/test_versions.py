"""Versions: drafted, active from a moment, never rewritten, retired."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone

from console.events import Actor
from console.events.models import Event
from console.lowcode.versions import (
    VersionedConfig,
    activate_version,
    active_version,
    draft_version,
    retire_version,
)

BOSS = Actor("staff", "1", "boss")


class Flow(VersionedConfig):
    class Meta(VersionedConfig.Meta):
        app_label = "lowcode_sample"


@pytest.fixture(scope="module", autouse=True)
def flow_table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Flow)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Flow)


pytestmark = pytest.mark.django_db


def made(code="complaint", at=None, **body) -> Flow:
    draft = draft_version(Flow, code, body, author=BOSS, reason="first")
    return activate_version(draft, actor=BOSS, reason="go", at=at)


def test_a_draft_is_not_active():
    assert draft_version(Flow, "complaint", {}, author=BOSS).number == 1
    assert active_version(Flow, "complaint") is None


def test_the_version_of_a_moment_is_the_one_activated_last_before_it():
    now = timezone.now()
    old = made(at=now - timedelta(days=9))
    new = made(at=now - timedelta(days=2))
    later = made(at=now + timedelta(days=2))
    assert (old.number, new.number, later.number) == (1, 2, 3)
    assert active_version(Flow, "complaint") == new
    assert active_version(Flow, "complaint", now - timedelta(days=5)) == old
    assert active_version(Flow, "complaint", now + timedelta(days=5)) == later
    assert active_version(Flow, "complaint", now - timedelta(days=50)) is None


def test_a_retired_version_gives_way_to_the_one_before():
    now = timezone.now()
    old, new = made(at=now - timedelta(days=9)), made(at=now - timedelta(days=2))
    retire_version(new, actor=BOSS, reason="wrong", at=now - timedelta(days=1))
    assert active_version(Flow, "complaint") == old
    assert active_version(Flow, "complaint", now - timedelta(days=1, hours=1)) == new


def test_what_was_active_is_never_rewritten():
    version = made(steps=1)
    version.body = {"steps": 2}
    with pytest.raises(ValidationError):
        version.save()
    with pytest.raises(ValidationError):
        version.full_clean()
    version.save(update_fields=["reason"])
    assert Flow.objects.get().body == {"steps": 1}


def test_a_draft_may_be_edited():
    draft = draft_version(Flow, "complaint", {}, author=BOSS)
    draft.body = {"steps": 2}
    draft.save()
    assert Flow.objects.get().body == {"steps": 2}


@pytest.mark.parametrize("act", [activate_version, retire_version])
def test_each_step_needs_a_reason(act):
    with pytest.raises(ValidationError):
        act(draft_version(Flow, "complaint", {}, author=BOSS), actor=BOSS, reason=" ")


def test_only_drafts_become_active_and_only_used_versions_retire():
    version = made()
    with pytest.raises(ValidationError):
        activate_version(version, actor=BOSS, reason="again")
    with pytest.raises(ValidationError):
        retire_version(draft_version(Flow, "x", {}, author=BOSS), actor=BOSS, reason="no")


def test_every_step_is_an_event():
    retire_version(made(), actor=BOSS, reason="done")
    events = Event.objects.filter(stream="configuration").order_by("id")
    assert [event.type.partition(".")[2] for event in events] == ["drafted", "activated", "retired"]
    assert events[0].data["model"] == "lowcode_sample.flow"
    assert issubclass(Flow, models.Model)
