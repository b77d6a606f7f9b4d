"""A signed-in IMAP connection, and the errors of IMAP in the contract's words."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.utils import encode_folder

from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, RetryLater

NEEDS_ID = re.compile(r"(?:^|\.)(?:163|126|yeah|188|qq|foxmail|netease|vip\.163)\.(?:com|net|cn)\Z", re.IGNORECASE)
BUSY = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]|too many|temporar|try again|system busy|frequency",
    re.IGNORECASE,
)
IDENTITY = '("name" "Huiyin" "version" "1" "vendor" "Huiyin")'

imaplib.Commands.setdefault("ID", ("NONAUTH", "AUTH", "SELECTED"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """Where and how to sign in. `security` is tls, starttls or none; `token` gives a bearer token for XOAUTH2."""

    host: str
    port: int
    user: str
    password: str
    security: str = "tls"
    verify: bool = True
    timeout: float = 20.0
    token: Callable[[], str] | None = None


def tls_context(*, verify: bool) -> ssl.SSLContext:
    """A client context; without `verify` for a test server with a certificate of its own."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


Box = MailBox | MailBoxStartTls | MailBoxUnencrypted


@contextmanager
def signed_in(server: ImapServer) -> Iterator[Box]:
    """A connection ready for SELECT, closed at the end.

    Raises `AuthenticationFailed`, `ConfigurationError` for a certificate, `RetryLater` for everything that may pass.
    """
    with speaking("imap"):
        box = _connect(server)
        try:
            _sign_in(box, server)
            yield box
        finally:
            _hang_up(box)


@contextmanager
def speaking(prefix: str) -> Iterator[None]:
    """Turn what goes wrong on the line into errors of the contract."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        detail = _("The server's certificate is not trusted: %(message)s") % {"message": error.verify_message}
        raise ConfigurationError(detail, field=f"{prefix}_security") from error
    except ssl.SSLError as error:
        raise RetryLater(60, _("TLS failed: %(reason)s") % {"reason": error.reason}) from error
    except socket.gaierror as error:
        raise RetryLater(60, _("The server's name is not known.")) from error
    except (OSError, EOFError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise RetryLater(30, _("The mailbox does not answer: %(name)s") % {"name": type(error).__name__}) from error


def _connect(server: ImapServer) -> Box:
    if server.security == "none":
        return MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)
    context = tls_context(verify=server.verify)
    kind = MailBoxStartTls if server.security == "starttls" else MailBox
    return kind(server.host, server.port, timeout=server.timeout, ssl_context=context)


def _sign_in(box: Box, server: ImapServer) -> None:
    try:
        if server.token:
            box.xoauth2(server.user, server.token(), initial_folder=None)
        else:
            box.login(server.user, server.password, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort) or BUSY.search(str(error)):
            raise RetryLater(120, _("The mailbox is busy.")) from error
        raise AuthenticationFailed(_("The mailbox refused the name or the password.")) from error
    _ask_abilities(box.client)
    if "ID" in box.client.capabilities or NEEDS_ID.search(server.host):
        with suppress(imaplib.IMAP4.error):
            box.client._simple_command("ID", IDENTITY)


def _ask_abilities(client: imaplib.IMAP4) -> None:
    """Servers tell what they can do only after sign-in; imaplib remembers what stood there before."""
    _, lines = client.capability()
    if lines and lines[-1]:
        client.capabilities = tuple(lines[-1].decode("ascii", "replace").upper().split())


def _hang_up(box: Box) -> None:
    try:
        box.client.logout()
    except (OSError, EOFError, imaplib.IMAP4.error):
        box.client.shutdown()


def quoted(folder: str) -> str:
    """A folder name as a command takes it."""
    return encode_folder(folder).decode("ascii")
