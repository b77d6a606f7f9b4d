"""Every odd mail is read: the text is there, and what was odd is said."""

from __future__ import annotations

import pytest

from .helpers import codes, message
from .odd_mails import Odd, odd_mails

ALL = list(odd_mails())


@pytest.mark.parametrize("odd", ALL, ids=lambda odd: odd.name)
def test_an_odd_mail_is_read(odd: Odd):
    found = message(odd.raw)
    assert odd.text in found.text
    assert found.text.strip()
    assert odd.notes <= codes(found)
    if odd.subject:
        assert found.subject == odd.subject
    if odd.files:
        assert tuple(file.name for file in found.attachments) == odd.files


def test_there_are_enough_of_them():
    assert len(ALL) >= 100
    assert len({odd.name for odd in ALL}) == len(ALL)


@pytest.mark.parametrize("odd", ALL, ids=lambda odd: odd.name)
def test_reading_twice_gives_the_same(odd: Odd):
    assert message(odd.raw) == message(odd.raw)


@pytest.mark.parametrize("odd", ALL, ids=lambda odd: odd.name)
def test_nothing_unstorable_comes_out(odd: Odd):
    found = message(odd.raw)
    for text in (
        found.text,
        found.subject,
        found.quoted_text,
        found.html,
        found.sender.name,
        found.provider_message_id,
    ):
        text.encode("utf-8")
        assert "\0" not in text
    assert len(found.provider_message_id) <= 250
