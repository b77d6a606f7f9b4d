"""Signatures and sealing, against three implementations nobody here wrote (wechatpy, @wecom/crypto, wechat-crypto)."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from console.plugin_api.errors import PermanentFailure
from plugins.wechat import crypto, xml

from .accounts import APPID, KEY

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
SEALED = [(one["xml"], sealed) for one in VECTORS["vectors"] for sealed in one["sealed"]]
SAFE = crypto.Safe.of(KEY, APPID)


def test_all_three_are_there():
    assert {sealed["by"] for _, sealed in SEALED} == {"wechatpy", "@wecom/crypto", "wechat-crypto"}


@pytest.mark.parametrize(("plain", "sealed"), SEALED)
def test_what_others_sealed_is_opened_and_signed_alike(plain, sealed):
    assert SAFE.open(sealed["encrypt"]).decode() == plain
    parts = (VECTORS["token"], VECTORS["timestamp"], VECTORS["nonce"], sealed["encrypt"])
    assert crypto.signature(*parts) == sealed["signature"]


def test_the_same_random_bytes_give_the_very_text_another_sealed():
    for plain, sealed in SEALED:
        if sealed["by"] == "@wecom/crypto":
            assert SAFE.seal(plain.encode(), b"0123456789abcdef") == sealed["encrypt"]


@given(st.text(max_size=300).filter(lambda text: "\x00" not in text))
def test_what_we_seal_another_opens(text):
    other = PrpCrypto(base64.b64decode(f"{KEY}="))
    raw = text.encode("utf-8", "replace")
    opened = other.decrypt(SAFE.seal(raw), APPID)
    assert (opened.encode() if isinstance(opened, str) else opened) == raw
    assert SAFE.open(SAFE.seal(raw)) == raw


@given(st.binary(max_size=200))
def test_rubbish_is_not_ours(raw):
    for text in (raw.decode("latin-1"), base64.b64encode(raw).decode()):
        with pytest.raises(crypto.NotOurs):
            SAFE.open(text)


def test_another_appid_and_another_key_are_refused():
    sealed = SAFE.seal(b"<xml/>")
    with pytest.raises(crypto.NotOurs, match="wrong_appid"):
        crypto.Safe.of(KEY, "wx0000000000000000").open(sealed)
    with pytest.raises(crypto.NotOurs):
        crypto.Safe.of(KEY[::-1], APPID).open(sealed)
    with pytest.raises(crypto.NotOurs, match="bad_key"):
        crypto.Safe.of(KEY[:40], APPID)


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><A>1</A></xml>',
        b"<xml>" + b"<a>" * 50 + b"1" + b"</a>" * 50 + b"</xml>",
        b"<xml>" + b"<a>1</a>" * 500 + b"</xml>",
        b"<xml><A>" + b"x" * 300_000 + b"</A></xml>",
        b"<xml><?php echo 1 ?><A>1</A></xml>",
        b"<xml></xml>",
        b"not xml",
    ],
)
def test_dangerous_xml_is_refused(raw):
    with pytest.raises(PermanentFailure):
        xml.read(raw)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn"))))
def test_text_survives_the_wire(text):
    assert xml.read(f"<xml><A>{xml.cdata(text)}</A><B>1</B></xml>".encode())["A"] == text
