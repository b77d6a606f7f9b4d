"""Kill -9 at random instants of an intake: nothing lost, nothing doubled, nothing stuck.

Short here; KILL_MAILS=2000 KILLS=200 is the long form.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter

from tests.product import wait_for

from .conftest import MAILBOX

MAILS = int(os.environ.get("KILL_MAILS", "60"))
KILLS = int(os.environ.get("KILLS", "5"))
SENDS_AT_ONCE = 4  # of one worker process; two of them
FACTS = """
import json
from django.db.models import Count
from console.cases.models import Case
from console.channels.models import Delivery, Envelope, Message
mine = Message.objects.filter(wire_id__contains="@{run}.kill")
print(json.dumps({{
    "messages": dict(mine.values_list("wire_id").annotate(n=Count("pk"))),
    "cases": Case.objects.filter(origin__in=mine).count(),
    "quarantined": Envelope.objects.filter(status="quarantined").count(),
    "waiting": Envelope.objects.filter(status="pending").count(),
    "unsent": Delivery.objects.filter(status__in=["queued", "sending"]).count(),
    "unknown": Delivery.objects.filter(status="unknown").count(),
}}))
"""
# What the dead held comes free when its lease ends; the test does not wait for minutes, it ends the leases itself
# while nothing runs.
EXPIRE = """
from django.utils import timezone
from console.channels.models import ChannelAccount, Delivery, Envelope
from console.events.models import EventDelivery
now = timezone.now()
for model in (Envelope, Delivery, EventDelivery):
    model.objects.filter(lease_until__gt=now).update(lease_until=now, next_attempt_at=now)
ChannelAccount.objects.filter(poll_lease_until__gt=now).update(poll_lease_until=None, next_poll_at=now)
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


def kill_at_random(bank, dice: random.Random) -> None:
    for _kill in range(KILLS):
        time.sleep(dice.uniform(0.2, 2.5))
        leaders = [int(leader) for leader in bank.children()]
        if leaders:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(dice.choice(leaders), signal.SIGKILL)


def facts_of(bank, run: str) -> dict:
    return json.loads(bank.manage("shell", "-v0", "-c", FACTS.format(run=run)).strip().splitlines()[-1])


def test_nothing_is_lost_doubled_or_stuck(bank, customer, mail_house):
    run, dice = f"r{int(time.time())}", random.Random()
    before = facts_of(bank, run)
    post_all(mail_house, run)
    kill_at_random(bank, dice)
    bank.stop()
    bank.manage("shell", "-v0", "-c", EXPIRE)
    bank.start()

    facts: dict = {}

    def settled() -> bool:
        facts.update(facts_of(bank, run))
        kept = len(facts["messages"]) + facts["quarantined"] - before["quarantined"]
        return kept >= MAILS and not facts["waiting"] and not facts["unsent"]

    wait_for(settled, 240, lambda: f"stuck: {facts}")
    assert set(facts["messages"].values()) == {1}
    assert len(facts["messages"]) + facts["quarantined"] - before["quarantined"] == MAILS
    assert facts["cases"] == len(facts["messages"])

    receipts = Counter(one["To"].addresses[0].addr_spec for one in customer.letters() if f"+{run}x" in one["To"])
    unknown = facts["unknown"] - before["unknown"]
    assert max(receipts.values()) == 1
    assert len(receipts) + unknown >= facts["cases"]
    assert unknown <= 2 * SENDS_AT_ONCE * KILLS
    bank.manage("verify_audit")
