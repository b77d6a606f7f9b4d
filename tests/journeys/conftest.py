"""The bank of the journeys: the real product on PostgreSQL, real mail servers, a real browser."""

import email
import email.policy
import json
import os
import uuid
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.browser import chromium, open_page, sign_in
from tests.counterparts.daemons import wait_for
from tests.counterparts.mail import MailHouse, mail_house  # noqa: F401
from tests.product import Product, make_product, remove
from tests.services import require

MAILBOX = "service@bank.test"
# The demo bank gets a second mailbox, on real servers, whose letters become complaints.
CONFIGURE = """
from console.cases.models import CaseType, IntakeRule
from console.channels.models import ChannelAccount
from console.channels.services import accounts
from console.runtime.demo.channels import DEMO
from console.staff.models import Team
account = ChannelAccount(connector="email", name="journeys", address="{address}", team=Team.objects.get(code="card-1"),
                         poll_seconds=1)
accounts.configure(account, {config}, {secrets}, DEMO)
accounts.activate(account, DEMO)
IntakeRule.objects.create(name="journeys", account=account, type=CaseType.objects.get(code="complaint"),
                          team=account.team, order=0)
"""
SPEAK = "from console.staff.models import User; User.objects.filter(username='{user}').update(language='{language}')"


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "journeys" in Path(item.path).parts:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.service("postgresql", "chromium", "dovecot", "exim"))


@pytest.fixture(scope="session")
def bank(django_db_setup, mail_house: MailHouse, tmp_path_factory) -> Iterator[Product]:  # noqa: F811
    for name in ("postgresql", "postgres_server", "chromium"):
        require(name)
    # JOURNEY_DATABASE=sqlite walks every journey on the other database.
    product = make_product(tmp_path_factory.mktemp("bank"), os.environ.get("JOURNEY_DATABASE", "own"))
    product.more["HUIYIN_HUNG_SECONDS"] = "10"
    try:
        product.start()
        config = {
            "address": MAILBOX,
            "transport": "imap_smtp",
            "imap_host": "127.0.0.1",
            "imap_port": mail_house.imap_port,
            "imap_security": "none",
            "imap_user": "service",
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_house.smtp_port,
            "smtp_security": "none",
            "thread_by": "plus",
        }
        secrets = {"imap_password": "secret"}
        program = CONFIGURE.format(address=MAILBOX, config=json.dumps(config), secrets=json.dumps(secrets))
        product.ask(program)
        yield product
    finally:
        remove(product)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    require("chromium")
    with chromium() as running:
        yield running


@pytest.fixture
def desk(bank: Product, browser):
    """`desk("agent", "zh-hans", 1440)` is a page of that person, signed in, at that width."""
    pages = []

    def open_desk(user: str, language: str = "zh-hans", width: int = 1440):
        bank.ask(SPEAK.format(user=user, language=language))
        page = open_page(browser, bank.url, language, width)
        pages.append(page)
        sign_in(page, user, bank.password)
        return page

    yield open_desk
    for page in pages:
        page.context.close()


class Customer:
    """Somebody with a mailbox at the real server; each writes from an address (user+tag) nobody wrote from before.

    An address of an earlier journey may have bounced, or have had its five automatic letters of the hour.
    """

    def __init__(self, house: MailHouse, user: str = "customer") -> None:
        self.house, self.user = house, user
        self.address = f"{user}+{uuid.uuid4().hex[:8]}@bank.test"

    def write(self, subject: str, text: str, answer_to: EmailMessage | None = None) -> str:
        """Send a mail, in the thread of `answer_to` when given; its Message-ID."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = f"林晓 <{self.address}>", MAILBOX, subject
        letter["Message-ID"] = f"<{uuid.uuid4()}@customer.test>"
        if answer_to is not None:
            letter.replace_header("To", answer_to["Reply-To"] or MAILBOX)
            letter["In-Reply-To"] = answer_to["Message-ID"]
            letter["References"] = answer_to["Message-ID"]
        letter.set_content(text)
        recipient = letter["To"].addresses[0].addr_spec
        self.house.post(self.address, recipient, letter.as_bytes())
        return letter["Message-ID"]

    def letters(self) -> list[EmailMessage]:
        """What lies in the mailbox, oldest first."""
        client = self.house.imap(self.user)
        client.select("INBOX", readonly=True)
        _status, numbers = client.search(None, "ALL")
        raw = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers[0].split()]
        client.logout()
        return [email.message_from_bytes(data, policy=email.policy.default) for data in raw]

    def letters_with(self, words: str) -> list[EmailMessage]:
        """Letters that hold these words in subject or body."""
        return [one for one in self.letters() if words in one["Subject"] or words in text_of(one)]

    def wait_for_letter(self, holds: str, seconds: float = 60) -> EmailMessage:
        """The newest letter that holds these words in subject or body."""
        found: list[EmailMessage] = []

        def look() -> bool:
            found[:] = self.letters_with(holds)
            return bool(found)

        wait_for(look, seconds, lambda: f"no letter with {holds!r}: {[one['Subject'] for one in self.letters()]}")
        return found[-1]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return body.get_content() if body else ""


@pytest.fixture
def customer(mail_house: MailHouse) -> Customer:  # noqa: F811
    mail_house.empty("customer")
    return Customer(mail_house)
