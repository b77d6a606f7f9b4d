from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from console.foundation import crypto, keys
from console.foundation.models import IdempotencyKey, KeyRotation

pytestmark = pytest.mark.django_db


def make(count):
    later = timezone.now() + timedelta(hours=1)
    rows = [IdempotencyKey(key_hash=f"{n:04}", request_hash="", body=f"b{n}", expires_at=later) for n in range(count)]
    IdempotencyKey.objects.bulk_create(rows)


def key_ids():
    sealed = IdempotencyKey.objects.values_list("body", flat=True)
    return {crypto.token_key_id(each.token) for each in sealed}


def ours():
    return next(column for column in keys.columns() if column.name == "foundation.IdempotencyKey.body")


def test_the_command_moves_every_row(home, capsys):
    make(5)
    old = crypto.current_key_id()
    call_command("rotate_keys")
    assert key_ids() == {crypto.current_key_id()} != {old}
    assert [row.body for row in IdempotencyKey.objects.order_by("pk")] == ["b0", "b1", "b2", "b3", "b4"]
    assert "foundation.IdempotencyKey.body: 5 moved" in capsys.readouterr().out


def test_a_stopped_rotation_goes_on_where_it_was(home, monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 2)
    make(5)
    crypto.add_key()

    class Stopped(Exception):
        pass

    def stop(state):
        raise Stopped

    with pytest.raises(Stopped):
        keys.rotate_column(ours(), stop)
    assert KeyRotation.objects.get().rows == 2
    seen = []
    assert keys.rotate_column(ours(), lambda state: seen.append(state.rows)) == 3
    assert seen == [4, 5]
    assert KeyRotation.objects.get().finished_at is not None


def test_a_finished_rotation_may_be_run_again(home):
    make(2)
    keys.rotate_column(ours())
    assert keys.rotate_column(ours()) == 0
    assert KeyRotation.objects.get().rows == 2


def test_rooms_add_what_lies_outside_the_database(home, monkeypatch):
    monkeypatch.setattr(keys, "_others", {})
    keys.register_rotation("vault", lambda: 7)
    assert keys.rotate_all()["vault"] == 7


def test_resuming_makes_no_new_key(home):
    make(1)
    call_command("rotate_keys", resume=True)
    assert len((home / "secrets" / "keys").read_text().split()) == 1


def test_keys_from_the_environment_are_only_used(home, settings, capsys):
    settings.HUIYIN_KEYS = Fernet.generate_key().decode()
    make(1)
    call_command("rotate_keys")
    assert "HUIYIN_KEYS" in capsys.readouterr().out
    assert key_ids() == {crypto.current_key_id()}
