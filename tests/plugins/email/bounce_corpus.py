"""Bounces as real servers write them: every server's form with every reason it gives, made in code."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MID = "hy.k77@bank.test"
RCPT = "wang.fang@customer.test"


class Sample(NamedTuple):
    """One bounce, and what must be read from it."""

    name: str
    raw: bytes
    recipient: str
    kind: str
    names_mail: bool


TABLE = tomllib.loads(Path(__file__).with_name("bounce_forms.toml").read_text("utf-8"))
REASONS: dict[str, list[str]] = TABLE["reasons"]
FORMS: dict[str, str] = {name: form["raw"] for name, form in TABLE["forms"].items()}
RETURNED = """From: Bank <service@bank.test>
To: {rcpt}
Subject: =?utf-8?B?5oKo55qE5p2l5L+h?=
Message-ID: <{mid}>
Date: Sun, 22 Nov 2026 15:00:00 +0800
"""


def status_of(reason: str) -> str:
    found = re.search(r"\b[45]\.\d{1,2}\.\d{1,3}\b", reason)
    return found[0] if found else "5.0.0"


def corpus() -> Iterator[Sample]:
    """Every form with every reason."""
    for form, template in FORMS.items():
        for kind, reasons in REASONS.items():
            for number, reason in enumerate(reasons):
                yield Sample(
                    f"{form}, {kind} {number}",
                    fill(template, reason),
                    RCPT,
                    kind,
                    "{mid}" in template or "{returned}" in template,
                )


def fill(template: str, reason: str) -> bytes:
    """A template with its blanks filled."""
    reason = reason.replace("{rcpt}", RCPT)
    html = reason.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    values = {
        "returned": RETURNED,
        "reason": reason,
        "htmlreason": html,
        "status": status_of(reason),
        "mid": MID,
        "rcpt": RCPT,
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template.replace("\n", "\r\n").encode()


def in_base64(raw: bytes) -> bytes:
    """The same single-part mail with its text in base64, as QQ sends it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(body)
