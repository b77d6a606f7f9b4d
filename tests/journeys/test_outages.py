"""What stands around the product goes away for a while: nothing is lost, it is said, and all is made good after."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
import uuid

import pytest

from tests.counterparts.daemons import wait_for

from .conftest import MAILBOX, Customer

MINE = """
SELECT d.status, d.attempts, n.case_id FROM channels_delivery d
JOIN cases_customernotice n ON n.delivery_id = d.id JOIN cases_case c ON c.id = n.case_id WHERE c.subject LIKE '%{}%'
"""
FAILURES = "SELECT send_failures FROM channels_channelaccount WHERE name = 'journeys'"
# The hour, in steps: whatever waits for a time has waited for it.
LATER = (
    "UPDATE channels_delivery SET next_attempt_at = next_attempt_at - interval '12 minutes', "
    "give_up_at = give_up_at - interval '12 minutes' WHERE status = 'queued'",
    "UPDATE channels_channelaccount SET send_after = send_after - interval '12 minutes'",
)


def ask(bank, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(bank.url + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as gone:
        return 0, str(gone)


def open_alarms(bank) -> str:
    return "\n".join(line for line in ask(bank, "/metrics")[1].splitlines() if line.startswith("huiyin_open_alarms{"))


def twelve_minutes_later(bank) -> None:
    for statement in LATER:
        bank.sql(statement)


def statuses(bank, mark: str) -> list[str]:
    return [row[0] for row in bank.sql(MINE.format(mark))]


@pytest.fixture
def people(mail_house) -> list[Customer]:
    return [Customer(mail_house) for _ in range(3)]


def test_smtp_is_down_for_an_hour(bank, people, mail_house):
    mark = uuid.uuid4().hex[:8]
    mail_house.exim.stop()
    try:
        for person in people:
            mail_house.append(written(person, mark))
        wait_for(lambda: "channels.outage" in open_alarms(bank), 60, lambda: open_alarms(bank))
        for _turn in range(5):
            [(before,)] = bank.sql(FAILURES)
            twelve_minutes_later(bank)
            wait_for(lambda seen=before: bank.sql(FAILURES)[0][0] > seen, 60)
        assert set(statuses(bank, mark)) <= {"queued", "sending"}
        assert len(statuses(bank, mark)) == 3
    finally:
        mail_house.exim.start()
    twelve_minutes_later(bank)
    for person in people:
        person.wait_for_letter(mark)
    wait_for(lambda: statuses(bank, mark) == ["sent"] * 3, 60, lambda: statuses(bank, mark))
    letters = [str(one["To"]) for one in people[0].letters_with(mark)]
    assert len(letters) == len(set(letters)) == 3
    wait_for(lambda: "channels.outage" not in open_alarms(bank), 30, lambda: open_alarms(bank))


@pytest.mark.parametrize(("how", "hangs"), [(signal.SIGKILL, False), (signal.SIGSTOP, True)])
def test_idle_workers_killed_or_hung_are_replaced_and_the_mail_waits_in_the_mailbox(bank, customer, how, hangs):
    mark = uuid.uuid4().hex[:8]
    log = bank.home / "product.log"
    before = log.read_text().count("queue hangs")
    for name, pids in bank.families().items():
        if name.startswith("worker"):
            for pid in pids:
                os.kill(pid, how)
    customer.write(f"投诉 {mark}", "请退还年费。")
    customer.wait_for_letter(mark, 120)
    assert not hangs or log.read_text().count("queue hangs") > before


def test_postgresql_is_gone_for_a_while(bank, customer, mail_house):
    if bank.server is None:
        pytest.skip("this bank has no server of its own")
    mark = uuid.uuid4().hex[:8]
    bank.server.stop()
    try:
        customer.write(f"投诉 {mark}", "请退还年费。")
        wait_for(lambda: ask(bank, "/readyz")[0] == 503, 30)
        assert json.loads(ask(bank, "/readyz")[1]) == {"ready": False, "problems": ["database"]}
        assert ask(bank, "/healthz") == (200, "ok")
        assert ask(bank, "/console/")[0] in (302, 500)
        assert ask(bank, "/metrics")[0] >= 500
        time.sleep(3)
        assert mail_house.count() == 1
    finally:
        bank.server.start()
    wait_for(lambda: ask(bank, "/readyz")[0] == 200, 60)
    customer.wait_for_letter(mark, 120)
    assert len(customer.letters_with(mark)) == 1
    bank.manage("verify_audit")


def written(person: Customer, mark: str) -> bytes:
    return (
        f"From: {person.address}\r\nTo: {MAILBOX}\r\nSubject: {mark}\r\nMessage-ID: <{uuid.uuid4()}@customer.test>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n请退还年费。\r\n"
    ).encode()
