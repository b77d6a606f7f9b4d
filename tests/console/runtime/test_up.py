"""`manage.py up` refuses to stand beside another: on its port, or on its home."""

import socket

import pytest
from django.core.management import CommandError

from console.runtime.management.commands.up import refuse_taken_port, take_lock


@pytest.mark.parametrize("option", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_stale_listener_is_named(monkeypatch, option):
    with socket.socket() as stale:
        stale.setsockopt(socket.SOL_SOCKET, option, 1)
        stale.bind(("127.0.0.1", 0))
        stale.listen()
        port = str(stale.getsockname()[1])
        monkeypatch.setenv("PORT", port)
        with pytest.raises(CommandError, match=port):
            refuse_taken_port()
    refuse_taken_port()


def test_a_home_has_one_supervisor(tmp_path):
    held = take_lock(tmp_path / "up.lock")
    assert held
    with pytest.raises(CommandError, match=str(tmp_path)):
        take_lock(tmp_path / "up.lock")
    assert (tmp_path / "up.lock").stat().st_mode & 0o777 == 0o600
