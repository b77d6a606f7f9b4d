"""Accounts: made in a form, tested before they work, watched while they do."""

import pytest
from django.utils import timezone

from console.channels import gateway, tasks
from console.channels.forms import config_of
from console.channels.models import ChannelAccount
from console.channels.services import NotTested, activate, configure, pause, resume, set_state, test_account
from console.channels.services.accounts import check_health
from console.events import raise_alarm
from console.events.models import Alarm, Event
from console.plugin_api.channels import HealthResult, HealthState
from console.plugin_host import credentials
from tests.factories.channels import AGENT, AccountFactory

pytestmark = pytest.mark.django_db
test_account.__test__ = False
SAID_NO = HealthResult(state=HealthState.AUTH_FAILED, detail="535 refused", field="password")


@pytest.fixture
def draft(line) -> ChannelAccount:
    account = ChannelAccount(connector="email_wire", name="投诉邮箱", address="service@bank.example")
    return configure(account, {"host": "mail.example"}, {"password": "s3cret-word"}, AGENT)


def test_a_new_account_is_a_draft_with_its_secret_apart(draft):
    assert (draft.state, draft.channel_kind, draft.config) == ("draft", "email", {"host": "mail.example"})
    assert credentials.read(draft.ref) == {"password": "s3cret-word"}
    assert "s3cret-word" not in str(ChannelAccount.objects.values().get())
    assert not any("s3cret-word" in event.text for event in Event.objects.all())


def test_it_works_only_after_a_good_test(draft, line):
    line.health = SAID_NO
    with pytest.raises(NotTested) as refused:
        activate(draft, AGENT)
    assert (refused.value.result.field, draft.state) == ("password", "draft")
    line.health = HealthResult(state=HealthState.OK)
    activate(draft, AGENT)
    assert ChannelAccount.objects.get().state == "active"
    assert Event.objects.get(type="channel.state_changed").data["after"] == "active"


def test_a_changed_configuration_must_be_tested_again(draft, line):
    activate(draft, AGENT)
    configure(draft, {"host": "other.example"}, {}, AGENT)
    assert ChannelAccount.objects.get().state == "draft"
    line.health = SAID_NO
    with pytest.raises(NotTested):
        activate(draft, AGENT)


def test_a_new_name_alone_stops_nothing(draft):
    activate(draft, AGENT)
    draft.name = "新名称"
    configure(draft, draft.config, {}, AGENT)
    row = ChannelAccount.objects.get()
    assert (row.state, row.name, row.tested_stamp == row.stamp) == ("active", "新名称", True)


def test_pause_and_resume_say_why_and_since_when(draft):
    activate(draft, AGENT)
    before = timezone.now()
    pause(draft, AGENT, "春节维护")
    row = ChannelAccount.objects.get()
    assert (row.state, row.state_reason, row.state_since >= before) == ("paused", "春节维护", True)
    resume(row, AGENT)
    assert ChannelAccount.objects.get().state == "active"


def test_alarms_about_work_rest_with_a_paused_account(draft):
    activate(draft, AGENT)
    for code in ("channels.fetch", "channels.outage", "channels.quarantine"):
        raise_alarm(code, str(draft.pk), data={"account": draft.pk})
    pause(draft, AGENT, "春节维护")
    assert [alarm.code for alarm in Alarm.objects.open()] == ["channels.quarantine"]
    assert "投诉邮箱" in Alarm.objects.open().get().message


def test_the_form_never_gives_a_secret_back(draft):
    html = "".join(one.html for one in config_of(draft).fields)
    assert "s3cret-word" not in html
    assert "mail.example" in html


def test_health_moves_the_state_there_and_back(account, line):
    line.health = SAID_NO
    check_health(account)
    assert ChannelAccount.objects.get().state == "auth_failed"
    assert Alarm.objects.open().filter(code="channels.account").exists()
    line.health = HealthResult(state=HealthState.OK)
    check_health(ChannelAccount.objects.get())
    assert ChannelAccount.objects.get().state == "active"
    assert not Alarm.objects.open().filter(code="channels.account").exists()


def test_every_account_is_looked_after_now_and_then(account):
    tasks.look_after()
    assert ChannelAccount.objects.get().health == "ok"
    assert not tasks._unwatched().exists()


def test_a_reason_holds_no_personal_data(account):
    set_state(account, "error", "cannot reach 13800138000")
    assert "13800138000" not in ChannelAccount.objects.get().state_reason


def test_an_account_may_do_less_than_its_connector_but_never_more(account):
    wide = gateway.capabilities(account)
    account.narrowed = {"max_length": 70, "proactive": False, "links": "none", "media": ["image"], "from_the_future": 1}
    narrow = gateway.capabilities(account)
    assert (narrow.max_length, narrow.proactive, str(narrow.links), len(narrow.media)) == (70, False, "none", 1)
    assert gateway.pack(wide, narrow) == {"max_length": 70, "proactive": False, "links": "none", "media": ["image"]}


def test_accounts_are_seen_by_who_works_there(line):
    from tests.factories.staff import TeamFactory, make_user

    team = TeamFactory()
    mine, shared = AccountFactory(team=team, site=team.site), AccountFactory()
    AccountFactory(site=TeamFactory().site)
    lead = make_user("supervisor", team=team)
    assert set(ChannelAccount.objects.visible_to(lead)) == {mine, shared}
