"""The connector against a strict server on loopback: tokens, windows, files, and every code."""

import threading
from contextlib import contextmanager

import pytest

from console.plugin_api.channels import Address, HealthState, OutboundMessage, Participant, ParticipantRole
from console.plugin_api.context import AccountView, Secrets
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, PermanentFailure, RetryLater
from console.plugin_api.testing import FakeContext
from console.plugin_host.http import PluginHttp
from plugins.wechat.codes import class_of, table
from plugins.wechat.connector import WechatConnector
from tests.counterparts.wechat import wechat_at_work

from . import accounts
from .accounts import OPENID


class Waiting(FakeContext):
    """A context whose lock waits, as the real one does between processes."""

    def __init__(self, **more):
        super().__init__(**more)
        self.real = threading.Lock()

    @contextmanager
    def lock(self, name, *, seconds=30, wait=5):
        if not self.real.acquire(timeout=max(wait, 0.001)):
            raise RetryLater(seconds)
        try:
            yield
        finally:
            self.real.release()


@pytest.fixture
def server(settings):
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    with wechat_at_work() as here:
        yield here


@pytest.fixture
def ctx():
    return Waiting(http=PluginHttp(lambda: 20.0))


def connector(server, ctx, **secrets):
    config = {**accounts.CONFIG, "endpoint": server.url}
    return WechatConnector(
        AccountView(ref="test", config=config, secrets=Secrets({**accounts.SECRETS, **secrets})), ctx
    )


def message(text="您好，已受理 😀", to=OPENID):
    return OutboundMessage(key="k", recipients=(Participant(ParticipantRole.TO, Address(to)),), text=text)


def at_once(ask, workers=10):
    """What each of so many threads got."""
    found = []
    threads = [threading.Thread(target=lambda: found.append(ask())) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_an_answer_goes_out_in_clear_letters(server, ctx):
    server.acted(OPENID, "message")
    assert connector(server, ctx).send(message(), "k").outcome == "accepted"
    assert server.sent == [{"touser": OPENID, "msgtype": "text", "text": {"content": "您好，已受理 😀"}}]


def test_its_count_and_its_time_are_told_in_the_houses_words(server, ctx):
    live = connector(server, ctx)
    assert live.send(message(), "k").code == "window_closed"
    server.acted(OPENID, "menu")
    assert [live.send(message(), "k").code for _ in range(4)] == ["", "", "", "window_used_up"]


def test_ten_workers_at_once_fetch_one_token(server, ctx):
    server.acted(OPENID, "message")
    server.slow = 0.3
    found = at_once(lambda: connector(server, ctx).client.tokens.current())
    assert (len(found), len(set(found)), server.fetched) == (10, 1, 1)
    server.expire()
    after = at_once(lambda: connector(server, ctx).client.tokens.after(found[0]))
    assert (len(set(after)), server.fetched) == (1, 2)


def test_near_its_end_one_fetches_and_the_others_go_on_with_the_old(server, ctx):
    live = connector(server, ctx)
    old = live.client.tokens.current()
    ctx.clock.tick(7200 - 300)
    with ctx.lock("token"):
        assert live.client.tokens.current() == old
    assert live.client.tokens.current() != old
    assert server.fetched == 2


def test_a_refused_token_is_fetched_anew_and_tried_once_more(server, ctx):
    server.acted(OPENID, "message")
    live = connector(server, ctx)
    live.client.tokens.current()
    server.expire()
    assert live.send(message(), "k").outcome == "accepted"
    assert (server.fetched, len(server.sent)) == (2, 1)
    server.mood = 40001
    assert live.send(message(), "k").outcome == "retry_later"
    assert server.fetched == 3


def test_a_lost_answer_is_unknown(server, ctx):
    server.acted(OPENID, "message")
    server.mood = "silent"
    assert connector(server, ctx).send(message(), "k").outcome == "unknown"
    assert len(server.sent) == 1


def test_files_come_or_are_gone(server, ctx):
    server.media["m1"] = b"\x89PNG pixels"
    live = connector(server, ctx)
    assert b"".join(live.fetch_media("m1")) == b"\x89PNG pixels"
    server.expire()
    assert b"".join(live.fetch_media("m1")) == b"\x89PNG pixels"
    with pytest.raises(PermanentFailure):
        live.fetch_media("m2")


@pytest.mark.parametrize("code", sorted(table()))
def test_every_code_means_what_the_table_says(server, ctx, code):
    kind, live = class_of(code), connector(server, ctx)
    server.mood = code
    raised = {"auth": AuthenticationFailed, "operator": ConfigurationError}.get(kind)
    if raised:
        with pytest.raises(raised):
            live.send(message(), "k")
        return
    result = live.send(message(), "k")
    waits = kind in ("retry", "throttle", "refresh")
    assert result.outcome == ("retry_later" if waits else "rejected")
    words = {"closed": "window_closed", "used_up": "window_used_up", "gone": "no_such_customer"}
    assert result.code == words.get(kind, str(code))


def test_the_connection_test_points_at_the_field(server, ctx):
    assert connector(server, ctx).test_connection().state is HealthState.OK
    ctx.store.delete("token")
    wrong = connector(server, ctx, app_secret="other").test_connection()
    assert (wrong.state, wrong.field) == (HealthState.AUTH_FAILED, "app_secret")
    assert connector(server, ctx, encoding_aes_key="short").test_connection().field == "encoding_aes_key"
    server.appid = "wx9999999999999999"
    assert connector(server, ctx).test_connection().state is HealthState.AUTH_FAILED


def test_two_thousand_and_forty_eight_bytes(server, ctx):
    server.acted(OPENID, "message")
    live = connector(server, ctx)
    assert live.send(message("好" * 682), "k").outcome == "accepted"
    assert live.send(message("好" * 683), "k").code == "too_long"
