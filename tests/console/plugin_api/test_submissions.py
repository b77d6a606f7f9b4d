"""The host's own format for forms: what goes in comes out, and anything else is refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_api.errors import PermanentFailure
from console.plugin_api.messages import InboundAttachment
from console.plugin_api.submissions import MAGIC, Answer, Submission, pack, unpack

WORDS = st.text(max_size=60)
FILES = st.builds(InboundAttachment, name=WORDS, content_type=WORDS, content=st.binary(max_size=200))
VALUES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | WORDS | st.lists(WORDS, max_size=3)
ANSWERS = st.builds(Answer, code=WORDS, label=WORDS, shown=WORDS, value=VALUES)
FORMS = st.builds(
    Submission,
    form=WORDS,
    text=WORDS,
    name=WORDS,
    email=WORDS,
    subject=WORDS,
    thread=WORDS,
    answers=st.lists(ANSWERS, max_size=3).map(tuple),
    files=st.lists(FILES, max_size=3).map(tuple),
)


@given(FORMS)
def test_what_goes_in_comes_out(form):
    assert unpack(pack(form)) == form


@given(FORMS, st.data())
def test_a_cut_or_changed_form_is_refused_or_says_something_else_whole(form, data):
    raw = pack(form)
    at = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(PermanentFailure):
        unpack(raw[:at])
    with pytest.raises(PermanentFailure):
        unpack(raw + b"x")


def code_of(raw):
    """The code a body is refused with; empty when it is read."""
    try:
        unpack(raw)
    except PermanentFailure as error:
        return error.code
    return ""


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused_by_name(noise, magic):
    assert code_of(MAGIC * magic + noise) in ("", "not_a_form", "malformed_form")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["files", "answers", "form", "text", "size", "code"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_first_line_is_read_or_refused_by_name(head):
    assert code_of(MAGIC + json.dumps(head).encode() + b"\n") in ("", "malformed_form")
