import pytest
from django.db import connection

from console.events.models import Event
from console.plugin_api.forms import SECRET_KEPT
from console.plugin_host import credentials
from console.plugin_host.models import ConnectorCredential


@pytest.fixture
def stored(db, actor):
    credentials.store("acc", {"password": "s3cret-word", "token": "t0ken-word"}, actor)


def raw_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT ciphertext FROM plugin_host_connectorcredential")
        return " ".join(str(row[0]) for row in cursor.fetchall())


def test_secrets_are_encrypted_and_come_back(stored):
    assert "s3cret" not in raw_rows()
    assert credentials.read("acc") == {"password": "s3cret-word", "token": "t0ken-word"}
    assert credentials.stored_names("acc") == {"password", "token"}


def test_the_sentinel_keeps_the_empty_removes(stored, actor):
    changed = credentials.store("acc", {"password": SECRET_KEPT, "token": ""}, actor)
    assert changed == ["token"]
    assert credentials.read("acc") == {"password": "s3cret-word"}


def test_the_record_names_fields_and_never_values(stored):
    event = Event.objects.get(type="credential.changed")
    assert event.data["fields"] == ["password", "token"]
    assert "s3cret" not in str(event.data)
    assert "t0ken" not in str(event.data)


def test_nothing_changed_is_no_event(stored, actor):
    assert credentials.store("acc", {"password": SECRET_KEPT}, actor) == []
    assert Event.objects.filter(type="credential.changed").count() == 1


def test_forgetting_an_instance_leaves_nothing(stored, actor):
    assert credentials.forget("acc", actor) == 2
    assert not ConnectorCredential.objects.exists()


def test_references_are_followed_when_read(db, actor, monkeypatch, tmp_path):
    monkeypatch.setenv("RELAY_KEY", "from-env")
    secret = tmp_path / "secret"
    secret.write_text("from-file\n")
    credentials.store("acc", {"a": "env:RELAY_KEY", "b": f"file:{secret}"}, actor)
    assert credentials.read("acc") == {"a": "from-env", "b": "from-file"}


@pytest.mark.parametrize(
    "reference", ["env:NO_SUCH_NAME", "file:/no/such/file", "env:SECRET_KEY", "env:HUIYIN_KEYS", "file:/dev/zero"]
)
def test_references_that_lead_nowhere_or_into_the_house_are_refused(db, actor, reference, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "house")
    credentials.store("acc", {"a": reference}, actor)
    with pytest.raises(credentials.CannotResolve) as caught:
        credentials.read("acc")
    assert caught.value.field == "a"


def test_key_files_of_the_house_are_not_lent(db, settings):
    from pathlib import Path

    keys = Path(settings.HUIYIN_HOME) / "secrets" / "keys"
    for path in (keys, keys.parent / ".." / "secrets" / "keys"):
        with pytest.raises(credentials.CannotResolve):
            credentials.resolve({"a": f"file:{path}"})


def test_a_broken_reference_is_an_outcome_not_an_error(host, actor):
    outcome = host.call("neighbour", "parse", None, secrets={"password": "env:NO_SUCH_NAME"})
    assert (outcome.failure, outcome.field) == ("config", "password")


def test_rotation_brings_every_secret_under_the_new_key(stored):
    from console.foundation import crypto

    before = crypto.current_key_id()
    after = crypto.add_key()
    assert credentials.rotate() == 2
    assert credentials.rotate() == 0
    keys = set(ConnectorCredential.objects.values_list("key_id", flat=True))
    assert keys == {after} != {before}
    assert credentials.read("acc")["password"] == "s3cret-word"


def test_the_command_covers_them(stored):
    from django.core.management import call_command

    from console.foundation import crypto

    call_command("rotate_keys")
    assert set(ConnectorCredential.objects.values_list("key_id", flat=True)) == {crypto.current_key_id()}
    assert {row.ciphertext for row in ConnectorCredential.objects.all()} == {"s3cret-word", "t0ken-word"}


def test_no_admin_shows_credentials():
    from django.contrib import admin

    assert ConnectorCredential not in admin.site._registry
