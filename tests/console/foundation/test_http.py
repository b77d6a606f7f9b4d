"""The guarded client against a real server on this machine."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.db import transaction

from console.foundation.http import AddressBlocked, ResponseTooLarge, guard, guarded_client
from console.foundation.transactions import InsideTransaction


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            time.sleep(0.6)
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/")
            self.end_headers()
            return
        body = {"/big": b"x" * 5000, "/bomb": gzip.compress(b"0" * 500_000)}.get(self.path, b"hello")
        self.send_response(200)
        if self.path == "/bomb":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture
def allowed(settings, port):
    settings.HUIYIN_HTTP_ALLOW = [f"127.0.0.1:{port}", f"localhost:{port}"]
    return f"http://localhost:{port}"


def test_inner_addresses_are_refused(port):
    with guarded_client() as client:
        for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"):
            with pytest.raises(AddressBlocked):
                client.get(f"http://{host}:{port}/")


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0",
     "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "0.0.0.0", "255.255.255.255"],
)  # fmt: skip
def test_what_is_not_the_open_internet(address):
    assert not guard.is_public(address)


def test_public_addresses_pass():
    assert guard.is_public("8.8.8.8")
    assert guard.is_public("2400:3200::1")


def test_one_inner_answer_blocks_the_whole_name(monkeypatch):
    answers = [(2, 1, 6, "", (ip, 80)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(guard.socket, "getaddrinfo", lambda *a, **k: answers)
    with pytest.raises(AddressBlocked):
        guard.resolve("two-faced.example", 80)


def test_the_judged_address_is_the_one_dialled(monkeypatch, allowed, port):
    asked = []
    real = guard.socket.getaddrinfo

    def once(host, *args, **kwargs):
        asked.append(host)
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(guard.socket, "getaddrinfo", once)
    with guarded_client() as client:
        assert client.get(allowed).text == "hello"
    assert asked[0] == "localhost"
    assert "localhost" not in asked[1:]


def test_the_operator_may_allow_networks(settings, port):
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.0/8"]
    with guarded_client() as client:
        assert client.get(f"http://127.0.0.1:{port}/").status_code == 200


def test_redirects_are_shown_not_followed(allowed):
    with guarded_client() as client:
        assert client.get(allowed + "/elsewhere").status_code == 302
        assert client.get(allowed + "/elsewhere", follow_redirects=True).status_code == 302


@pytest.mark.parametrize("path", ["/big", "/bomb"])
def test_size_is_capped_packed_or_not(allowed, path):
    with guarded_client(max_bytes=1000) as client, pytest.raises(ResponseTooLarge):
        client.get(allowed + path)


def test_streams_are_capped(allowed):
    with (
        guarded_client(max_bytes=1000) as client,
        client.stream("GET", allowed + "/big") as response,
        pytest.raises(ResponseTooLarge),
    ):
        response.read()


def test_slow_servers_time_out(allowed):
    with guarded_client(0.2) as client, pytest.raises(httpx.ReadTimeout):
        client.get(allowed + "/slow")


@pytest.mark.django_db(transaction=True)
def test_no_call_inside_a_transaction(allowed):
    with guarded_client() as client:
        with transaction.atomic(), pytest.raises(InsideTransaction):
            client.get(allowed)
        assert client.get(allowed).status_code == 200


def test_logs_name_the_host_and_never_the_path(allowed, caplog):
    caplog.set_level("INFO", "console.foundation.http.client")
    with guarded_client() as client:
        client.get(allowed + "/secret-token?phone=13812345678", headers={"Authorization": "Bearer s3cret"})
    shown = " ".join(str(record.__dict__) for record in caplog.records if record.name.startswith("console"))
    assert "localhost" in shown
    assert "secret" not in shown.lower().replace("console.foundation", "")
    assert "13812345678" not in shown


def test_unknown_names_are_plain_connection_errors():
    with guarded_client() as client, pytest.raises(httpx.ConnectError):
        client.get("http://no-such-host.invalid/")
