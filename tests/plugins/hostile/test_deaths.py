"""A plugin that takes its process along: the words stay, the neighbour's go on, and after some tries a person looks."""

import os

import pytest
from django.db import connections

from console.channels.models import Envelope, EnvelopeStatus, Message
from console.channels.services import accept, parse_pending
from console.channels.services.parsing import MAX_ATTEMPTS
from console.foundation.work import free_dead
from tests.factories.channels import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)
RAW = "小额免密关不掉".encode()


def work_in_a_process_of_its_own() -> int:
    """What a worker does, and how it ended."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        while parse_pending():
            pass
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def test_a_letter_that_kills_every_worker_is_put_aside_in_the_end(host, settings, tmp_path):
    settings.VAULT_ROOT = tmp_path / "vault"
    deadly = AccountFactory(connector="vandal", channel_kind="chat", name="deadly", config={"misdeed": "kills"})
    gentle = AccountFactory(connector="neighbour", channel_kind="chat", name="next door")
    before, bad, after = accept(gentle, RAW), accept(deadly, RAW), accept(gentle, RAW + b"!")
    ends = []
    while not ends or ends[-1]:
        ends.append(work_in_a_process_of_its_own())
        free_dead()
        assert len(ends) <= MAX_ATTEMPTS + 1
    states = dict(Envelope.objects.values_list("pk", "status"))
    assert states == {
        before.pk: EnvelopeStatus.PARSED,
        bad.pk: EnvelopeStatus.QUARANTINED,
        after.pk: EnvelopeStatus.PARSED,
    }
    assert Message.objects.count() == 2
    kept = Envelope.objects.get(pk=bad.pk)
    assert bytes(kept.raw) == RAW
    assert kept.reason
