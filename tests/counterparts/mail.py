"""A mail house of its own for tests: exim takes mail by SMTP, dovecot keeps it and serves it by IMAP.

Import the `mail_house` fixture into a conftest to use it. Known people: service, agent1, customer, postmaster, each
with password `secret` and with any +suffix; everybody else at bank.test bounces; `refused@` is refused at once,
`later@` is put off, `big@` is refused for its size.
"""

from __future__ import annotations

import imaplib
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import require

from .certificates import self_signed
from .daemons import Daemon, free_port, wait_for

DOVECOT = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{root}/mail/%n
first_valid_uid = 0
mail_max_userip_connections = 50
default_internal_user = dovecot
default_login_user = dovenull
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
auth_failure_delay = 0
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""

EXIM = """
primary_hostname = mx.bank.test
spool_directory = {root}/spool
log_file_path = {root}/spool/%slog
pid_file_path = {root}/spool/exim.pid
exim_user = Debian-exim
exim_group = Debian-exim
domainlist local_domains = bank.test
tls_advertise_hosts =
dsn_advertise_hosts = *
smtp_accept_max = 100
smtp_accept_max_per_connection = 10000
smtp_accept_queue_per_connection = 10000
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_ok
daemon_smtp_ports = {smtp}
local_interfaces = 127.0.0.1
never_users = root
hosts_treat_as_local =
dns_dnssec_ok = -1
begin acl
acl_ok:
  accept
acl_rcpt:
  deny local_parts = refused
       message = 550 5.1.1 No such user here
  defer local_parts = later
       message = 451 4.7.1 Greylisted, try again later
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{service}}}}{{eq{{$auth3}}{{secret}}}}}}}}
  server_set_id = $auth2
begin routers
known:
  driver = accept
  domains = +local_domains
  local_parts = service : agent1 : postmaster : customer
  local_part_suffix = +*
  local_part_suffix_optional
  transport = to_lmtp
external:
  driver = redirect
  domains = ! +local_domains
  allow_fail
  data = :fail: 550 5.1.1 No such mailbox ${{local_part}}@${{domain}}
unknown:
  driver = redirect
  allow_fail
  data = :fail: 550 5.1.1 No such user
begin transports
to_lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = {lmtp}
  hosts_override
  allow_localhost
  rcpt_include_affixes
begin retry
* * F,1m,2s
"""


class MailHouse:
    """The running servers and what a test does with them."""

    password = "secret"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.smtp_port, self.imap_port, self.imaps_port, self.lmtp_port = (free_port() for _ in range(4))
        self.dovecot = Daemon(["dovecot", "-F", "-c", str(root / "dovecot.conf")], self.imap_port, root / "dovecot.out")
        self.exim = Daemon(["exim4", "-C", str(root / "exim.conf"), "-bdf", "-q1s"], self.smtp_port, root / "exim.out")

    def prepare(self) -> None:
        """Write configurations and folders."""
        self_signed(self.root / "cert.pem", self.root / "key.pem")
        for name in ("run", "state", "mail", "spool"):
            (self.root / name).mkdir(exist_ok=True)
        os.chmod(self.root, 0o755)
        shutil.chown(self.root / "mail", 1000, 1000)
        shutil.chown(self.root / "spool", "Debian-exim", "Debian-exim")
        facts = {
            "root": self.root,
            "uid": 1000,
            "gid": 1000,
            "imap": self.imap_port,
            "imaps": self.imaps_port,
            "lmtp": self.lmtp_port,
            "smtp": self.smtp_port,
        }
        (self.root / "dovecot.conf").write_text(DOVECOT.format(**facts))
        (self.root / "exim.conf").write_text(EXIM.format(**facts))

    def start(self) -> None:
        """Start both servers."""
        self.dovecot.start()
        self.exim.start()

    def stop(self) -> None:
        """Stop both servers."""
        self.exim.stop()
        self.dovecot.stop()

    def imap(self, user: str = "service") -> imaplib.IMAP4:
        """A plain IMAP connection, signed in."""
        client = imaplib.IMAP4("127.0.0.1", self.imap_port)
        client.login(user, self.password)
        return client

    def post(self, sender: str, recipient: str | list[str], data: bytes) -> None:
        """Hand a mail to exim."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "client.test") as link:
            link.sendmail(sender, recipient, data)

    def count(self, user: str = "service", folder: str = "INBOX") -> int:
        """Mails in a folder, 0 without it."""
        client = self.imap(user)
        try:
            status, data = client.select(f'"{folder}"', readonly=True)
            return int(data[0]) if status == "OK" else 0
        finally:
            client.logout()

    def arrived(self, number: int, user: str = "service", folder: str = "INBOX") -> None:
        """Wait until so many mails are there."""
        wait_for(lambda: self.count(user, folder) >= number)

    def append(self, data: bytes, user: str = "service", folder: str = "INBOX") -> None:
        """Put a mail into a folder as it is, without a server in between."""
        client = self.imap(user)
        client.append(f'"{folder}"', "", imaplib.Time2Internaldate(1_790_000_000), data)
        client.logout()

    def empty(self, user: str = "service") -> None:
        """Forget a user's mails, folders and UIDs."""
        self.exim_queue_run()
        subprocess.run(
            ["doveadm", "-c", str(self.root / "dovecot.conf"), "kick", user], check=False, capture_output=True
        )
        shutil.rmtree(self.root / "mail" / user, ignore_errors=True)

    def exim_queue_run(self) -> None:
        """Let exim deliver what it holds back."""
        subprocess.run(
            ["/usr/sbin/exim4", "-C", str(self.root / "exim.conf"), "-qff"], check=False, capture_output=True
        )


@pytest.fixture(scope="session")
def mail_house() -> Iterator[MailHouse]:
    """Dovecot and exim, for the whole session."""
    require("dovecot")
    require("exim")
    root = Path(tempfile.mkdtemp(prefix="huiyin-mail-"))
    house = MailHouse(root)
    house.prepare()
    house.start()
    yield house
    house.stop()
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def mailbox(mail_house: MailHouse) -> MailHouse:
    """The mail house with empty mailboxes."""
    for user in ("service", "customer", "agent1"):
        mail_house.empty(user)
    return mail_house
