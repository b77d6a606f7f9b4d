"""Large mails: time and memory stay in proportion."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

from .helpers import codes, message, multipart, part

ROOT = Path(__file__).resolve().parents[3]


def large(megabytes: int) -> bytes:
    content = base64.encodebytes(os.urandom(1024) * 768 * megabytes)
    return multipart(
        "mixed", part("see file"), part(content, "application/pdf; name=a.pdf", Content_Transfer_Encoding="base64")
    )


def test_25_mb_are_read_in_a_moment():
    raw = large(25)
    assert len(raw) > 25_000_000
    started = time.process_time()
    found = message(raw)
    assert time.process_time() - started < 3
    assert len(found.attachments[0].content) == 1024 * 768 * 25


MEASURE = """
import os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings.test"
import django; django.setup()
from tests.plugins.email.helpers import message
from tests.plugins.email.test_large import large
message(large(1)); raw = large(25)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
message(raw)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_25_mb_take_bounded_memory():
    answer = subprocess.run([sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(answer.stdout.split()[-1]) < 100


def test_files_beyond_the_limits_stay_in_the_original():
    many = multipart("mixed", part("x"), *(part(b"f", f"application/pdf; name={n}.pdf") for n in range(150)))
    found = message(many)
    assert len(found.attachments) == 100
    assert "too_many_attachments" in codes(found)


def test_a_very_long_text_is_cut_and_attached():
    found = message(multipart("mixed", part("长" * 500_000)))
    assert len(found.text) <= 400_000
    assert [file.name for file in found.attachments] == ["body.txt"]
    assert "body_shortened" in codes(found)
