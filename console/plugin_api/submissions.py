"""A form a customer sent, as the host stores it: one line of JSON about everything typed, then the files one after
another. The host writes it with `pack`; a connector for forms reads it with `unpack`.

The format is the host's own and holds nothing a browser may shape: names, lengths and hashes stand in the first
line, so a cut or changed body is noticed and set aside instead of half understood.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .errors import PermanentFailure
from .messages import InboundAttachment

MAGIC = b"huiyin-form/1\n"
MAX_HEAD = 1_000_000
MAX_FILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One field of the form: its code, its label and value as the customer saw them, and the value to store."""

    code: str
    label: str = ""
    shown: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a customer sent by a form of ours.

    `form` is the same for every press of the button on one opened form. `thread` is our own signed token when the
    words belong to a matter that runs already. `proven_kind` and `proven_until` are set when the customer had proven
    the address by a one-time code. `suspicion` says why nobody may have typed this.
    """

    form: str
    text: str
    name: str = ""
    email: str = ""
    phone: str = ""
    subject: str = ""
    case_type: str = ""
    purpose: str = ""
    language: str = ""
    page: str = ""
    thread: str = ""
    proven_kind: str = ""
    proven_until: str = ""
    suspicion: str = ""
    answers: tuple[Answer, ...] = ()
    files: tuple[InboundAttachment, ...] = ()


def pack(submission: Submission) -> bytes:
    """The bytes of an envelope; `unpack` gives the same submission back."""
    head = {item.name: getattr(submission, item.name) for item in fields(submission) if item.name != "files"}
    head["answers"] = [asdict(answer) for answer in submission.answers]
    head["files"] = [
        {"name": file.name, "type": file.content_type, "size": len(file.content), "sha256": _hash(file.content)}
        for file in submission.files
    ]
    line = json.dumps(head, ensure_ascii=True, sort_keys=True).encode()
    return b"".join([MAGIC, line, b"\n", *(file.content for file in submission.files)])


def unpack(raw: bytes) -> Submission:
    """The submission in an envelope's bytes. Raises `PermanentFailure` for anything `pack` did not write."""
    end = raw.find(b"\n", len(MAGIC), len(MAGIC) + MAX_HEAD) if raw.startswith(MAGIC) else -1
    if end < 0:
        raise PermanentFailure("not_a_form", "The first line is missing.")
    try:
        head = json.loads(raw[len(MAGIC) : end])
        files, answers = _files(head.pop("files"), raw[end + 1 :]), head.pop("answers")
        return Submission(**_texts(head), answers=tuple(_answer(item) for item in answers), files=files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PermanentFailure("malformed_form", f"The form is not whole: {type(error).__name__}.") from error


def _files(listed: Any, body: bytes) -> tuple[InboundAttachment, ...]:
    if not isinstance(listed, list) or len(listed) > MAX_FILES:
        raise ValueError("files")
    found, at = [], 0
    for item in listed:
        size = item["size"]
        if type(size) is not int or size < 0:
            raise ValueError("size")
        content = body[at : at + size]
        at += size
        if len(content) != size or _hash(content) != item["sha256"]:
            raise ValueError("cut")
        entry = _texts({"name": item["name"], "content_type": item["type"]})
        found.append(InboundAttachment(content=content, **entry))
    if at != len(body):
        raise ValueError("longer than it says")
    return tuple(found)


def _answer(item: Mapping[str, Any]) -> Answer:
    return Answer(value=item["value"], **_texts({name: item[name] for name in ("code", "label", "shown")}))


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in values.values()):
        raise TypeError("text expected")
    return dict(values)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
