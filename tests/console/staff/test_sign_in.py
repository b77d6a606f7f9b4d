"""The one door: passwords, second factor, brute force, and every other door leading to it."""

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from console.events.models import Event
from console.staff import brute_force
from console.staff.models import FailedSignIn, User
from console.staff.services import unlock
from tests.factories.staff import PASSWORD, TeamFactory, make_user

pytestmark = pytest.mark.django_db
HUB, EDITOR = "/console/staff/user/", "/cms/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def agent(db):
    return make_user("agent", team=TeamFactory(), username="agent1")


@pytest.fixture
def admin(db):
    return make_user("administrator", username="admin1")


@pytest.fixture
def guarded(admin):
    """An administrator with an authenticator app, and its secret."""
    secret = generate_totp_secret()
    TOTP.activate(admin, secret)
    admin.refresh_from_db()
    admin.secret = secret
    return admin


def code_for(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def sign_in(client, username, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": username, "password": password, **extra})


def told(event_type):
    return [event.data for event in Event.objects.filter(type=event_type).order_by("id")]


def test_password_signs_in_and_is_on_record(client, agent):
    response = sign_in(client, "agent1")
    assert response.status_code == 302
    assert response["Location"] == "/console/"
    assert told("staff.signed_in") == [{"user_id": agent.pk, "methods": ["password"]}]
    client.post(reverse("account_logout"))
    assert told("staff.signed_out") == [{"user_id": agent.pk}]


def test_wrong_password_is_on_record_without_the_name(client, agent):
    assert sign_in(client, "agent1", "wrong").status_code == 200
    sign_in(client, "13800138000", "wrong")
    assert told("staff.sign_in_failed") == [{"user_id": agent.pk}, {"user_id": None}]
    assert "13800138000" not in "".join(Event.objects.values_list("body", flat=True))


def test_sign_in_returns_to_where_one_was_going(client, agent):
    assert sign_in(client, "agent1", next="/console/desk/")["Location"] == "/console/desk/"
    client.logout()
    assert sign_in(client, "agent1", next="https://evil.example/")["Location"] == "/console/"


def test_five_wrong_passwords_close_the_account_for_a_while(client, agent):
    for _ in range(5):
        sign_in(client, "Agent1", "wrong")
    assert "_auth_user_id" not in _after(client, sign_in(client, "agent1"))
    assert told("staff.sign_in_refused") == [{"user_id": agent.pk}]


def test_failures_count_whatever_the_process_remembers(client, agent):
    """A second web process has an empty cache of its own; the rows are the truth."""
    for _ in range(5):
        sign_in(client, "agent1", "wrong")
        cache.clear()
    assert "_auth_user_id" not in _after(client, sign_in(client, "agent1"))


def test_one_address_cannot_try_everybody(client, agent, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/m/ip,5/300s/key"}
    for number in range(3):
        sign_in(client, f"nobody{number}", "wrong")
    assert "_auth_user_id" not in _after(client, sign_in(client, "agent1"))
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    assert "_auth_user_id" in _after(elsewhere, sign_in(elsewhere, "agent1"))


def test_too_many_posts_from_one_address_get_429(client, agent, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "2/m/ip"}
    answers = [sign_in(client, "agent1", "wrong").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_administrator_unlocks(client, agent, admin):
    for _ in range(5):
        sign_in(client, "agent1", "wrong")
    assert brute_force.locked_usernames(User.objects.all()) == {"agent1"}
    assert unlock(admin, agent) == 5
    assert "_auth_user_id" in _after(client, sign_in(client, "agent1"))
    assert told("staff.unlocked") == [{"user_id": agent.pk, "failures": 5}]


def test_failures_are_forgotten_after_a_day(client, agent):
    from datetime import timedelta

    sign_in(client, "agent1", "wrong")
    FailedSignIn.objects.update(at=FailedSignIn.objects.get().at - timedelta(days=2))
    sign_in(client, "agent1", "wrong")
    assert FailedSignIn.objects.count() == 1


def test_nobody_signs_up(client):
    page = client.get(reverse("account_signup"))
    assert "password1" not in page.content.decode()
    client.post(reverse("account_signup"), {"username": "new", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(username="new").exists()


DOORS = [
    ("/console/login/", "account_login"),
    ("/console/login", "account_login"),
    ("/cms/login/", "account_login"),
    ("/_util/login/", "account_login"),
    ("/en/_util/login/", "account_login"),
    ("/console/password_change/", "account_reset_password"),
    ("/console/password_reset/", "account_reset_password"),
    ("/console/password_reset/done/", "account_reset_password"),
    ("/cms/password_reset/", "account_reset_password"),
    ("/cms/password_reset/confirm/MQ/set-password/", "account_reset_password"),
]


@pytest.mark.parametrize(("door", "leads_to"), DOORS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_door_leads_to_the_one(client, agent, door, leads_to, method):
    response = getattr(client, method)(door, {"username": "agent1", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"].startswith(reverse(leads_to))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", [HUB, EDITOR, "/console/"])
def test_pages_of_the_house_send_strangers_to_the_one_door(client, page):
    response = client.get(page, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=" in response.redirect_chain[-1][0]


def test_a_door_keeps_where_one_was_going(client):
    assert client.get("/console/login/?next=/console/cases/")["Location"].endswith("?next=%2Fconsole%2Fcases%2F")
    assert "evil" not in client.get("/cms/login/?next=https://evil.example/")["Location"]


def test_somebody_without_the_permission_is_not_sent_round_in_circles(client, agent):
    client.force_login(agent)
    assert client.get("/console/login/?next=/console/staff/user/").status_code == 403
    assert client.get(EDITOR, follow=True).status_code == 403


def test_password_alone_does_not_pass_a_second_factor(client, guarded):
    response = sign_in(client, "admin1")
    assert response["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    for page in (HUB, EDITOR, "/console/"):
        assert client.get(page).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_for(guarded.secret)})
    assert client.session["_auth_user_id"] == str(guarded.pk)
    assert client.get(HUB).status_code == 200


def test_no_other_view_may_check_the_password_alone(guarded, agent):
    """Django's own login(), basic authentication, a plugin's view: all call authenticate()."""
    from django.contrib.auth import authenticate

    assert authenticate(None, username="admin1", password=PASSWORD) is None
    assert authenticate(None, username="agent1", password=PASSWORD) == agent
    assert not Client().login(username="admin1", password=PASSWORD)


@pytest.mark.parametrize("page", [HUB, EDITOR, "/accounts/", "/api/v1/cases/"])
def test_a_session_that_never_showed_the_factor_opens_nothing(client, guarded, page):
    """However it was made: by another view, before the factor was set up, by a stolen cookie of that time."""
    client.force_login(guarded)
    response = client.get(page)
    assert response.status_code == (401 if page.startswith("/api/") else 302)
    assert "_auth_user_id" not in client.session


def test_wrong_codes_are_counted_in_rows(client, guarded):
    sign_in(client, "admin1")
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        cache.clear()
    client.post(reverse("mfa_authenticate"), {"code": code_for(guarded.secret)})
    assert "_auth_user_id" not in client.session
    assert len(told("staff.second_factor_failed")) == 5


def test_recovery_code_helps_once(client, guarded):
    codes = RecoveryCodes.activate(guarded).get_unused_codes()
    for attempt in (True, False):
        sign_in(client, "admin1")
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert ("_auth_user_id" in client.session) is attempt
        client.logout()


def test_secrets_of_second_factors_rest_encrypted(guarded):
    stored = Authenticator.objects.get(user=guarded).data["secret"]
    assert guarded.secret not in stored
    assert get_adapter().decrypt(stored) == guarded.secret


def test_role_that_needs_a_factor_can_only_set_one_up(client, admin, settings, django_capture_on_commit_callbacks):
    settings.HUIYIN_REQUIRE_MFA = ["administrator"]
    sign_in(client, "admin1")
    assert client.get(HUB)["Location"] == reverse("mfa_index")
    assert client.get("/api/v1/cases/").status_code == 403
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'value="([A-Z2-7]{16,})"', page.content.decode()).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert client.get(HUB).status_code == 200
    assert told("staff.second_factor_added")[0] == {"user_id": admin.pk, "kind": "totp"}


def test_role_without_the_need_goes_on(client, agent, settings):
    settings.HUIYIN_REQUIRE_MFA = ["administrator"]
    sign_in(client, "agent1")
    assert client.get(reverse("account_home")).status_code == 200


def test_everybody_needs_one_with_a_star(client, agent, settings):
    settings.HUIYIN_REQUIRE_MFA = ["*"]
    sign_in(client, "agent1")
    assert client.get(reverse("account_home")).status_code == 302


def test_removing_the_factor_is_noted(client, guarded):
    sign_in(client, "admin1")
    client.post(reverse("mfa_authenticate"), {"code": code_for(guarded.secret)})
    client.post(reverse("mfa_deactivate_totp"))
    guarded.refresh_from_db()
    assert not guarded.second_factor
    assert told("staff.second_factor_removed")[0]["user_id"] == guarded.pk


def test_demo_sign_ins_are_refused_outside_the_demo(client, settings):
    user = make_user("agent", team=TeamFactory(), username="demo", is_demo=True)
    settings.HUIYIN_DEMO = False
    sign_in(client, "demo")
    assert "_auth_user_id" not in client.session
    client.force_login(user)
    assert client.get(reverse("account_home")).status_code == 302
    settings.HUIYIN_DEMO = True
    sign_in(client, "demo")
    assert "_auth_user_id" in client.session


def test_suspended_account_says_so(client, agent):
    agent.is_active = False
    agent.save()
    response = sign_in(client, "agent1")
    assert response["Location"] == reverse("account_inactive")
    assert client.get(response["Location"]).status_code == 200


def _after(client, response) -> dict:
    return client.session


def test_password_reset_mail_leads_in_through_the_second_factor(client, guarded, mailoutbox):
    User.objects.filter(pk=guarded.pk).update(email="admin@bank.example")
    client.post(reverse("account_reset_password"), {"email": "admin@bank.example"})
    link = re.search(r"https?://\S+(/accounts/password/reset/key/\S+)", mailoutbox[0].body).group(1)
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "New-" + PASSWORD, "password2": "New-" + PASSWORD})
    assert "_auth_user_id" not in client.session
    sign_in(client, "admin1", "New-" + PASSWORD)
    assert "_auth_user_id" not in client.session
    assert told("staff.password_changed") == [{"user_id": guarded.pk}]
