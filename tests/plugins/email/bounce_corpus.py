"""Bounces as real servers write them: every server's form with every reason it gives, made in code."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import NamedTuple

MID = "hy.k77@bank.test"
RCPT = "wang.fang@customer.test"


class Sample(NamedTuple):
    """One bounce, and what must be read from it."""

    name: str
    raw: bytes
    recipient: str
    kind: str
    names_mail: bool


REASONS = {
    "unknown_user": (
        "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address",
        "550 5.1.1 User unknown",
        "550 No such user here",
        "550 Mailbox not found",
        "550 RCPT TO:<{rcpt}> User not found",
        "550 MI:UUR 163 mx33, 用户不存在",
        "550 收件人不存在",
        "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "553 5.3.0 <{rcpt}>... No such user",
        "554 delivery error: dd This user doesn't have a yahoo.com account ({rcpt}) [0]",
    ),
    "mailbox_full": (
        "552 5.2.2 Mailbox full",
        "452-4.2.2 The email account that you tried to reach is over quota",
        "552 5.2.2 <{rcpt}>... The mailbox is over quota; exceeded storage allocation",
        "550 Mailbox quota exceeded",
        "552 邮箱空间已满",
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
    ),
    "disabled": (
        "550 5.2.1 The email account that you tried to reach is disabled",
        "554 delivery error: dd Sorry your message to {rcpt} cannot be delivered. This account has been disabled or discontinued",
        "550 账号已停用",
        "550 5.7.1 mailbox is inactive",
    ),
    "too_large": (
        "552 5.3.4 Message size exceeds fixed maximum message size",
        "552 5.2.3 Message too large for this recipient",
        "552 邮件大小超过限制",
    ),
    "blocked_spam": (
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "550 5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent, this message has been blocked",
        "554 DT:SPM 163 smtp10,垃圾邮件",
        "550 Mail content denied, 疑似垃圾邮件",
        "550 5.7.1 Message contains spam or virus",
    ),
    "security": (
        "550-5.7.26 This mail is unauthenticated, which poses a security risk to the sender and Gmail users",
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.23 SPF validation failed",
        "550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy",
    ),
    "rate_limited": (
        "450 4.7.1 Error: too many connections from 192.0.2.1",
        "421 4.7.28 Our system has detected an unusual rate of mail; rate limited",
        "550 Connection frequency limited",
        "451 4.7.1 Greylisting in action, please come back later",
    ),
    "unknown_host": (
        "550 5.1.2 Host unknown (Name server: customer.test: host not found)",
        "550 relaying denied",
        "554 5.4.4 Unable to resolve domain: Host or domain name not found",
        "550 5.4.4 Domain not found; 域名不存在",
    ),
    "expired": ("550 5.4.7 Delivery expired (message too old)", "554 5.4.7 retry timeout exceeded"),
    "network": ("connect to mx.customer.test[192.0.2.9]:25: Connection timed out", "441 4.4.1 No answer from host; Connection refused"),
    "loop": ("554 5.4.6 Too many hops 27 (25 max)", "554 5.4.14 Hop count exceeded - possible mail loop"),
}  # fmt: skip

RETURNED = "From: Bank <service@bank.test>\nTo: {rcpt}\nSubject: =?utf-8?B?5oKo55qE5p2l5L+h?=\nMessage-ID: <{mid}>\nDate: Sun, 22 Nov 2026 15:00:00 +0800\n"
DSN_HEAD = 'Content-Type: multipart/report; report-type=delivery-status; boundary="BB"\nMIME-Version: 1.0\n'
DSN_BODY = "--BB\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n--BB\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n{fields}\n\n--BB\nContent-Type: message/rfc822\n\n{returned}\nText.\n--BB--\n"
FIELDS = "Final-Recipient: rfc822; {rcpt}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {reason}"


def dsn(sender: str, subject: str, words: str, fields: str = FIELDS, head: str = "") -> str:
    return f"From: {sender}\nTo: service@bank.test\nSubject: {subject}\n{head}{DSN_HEAD}\n" + DSN_BODY.replace("{words}", words).replace("{fields}", fields).replace("{returned}", RETURNED)


def text(sender: str, subject: str, words: str, head: str = "") -> str:
    return f"Return-Path: <>\nFrom: {sender}\nTo: service@bank.test\nSubject: {subject}\n{head}Content-Type: text/plain; charset=utf-8\nMIME-Version: 1.0\n\n{words}"


FORMS = {
    "postfix": dsn("MAILER-DAEMON@mx.test (Mail Delivery System)", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.test.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n<{rcpt}>: host mx.customer.test[192.0.2.9] said: {reason} (in reply to RCPT TO command)", "Final-Recipient: rfc822; {rcpt}\nOriginal-Recipient: rfc822;{rcpt}\nAction: failed\nStatus: {status}\nRemote-MTA: dns; mx.customer.test\nDiagnostic-Code: smtp; {reason}"),
    "exim": dsn("Mail Delivery System <Mailer-Daemon@mx.test>", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {rcpt}\n    host mx.customer.test [192.0.2.9]\n    SMTP error from remote mail server after RCPT TO:<{rcpt}>:\n    {reason}", "Action: failed\nFinal-Recipient: rfc822;{rcpt}\nStatus: 5.0.0", "Auto-Submitted: auto-replied\nX-Failed-Recipients: {rcpt}\n"),
    "sendmail": dsn("Mail Delivery Subsystem <MAILER-DAEMON@mx.test>", "Returned mail: see transcript for details", "The original message was received at Sun, 22 Nov 2026\n\n   ----- The following addresses had permanent fatal errors -----\n<{rcpt}>\n    (reason: {reason})\n\n   ----- Transcript of session follows -----\n... while talking to mx.customer.test.:\n>>> RCPT To:<{rcpt}>\n<<< {reason}"),
    "exchange 365": dsn("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@bank.test>", "Undeliverable: 您的来信", "Your message to {rcpt} couldn't be delivered.\n\nRemote Server returned '{reason}'"),
    "exchange zh": dsn("Microsoft Outlook <MicrosoftExchange329e@bank.test>", "未送达: 您的来信", "无法将邮件传递给以下收件人或组:\n\n{rcpt}\n\n远程服务器返回了 '{reason}'"),
    "gmail": dsn("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Message not delivered **\n\nYour message wasn't delivered to {rcpt} because of a problem.\n\nThe response from the remote server was:\n{reason}", head="X-Failed-Recipients: {rcpt}\nAuto-Submitted: auto-replied\nIn-Reply-To: <{mid}>\n"),
    "gmail zh": dsn("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** 邮件未送达 **\n\n您的邮件未能送达 {rcpt}。\n\n来自远程服务器的回复:\n{reason}", head="X-Failed-Recipients: {rcpt}\n"),
    "gmail old": text("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "Delivery to the following recipient failed permanently:\n\n     {rcpt}\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain customer.test by mx.customer.test.\n\nThe error that the other server returned was:\n{reason}\n\n----- Original message -----\n\n{returned}", "X-Failed-Recipients: {rcpt}\n"),
    "qmail": text("MAILER-DAEMON@mx.test", "failure notice", "Hi. This is the qmail-send program at mx.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{rcpt}>:\n192.0.2.9 does not like recipient.\nRemote host said: {reason}\nGiving up on 192.0.2.9.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <service@bank.test>\nReceived: (qmail 1 invoked by uid 0)\n{returned}\nText."),
    "qq": text("PostMaster@qq.com", "系统退信", "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n主题：您的来信\n收件人：{rcpt}\n\n退信原因：\nhost mx.customer.test[192.0.2.9] said: {reason}\n\n解决方案：请检查收件人地址。\n\n此外，您还可以点击这里获取更多关于退信的帮助信息。", "X-QQ-mid: bounce\nIn-Reply-To: <{mid}>\n"),
    "163 coremail": dsn("postmaster@163.com", "系统退信", "您好，\n\n您的邮件“您的来信”未能送达以下收件人：\n\n{rcpt}\n\n退信原因：{reason}\n\n网易邮箱系统"),
    "sina": text("MAILER-DAEMON@sina.com", "系统退信", "抱歉，您的来信被退回。\n\n无法发送到 <{rcpt}>\n失败原因：{reason}\n\n原始邮件信头如下\n{returned}"),
    "aliyun": text("postmaster@aliyun.com", "退信通知/Delivery failure", "尊敬的用户：您发送的邮件投递失败。\n\n收件人: {rcpt}\n失败原因: SMTP error, RCPT TO: {reason}\n\n---原始邮件---\n{returned}"),
    "sohu": text("mail-daemon@sohu.com", "Undelivered Mail Returned to Sender", "对不起，您的邮件无法投递到下列地址：\n<{rcpt}>: {reason}\n\n--- 原始邮件 ---\n{returned}"),
    "yahoo": text("MAILER-DAEMON@yahoo.com", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<{rcpt}>:\n{reason}\n\n--- Below this line is a copy of the message.\n\n{returned}"),
    "domino": dsn("postmaster@notes.test", "DELIVERY FAILURE: {reason}", "Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  {rcpt}\n\nbecause:\n\n  {reason}"),
    "mdaemon": text("MDaemon at mx.test <MDaemon@mx.test>", "Permanent Delivery Failure", "The attached message had PERMANENT fatal delivery errors!\n\nFailed address: {rcpt}\n\n--- Session Transcript ---\n --> RCPT To:<{rcpt}>\n <-- {reason}\n\n: Message headers follow\n{returned}"),
    "zimbra": dsn("MAILER-DAEMON@zimbra.test (Mail Delivery System)", "Undelivered Mail Returned to Sender", "<{rcpt}>: {reason}"),
    "courier": dsn("\"Courier mail server at mx.test\" <@>", "NOTICE: mail delivery status.", "This is a delivery status notification from mx.test.\n\nUNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<{rcpt}>:\n    mx.customer.test [192.0.2.9]:\n>>> RCPT TO:<{rcpt}>\n<<< {reason}"),
    "imail": text("Postmaster <postmaster@mx.test>", "Undeliverable Mail", "Undeliverable to {rcpt}\n\nRCPT TO generated following response:\n{reason}\n\nOriginal message follows.\n\n{returned}"),
    "html only": "Return-Path: <>\nFrom: Mail Delivery System <postmaster@mx.test>\nTo: service@bank.test\nSubject: Undeliverable: x\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>Delivery has failed to these recipients:</p><p><a href=\"mailto:{rcpt}\">{rcpt}</a></p><p>{htmlreason}</p></body></html>",
}  # fmt: skip


def status_of(reason: str) -> str:
    import re

    found = re.search(r"\b[45]\.\d{1,2}\.\d{1,3}\b", reason)
    return found[0] if found else "5.0.0"


def corpus() -> Iterator[Sample]:
    """Every form with every reason."""
    for form, template in FORMS.items():
        for kind, reasons in REASONS.items():
            for number, reason in enumerate(reasons):
                yield Sample(f"{form}, {kind} {number}", fill(template, reason), RCPT, kind, "{mid}" in template or "{returned}" in template)


def fill(template: str, reason: str) -> bytes:
    """A template with its blanks filled."""
    reason = reason.replace("{rcpt}", RCPT)
    html = reason.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    values = {"returned": RETURNED, "reason": reason, "htmlreason": html, "status": status_of(reason), "mid": MID, "rcpt": RCPT}
    for name, value in values.items():
        template = template.replace("{%s}" % name, value)
    return template.replace("\n", "\r\n").encode()


def in_base64(raw: bytes) -> bytes:
    """The same single-part mail with its text in base64, as QQ sends it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(body)
