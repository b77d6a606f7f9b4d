"""Attachments: known by their first bytes, encrypted, scanned, offered to who may see the message."""

import socket
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.channels import tasks, vault
from console.channels.models import Attachment, AttachmentRule
from console.channels.services import attachments, parse_pending, scanning, send_pending
from console.channels.services.attachments import NotOffered, open_attachment, safe_name, sniff
from console.channels.services.intake import accept
from console.events.models import Alarm, Event
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import message_in, queued
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db
PDF = "%PDF-1.4 contract"
EXE = "MZ" + "\0" * 300


@given(st.binary(max_size=3 * vault.CHUNK // 100))
def test_the_vault_gives_back_what_it_got(tmp_path_factory, content):
    from django.test import override_settings

    with override_settings(VAULT_ROOT=tmp_path_factory.mktemp("v")):
        assert vault.read_all(vault.write(content)) == content


def test_a_file_of_many_chunks_is_a_stream(settings):
    pieces = [bytes([number]) * 100_000 for number in range(9)]
    name = vault.write(iter(pieces))
    read = list(vault.read(name))
    assert b"".join(read) == b"".join(pieces)
    assert max(len(part) for part in read) <= vault.CHUNK


def test_a_cut_or_swapped_file_is_noticed():
    name = vault.write(b"a" * (2 * vault.CHUNK + 5))
    path = vault.root() / name
    whole = path.read_bytes()
    first = 4 + int.from_bytes(whole[:4], "big")
    for damaged in (whole[:first], whole[first : 2 * first] + whole[:first] + whole[2 * first :], whole[:-1]):
        path.write_bytes(damaged)
        with pytest.raises(vault.VaultError):
            vault.read_all(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd"])
def test_no_name_leads_out_of_the_vault(name):
    with pytest.raises(vault.VaultError):
        vault.read_all(name)


def test_a_mail_brings_a_file_that_lies_encrypted(account):
    message = message_in(account, "m1", files=[["合同.pdf", "application/pdf", PDF]])
    file = message.attachments.get()
    assert (file.name, file.content_type, file.state, file.size) == ("合同.pdf", "application/pdf", "unscanned", 17)
    assert b"PDF" not in (vault.root() / file.stored_as).read_bytes()
    assert vault.read_all(file.stored_as) == PDF.encode()


def test_programs_are_listed_and_not_kept_whatever_they_call_themselves(account):
    message = message_in(account, "m1", files=[["photo.jpg", "image/jpeg", EXE], ["x.exe", "image/png", "abc"]])
    assert set(message.attachments.values_list("state", "stored_as")) == {("blocked", "")}


def test_limits_are_rows(account):
    AttachmentRule.objects.create(max_bytes=10)
    AttachmentRule.objects.create(account=account, max_bytes=1000, blocked_types=["application/pdf"])
    message = message_in(account, "m1", files=[["a.pdf", "", PDF], ["b.txt", "text/plain", "x" * 500]])
    assert list(message.attachments.order_by("name").values_list("state", flat=True)) == ["blocked", "unscanned"]


@pytest.mark.parametrize(
    ("content", "declared", "kind"),
    [
        (b"%PDF-1.7", "text/plain", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 300, "application/pdf", "image/png"),
        (b"<html><script>", "image/png", "text/html"),
        (b"plain words", "text/plain; charset=gbk", "text/plain"),
        (b"???", "image/png", "application/octet-stream"),
    ],
)
def test_the_bytes_say_what_a_file_is(content, declared, kind):
    assert sniff(content, declared, "name") == kind


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\temp\\报告.docx", "报告.docx"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("a" * 300 + ".pdf", "a" * 188 + ".pdf"),
    ],
)
def test_names_are_harmless(given_name, kept):
    assert safe_name(given_name) == kept


def test_a_look_at_a_file_needs_the_right_and_is_on_the_record(account):
    file = message_in(account, "m1", files=[["a.pdf", "", PDF]]).attachments.get()
    with pytest.raises(NotOffered):
        open_attachment(file, make_user())
    officer = make_user("complaint_officer")
    assert b"".join(open_attachment(file, officer)) == PDF.encode()
    assert Event.objects.get(type="attachment.opened").data["attachment_id"] == file.pk


class Clamd(threading.Thread):
    """A scanner on a local socket that finds one word."""

    def __init__(self, path) -> None:
        super().__init__(daemon=True)
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.door.bind(str(path))
        self.door.listen()

    def run(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            with line, suppress(OSError):
                line.sendall(self.judge(line.makefile("rb")))

    def judge(self, said) -> bytes:
        assert said.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(said.read(4), "big"):
            content += said.read(size)
            if b"TOOBIG" in content:
                return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Eicar FOUND\0" if b"EICAR" in content else b"stream: OK\0"


@pytest.fixture
def clamd(tmp_path, settings):
    settings.HUIYIN_SCAN_CLAMD = str(tmp_path / "clamd")
    scanner = Clamd(settings.HUIYIN_SCAN_CLAMD)
    scanner.start()
    yield scanner
    scanner.door.close()


def test_files_wait_for_the_scanner_and_infected_ones_stay_shut(account, clamd):
    message = message_in(account, "m1", files=[["a.txt", "text/plain", "fine"], ["b.txt", "text/plain", "EICAR!"]])
    assert set(message.attachments.values_list("state", flat=True)) == {"pending"}
    assert scanning.scan_pending() == 2
    good, bad = message.attachments.order_by("name")
    assert (good.state, bad.state, bad.detail) == ("clean", "infected", "Eicar")
    assert not bad.offered
    assert Alarm.objects.open().filter(code="channels.infected").exists()


def test_a_scanner_that_is_away_is_an_alarm_and_the_file_waits(account, settings, tmp_path):
    settings.HUIYIN_SCAN_CLAMD = str(tmp_path / "nobody")
    file = message_in(account, "m1", files=[["a.txt", "text/plain", "fine"]]).attachments.get()
    scanning.scan_pending()
    file.refresh_from_db()
    assert file.state == "pending"
    assert Alarm.objects.open().filter(code="channels.scanner").exists()


def test_where_a_scan_is_required_nothing_unscanned_is_offered(account, settings):
    settings.HUIYIN_SCAN_REQUIRED = True
    file = message_in(account, "m1", files=[["a.txt", "text/plain", "fine"]]).attachments.get()
    scanning.scan_pending()
    file.refresh_from_db()
    assert (file.state, file.offered) == ("pending", False)
    assert Alarm.objects.open().filter(code="channels.scanner").exists()


def test_a_file_the_scanner_cannot_judge_is_blocked_and_stops_nobody(account, clamd):
    files = [["big.bin", "text/plain", "TOOBIG" * 50_000], ["a.txt", "text/plain", "fine"]]
    message = message_in(account, "m1", files=files)
    for _ in range(scanning.MOST_JUDGEMENTS):
        message.attachments.update(scan_after="2020-01-01T00:00Z")
        scanning.scan_pending()
    assert dict(message.attachments.values_list("name", "state")) == {"big.bin": "blocked", "a.txt": "clean"}
    assert "size limit" in message.attachments.get(name="big.bin").detail
    assert not Alarm.objects.open().filter(code="channels.scanner").exists()


def test_a_file_that_is_gone_from_the_disk_is_blocked(account, clamd):
    file = message_in(account, "m1", files=[["a.txt", "text/plain", "fine"]]).attachments.get()
    vault.delete(file.stored_as)
    scanning.scan_pending()
    file.refresh_from_db()
    assert (file.state, file.offered) == ("blocked", False)


@pytest.mark.parametrize("name", ["invoice.exe", "invoice.EXE.", "invoice.pdf.scr ", "a\u202efdp.exe", "x.js\u200b"])
def test_a_program_is_known_by_its_name_however_it_is_dressed(account, name):
    message = message_in(account, "m1", files=[[name, "application/pdf", "MZ"]])
    assert message.attachments.get().state == "blocked"


@pytest.mark.parametrize(
    ("command", "state"), [("true", "clean"), ("false", "infected"), ("sh -c 'exit 9'", "pending")]
)
def test_a_command_scans_too(account, settings, command, state):
    settings.HUIYIN_SCAN_COMMAND = command
    file = message_in(account, "m1", files=[["a.txt", "text/plain", "fine"]]).attachments.get()
    scanning.scan_pending()
    file.refresh_from_db()
    assert file.state == state


def test_a_message_goes_out_with_its_file_after_the_scan(account, line, clamd):
    letter = attachments.upload(account, "回函.txt", b"letter", make_user("agent"))
    delivery = queued(account, attachments=())
    attachments.attach_to(delivery.message, [letter])
    send_pending()
    assert line.sent == []
    scanning.scan_pending()
    type(delivery).objects.update(next_attempt_at="2026-01-01T00:00:00Z")
    send_pending()
    assert [(one.name, one.content) for one in line.sent[0].attachments] == [("回函.txt", b"letter")]


def test_files_nobody_names_are_swept(account):
    message_in(account, "m1", files=[["a.txt", "text/plain", "fine"]])
    stray = vault.write(b"left by a killed worker")
    assert tasks.sweep_vault(older_than=-1) == 1
    assert not (vault.root() / stray).exists()
    assert vault.read_all(Attachment.objects.get().stored_as) == b"fine"


def test_a_duplicate_leaves_no_second_file(account):
    for _ in range(2):
        accept(account, body("m1", files=[["a.txt", "text/plain", "fine"]]))
        parse_pending()
    accept(account, body("m2", files=[["a.txt", "text/plain", "fine"]]))
    accept(account, body("m2", files=[["a.txt", "text/plain", "fine"]]))
    parse_pending()
    assert len(list(vault.names(-1))) == Attachment.objects.count() == 2
