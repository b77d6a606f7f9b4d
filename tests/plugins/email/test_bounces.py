"""What servers say about mail that did not arrive."""

from __future__ import annotations

import pytest

from console.plugin_api.channels import ChannelNotice, DeliveryReceipt, DeliveryStatus, InboundMessage

from .bounce_corpus import FORMS, MID, RCPT, Sample, corpus, fill, in_base64
from .helpers import mail, message, multipart, part, read, receipts

ALL = list(corpus())


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_recipient_and_class_are_found(sample: Sample):
    found = receipts(sample.raw)
    assert [one.recipient for one in found] == [sample.recipient]
    assert found[0].status is DeliveryStatus.FAILED
    assert found[0].code == sample.kind
    if sample.names_mail:
        assert (found[0].provider_message_id, found[0].delivery_key) == (MID, "k77")


def test_there_are_many_of_them():
    assert len(ALL) >= 900


@pytest.mark.parametrize("form", ["qq", "sina", "aliyun", "qmail"])
def test_the_same_in_base64(form: str):
    raw = in_base64(fill(FORMS[form], "550 5.1.1 User unknown"))
    assert [(one.recipient, one.code) for one in receipts(raw)] == [(RCPT, "unknown_user")]


def test_a_delay_is_not_a_failure():
    raw = fill(FORMS["postfix"], "451 4.4.1 Connection timed out").replace(b"Action: failed", b"Action: delayed")
    found = receipts(raw)[0]
    assert (found.status, found.code) == (DeliveryStatus.SENT, "delayed")


def test_a_delay_in_words():
    words = (
        "This is a warning message only. YOU DO NOT NEED TO RESEND.\n\n"
        "Delivery to <a@x.test> has been delayed.\nWill continue to try for 3 days."
    )
    raw = mail(words, From="MAILER-DAEMON@mx.test", Subject="Warning: could not send message", In_Reply_To=f"<{MID}>")
    assert receipts(raw)[0].status is DeliveryStatus.SENT


def test_a_report_of_success():
    raw = fill(FORMS["postfix"], "250 2.0.0 ok").replace(b"Action: failed", b"Action: delivered")
    assert receipts(raw)[0].status is DeliveryStatus.DELIVERED


def test_several_recipients_each_get_their_own():
    fields = "\r\n\r\n".join(
        f"Final-Recipient: rfc822; {name}@x.test\r\nAction: {action}\r\nStatus: {status}"
        for name, action, status in (("a", "failed", "5.1.1"), ("b", "delivered", "2.0.0"), ("c", "failed", "5.2.2"))
    )
    status = part(f"Reporting-MTA: dns; x\r\n\r\n{fields}", "message/delivery-status")
    raw = multipart(
        "report",
        part("see below"),
        status,
        part(f"Message-ID: <{MID}>\r\n", "text/rfc822-headers"),
        From="MAILER-DAEMON@x.test",
    )
    found = {one.recipient: (one.status, one.code) for one in receipts(raw)}
    assert found == {
        "a@x.test": (DeliveryStatus.FAILED, "unknown_user"),
        "b@x.test": (DeliveryStatus.DELIVERED, "delivered"),
        "c@x.test": (DeliveryStatus.FAILED, "mailbox_full"),
    }


def test_the_return_address_names_the_delivery():
    raw = mail(
        "Sorry, unable to deliver. Mailbox full.",
        From="MAILER-DAEMON@x.test",
        To="service+b.key-9@bank.test",
        Subject="?",
        Message_ID="",
    )
    assert receipts(raw)[0].delivery_key == "key-9"


def test_vague_fields_give_way_to_words():
    raw = fill(FORMS["exim"], "550 5.1.1 User unknown")
    assert b"Status: 5.0.0" in raw
    assert receipts(raw)[0].detail.startswith("5.1.1")


def test_a_bounce_that_names_no_mail_stays_visible_too():
    raw = mail(
        "Your message could not be delivered to <a@x.test>: mailbox full",
        From="MAILER-DAEMON@x.test",
        Subject="failure notice",
    )
    found = read(raw)
    assert [type(one) for one in found] == [DeliveryReceipt, InboundMessage]
    assert found[1].automatic == "bounce"


@pytest.mark.parametrize(
    "raw",
    [
        mail("我的转账被退回了，请查一下。", Subject="转账退信"),
        mail("My mail to you was rejected last week: 550 5.1.1. Why?", Subject="complaint about your mail"),
        mail("Undeliverable parcel, my card was not delivered to me", Subject="card not delivered"),
        mail("The mailbox in your branch is full", Subject="mailbox full"),
    ],
)
def test_a_person_who_writes_about_such_things_is_a_person(raw: bytes):
    found = message(raw)
    assert found.automatic is None


def test_an_absence_with_an_empty_return_path_is_no_bounce():
    raw = b"Return-Path: <>\r\n" + mail(
        "我在休假，无法处理邮件。", Subject="自动回复: 您的来信", Auto_Submitted="auto-replied"
    )
    assert message(raw).automatic == "auto_reply"


def test_a_read_receipt_is_a_notice():
    status = part(
        "Final-Recipient: rfc822; a@x.test\r\nOriginal-Message-ID: <hy.k1@bank.test>\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed",
        "message/disposition-notification",
    )
    found = read(
        multipart(
            "report",
            part("read"),
            status,
            Content_Type='multipart/report; report-type=disposition-notification; boundary="b1"',
        )
    )
    assert [type(one) for one in found] == [ChannelNotice]
    assert (found[0].kind, found[0].address, found[0].meta["message_id"]) == (
        "read_receipt",
        "a@x.test",
        "hy.k1@bank.test",
    )


def test_a_spam_complaint_is_a_notice():
    report = part("Feedback-Type: abuse\r\nOriginal-Rcpt-To: <a@x.test>", "message/feedback-report")
    returned = part(f"Message-ID: <{MID}>\r\n\r\nx", "message/rfc822")
    found = read(multipart("report", part("complaint"), report, returned))
    assert (found[0].kind, found[0].meta["message_id"]) == ("spam_complaint", MID)
