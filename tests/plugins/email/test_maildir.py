"""The embedded mail: files in, files out, each exactly once."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from console.plugin_api.channels import HealthState, SendOutcome
from console.plugin_api.errors import ConfigurationError
from plugins.email.channel import EmailConnector
from plugins.email.transports import maildir_out
from plugins.email.transports.listening import listen_maildir

from .helpers import connector, mail, message, outbound


def drop(folder: Path, name: str, raw: bytes, age: float = 5) -> Path:
    path = folder / "in" / "new" / name
    path.write_bytes(raw)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_a_file_in_new_is_a_mail_received(maildir: EmailConnector, tmp_path: Path):
    drop(tmp_path, "1.eml", mail("你好"))
    batch = maildir.poll("")
    assert maildir.parse(batch.envelopes[0])[0].text == "你好"
    assert [one.provider_ref for one in batch.envelopes] == ["1.eml"]
    assert len(maildir.poll("").envelopes) == 1
    maildir.acknowledge(batch.acknowledge)
    maildir.acknowledge(batch.acknowledge)
    assert maildir.poll("").envelopes == ()
    assert os.listdir(tmp_path / "in" / "cur") == ["1.eml:2,S"]


def test_oldest_first_and_bounded(maildir: EmailConnector, tmp_path: Path):
    for number in range(120):
        drop(tmp_path, f"{number}.eml", mail("x"), age=1000 - number)
    batch = maildir.poll("")
    assert batch.more
    assert [one.provider_ref for one in batch.envelopes[:2]] == ["0.eml", "1.eml"]
    assert len(batch.envelopes) == 100


def test_links_and_hidden_files_are_left_alone(maildir: EmailConnector, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"From: x@y.z\n\nsecret")
    (tmp_path / "in" / "new" / "link").symlink_to(tmp_path / "secret")
    drop(tmp_path, ".hidden", mail("x"))
    (tmp_path / "in" / "new" / "folder").mkdir()
    assert maildir.poll("").envelopes == ()


def test_a_file_still_growing_waits(maildir: EmailConnector, tmp_path: Path):
    path = tmp_path / "in" / "new" / "slow"
    path.write_bytes(b"From: a@b.test\n")

    def grow():
        time.sleep(0.1)
        with path.open("ab") as file:
            file.write(b"\nrest of the mail")

    thread = threading.Thread(target=grow)
    thread.start()
    first = maildir.poll("")
    thread.join()
    time.sleep(0.35)
    assert first.envelopes == ()
    assert b"rest of the mail" in maildir.poll("").envelopes[0].raw


def test_an_unreadable_file_does_not_stop_the_others(maildir: EmailConnector, tmp_path: Path, monkeypatch):
    bad, good = drop(tmp_path, "bad", mail("x"), 9), drop(tmp_path, "good", mail("y"))
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *args, **more: _fail(path, bad) or real(path, *args, **more))
    batch = maildir.poll("")
    assert [one.provider_ref for one in batch.envelopes] == [good.name]
    assert batch.notices[0].kind == "unreadable"


def _fail(path: object, bad: Path) -> None:
    if path == bad:
        raise PermissionError(13, "no")


def test_too_large_a_file_comes_as_its_header(tmp_path: Path):
    small = connector(maildir_in=str(tmp_path / "in"), maildir_out=str(tmp_path / "out"), max_mail_mb=1)
    small.test_connection()
    drop(tmp_path, "big", mail(b"x" * 2_000_000, Subject="big"))
    batch = small.poll("")
    found = small.parse(batch.envelopes[0])[0]
    assert (found.subject, len(batch.envelopes[0].raw) < 1000) == ("big", True)
    assert "2 MB" in found.text
    small.acknowledge(batch.acknowledge)
    assert os.listdir(tmp_path / "in" / "cur") == ["big:2,FS"]


def test_the_same_key_is_one_file(maildir: EmailConnector, tmp_path: Path):
    results = [maildir.send(outbound("k1"), "k1") for _ in range(3)]
    assert {one.outcome for one in results} == {SendOutcome.ACCEPTED}
    assert {one.provider_message_id for one in results} == {"hy.k1@bank.test"}
    written = list((tmp_path / "out" / "new").iterdir())
    assert len(written) == 1
    assert message(written[0].read_bytes()).text == "已收到。"
    assert maildir.capabilities_for_account().idempotent_send


def test_a_mail_somebody_took_is_not_written_again(maildir: EmailConnector, tmp_path: Path):
    maildir.send(outbound("k1"), "k1")
    [path.unlink() for path in (tmp_path / "out" / "new").iterdir()]
    maildir.send(outbound("k1"), "k1")
    assert list((tmp_path / "out" / "new").iterdir()) == []


def test_killed_between_mark_and_mail(maildir: EmailConnector, tmp_path: Path, monkeypatch):
    """The mark is there, the mail is not: the second attempt writes it."""
    monkeypatch.setattr(maildir_out, "_write", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        maildir.send(outbound("k1"), "k1")
    monkeypatch.undo()
    assert maildir.lookup("k1").outcome is SendOutcome.RETRY_LATER
    maildir.send(outbound("k1"), "k1")
    assert len(list((tmp_path / "out" / "new").iterdir())) == 1
    assert maildir.lookup("k1").outcome is SendOutcome.ACCEPTED


def test_killed_after_the_mail_before_done(maildir: EmailConnector, tmp_path: Path):
    maildir.send(outbound("k1"), "k1")
    mark = next(path for path in (tmp_path / "out" / ".huiyin-keys").rglob("*") if path.is_file())
    mark.write_bytes(b"")
    taken = next((tmp_path / "out" / "new").iterdir())
    taken.rename(tmp_path / "out" / "cur" / f"{taken.name}:2,S")
    maildir.send(outbound("k1"), "k1")
    assert list((tmp_path / "out" / "new").iterdir()) == []


def test_many_workers_one_file(maildir: EmailConnector, tmp_path: Path):
    threads = [threading.Thread(target=maildir.send, args=(outbound("k1"), "k1")) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(list((tmp_path / "out" / "new").iterdir())) == 1
    assert list((tmp_path / "out" / "tmp").iterdir()) == []


def test_a_folder_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    broken = connector(maildir_in=str(tmp_path / "file" / "in"), maildir_out=str(tmp_path / "out"))
    health = broken.test_connection()
    assert (health.state, health.field) == (HealthState.DOWN, "maildir_in")
    with pytest.raises(ConfigurationError):
        broken.poll("")


def test_listening_rings_when_a_file_comes(maildir: EmailConnector, tmp_path: Path):
    rings = []
    thread = threading.Thread(
        target=listen_maildir, args=(tmp_path / "in", lambda: rings.append(1)), kwargs={"longest": 2.5}
    )
    thread.start()
    time.sleep(0.8)
    before = len(rings)
    drop(tmp_path, "x", mail("x"))
    thread.join()
    assert (before, len(rings)) == (1, 2)


def test_diagnostics_tell_no_secrets(maildir: EmailConnector):
    told = str(maildir.diagnostics())
    assert "maildir" in told
    assert "bank.test" not in told
