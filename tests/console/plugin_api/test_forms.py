import pytest
from django import forms
from django.core.exceptions import ValidationError

from console.plugin_api.forms import SECRET_KEPT, ConfigForm, SecretField


class Form(ConfigForm):
    host = forms.CharField()
    password = SecretField()
    token = SecretField(required=False)


def test_a_new_account_gives_plain_values_and_secrets_apart():
    form = Form({"host": "h", "password": " p ", "token": ""})
    assert form.is_valid()
    assert form.plain() == {"host": "h"}
    assert form.secrets() == {"password": " p ", "token": ""}


def test_a_stored_secret_shows_as_the_sentinel_and_stays():
    form = Form(stored_secrets=["password"])
    assert SECRET_KEPT in str(form["password"])
    again = Form({"host": "h", "password": SECRET_KEPT}, stored_secrets=["password"])
    assert again.is_valid()
    assert again.secrets()["password"] == SECRET_KEPT


def test_the_sentinel_keeps_nothing_where_nothing_is():
    form = Form({"host": "h", "password": SECRET_KEPT})
    assert not form.is_valid()
    assert form.errors["password"].data[0].code == "nothing_kept"
    assert "password" not in form.secrets()


def test_a_typed_secret_is_never_sent_back():
    form = Form({"host": "", "password": "typed-word"})
    assert not form.is_valid()
    assert "typed-word" not in str(form)


@pytest.mark.parametrize("text", ["env:", "env:1BAD", "env:A B", "file:", "env:A\nB"])
def test_broken_references_are_refused(text):
    with pytest.raises(ValidationError):
        SecretField().clean(text)


@pytest.mark.parametrize("text", ["env:SMTP_PASSWORD", "file:/run/secrets/smtp", "environment", "a:b"])
def test_references_and_ordinary_words_pass(text):
    assert SecretField().clean(text) == text
