"""Signatures against requests recorded from the providers' official SDKs, byte for byte."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from plugins.sms.aliyun import signing as acs3
from plugins.sms.tencent import signing as tc3

# alibabacloud_dysmsapi20170525 4.6.0 and tencentcloud-sdk-python-sms 3.1.153, caught on loopback.
RECORDED = json.loads((Path(__file__).parent / "sdk_requests.json").read_text("utf-8"))
ALIYUN = [one for one in RECORDED if "x-acs-action" in one["headers"]]
TENCENT = [one for one in RECORDED if "x-tc-action" in one["headers"]]


@pytest.mark.parametrize("request_", ALIYUN, ids=lambda one: one["headers"]["x-acs-action"])
def test_acs3_is_what_the_sdk_sends(request_):
    given = request_["headers"]["authorization"]
    names = re.search("SignedHeaders=([^,]+)", given)[1].split(";")
    headers = {name: request_["headers"][name] for name in names}
    query = dict(parse_qsl(urlsplit(request_["path"]).query))
    assert acs3.authorization("testid", "testsecret", query, headers) == given
    assert acs3.authorization("testid", "testsecres", query, headers) != given


def test_tc3_is_what_the_sdk_sends():
    (one,) = TENCENT
    facts = {
        "host": one["headers"]["host"],
        "body": one["body"].encode(),
        "at": int(one["headers"]["x-tc-timestamp"]),
        "content_type": one["headers"]["content-type"],
    }
    assert tc3.authorization("testid", "testkey", **facts) == one["headers"]["authorization"]
    assert tc3.authorization("testid", "testkey", **{**facts, "body": b"{}"}) != one["headers"]["authorization"]


def test_the_day_of_a_tencent_key_is_the_one_of_greenwich():
    late = int(datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC).timestamp())
    facts = {"host": "h", "body": b"", "content_type": "application/json"}
    assert "/2026-11-24/" in tc3.authorization("i", "k", at=late, **facts)
    assert "/2026-11-25/" in tc3.authorization("i", "k", at=late + 1, **facts)
