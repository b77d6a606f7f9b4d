"""Is the account well? Each side is tried; the first that is not says so, beside its field."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext as _

from console.plugin_api.channels import HealthResult, HealthState
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, PluginError, RetryLater

from .transports.imap_folder import Folder
from .transports.imap_in import Mailbox
from .transports.imap_session import signed_in, speaking
from .transports.maildir_in import ensure
from .transports.smtp_out import SmtpServer, connect


def check_maildirs(inbox: Path, outbox: Path) -> HealthResult:
    """Both folders can be made and written."""
    for folder, name in ((inbox, "maildir_in"), (outbox, "maildir_out")):
        result = _tried(lambda folder=folder: ensure(folder), name)
        if result.state is not HealthState.OK:
            return result
        if not os.access(folder / "tmp", os.W_OK):
            return HealthResult(state=HealthState.DOWN, detail=_("The folder cannot be written."), field=name)
    return HealthResult(state=HealthState.OK, detail=_("Both folders are ready."))


def check_servers(mailbox: Mailbox, smtp: SmtpServer) -> HealthResult:
    """Sign in at both servers and leave again; nothing is read or sent."""
    for task, name in ((lambda: _try_imap(mailbox), "imap_host"), (lambda: _try_smtp(smtp), "smtp_host")):
        result = _tried(task, name)
        if result.state is not HealthState.OK:
            return result
    return HealthResult(state=HealthState.OK, detail=_("Signed in to both servers."))


def _try_imap(mailbox: Mailbox) -> None:
    with signed_in(mailbox.server) as box, speaking("imap"):
        Folder(box.client, mailbox.folder)


def _try_smtp(server: SmtpServer) -> None:
    link = connect(server)
    with suppress(smtplib.SMTPException, OSError):
        link.noop()
        link.quit()


def _tried(task: Callable[[], None], name: str) -> HealthResult:
    try:
        task()
    except AuthenticationFailed as error:
        field = name.replace("_host", "_password")
        return HealthResult(state=HealthState.AUTH_FAILED, detail=error.detail, field=field)
    except ConfigurationError as error:
        return HealthResult(state=HealthState.DOWN, detail=error.detail, field=error.field or name)
    except RetryLater as error:
        return HealthResult(state=HealthState.DOWN, detail=error.detail, field=name)
    except PluginError as error:
        return HealthResult(state=HealthState.DOWN, detail=error.detail, field=name)
    return HealthResult(state=HealthState.OK)
