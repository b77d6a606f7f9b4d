import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.foundation import ids

body = st.text(alphabet=ids.ALPHABET, min_size=10, max_size=10)


def test_uuids_sort_by_the_order_they_were_made():
    made = [ids.uuid7() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {"specified in RFC 4122"}


def test_uuids_stay_in_order_when_the_clock_goes_back(monkeypatch):
    first = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000_000)
    assert first < ids.uuid7() < ids.uuid7()


def test_a_forked_child_makes_others():
    ids.uuid7()
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, ids.uuid7().bytes)
        os._exit(0)
    assert os.read(read, 16) != ids.uuid7().bytes
    os.wait()


def test_references_are_read_back_as_people_write_them():
    reference = ids.public_reference("HY")
    assert ids.parse_reference(reference, "HY") == reference
    assert ids.parse_reference(f" {reference.lower().replace('-', ' ')} ", "HY") == reference
    assert ids.parse_reference(reference.replace("0", "o").replace("1", "l"), "HY") == reference
    assert ids.parse_reference(reference, "AB") is None
    assert ids.parse_reference("", "HY") is None


@given(body, st.integers(0, 9), st.sampled_from(ids.ALPHABET))
def test_one_wrong_character_is_noticed(body, place, other):
    check = ids.check_character(body)
    wrong = body[:place] + other + body[place + 1 :]
    assert (ids.check_character(wrong) == check) == (wrong == body)


@given(body, st.integers(0, 8))
def test_swapped_neighbours_are_noticed(body, place):
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert (ids.check_character(swapped) == ids.check_character(body)) == (swapped == body)


@pytest.mark.parametrize("text", ["HY-AAAAA-AAAAA-!", "HY-AAAA", "回音", "HY-ÜAAAA-AAAAA-A"])
def test_nonsense_is_no_reference(text):
    assert ids.parse_reference(text, "HY") is None


def test_references_do_not_repeat():
    random.seed(1)
    assert len({ids.public_reference("E") for _ in range(2000)}) == 2000
