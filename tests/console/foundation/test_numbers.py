import os
import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction

from console.foundation import numbers
from console.foundation.models import NumberBlock
from console.foundation.numbers import format_case_number, next_number


def test_the_number_people_read():
    assert format_case_number(2026, 4217) == "HY-2026-004217"
    assert format_case_number(2026, 1234567) == "HY-2026-1234567"


@pytest.mark.django_db
def test_numbers_count_up_by_series():
    assert [next_number("a") for _ in range(3)] == [1, 2, 3]
    assert next_number("b") == 1


@pytest.mark.django_db(transaction=True)
def test_one_statement_for_a_block(django_assert_num_queries):
    next_number("case:2026")
    with django_assert_num_queries(0):
        assert [next_number("case:2026") for _ in range(numbers.BLOCK_SIZE - 1)] == list(range(2, 51))
    assert next_number("case:2026") == 51


@pytest.mark.django_db(transaction=True)
def test_one_transaction_uses_its_block_up():
    with transaction.atomic():
        taken = [next_number("s") for _ in range(120)]
    assert taken == list(range(1, 121))
    assert NumberBlock.objects.get(series="s").next_number == 151
    assert next_number("s") == 121


def taken_in_vain(series):
    with transaction.atomic():
        next_number(series)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_block_is_never_handed_out():
    taken_in_vain("s")
    with transaction.atomic():
        first = next_number("s")
        taken_in_vain("t")
        other = next_number("t")
    assert (first, other) == (1, 1)
    assert [next_number("s"), next_number("t")] == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_threads_never_share_a_number():
    kept: list[int] = []

    def work():
        for turn in range(15):
            with transaction.atomic():
                taken = [next_number("s", size=4) for _ in range(5)]
                transaction.set_rollback(turn % 5 == 4)
            kept.extend([] if turn % 5 == 4 else taken)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(kept) == 240
    assert len(set(kept)) == 240


SCRIPT = """
import os, django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = os.environ["TEST_NAME"]
from console.foundation.numbers import next_number
print(*[next_number("s", size=3) for _ in range(40)])
"""


@pytest.mark.django_db(transaction=True)
def test_processes_never_share_a_number():
    environment = {**os.environ, "TEST_NAME": str(connection.settings_dict["NAME"])}
    started = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    taken = [int(number) for process in started for number in process.communicate()[0].split()]
    assert len(taken) == 120
    assert len(set(taken)) == 120
