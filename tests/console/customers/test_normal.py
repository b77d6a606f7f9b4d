"""Equal things hash equal; other things do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.customers.normal import (
    NotAnIdentifier,
    address_hash,
    name_hash,
    normal,
    normal_address,
    space_of,
    value_hash,
)


@pytest.mark.parametrize(
    "typed", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"]
)
def test_one_spelling_of_a_mobile_number(typed):
    assert normal("phone", typed) == "+8613800138000"


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("022-2388 1234", "+862223881234"),
        ("+44 20 7946 0958", "+442079460958"),
        ("95555", "+8695555"),
    ],
)
def test_other_numbers(typed, spelled):
    assert normal("phone", typed) == spelled


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        (" Lin.Wan@Example.COM ", "lin.wan@example.com"),
        ("<a@b.cn>", "a@b.cn"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
        ("ｌｉ@example.com", "li@example.com"),
    ],
)
def test_one_spelling_of_an_address(typed, spelled):
    assert normal("email", typed) == spelled


@pytest.mark.parametrize(
    ("kind", "typed", "spelled"),
    [
        ("id_card", "11010519491231002x", "11010519491231002X"),
        ("card", "6222 0212 3456 7890 123", "6222021234567890123"),
        ("customer_no", " c-00912 ", "C-00912"),
    ],
)
def test_numbers(kind, typed, spelled):
    assert normal(kind, typed) == spelled


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("phone", "no"), ("phone", ""), ("email", "no at"), ("email", "@b"), ("card", "12"), ("id_card", ""), ("ip", "1")],
)
def test_what_cannot_be_of_a_kind_is_refused(kind, typed):
    with pytest.raises(NotAnIdentifier):
        normal(kind, typed)


def test_mail_plugins_share_one_space_and_sms_shares_the_telephone():
    assert space_of("email_maildir") == space_of("email") == "email"
    assert address_hash("sms", "13800138000") == address_hash("voice", "+86 13800138000")
    assert address_hash("sms", "13800138000") == value_hash("phone", "138 0013 8000")
    assert address_hash("wechat", "abc") != address_hash("weibo", "abc")


def test_broken_sender_is_kept():
    assert normal_address("email", " Not An Address ") == "not an address"


@given(st.text(max_size=80))
def test_any_sender_can_be_hashed(text):
    assert len(address_hash("email", text)) == 64
    assert len(address_hash("phone", text)) == 64


def test_names_without_case_and_blanks():
    assert name_hash("欧阳 娜娜") == name_hash("欧阳娜娜")
    assert name_hash("阿卜杜拉·艾山") == name_hash("阿卜杜拉•艾山")
    assert name_hash("Lin Wan") == name_hash("LIN WAN") != name_hash("Lin Wang")
    assert name_hash(" · ") == ""
