"""Mail to case: fetched, stored, parsed, threaded, a case with clocks and events, the acknowledgement sent."""

import os
import resource
import time
from collections.abc import Iterable
from email.message import EmailMessage

from .bank import prepare
from .figures import Figure

MAILS = int(os.environ.get("MAILS", "600"))
WARM = 100
GOAL = {"postgresql": 0.012, "sqlite": 0.015}


def run(backend: str) -> Iterable[Figure]:
    account, _customers = prepare()
    _post(0, WARM)
    _drain(account, WARM)
    _post(WARM, MAILS)
    began, cpu = time.perf_counter(), _cpu()
    _drain(account, WARM + MAILS)
    wall, used = time.perf_counter() - began, _cpu() - cpu
    yield Figure("mail → case, acknowledged", used / MAILS, "CPU s per mail", backend, goal=GOAL[backend], peer=0.035)
    yield Figure("mail → case, acknowledged", wall / MAILS, "wall s per mail", backend)


def _post(first: int, number: int) -> None:
    from console.runtime.demo.channels import ADDRESS, mail_folders
    from console.runtime.demo.files import read

    inbox, _outbox = mail_folders()
    scenarios = read("scenarios")["scenarios"]
    for index in range(first, first + number):
        scenario, letter = scenarios[index % len(scenarios)], EmailMessage()
        letter["From"] = f"customer{index % 900:04d}@mail.example"
        letter["To"], letter["Subject"] = ADDRESS, scenario["subject"]
        letter["Message-ID"] = f"<{index}@mail.example>"
        letter.set_content(scenario["text"])
        (inbox / "tmp" / str(index)).write_bytes(letter.as_bytes())
        (inbox / "tmp" / str(index)).rename(inbox / "new" / f"{index}.eml")


def _drain(account, expected: int) -> None:
    """Run the pumps here until every mail is a case and every acknowledgement has left."""
    from console.cases.models import Case
    from console.channels.models import Delivery
    from console.channels.poller import poll_account
    from console.foundation import work

    for _round in range(200):
        account.refresh_from_db()
        poll_account(account)
        work.drain_all()
        if Case.objects.count() >= expected and not Delivery.objects.filter(status__in=["queued", "sending"]).exists():
            return
    raise RuntimeError(f"{Case.objects.count()} cases of {expected}")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
