import pickle

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.test.utils import isolate_apps

from console.foundation import crypto
from console.foundation.fields import (
    EncryptedBinaryField,
    EncryptedJSONField,
    EncryptedTextField,
    KeyedHashField,
    Sealed,
)
from tests.console.foundation.conftest import table_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def secret_model(django_db_setup, django_db_blocker):
    with isolate_apps("console.foundation"):

        class Secret(models.Model):
            text = EncryptedTextField(null=True)
            text_hash = KeyedHashField(source="text", purpose="test", null=True)
            data = EncryptedJSONField(default=dict)
            raw = EncryptedBinaryField(null=True)

            class Meta:
                app_label = "foundation"

    with table_of(Secret, django_db_blocker):
        yield Secret


def stored(model, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table}")
        return cursor.fetchone()[0]


def test_values_come_back_and_lie_unreadable(secret_model):
    values = {"text": "张三 13812345678", "data": {"名": [1, None, "x"]}, "raw": b"\x00\xff raw"}
    secret_model.objects.create(**values)
    row = secret_model.objects.get()
    assert {name: getattr(row, name) for name in values} == values
    assert "张三" not in stored(secret_model, "text")
    assert b"raw" not in bytes(stored(secret_model, "raw"))


def test_nothing_is_decrypted_until_it_is_read(secret_model, monkeypatch):
    secret_model.objects.create(text="a", data={"b": 1}, raw=b"c")
    opened = []
    real = crypto.decrypt
    monkeypatch.setattr(crypto, "decrypt", lambda token: opened.append(token) or real(token))
    row = secret_model.objects.get()
    assert opened == []
    assert (row.text, row.text) == ("a", "a")
    assert len(opened) == 1


def test_saving_an_unread_row_keeps_its_ciphertext(secret_model):
    secret_model.objects.create(text="a")
    before = stored(secret_model, "text")
    secret_model.objects.get().save()
    assert stored(secret_model, "text") == before


def test_null_and_empty_stay_searchable(secret_model):
    secret_model.objects.create(text=None)
    secret_model.objects.create(text="")
    secret_model.objects.create(text="x")
    assert secret_model.objects.filter(text=None).count() == 1
    assert secret_model.objects.filter(text__isnull=True).count() == 1
    assert secret_model.objects.filter(text="").count() == 1


@pytest.mark.parametrize(
    "lookup", ["text", "text__in", "text__contains", "text__gt", "data", "raw__startswith", "data__b"]
)
def test_lookups_that_could_never_match_are_refused(secret_model, lookup):
    with pytest.raises(FieldError):
        list(secret_model.objects.filter(**{lookup: ["x"] if lookup.endswith("__in") else "x"}))


def test_rows_are_found_by_their_hash(secret_model):
    secret_model.objects.create(text="13812345678")
    wanted = secret_model._meta.get_field("text_hash").hash_of("13812345678")
    assert secret_model.objects.get(text_hash=wanted).text == "13812345678"
    assert wanted == crypto.keyed_hash("13812345678", "test")


def test_values_lists_give_sealed_values_that_show_nothing(secret_model):
    secret_model.objects.create(text="secret")
    sealed = secret_model.objects.values_list("text", flat=True).get()
    assert isinstance(sealed, Sealed)
    assert repr(sealed) == "<sealed>"
    assert (str(sealed), sealed.reveal(), sealed == "secret") == ("secret", "secret", True)


def test_updates_in_bulk(secret_model):
    rows = secret_model.objects.bulk_create([secret_model(text=str(n), raw=b"r") for n in range(3)])
    for row in rows:
        row.text = "new"
    secret_model.objects.bulk_update(rows, ["text"])
    secret_model.objects.update(data={"k": "v"}, raw=b"z")
    assert {(row.text, row.data["k"], row.raw) for row in secret_model.objects.all()} == {("new", "v", b"z")}


def test_refreshing_deferring_and_pickling(secret_model):
    made = secret_model.objects.create(text="a")
    secret_model.objects.update(text="b")
    made.refresh_from_db()
    assert made.text == "b"
    assert secret_model.objects.defer("text").get().text == "b"
    sealed = secret_model.objects.values_list("text", flat=True).get()
    assert pickle.loads(pickle.dumps(sealed.token)) == sealed.token


def test_lone_surrogates_survive(secret_model):
    secret_model.objects.create(text="\ud800x")
    assert secret_model.objects.get().text == "\ud800x"


def test_forms_offer_the_clear_value():
    assert EncryptedJSONField().formfield().clean('{"a": 1}') == {"a": 1}
    assert EncryptedTextField().formfield().clean("x") == "x"
