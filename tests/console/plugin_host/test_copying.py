from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_api.channels import (
    Address,
    Capabilities,
    InboundMessage,
    Participant,
    ParticipantRole,
    PlainResponse,
    SendResult,
)
from console.plugin_host.contracts import CHECKS, check
from console.plugin_host.outcomes import ContractBroken

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.binary(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(method=st.sampled_from(sorted(CHECKS)), value=ANYTHING)
def test_any_value_is_checked_or_refused(method, value):
    try:
        check(method, value)
    except ContractBroken:
        return


@given(field=st.sampled_from([item.name for item in fields(InboundMessage)]), value=ANYTHING)
def test_any_field_value_is_checked_or_refused(field, value):
    good = {"provider_message_id": "1", "sender": Address("x")}
    message = InboundMessage(**{**good, field: value})
    try:
        (copy,) = check("parse", [message])
    except ContractBroken:
        return
    assert type(copy) is InboundMessage
    assert copy is not message


def test_a_good_message_is_copied_whole():
    at = datetime(2026, 11, 22, 14, 5, tzinfo=timezone(timedelta(hours=8)))
    message = InboundMessage(
        provider_message_id="1",
        sender=Address("a@b.cn", "林"),
        recipients=[Participant(ParticipantRole.TO, Address("s@bank.test"))],
        occurred_at=at,
        meta={"a": {"b": [1, 2.5, None]}},
    )
    (copy,) = check("parse", iter([message]))
    assert copy.recipients == (message.recipients[0],)
    assert copy.occurred_at == at
    assert copy.occurred_at.tzinfo is UTC
    assert copy.meta == message.meta
    assert copy.meta is not message.meta


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("parse", [InboundMessage(provider_message_id="1", sender=Address("x"), occurred_at=datetime(2026, 1, 1))]),
        ("parse", "text"),
        ("parse", None),
        ("send", SendResult.rejected("")),
        ("send", SendResult.retry_later(-1)),
        ("send", True),
        ("handshake", PlainResponse(status=99)),
        ("handshake", PlainResponse(content_type="text/plain\r\nX: y")),
        ("diagnostics", {"a": {1, 2}}),
        ("diagnostics", ["a"]),
        ("acknowledge", 1),
        ("fetch_media", ["text"]),
        ("capabilities_for_account", {"proactive": True}),
    ],
)
def test_each_rule_refuses(method, value):
    with pytest.raises(ContractBroken):
        check(method, value)


def test_media_are_joined():
    assert check("fetch_media", iter([b"a", bytearray(b"b")])) == b"ab"


def test_lists_may_stand_for_tuples_and_words_for_members():
    copy = check("send", SendResult(outcome="accepted", recipients=[]))
    assert copy.outcome.name == "ACCEPTED"
    assert copy.recipients == ()


def test_capabilities_survive_a_copy():
    wide = Capabilities(outbound_text=True, max_length=5)
    assert check("capabilities_for_account", wide) == wide
