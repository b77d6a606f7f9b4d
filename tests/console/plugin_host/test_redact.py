import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_host.redact import HIDDEN, Redactor, forms_of

SECRET = "pa ss/wörd+1"


@pytest.mark.parametrize("form", sorted(forms_of(SECRET)))
def test_every_form_of_a_known_secret_goes(form):
    assert form not in Redactor([SECRET]).text(f"before {form} after")


@given(st.text(min_size=6, max_size=30), st.text(max_size=40), st.text(max_size=40))
def test_a_known_secret_never_survives(secret, before, after):
    assert secret not in Redactor([secret]).secrets_only(before + secret + after).replace(HIDDEN, "")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345",
        "authorization: Basic dXNlcjpwYXNz",
        "https://user:topsecret@host/x",
        "password=topsecret&x=1",
        '{"access_token": "topsecret"}',
        "api_key: topsecret",
        "client-secret=topsecret",
    ],
)
def test_what_looks_like_a_secret_goes(text):
    clean = Redactor().text(text)
    assert HIDDEN in clean
    assert not any(word in clean for word in ("topsecret", "dXNlcjpwYXNz", "abcdefgh12345"))


def test_personal_numbers_are_masked():
    assert "4111111111111111" not in Redactor().text("card 4111111111111111")


def test_structures_lose_secret_names_and_values():
    value = {"host": "h", "password": "x", "deep": [{"token": "y", "note": f"is {SECRET}"}], "n": 3}
    clean = Redactor([SECRET]).value(value)
    assert clean == {"host": "h", "password": HIDDEN, "deep": [{"token": HIDDEN, "note": f"is {HIDDEN}"}], "n": 3}


def test_short_secrets_do_not_eat_the_text():
    assert Redactor(["a"]).text("a banana") == "a banana"


def test_diagnostics_of_a_handle_are_clean(host):
    secret = base64.b64encode(b"long enough").decode()
    facts = host.handle("neighbour", secrets={"key": secret}).diagnostics()
    assert facts == {}
    broken = host.handle("vandal", secrets={"password": secret}, config={"misdeed": "leaks"}).diagnostics()
    assert broken["error"] == "RuntimeError"
    assert secret not in str(broken)
