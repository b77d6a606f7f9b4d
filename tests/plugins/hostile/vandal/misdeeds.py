"""What a careless or unlucky plugin may do. Each is a function of (connector, args)."""

import itertools
import os
import signal
import sys
import time
from hashlib import sha256

from console.plugin_api.channels import (
    Address,
    Capabilities,
    EnvelopeView,
    InboundMessage,
    PollBatch,
    SendResult,
)
from console.plugin_api.errors import AuthenticationFailed, RetryLater

MISDEEDS = {}


def misdeed(function):
    MISDEEDS[function.__name__] = function
    return function


def commit(name, connector, args):
    return MISDEEDS[name](connector, args)


@misdeed
def behaves(connector, args):
    """A mended release."""
    (view,) = args
    return [InboundMessage(provider_message_id=sha256(view.raw).hexdigest(), sender=Address("x"), text="mended")]


@misdeed
def raises(connector, args):
    raise ZeroDivisionError("a plain bug")


@misdeed
def exits(connector, args):
    sys.exit(3)


@misdeed
def interrupts(connector, args):
    raise KeyboardInterrupt


@misdeed
def pretends_time_out(connector, args):
    from django_q.exceptions import TimeoutException

    raise TimeoutException("not the queue's")


@misdeed
def sleeps(connector, args):
    time.sleep(0.8)


@misdeed
def spins(connector, args):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        pass


@misdeed
def swallows_time_outs(connector, args):
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        try:
            time.sleep(0.05)
        except BaseException:
            continue


@misdeed
def returns_rubbish(connector, args):
    return {"not": object()}


@misdeed
def returns_a_coroutine(connector, args):
    async def later():
        return []

    return later()


@misdeed
def returns_without_end(connector, args):
    return (InboundMessage(provider_message_id=str(n), sender=Address("x")) for n in itertools.count())


@misdeed
def yields_and_hangs(connector, args):
    yield InboundMessage(provider_message_id="1", sender=Address("x"))
    time.sleep(0.8)


@misdeed
def raises_while_yielding(connector, args):
    yield InboundMessage(provider_message_id="1", sender=Address("x"))
    raise LookupError("half way")


@misdeed
def floods(connector, args):
    return [InboundMessage(provider_message_id="1", sender=Address("x"), text="x" * 13_000_000)]


class Liar(str):
    __slots__ = ()

    def __len__(self):
        return 1

    def strip(self, *args):
        return "honest"


@misdeed
def lies_about_types(connector, args):
    return [InboundMessage(provider_message_id=b"bytes", sender="not an address", text=5)]


@misdeed
def lies_with_a_subclass(connector, args):
    class Fake(InboundMessage):
        pass

    return [Fake(provider_message_id="1", sender=Address("x"))]


@misdeed
def lies_about_length(connector, args):
    return [InboundMessage(provider_message_id=Liar("y" * 5000), sender=Address("x"))]


@misdeed
def empty_identifier(connector, args):
    return [InboundMessage(provider_message_id="  ", sender=Address("x"))]


@misdeed
def changes_arguments(connector, args):
    for arg in args:
        if isinstance(arg, EnvelopeView):
            arg.headers["x"] = "changed"
    return []


@misdeed
def changes_its_own_class(connector, args):
    object.__setattr__(Capabilities, "buttons", True)
    type(connector).capabilities = "nothing at all"
    return []


@misdeed
def claims_more(connector, args):
    return Capabilities(outbound_text=True, max_length=10**9, buttons=True)


@misdeed
def quotes(connector, args):
    letter = args[0].raw.decode()
    raise ValueError(f"cannot read {letter!r}") from KeyError(letter)


@misdeed
def kills(connector, args):
    os.kill(os.getpid(), signal.SIGKILL)


@misdeed
def leaks(connector, args):
    raise RuntimeError(f"login with {connector.account.secrets['password']} failed for 4111111111111111")


@misdeed
def leaks_what_it_was_given(connector, args):
    raise ValueError(f"{args[0]} was typed")


@misdeed
def leaks_in_log(connector, args):
    connector.ctx.log.info("signing_in", password=connector.account.secrets["password"], note=str(args))
    return []


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@misdeed
def cannot_be_told(connector, args):
    raise Unspeakable


class Endless(RetryLater):
    def __str__(self):
        time.sleep(0.8)
        return "late"


@misdeed
def takes_long_to_tell(connector, args):
    raise Endless


@misdeed
def uses_the_database(connector, args):
    from django.contrib.contenttypes.models import ContentType

    return [ContentType.objects.count()]


@misdeed
def opens_a_transaction(connector, args):
    from django.db import transaction

    with transaction.atomic():
        return []


@misdeed
def never_retries_itself(connector, args):
    raise RetryLater(10**12, "in the next life")


@misdeed
def lies_about_seconds(connector, args):
    error = RetryLater(5)
    error.seconds = "soon"
    raise error


@misdeed
def signs_in_wrongly(connector, args):
    raise AuthenticationFailed("refused")


@misdeed
def polls_too_much(connector, args):
    return PollBatch(envelopes=tuple(EnvelopeView(raw=b"x") for _ in range(201)), next_cursor="1")


@misdeed
def acknowledges_askew(connector, args):
    return PollBatch(envelopes=(EnvelopeView(raw=b"x"),), next_cursor="1", acknowledge=("1", "2"))


@misdeed
def waits_for_not_a_number(connector, args):
    return SendResult.retry_later(float("nan"))


@misdeed
def floods_the_log(connector, args):
    for number in range(5000):
        connector.ctx.log.info("noise", number=number)
    return []


@misdeed
def stores_too_much(connector, args):
    connector.ctx.store.set("big", "x" * 70_000)


@misdeed
def stores_well(connector, args):
    connector.ctx.store.set("token", {"value": "abc"})
    assert connector.ctx.store.get("token") == {"value": "abc"}
    connector.ctx.store.delete("token")
    assert connector.ctx.store.get("token", "gone") == "gone"
    return []


@misdeed
def locks_well(connector, args):
    with connector.ctx.lock("refresh"):
        time.sleep(0.05)
    return []


@misdeed
def locks_for_ever(connector, args):
    with connector.ctx.lock("refresh", wait=0.2):
        return []
