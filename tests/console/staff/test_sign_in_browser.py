"""Signing in as people do it: a phone's codes, a security key, the bank's own directory."""

import contextlib
import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import override_settings
from playwright.sync_api import expect

from tests.browser import chromium, open_page
from tests.counterparts.oidc import oidc_provider
from tests.factories.staff import PASSWORD, make_user

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def colleagues(transactional_db):
    make_user("agent", username="wang", language="en")
    make_user("agent", username="gone", language="en", is_active=False)


@pytest.fixture
def page(live_server, colleagues):
    with chromium() as browser:
        # A security key is bound to a name; an address has none.
        opened = open_page(browser, live_server.url.replace("127.0.0.1", "localhost"), "en")
        opened.trouble = []
        opened.on("pageerror", lambda error: opened.trouble.append(str(error)))
        yield opened


def sign_in(page, user):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")


def sign_out(page):
    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")


def code_of(secret):
    """The code a phone would show now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_phone_is_set_up_asked_for_and_replaced_by_a_recovery_code(page):
    sign_in(page, "wang")
    page.wait_for_url("**/console/**")
    page.goto("/accounts/2fa/totp/activate/")
    secret = page.input_value("#authenticator_secret")
    page.fill("input[name=code]", code_of(secret))
    page.press("input[name=code]", "Enter")
    page.wait_for_url(lambda url: "/activate/" not in url)
    page.goto("/accounts/2fa/recovery-codes/")
    codes = re.findall(r"\b[0-9a-f]{8}\b", page.content())
    assert len(codes) == 10
    sign_out(page)
    sign_in(page, "wang")
    page.fill("input[name=code]", "000000")
    page.press("input[name=code]", "Enter")
    expect(page.locator("form.auth-form").first).to_contain_text("Incorrect code")
    page.fill("input[name=code]", codes[0])
    page.press("input[name=code]", "Enter")
    page.wait_for_url("**/console/**")
    assert page.trouble == []


def test_a_security_key_is_added_and_signs_in(page):
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": key | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    sign_in(page, "wang")
    page.wait_for_url("**/console/**")
    page.goto("/accounts/2fa/webauthn/add/")
    page.fill("input[name=name]", "Office key")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("Office key")
    sign_out(page)
    sign_in(page, "wang")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/console/**")
    assert page.trouble == []


@contextlib.contextmanager
def directory(**people):
    with oidc_provider(**people) as provider:
        app = {
            "provider_id": "oidc",
            "name": "Bank directory",
            "client_id": provider.client_id,
            "secret": provider.secret,
            "settings": {"server_url": provider.url},
        }
        settings = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        with override_settings(SOCIALACCOUNT_PROVIDERS=settings):
            yield


def by_directory(page, name):
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Bank directory").click()
    page.fill("input[name=username]", name)
    page.click("button")


def test_the_banks_directory_signs_in_who_has_an_account(page):
    people = {name: {"preferred_username": name} for name in ("wang", "gone", "stranger")}
    with directory(**people), override_settings(HUIYIN_REQUIRE_MFA=["*"]):
        by_directory(page, "wang")
        page.wait_for_url("**/console/**")
        sign_out(page)
        for name in ("gone", "stranger", "nobody"):
            by_directory(page, name)
            page.wait_for_url("**/accounts/**")
            page.goto("/console/")
            assert "/accounts/login/" in page.url, name
    assert page.trouble == []
