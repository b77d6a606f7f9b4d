"""The contract itself: documented, typed, frozen, silent about secrets."""

import dataclasses
import inspect
import pickle

import pytest

from console.plugin_api import capabilities, channels, context, errors, hookspecs, messages
from console.plugin_host.contracts import CHECKS
from console.plugin_host.kinds import BY_HOOK

RECORDS = [
    value
    for module in (capabilities, messages)
    for value in vars(module).values()
    if dataclasses.is_dataclass(value) and value.__module__ == module.__name__
]
METHODS = [name for name, value in vars(channels.ChannelConnector).items() if callable(value) and name[0] != "_"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_frozen_and_documented(record):
    assert record.__dataclass_params__.frozen
    assert record.__doc__
    assert not record.__doc__.startswith(f"{record.__name__}(")


@pytest.mark.parametrize("name", METHODS)
def test_each_method_says_when_it_is_called_and_what_a_raise_means(name):
    words = inspect.getdoc(getattr(channels.ChannelConnector, name))
    assert words.startswith("Called")
    assert name in CHECKS


def test_capabilities_default_to_no():
    nothing = capabilities.Capabilities()
    for field in dataclasses.fields(nothing):
        assert str(getattr(nothing, field.name)) in {"False", "0", "none", "open", "frozenset()", "()", ""}


def test_every_hook_is_known_to_the_host_and_documented():
    hooks = [name for name in vars(hookspecs.Hooks) if name.startswith("register_")]
    assert set(hooks) == set(BY_HOOK)
    assert all(inspect.getdoc(getattr(hookspecs.Hooks, name)) for name in hooks)


def test_secrets_do_not_print_or_travel():
    secrets = context.Secrets({"password": "word"})
    assert secrets["password"] == "word"
    for text in (repr(secrets), str(secrets), f"{secrets}", repr(context.AccountView(ref="a", secrets=secrets))):
        assert "word=" not in text.replace("password=", "")
        assert "'word'" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secrets)


def test_errors_are_one_family():
    for name in ("RetryLater", "AnswerLost", "PermanentFailure", "AuthenticationFailed", "ConfigurationError"):
        assert issubclass(getattr(errors, name), errors.PluginError)
    assert errors.RetryLater(-5).seconds == 0
