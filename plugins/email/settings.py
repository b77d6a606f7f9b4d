"""An account's configuration as typed values, with every default in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from console.plugin_api.channels import AccountView
from console.plugin_api.errors import ConfigurationError

from .inbound.read import Mailroom
from .mime.addresses import normal_address
from .outbound.compose import Desk
from .transports.fetched import Bounds
from .transports.imap_in import Guard, Mailbox
from .transports.imap_session import ImapServer
from .transports.smtp_out import SmtpServer

MEGABYTE = 1024 * 1024
PORTS = {"imap": {"tls": 993}, "smtp": {"tls": 465, "starttls": 587}}
Token = Callable[[], str] | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Reads an `AccountView`. Nothing is checked before it is needed."""

    account: AccountView

    def get(self, name: str, default: Any = "") -> Any:
        """A configured value; empty counts as missing."""
        value = self.account.config.get(name)
        return default if value in (None, "") else value

    @property
    def is_maildir(self) -> bool:
        """Maildir, the embedded default, unless a server is configured."""
        return self.get("transport", "maildir") == "maildir"

    @property
    def address(self) -> str:
        """The account's own address."""
        return normal_address(self.get("address") or self.account.address)

    @property
    def own(self) -> list[str]:
        """Every address of this mailbox."""
        return [one for one in dict.fromkeys([self.address, *str(self.get("aliases")).split()]) if one]

    @property
    def bounds(self) -> Bounds:
        """How much one poll brings."""
        return Bounds(mail_bytes=int(self.get("max_mail_mb", 30)) * MEGABYTE)

    @property
    def max_send_bytes(self) -> int:
        """Largest mail we hand over."""
        return int(self.get("max_send_mb", 20)) * MEGABYTE

    @property
    def trusted_hops(self) -> int:
        """Received lines written by our own servers."""
        return int(self.get("trusted_hops", 1))

    @property
    def room(self) -> Mailroom:
        """What reading needs."""
        return Mailroom(own=self.own, authserv=self.get("authserv_id"))

    @property
    def desk(self) -> Desk:
        """What writing needs. Raises `ConfigurationError` without an address."""
        if not self.address:
            raise ConfigurationError(_("The account has no mail address."), field="address")
        mark = hashlib.sha256(self.account.ref.encode()).hexdigest()[:16]
        return Desk(
            address=self.address,
            name=self.get("from_name") or self.account.name,
            thread_by=self.get("thread_by", "plus"),
            verp=bool(self.get("verp", False)),
            loop_mark=mark,
        )

    def folder(self, name: str) -> Path:
        """A Maildir. Raises `ConfigurationError` when none is configured."""
        value = self.get(name)
        if not value:
            raise ConfigurationError(_("No folder is configured."), field=name)
        return Path(value)

    def mailbox(self, token: Token, timeout: float, guard: Guard = nullcontext) -> Mailbox:
        """The IMAP side."""
        config: Mapping[str, Any] = self.account.config
        return Mailbox(
            server=ImapServer(
                host=self._needed("imap_host"),
                port=self._port("imap", 143),
                user=self.get("imap_user"),
                password=self.account.secrets.get("imap_password", ""),
                security=self.get("imap_security", "tls"),
                verify=bool(config.get("verify_certificates", True)),
                timeout=timeout,
                token=token,
            ),
            folder=self.get("imap_folder", "INBOX"),
            processed=config.get("processed_folder", "Processed") or "",
            failed=config.get("failed_folder", "Failed") or "",
            only_new=self.get("backlog", "all") == "new",
            guard=guard,
        )

    def smtp(self, token: Token, timeout: float) -> SmtpServer:
        """The SMTP side."""
        user = self.get("smtp_user")
        return SmtpServer(
            host=self._needed("smtp_host"),
            port=self._port("smtp", 25),
            user=user,
            password=self.account.secrets.get("smtp_password", "") or self.account.secrets.get("imap_password", ""),
            security=self.get("smtp_security", "starttls"),
            verify=bool(self.account.config.get("verify_certificates", True)),
            timeout=timeout,
            name=self.address.rpartition("@")[2],
            token=token if user else None,
        )

    def _needed(self, name: str) -> str:
        value = self.get(name)
        if not value:
            raise ConfigurationError(_("This field is needed."), field=name)
        return str(value)

    def _port(self, kind: str, default: int) -> int:
        return int(self.get(f"{kind}_port", 0)) or PORTS[kind].get(self.get(f"{kind}_security", ""), default)
