"""Servers that answer 4xx, 5xx or vanish: what became of the mail must be said honestly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from console.plugin_api.channels import SendOutcome
from console.plugin_api.errors import RetryLater
from tests.counterparts.daemons import free_port

from .helpers import connector, outbound


class Moody:
    """Answers as the test wishes; keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt: dict[str, str] = {}
        self.data = "250 2.0.0 taken"
        self.mail = ""

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer == "vanish":
            server.transport.abort()
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        if self.data == "vanish":
            server.transport.abort()
        return self.data


@pytest.fixture
def moody() -> Iterator[Moody]:
    handler = Moody()
    handler.port = free_port()
    controller = Controller(
        handler, hostname="127.0.0.1", port=handler.port, enable_SMTPUTF8=False, data_size_limit=100_000
    )
    controller.start()
    yield handler
    controller.stop()


def send(moody: Moody, **more):
    config = {"transport": "imap_smtp", "smtp_host": "127.0.0.1", "smtp_port": moody.port, "smtp_security": "none"}
    message = outbound(**more)
    return connector(**config).send(message, message.key)


def test_taken(moody):
    result = send(moody)
    assert result.outcome is SendOutcome.ACCEPTED
    assert result.provider_message_id == "hy.k1@bank.test"
    assert moody.taken[0].mail_from == "service@bank.test"
    assert moody.taken[0].rcpt_tos == ["customer@bank.test"]


def test_an_automatic_answer_has_no_return_address(moody):
    send(moody, meta={"automatic": "auto-replied"})
    assert moody.taken[0].mail_from in ("", "<>", None)


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        ("451 4.7.1 greylisted", SendOutcome.RETRY_LATER, "451"),
        ("550 5.1.1 no such user", SendOutcome.REJECTED, "550"),
        ("421 4.3.2 closing", SendOutcome.RETRY_LATER, "421"),
    ],
)
def test_a_refused_recipient(moody, answer, outcome, code):
    moody.rcpt["customer@bank.test"] = answer
    result = send(moody)
    assert (result.outcome, result.code) == (outcome, code)
    assert moody.taken == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("452 4.3.1 disk full", SendOutcome.RETRY_LATER), ("554 5.7.1 spam", SendOutcome.REJECTED)],
)
def test_refused_after_the_last_dot(moody, answer, outcome):
    moody.data = answer
    assert send(moody).outcome is outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("450 4.1.8 try later", SendOutcome.RETRY_LATER), ("553 5.1.8 sender not allowed", SendOutcome.REJECTED)],
)
def test_a_refused_sender(moody, answer, outcome):
    moody.mail = answer
    assert send(moody).outcome is outcome


def test_vanished_after_data_is_unknown(moody):
    moody.data = "vanish"
    result = send(moody)
    assert (result.outcome, result.code) == (SendOutcome.UNKNOWN, "connection_lost_after_data")
    assert len(moody.taken) == 1


def test_vanished_before_data_is_certainly_not_taken(moody):
    moody.rcpt["customer@bank.test"] = "vanish"
    assert send(moody).outcome is SendOutcome.RETRY_LATER


def test_one_of_two_recipients_is_refused(moody):
    from console.plugin_api.channels import Address, Participant, ParticipantRole

    people = (
        Participant(ParticipantRole.TO, Address("a@x.test")),
        Participant(ParticipantRole.BCC, Address("b@x.test")),
    )
    moody.rcpt["b@x.test"] = "550 5.1.1 unknown"
    result = send(moody, recipients=people)
    assert result.outcome is SendOutcome.ACCEPTED
    assert {one.address: one.outcome for one in result.recipients} == {
        "a@x.test": SendOutcome.ACCEPTED,
        "b@x.test": SendOutcome.REJECTED,
    }
    assert b"b@x.test" not in moody.taken[0].content


def test_too_large_for_the_server_is_said_before_it_is_sent(moody):
    result = send(moody, text="x" * 200_000)
    assert (result.outcome, result.code) == (SendOutcome.REJECTED, "too_large")
    assert moody.taken == []


def test_an_address_the_server_cannot_write(moody):
    result = send(moody, to="张三@bank.test")
    assert (result.outcome, result.code) == (SendOutcome.REJECTED, "smtputf8_unsupported")


def test_lines_that_begin_with_a_dot_arrive_whole(moody):
    send(moody, text="one\n.\n..two\n.three")
    assert b"one\r\n.\r\n..two\r\n.three" in moody.taken[0].content


def test_nobody_listens(moody):
    moody.port = free_port()
    with pytest.raises(RetryLater):
        send(moody)


def test_a_server_that_never_answers_is_left(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        quiet = type("Quiet", (), {"port": mute.getsockname()[1]})
        monkeypatch.setattr("plugins.email.channel.DEFAULT_TIMEOUT", 3.0)
        with pytest.raises(RetryLater):
            send(quiet)


def test_silence_after_the_last_dot_is_unknown(monkeypatch):
    monkeypatch.setattr("plugins.email.channel.DEFAULT_TIMEOUT", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_take_and_fall_silent, args=(server,), daemon=True)
        thread.start()
        result = send(type("Silent", (), {"port": server.getsockname()[1]}))
    assert result.outcome is SendOutcome.UNKNOWN


def _take_and_fall_silent(server: socket.socket) -> None:
    line, _ = server.accept()
    with line, line.makefile("rb") as read:
        line.sendall(b"220 hello\r\n")
        for answer in (b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            read.readline()
            line.sendall(answer)
        while read.readline() not in (b".\r\n", b""):
            pass
        read.readline()
