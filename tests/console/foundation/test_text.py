import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.foundation.models import NumberBlock
from console.foundation.text import clean, normalise, squeeze


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once_and_encodes(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert "\0" not in cleaned
    cleaned.encode("utf-8")


def test_what_is_cleaned_and_what_stays():
    assert clean("a\0b\ud800c\x1bd\r\ne\rf\tg") == "abcd\ne\nf\tg"
    assert clean("您好，🏦 👨‍👩‍👧") == "您好，🏦 👨‍👩‍👧"


def test_comparing_and_squeezing():
    assert normalise("ＨＹ－２０２６ Ａｂｃ") == "hy-2026 abc"
    assert squeeze("  a \n\t b　c ") == "a b c"


@pytest.mark.django_db
@given(st.text(max_size=60))
def test_both_databases_take_what_was_cleaned(text):
    NumberBlock.objects.update_or_create(series="x", defaults={"series": "x"})
    NumberBlock.objects.filter(series=clean(text)[:60]).exists()
