"""Handing a mail to an SMTP server, and an honest answer about what became of it.

Before the final dot nothing can have been taken; after it everything can. The line between *retry later* and
*unknown* runs exactly there.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from console.plugin_api.channels import RecipientResult, SendOutcome, SendResult
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, RetryLater

from .imap_session import tls_context

LINE_END = re.compile(rb"\r\n|\r|\n")
DOT = re.compile(rb"^\.", re.MULTILINE)
NOT_TAKEN = (smtplib.SMTPServerDisconnected, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how to hand over. `security` is tls, starttls or none; without `user` nobody signs in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "starttls"
    verify: bool = True
    timeout: float = 20.0
    name: str = ""
    token: Callable[[], str] | None = None


@dataclass(slots=True)
class Handover:
    """How far one hand-over came."""

    results: list[RecipientResult] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Did the server take at least one recipient?"""
        return any(result.outcome is SendOutcome.ACCEPTED for result in self.results)


def connect(server: SmtpServer) -> smtplib.SMTP:
    """A connection ready for a mail. Raises `RetryLater`, `AuthenticationFailed` or `ConfigurationError`."""
    try:
        return _connect(server)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise RetryLater(120, _("Sign-in is refused for now: %(code)s") % {"code": error.smtp_code}) from error
        raise AuthenticationFailed(
            _("The server refused the name or the password: %(code)s") % {"code": error.smtp_code}
        ) from error
    except ssl.SSLCertVerificationError as error:
        detail = _("The server's certificate is not trusted: %(message)s") % {"message": error.verify_message}
        raise ConfigurationError(detail, field="smtp_security") from error
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigurationError(str(error), field="smtp_security") from error
    except smtplib.SMTPResponseException as error:
        raise RetryLater(60, _("The server refused the connection: %(code)s") % {"code": error.smtp_code}) from error
    except socket.gaierror as error:
        raise RetryLater(60, _("The server's name is not known.")) from error
    except (smtplib.SMTPException, OSError) as error:
        raise RetryLater(30, _("The server does not answer: %(name)s") % {"name": type(error).__name__}) from error


def _connect(server: SmtpServer) -> smtplib.SMTP:
    local = server.name or None
    if server.security == "tls":
        context = tls_context(verify=server.verify)
        link = smtplib.SMTP_SSL(server.host, server.port, local, timeout=server.timeout, context=context)
    else:
        link = smtplib.SMTP(server.host, server.port, local, timeout=server.timeout)
    try:
        link.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            link.starttls(context=tls_context(verify=server.verify))
            link.ehlo()
        if server.token:
            token = server.token()
            link.auth("XOAUTH2", lambda _=None: f"user={server.user}\x01auth=Bearer {token}\x01\x01")
        elif server.user:
            link.login(server.user, server.password)
    except BaseException:
        link.close()
        raise
    return link


def hand_over(
    server: SmtpServer, sender: str, recipients: tuple[str, ...], data: bytes, *, utf8: bool = False
) -> SendResult:
    """Send one mail. Never raises for what a server says or does after the connection stands."""
    link = connect(server)
    try:
        return _transaction(link, sender, recipients, data, utf8)
    finally:
        try:
            link.sock and link.sock.settimeout(2)
            link.quit()
        except (smtplib.SMTPException, OSError):
            link.close()


def _transaction(link: smtplib.SMTP, sender: str, recipients: tuple[str, ...], data: bytes, utf8: bool) -> SendResult:
    try:
        refused = _envelope_refused(link, sender, len(data), utf8)
        if refused:
            return refused
        handover = _recipients(link, recipients)
        if not handover.accepted:
            return _all_refused(handover.results)
        code, reply = link.docmd("DATA")
        if code != 354:
            return _refused(code, reply)
        link.send(DOT.sub(b"..", LINE_END.sub(b"\r\n", data)))
        if not data.endswith(b"\n"):
            link.send(b"\r\n")
    except NOT_TAKEN as error:
        return SendResult.retry_later(30, code="connection_lost", detail=type(error).__name__)
    return _last_dot(link, handover)


def _last_dot(link: smtplib.SMTP, handover: Handover) -> SendResult:
    try:
        link.send(b".\r\n")
        code, reply = link.getreply()
    except NOT_TAKEN as error:
        detail = _("The connection broke after the mail was handed over (%(name)s).") % {"name": type(error).__name__}
        return SendResult.unknown(code="connection_lost_after_data", detail=detail)
    if 200 <= code <= 299:
        return SendResult.accepted(detail=_words(reply), recipients=tuple(handover.results))
    return _refused(code, reply)


def _envelope_refused(link: smtplib.SMTP, sender: str, size: int, utf8: bool) -> SendResult | None:
    limit = link.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < size:
        return SendResult.rejected(
            "too_large",
            _("The server takes %(limit)s bytes, the mail has %(size)s.") % {"limit": int(limit), "size": size},
        )
    options = [f"size={size}"] if link.has_extn("size") else []
    if utf8:
        if not link.has_extn("smtputf8"):
            return SendResult.rejected("smtputf8_unsupported", _("The server cannot send to such an address."))
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        link.command_encoding = "utf-8"
    code, reply = link.mail(sender, options)
    return None if code == 250 else _refused(code, reply)


def _recipients(link: smtplib.SMTP, recipients: tuple[str, ...]) -> Handover:
    handover = Handover()
    for address in recipients:
        code, reply = link.rcpt(address)
        outcome = SendOutcome.ACCEPTED if code in (250, 251, 252) else _outcome(code)
        handover.results.append(RecipientResult(address=address, outcome=outcome, code=str(code), detail=_words(reply)))
        if code == 421:
            break
    return handover


def _all_refused(results: list[RecipientResult]) -> SendResult:
    """Nobody was taken. As long as one refusal may pass, the whole mail may be tried again."""
    soft = next((one for one in results if one.outcome is SendOutcome.RETRY_LATER), None)
    if soft:
        return SendResult.retry_later(120, code=soft.code, detail=soft.detail)
    return SendResult.rejected(results[0].code, results[0].detail, recipients=tuple(results))


def _refused(code: int, reply: bytes) -> SendResult:
    if _outcome(code) is SendOutcome.RETRY_LATER:
        return SendResult.retry_later(120, code=str(code), detail=_words(reply))
    return SendResult.rejected(str(code), _words(reply))


def _outcome(code: int) -> SendOutcome:
    return SendOutcome.REJECTED if 500 <= code <= 599 else SendOutcome.RETRY_LATER


def _words(reply: bytes) -> str:
    return reply.decode("utf-8", "replace").replace("\n", " ")[:300]
