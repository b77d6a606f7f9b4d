"""Kill -9 at random instants of an intake by two fetchers at once: nothing lost, nothing doubled, nothing stuck.

Short here. The long form, on either database:

    KILL_MAILS=2000 KILLS=200 JOURNEY_DATABASE=sqlite pytest -s tests/journeys/test_kill.py
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

from tests.counterparts.daemons import wait_for
from tests.product import ROOT

from .conftest import MAILBOX

MAILS = int(os.environ.get("KILL_MAILS", "60"))
KILLS = int(os.environ.get("KILLS", "6"))
SETTLE_SECONDS = 60 + MAILS / 2
FACTS = """
import json
from datetime import timedelta
from django.db.models import Count
from django.utils import timezone
from console.cases.models import Case
from console.channels.models import Delivery, Envelope, Message
from console.events.models import EventDelivery
mine = Message.objects.filter(wire_id__contains="@{run}.kill")
cases = Case.objects.filter(origin__in=mine)
# A survey may wait for hours on purpose.
unsent = Delivery.objects.filter(status__in=["queued", "sending"]).exclude(
    next_attempt_at__gt=timezone.now() + timedelta(hours=1))
aside = Envelope.objects.filter(status="quarantined", pk__gt={since})
receipts = Delivery.objects.filter(purpose="notice.acknowledgement", case_notice__case__in=cases)
print(json.dumps({{
    "messages": dict(mine.values_list("wire_id").annotate(n=Count("pk"))),
    "cases": cases.count(),
    "quarantined": list(aside.values_list("reason", flat=True)),
    "waiting": Envelope.objects.filter(status="pending").count(),
    "sending": [str(row) for row in unsent.values_list("purpose", "status", "next_attempt_at", "last_error")],
    "events": EventDelivery.objects.count(),
    "receipts": list(receipts.values_list("case_notice__case__origin__wire_id", "status")),
    "last": Envelope.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
}}))
"""
# Another node's fetcher, blind to leases: both take the same mails from the same mailbox.
FETCH = """
import time
from console.channels.models import ChannelAccount
from console.channels.poller import poll_account
account = ChannelAccount.objects.get(name="journeys")
while True:
    ChannelAccount.objects.filter(pk=account.pk).update(poll_lease_until=None)
    poll_account(account)
    time.sleep(0.1)
"""


def letter(run: str, index: int) -> bytes:
    """A complaint; every tenth is broken in one of three ways."""
    head = (
        f"From: customer+{run}x{index}@bank.test\r\nTo: {MAILBOX}\r\nSubject: kill {index}\r\n"
        f"Message-ID: <{index}@{run}.kill>\r\nMIME-Version: 1.0\r\n"
    )
    if index % 10 == 9:
        broken = ("multipart/mixed", "text/plain; charset=no-such-charset", 'multipart/alternative; boundary="missing"')
        return (head + f"Content-Type: {broken[index % 3]}\r\n\r\n\x00broken\r\n").encode()
    return (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n请退还年费。\r\n").encode()


def post_all(mail_house, run: str) -> None:
    for index in range(MAILS):
        for _copy in range(2 if index % 20 == 7 else 1):
            mail_house.post(f"customer+{run}x{index}@bank.test", MAILBOX, letter(run, index))


def sender(run: str, message_id: str) -> str:
    """Who wrote the letter of this Message-ID."""
    return f"customer+{run}x{message_id.partition('@')[0].strip('<')}@bank.test"


class Killer:
    """Strikes whole families or one process of them, and the second fetcher, which it starts again."""

    def __init__(self, bank) -> None:
        self.bank, self.dice = bank, random.Random()
        self.struck: Counter[str] = Counter()
        self.fetcher = None

    def run(self) -> None:
        try:
            while sum(self.struck.values()) < KILLS:
                self._start_fetcher()
                time.sleep(self.dice.uniform(0.1, 2.0))
                self._strike()
        finally:
            self.fetcher.kill()
            self.fetcher.wait()

    def _start_fetcher(self) -> None:
        if self.fetcher is None or self.fetcher.poll() is not None:
            command = [sys.executable, "manage.py", "shell", "-v0", "-c", FETCH]
            with (self.bank.home / "fetcher.log").open("ab") as log:
                self.fetcher = subprocess.Popen(command, cwd=ROOT, env=self.bank.environment, stdout=log, stderr=log)

    def _strike(self) -> None:
        families = self.bank.families() | {"fetcher": [self.fetcher.pid]}
        name = self.dice.choice(sorted(families))
        victims = families[name] if self.dice.random() < 0.6 else [self.dice.choice(families[name])]
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.struck[name.partition("-")[0]] += 1


def facts_of(bank, run: str, since: int = 0) -> dict:
    return json.loads(bank.ask(FACTS.format(run=run, since=since)))


def settled(facts: dict) -> bool:
    kept = len(facts["messages"]) + len(facts["quarantined"])
    return kept >= MAILS and not (facts["waiting"] or facts["sending"] or facts["events"])


def test_nothing_is_lost_doubled_or_stuck(bank, customer, mail_house):
    run, began = f"r{int(time.time())}", time.monotonic()
    since = facts_of(bank, run)["last"]
    poster = threading.Thread(target=post_all, args=(mail_house, run))
    poster.start()
    killer = Killer(bank)
    killer.run()
    poster.join()
    bank.cut_power()
    bank.start()

    facts: dict = {}
    restarted = time.monotonic()
    wait_for(
        lambda: facts.update(facts_of(bank, run, since)) or settled(facts), SETTLE_SECONDS, lambda: f"stuck: {facts}"
    )
    assert set(facts["messages"].values()) == {1}
    assert len(facts["messages"]) + len(facts["quarantined"]) == MAILS
    assert all(facts["quarantined"])
    assert facts["cases"] == len(facts["messages"])

    letters = Counter(one["To"].addresses[0].addr_spec for one in customer.letters() if f"+{run}x" in one["To"])
    assert len(facts["receipts"]) == facts["cases"]
    states = Counter(status for _name, status in facts["receipts"])
    doubled = [address for address, number in letters.items() if number > 1]
    lost = [name for name, status in facts["receipts"] if status == "sent" and letters[sender(run, name)] != 1]
    assert (doubled, lost) == ([], [])
    assert set(states) <= {"sent", "unknown"}
    # One process sends at a time, so a kill of the worker, or of everything, leaves at most one send open.
    assert states["unknown"] <= sum(number for name, number in killer.struck.items() if "worker" in name) + 1
    bank.manage("verify_audit")
    print(
        f"{MAILS} mails, {sum(killer.struck.values())} kills {dict(killer.struck)} and a power cut: "
        f"{facts['cases']} cases, {len(facts['quarantined'])} quarantined, receipts {dict(states)}; "
        f"settled {time.monotonic() - restarted:.0f} s after the restart, {time.monotonic() - began:.0f} s in all"
    )
