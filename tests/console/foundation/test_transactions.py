import threading

import pytest
from django.db import transaction

from console.foundation.transactions import InsideTransaction, assert_no_transaction, in_transaction


@pytest.mark.django_db
def test_the_tests_own_transaction_does_not_count():
    assert_no_transaction()
    with transaction.atomic():
        assert in_transaction()
        with pytest.raises(InsideTransaction, match="A letter"):
            assert_no_transaction("A letter")
    assert not in_transaction()


@pytest.mark.django_db(transaction=True)
def test_real_transactions_count_and_other_threads_do_not():
    seen = []
    with transaction.atomic():
        assert in_transaction()
        thread = threading.Thread(target=lambda: seen.append(in_transaction()))
        thread.start()
        thread.join()
    assert seen == [False]
    assert not in_transaction()


def test_without_any_database():
    assert_no_transaction()
