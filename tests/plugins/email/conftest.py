"""Connectors on Maildirs and on real servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.email.channel import EmailConnector
from tests.counterparts.mail import MailHouse, mail_house, mailbox

from .helpers import connector

__all__ = ["mail_house", "mailbox"]


@pytest.fixture
def maildir(tmp_path: Path) -> EmailConnector:
    """A connector on two Maildirs."""
    folders = {"maildir_in": str(tmp_path / "in"), "maildir_out": str(tmp_path / "out")}
    made = connector(transport="maildir", **folders)
    made.test_connection()
    return made


@pytest.fixture
def imap(mailbox: MailHouse) -> Callable[..., EmailConnector]:
    """Makes connectors on the running mail house."""

    def make(**config: object) -> EmailConnector:
        facts = {
            "transport": "imap_smtp", "imap_host": "127.0.0.1", "imap_port": mailbox.imap_port, "imap_user": "service",
            "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": mailbox.smtp_port, "smtp_security": "none",
        }  # fmt: skip
        secrets = {"imap_password": config.pop("password", mailbox.password)}
        return connector(secrets=secrets, **{**facts, **config})

    return make
