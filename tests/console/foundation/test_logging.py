"""Whatever is logged, no person is in it."""

import io
import json
import logging
import threading

import pytest
import structlog
from django.db import DatabaseError, OperationalError

from console.foundation import errors
from console.foundation import logging as ours

PERSONAL = ["13812345678", "4111111111111111", "11010519491231002X", "zhang.san@example.com", "hunter2"]


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ours.Formatter())
    logger = logging.getLogger("test.foundation.logging")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("DEBUG")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.handlers, logger.propagate = [], True


log = logging.getLogger("test.foundation.logging")


def test_a_line_is_json_with_ids(lines):
    log.info("case opened", extra={"case": 17, "ms": 1.5})
    (line,) = lines()
    assert (line["event"], line["case"], line["ms"], line["level"]) == ("case opened", 17, 1.5, "info")
    assert line["logger"] == "test.foundation.logging"
    assert line["timestamp"].endswith("Z")


def test_no_personal_value_gets_through(lines):
    person = {"phone": PERSONAL[0], "nested": [{"card": PERSONAL[1]}], "password": PERSONAL[4]}
    log.warning(
        "from %s %s", PERSONAL[2], PERSONAL[3], extra={"who": person, "api_token": PERSONAL[4], "note": PERSONAL[0]}
    )
    try:
        local = PERSONAL[4]
        raise DatabaseError(f"duplicate {PERSONAL[0]}\nDETAIL: Key (name)=({local})")
    except DatabaseError:
        log.exception("failed")
    shown = json.dumps(lines(), ensure_ascii=False)
    assert [value for value in PERSONAL if value in shown] == []
    assert lines()[-1]["exception"]["message"] == ""


def test_exceptions_keep_class_frames_and_cause(lines):
    try:
        try:
            raise KeyError("林晓")
        except KeyError as inner:
            raise ValueError(f"no customer {inner}") from inner
    except ValueError:
        log.exception("failed")
    told = lines()[0]["exception"]
    assert (told["class"], told["message"], told["cause"]) == ("builtins.ValueError", "", "builtins.KeyError")
    assert 'raise ValueError(f"no customer {inner}") from inner' in told["frames"][-1]


def test_systems_may_speak_people_may_not():
    full = OSError(28, "No space left on device", "/vault/林晓.pdf")
    assert errors.told(full) == "OSError: [Errno 28] No space left on device"
    assert errors.told(OperationalError('syntax error near "林晓"')) == "OperationalError: syntax error near …"
    assert errors.told(ModuleNotFoundError("No module named 'x'")) == "ModuleNotFoundError: No module named 'x'"
    assert errors.told(ValueError("invalid literal for int(): '林晓'")) == "ValueError"


def test_a_thread_that_fails_is_told_like_everything_else(lines, monkeypatch):
    monkeypatch.setattr(ours, "_log", log)
    monkeypatch.setattr(threading, "excepthook", ours._thread_ended)
    words = "林晓的信"

    def fails():
        raise ValueError(words)

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    (line,) = lines()
    assert line["exception"]["class"] == "builtins.ValueError"
    assert words not in json.dumps(line, ensure_ascii=False)


def test_the_query_of_an_address_is_left_out(lines):
    log.warning("Error handling request %s", "/my/?name=林晓&q=请退还年费")
    log.warning("Not Found: /console/")
    assert [line["event"] for line in lines()] == ["Error handling request /my/?…", "Not Found: /console/"]


def test_objects_are_named_not_shown(lines, rf):
    request = rf.get("/x?phone=13812345678")
    log.error("request", extra={"request": request, "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}}})
    (line,) = lines()
    assert line["request"] == "<WSGIRequest>"
    assert "<dict>" in json.dumps(line["deep"])


def test_structlog_and_bound_ids_go_the_same_way(lines):
    with ours.bound(correlation="c-1"):
        structlog.get_logger("test.foundation.logging").info("hello", phone=PERSONAL[0])
    (line,) = lines()
    assert (line["correlation"], line["event"]) == ("c-1", "hello")
    assert PERSONAL[0] not in json.dumps(line)


def test_ids_of_ours_stay_readable_whatever_digits_are_in_them(lines):
    log.info("x", extra={"correlation": "019a13812345678bcdef019a13812345", "other": "13812345678"})
    (line,) = lines()
    assert line["correlation"] == "019a13812345678bcdef019a13812345"
    assert line["other"] != "13812345678"


def test_long_values_are_cut(lines):
    log.info("x", extra={"text": "长" * 10_000, "many": list(range(1000))})
    (line,) = lines()
    assert len(line["text"]) == ours.MAX_TEXT
    assert len(line["many"]) == ours.MAX_ITEMS


def test_settings_send_no_error_mails_and_no_plain_lines(settings):
    configured = settings.LOGGING
    assert "mail_admins" not in json.dumps(configured)
    assert configured["formatters"]["lines"]["()"] == "console.foundation.logging.Formatter"
    assert configured["root"]["handlers"] == ["stderr"]
    assert logging.getLogger("django").handlers == []
