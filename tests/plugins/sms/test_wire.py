"""Each connector against a provider that checks every signature with code of its own."""

import pytest

from console.plugin_api.errors import AuthenticationFailed, RetryLater

from .conftest import message


def test_a_message_arrives_signed(live, provider):
    result = live().send(message(), "key-1")
    assert (result.outcome, provider.refused) == ("accepted", [])
    assert result.provider_message_id
    (taken,) = provider.taken
    assert "key-1" in taken.values()
    assert "13800138001" in str(taken)


def test_a_wrong_key_is_told_as_such(live, provider):
    wrong = dict.fromkeys(("access_key_secret", "secret_key", "secret"), "another")
    with pytest.raises(AuthenticationFailed):
        live(secrets=wrong).send(message(), "key-1")
    assert (len(provider.refused), provider.taken) == (1, [])


def test_what_was_taken_without_an_answer_is_unknown_and_can_be_asked_for(live, provider):
    provider.mood = "silent"
    subject = live()
    assert subject.send(message(), "key-1").outcome == "unknown"
    assert len(provider.taken) == 1
    provider.mood = "well"
    if subject.slug != "sms_http":
        assert subject.lookup("key-1").outcome == "accepted"
        assert subject.lookup("key-2").outcome == "unknown"


def test_a_provider_that_is_away_has_taken_nothing(live, provider):
    subject = live(endpoint="http://127.0.0.1:9", url="http://127.0.0.1:9/send")
    with pytest.raises(RetryLater):
        subject.send(message(), "key-1")


@pytest.mark.parametrize("text", ["详情见 evil点com", "ｅｖｉｌ．ｃｏｍ", "t.cn/a1"])
def test_a_link_never_reaches_the_wire(live, provider, text):
    result = live(templates="").send(message(text), "key-1")
    assert (result.outcome, result.code, provider.taken) == ("rejected", "link", [])


def test_a_link_inside_an_approved_place_is_refused_too(live, provider):
    assert live().send(message("您的验证码为evil.com，5分钟内有效，请勿告知他人。"), "key-1").code == "link"
    assert provider.taken == []
