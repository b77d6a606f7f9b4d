"""Fetching from a real dovecot what a real exim delivered."""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest

from console.plugin_api.channels import ChannelNotice, DeliveryReceipt, DeliveryStatus, HealthState, SendOutcome
from console.plugin_api.errors import AuthenticationFailed, RetryLater
from plugins.email.settings import Settings
from plugins.email.transports.fetched import Bounds
from plugins.email.transports.imap_cursor import Cursor
from plugins.email.transports.imap_folder import Folder
from plugins.email.transports.listening import listen_imap
from tests.counterparts.daemons import wait_for

from .helpers import OWN, mail, outbound

pytestmark = [pytest.mark.service("dovecot"), pytest.mark.service("exim")]


def drain(connector, cursor=""):
    """Poll until nothing is left, acknowledging each batch as the host does."""
    found = []
    while True:
        batch = connector.poll(cursor)
        connector.acknowledge(batch.acknowledge)
        found += batch.envelopes
        cursor = batch.next_cursor
        if not batch.more:
            return found, cursor


def test_a_mail_goes_through_exim_and_is_read(mailbox, imap):
    mailbox.post("customer@bank.test", "service+t42.abc@bank.test", mail("我要投诉", To="service+t42.abc@bank.test"))
    mailbox.arrived(1)
    envelopes, _ = drain(imap())
    found = imap().parse(envelopes[0])[0]
    assert found.text == "我要投诉"
    assert found.thread.tokens == ("t42.abc",)
    assert envelopes[0].reached_at is not None
    assert mailbox.count() == 0
    assert mailbox.count(folder="Processed") == 1


def test_a_blind_copy_shows_where_it_arrived(mailbox, imap):
    mailbox.post("customer@bank.test", "service+t7.sig@bank.test", mail("x", To="agent1@bank.test"))
    mailbox.arrived(1)
    found = imap().parse(drain(imap())[0][0])[0]
    assert ("bcc", OWN) in {(one.role.value, one.address.value) for one in found.recipients}
    assert found.thread.tokens == ("t7.sig",)


def test_nothing_is_seen_before_it_is_acknowledged(mailbox, imap):
    mailbox.append(mail("x"))
    batch = imap().poll("")
    assert len(batch.envelopes) == 1
    client = mailbox.imap()
    client.select("INBOX", readonly=True)
    assert client.search(None, "UNSEEN")[1] == [b"1"]
    client.logout()
    assert len(imap().poll("").envelopes) == 1


def test_a_crash_between_commit_and_move_is_mended_by_the_next_poll(mailbox, imap):
    mailbox.append(mail("x"))
    cursor = imap().poll("").next_cursor
    batch = imap().poll(cursor)
    assert batch.envelopes == ()
    assert (mailbox.count(), mailbox.count(folder="Processed")) == (0, 1)


def test_poison_mails_do_not_stop_the_others(mailbox, imap):
    poison = [
        b"\xff\xfe\x00garbage",
        b"Subject: x\r\n\r\n",
        mail(b"\xff", charset="no-such-charset"),
        b"Content-Type: multipart/mixed\r\n\r\n",
    ]
    for number, raw in enumerate(
        [*poison, *(mail(f"good {number}", Message_ID=f"<{number}@x.test>") for number in range(4))]
    ):
        mailbox.append(raw if raw else str(number).encode())
    connector = imap()
    parsed = [connector.parse(envelope) for envelope in drain(connector)[0]]
    assert len(parsed) == 8
    assert all(len(one) == 1 for one in parsed)
    assert mailbox.count() == 0


def test_uidvalidity_change_rescans_and_gives_the_same_ids(mailbox, imap):
    connector = imap(processed_folder="", imap_folder="Work")
    first, cursor = _drain_new_folder(mailbox, connector, "")
    again, _ = _drain_new_folder(mailbox, connector, cursor)
    ids = {connector.parse(envelope)[0].provider_message_id for envelope in [*first, *again]}
    assert (len(first), len(again), len(ids)) == (1, 1, 1)
    assert first[0].provider_ref != again[0].provider_ref


def _drain_new_folder(mailbox, connector, cursor):
    client = mailbox.imap()
    client.delete("Work")
    client.create("Work")
    client.logout()
    mailbox.append(mail("x"), folder="Work")
    return drain(connector, cursor)


def test_after_a_reset_old_mail_stays_old(mailbox, imap):
    """`only new` keeps its meaning when UIDs are reset: by date instead of by number."""
    old = Cursor(validity=1, last=9, floor=9, since="2026-11-01").dump()
    mailbox.append(mail("from September"))
    connector = imap(backlog="new")
    none, cursor = drain(connector, old)
    mailbox.append(mail("moved in later", Message_ID="<later@x.test>"))
    assert none == []
    assert len(drain(connector, cursor)[0]) == 1


def test_two_fetchers_at_once_lose_and_repeat_nothing(mailbox, imap):
    for number in range(60):
        mailbox.append(mail(f"mail {number}", Message_ID=f"<{number}@x.test>"))
    seen: list[list] = [[], []]

    def fetch(at):
        seen[at], _ = drain(imap())

    threads = [threading.Thread(target=fetch, args=(at,)) for at in (0, 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    parse = imap().parse
    ids = {parse(envelope)[0].provider_message_id for envelope in [*seen[0], *seen[1]]}
    assert len(ids) == 60
    assert (mailbox.count(), mailbox.count(folder="Processed")) == (0, 60)


def test_a_mail_over_the_limit_comes_as_its_header(mailbox, imap):
    mailbox.append(mail(b"x" * 1_500_000, Subject="large"))
    mailbox.append(mail("small", Message_ID="<small@x.test>"))
    connector = imap(max_mail_mb=1)
    large, small = (connector.parse(envelope)[0] for envelope in drain(connector)[0])
    assert large.subject == "large"
    assert "2 MB" in large.text
    assert small.text == "small"
    assert (mailbox.count(folder="Failed"), mailbox.count(folder="Processed")) == (1, 1)


def test_batches_are_bounded(mailbox, imap, monkeypatch):
    monkeypatch.setattr(Settings, "bounds", property(lambda self: Bounds(count=5, batch_bytes=20_000)))
    for number in range(7):
        mailbox.append(mail(b"x" * 8000, Message_ID=f"<{number}@x.test>"))
    batch = imap().poll("")
    assert (len(batch.envelopes), batch.more) == (2, True)
    assert len(drain(imap())[0]) == 7


def test_only_new_mail_leaves_the_old_ones_alone(mailbox, imap):
    mailbox.append(mail("old"))
    connector = imap(backlog="new")
    none, cursor = drain(connector)
    mailbox.append(mail("new", Message_ID="<n@x.test>"))
    found, _ = drain(connector, cursor)
    assert none == []
    assert [connector.parse(one)[0].text for one in found] == ["new"]
    assert mailbox.count() == 1


def test_flags_instead_of_folders(mailbox, imap):
    mailbox.append(mail("x"))
    connector = imap(processed_folder="")
    _, cursor = drain(connector)
    client = mailbox.imap()
    client.select("INBOX", readonly=True)
    assert client.search(None, "SEEN")[1] == [b"1"]
    client.logout()
    assert drain(connector, cursor)[0] == []


def test_acknowledging_twice_or_late_is_no_error(mailbox, imap):
    mailbox.append(mail("x"))
    refs = imap().poll("").acknowledge
    imap().acknowledge(refs)
    imap().acknowledge(refs)
    imap().acknowledge(["7.7.S", "rubbish", ""])
    assert mailbox.count(folder="Processed") == 1


def test_a_folder_with_a_chinese_name(mailbox, imap):
    mailbox.append(mail("x"))
    drain(imap(processed_folder="已处理"))
    client = mailbox.imap()
    assert b"&XfJZBHQG-" in b"".join(client.list()[1])
    client.logout()


def test_a_wrong_password_is_said_so(imap):
    with pytest.raises(AuthenticationFailed):
        imap(password="wrong").poll("")
    health = imap(password="wrong").test_connection()
    assert (health.state, health.field) == (HealthState.AUTH_FAILED, "imap_password")


def test_tls_and_an_unknown_certificate(mailbox, imap):
    mailbox.append(mail("x"))
    tls = {"imap_port": mailbox.imaps_port, "imap_security": "tls"}
    assert imap(**tls).test_connection().field == "imap_security"
    assert len(imap(**tls, verify_certificates=False).poll("").envelopes) == 1
    assert len(imap(imap_security="starttls", verify_certificates=False).poll("").envelopes) == 1


def test_health_of_both_servers(imap):
    assert imap().test_connection().state is HealthState.OK
    assert imap(imap_folder="Nowhere").test_connection().field == "imap_folder"
    assert imap(smtp_port=1).test_connection().field == "smtp_host"


def test_the_server_dies_in_the_middle(mailbox, imap):
    for number in range(5):
        mailbox.append(mail(f"{number}", Message_ID=f"<{number}@x.test>"))
    mailbox.dovecot.stop(signal.SIGKILL)
    try:
        with pytest.raises(RetryLater):
            imap().poll("")
        assert imap().test_connection().state is HealthState.DOWN
    finally:
        mailbox.dovecot.start()
    assert len(drain(imap())[0]) == 5


def test_idle_rings_when_a_mail_comes(mailbox, imap):
    rings = threading.Semaphore(0)
    connector = imap()
    thread = threading.Thread(target=lambda: _listen(connector, rings.release), daemon=True)
    thread.start()
    assert rings.acquire(timeout=60)
    mailbox.append(mail("x"))
    assert rings.acquire(timeout=60)
    thread.join(12)


def _listen(connector, ring):
    with contextlib.suppress(RetryLater):
        listen_imap(connector.settings.mailbox(None, 20), ring, longest=8)


def test_an_answer_goes_out_through_exim(mailbox, imap):
    result = imap().send(outbound(thread_token="t42.abc", in_reply_to="m1@cust.test"), "k1")
    assert (result.outcome, result.provider_message_id) == (SendOutcome.ACCEPTED, "hy.k1@bank.test")
    mailbox.arrived(1, "customer")
    customer = imap(imap_user="customer")
    found = customer.parse(drain(customer)[0][0])[0]
    assert found.text == "已收到。"
    assert found.thread.in_reply_to == "m1@cust.test"


def test_an_unknown_customer_bounces_back_to_the_delivery(mailbox, imap):
    assert imap().send(outbound("k9", "nobody@bank.test"), "k9").outcome is SendOutcome.ACCEPTED
    mailbox.arrived(1)
    receipt = imap().parse(drain(imap())[0][0])[0]
    assert isinstance(receipt, DeliveryReceipt)
    assert (receipt.status, receipt.delivery_key, receipt.code) == (DeliveryStatus.FAILED, "k9", "unknown_user")
    assert receipt.recipient == "nobody@bank.test"


def test_a_bounce_by_return_address(mailbox, imap):
    connector = imap(verp=True)
    connector.send(outbound("k10", "nobody@elsewhere.test"), "k10")
    mailbox.arrived(1)
    receipt = connector.parse(drain(connector)[0][0])[0]
    assert (receipt.delivery_key, receipt.code) == ("k10", "unknown_user")


def test_refusals_of_exim(imap):
    refused = imap().send(outbound(to="refused@bank.test"), "k1")
    later = imap().send(outbound(to="later@bank.test"), "k1")
    assert (refused.outcome, refused.code) == (SendOutcome.REJECTED, "550")
    assert later.outcome is SendOutcome.RETRY_LATER


def test_signing_in_at_smtp(mailbox, imap):
    assert imap(smtp_user="service").send(outbound(), "k1").outcome is SendOutcome.ACCEPTED
    wrong = imap(smtp_user="agent1")
    with pytest.raises(AuthenticationFailed):
        wrong.send(outbound(), "k1")


def test_an_automatic_answer_does_not_bounce(mailbox, imap):
    imap().send(outbound("k2", "nobody@bank.test", meta={"automatic": "auto-replied"}), "k2")
    imap().send(outbound("k3", "customer@bank.test"), "k3")
    mailbox.arrived(1, "customer")
    wait_for(lambda: True)
    assert mailbox.count() == 0


def test_unreadable_is_a_notice(imap, mailbox, monkeypatch):
    mailbox.append(mail("x"))
    monkeypatch.setattr(Folder, "bodies", lambda self, uids, section="": {})
    batch = imap().poll("")
    assert isinstance(batch.notices[0], ChannelNotice)
    monkeypatch.undo()
    again = imap().poll(batch.next_cursor)
    assert len(again.envelopes) == 1
    assert '"skipped"' not in again.next_cursor
