"""The whole way on real files: a mail dropped into a Maildir, answered, and the answer answered."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from console.channels import poller
from console.channels.models import ChannelAccount, Delivery, Envelope, Message
from console.channels.services import activate, configure, parse_pending, send_pending
from console.conversations.models import Conversation
from console.conversations.services import reply
from console.events import SYSTEM
from console.plugin_host.testing import hosting
from tests.factories.channels import AGENT

pytestmark = pytest.mark.django_db
PLUGINS = (Path(django_settings.BASE_DIR) / "plugins", "plugins")
MAIL = """\
From: =?utf-8?b?5p6X5pmT?= <lin@customer.example>
To: service@bank.example
Subject: =?utf-8?b?5YWN5a+G5pSv5LuY?=
Message-ID: <{id}@customer.example>
Date: Sun, 22 Nov 2026 10:00:00 +0800
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
{more}
请帮我关闭小额免密支付,卡号 6222021001116245702。
"""


@pytest.fixture
def host(db):
    with hosting(PLUGINS, only={"email"}) as host:
        yield host


@pytest.fixture
def mailbox(host, tmp_path) -> ChannelAccount:
    for folder in ("in", "out"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
    account = ChannelAccount(connector="email", name="客服邮箱")
    config = {
        "address": "service@bank.example",
        "aliases": "help@bank.example",
        "transport": "maildir",
        "maildir_in": str(tmp_path / "in"),
        "maildir_out": str(tmp_path / "out"),
    }
    return activate(configure(account, config, {}, AGENT), AGENT)


def drop(tmp_path, id: str, name: str = "", more: str = "") -> None:
    (tmp_path / "in" / "new" / (name or id)).write_bytes(MAIL.format(id=id, more=more).encode())


def fetch(mailbox) -> None:
    poller.poll_account(mailbox)
    parse_pending()


def sent(tmp_path) -> list:
    files = sorted((tmp_path / "out" / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def test_a_mail_is_fetched_answered_and_the_answer_finds_its_thread(mailbox, tmp_path):
    assert (mailbox.address, mailbox.aliases, mailbox.state) == (
        "service@bank.example",
        ["help@bank.example"],
        "active",
    )
    drop(tmp_path, "m1")
    fetch(mailbox)
    conversation = Conversation.objects.get()
    assert conversation.subject == "免密支付"
    assert "6222021001116245702" not in Message.objects.get().text
    assert list((tmp_path / "in" / "new").iterdir()) == []

    reply(conversation, SYSTEM, "已为您关闭。", automatic=False)
    send_pending()
    answer = sent(tmp_path)[0]
    assert answer["To"] == "lin@customer.example" or "lin@customer.example" in answer["To"]
    assert answer["In-Reply-To"] == "<m1@customer.example>"
    assert "已为您关闭" in answer.get_body(("plain",)).get_content()
    assert Delivery.objects.get().status == "sent"

    drop(tmp_path, "m2", more=f"In-Reply-To: {answer['Message-ID']}\n")
    fetch(mailbox)
    assert Conversation.objects.count() == 1
    assert conversation.entries.count() == 3


def test_the_same_mail_in_two_files_is_one_message(mailbox, tmp_path):
    drop(tmp_path, "m1", "a")
    drop(tmp_path, "m1", "b")
    fetch(mailbox)
    assert Message.objects.count() == 1
    assert sorted(Envelope.objects.values_list("outcome", flat=True)) == ["duplicate", "message"]


def test_our_own_mail_coming_back_is_no_customer(mailbox, tmp_path):
    drop(tmp_path, "m1")
    path = tmp_path / "in" / "new" / "m1"
    path.write_bytes(path.read_bytes().replace(b"lin@customer.example", b"help@bank.example"))
    fetch(mailbox)
    assert Message.objects.get().automatic
    assert not Conversation.objects.exists()
