"""What a killed process held is free at once; what a living one holds, or one of another node, stays held."""

import os
import signal
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from console.foundation import leases, work
from console.foundation.models import PumpSlot
from tests.console.foundation.test_work import job_model, job_table, pump  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def killed_while_it_held(hold) -> int:
    """Fork, run `hold`, die by -9; the process number of what is left, not yet buried."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        hold()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def test_a_claim_names_its_process(job_model):  # noqa: F811
    job_model.objects.create()
    work.claim(job_model.objects.all())
    node, pid, _began = job_model.objects.get().leased_by.rsplit(":", 2)
    assert (node + ":", int(pid)) == (leases.node(), os.getpid())
    assert not leases.is_gone(leases.holder())


def test_what_a_killed_process_held_is_due_at_once(pump, job_model):  # noqa: F811
    job_model.objects.bulk_create(job_model() for _ in range(3))

    def hold():
        work._take_slot(work._pumps["jobs"])
        work.ring_now("jobs")
        assert len(work.claim(job_model.objects.all(), limit=2)) == 2

    corpse = killed_while_it_held(hold)
    try:
        assert len(work.claim(job_model.objects.all())) == 1
        assert work.free_dead() == 3
    finally:
        os.waitpid(corpse, 0)
    assert work.free_dead() == 0
    assert [row.attempts for row in work.claim(job_model.objects.all())] == [2, 2]
    assert not work.busy()
    assert PumpSlot.objects.get(slot=0).rung_at is None


def test_what_others_hold_stays_theirs(pump, job_model, settings):  # noqa: F811
    job_model.objects.bulk_create(job_model() for _ in range(2))
    work.claim(job_model.objects.all(), limit=1)
    settings.HUIYIN_NODE = "elsewhere"
    leases._holder = (0, "")
    corpse = killed_while_it_held(lambda: work.claim(job_model.objects.all(), limit=1))
    os.waitpid(corpse, 0)
    settings.HUIYIN_NODE = ""
    leases._holder = (0, "")
    assert sorted(name.startswith("elsewhere:") for name in job_model.objects.values_list("leased_by", flat=True)) == [
        False,
        True,
    ]
    assert work.free_dead() == 0


def test_a_number_used_again_is_another_process():
    node, pid, began = leases.holder().rsplit(":", 2)
    assert leases.is_gone(f"{node}:{pid}:{int(began) - 1}")


def test_a_pump_at_work_is_seen(pump):  # noqa: F811
    slot = PumpSlot.objects.create(
        pump="jobs", busy_until=timezone.now() + timedelta(seconds=5), busy_by=leases.holder()
    )
    assert (work.busy(), work.busy(leases.node()), work.busy("elsewhere:")) == (True, True, False)
    PumpSlot.objects.filter(pk=slot.pk).update(busy_until=None)
    assert not work.busy()
