import pytest

from console.customers.masks import mask, mask_name


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613800138000", "138****8000"),
        ("phone", "+442079460958", "+442 ****0958"),
        ("email", "lin.wan@example.com", "l***@example.com"),
        ("id_card", "11010519491231002X", "1******2X"),
        ("card", "6222021234567890123", "****0123"),
        ("customer_no", "C12", "****2"),
        ("unheard", "abcdef", "****ef"),
    ],
)
def test_mask(kind, value, shown):
    assert mask(kind, value) == shown


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("person", "林晚", "林*"),
        ("person", "欧阳娜娜", "欧***"),
        ("person", "Lin Wan", "L** W**"),
        ("person", "", ""),
        ("firm", "天津回声贸易有限公司", "天津***公司"),
        ("firm", "回声", "回声"),
    ],
)
def test_mask_name(kind, name, shown):
    assert mask_name(kind, name) == shown
