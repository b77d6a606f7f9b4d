"""What an extension may do wrong, whatever its kind. A test chooses by setting `CHOSEN`."""

import itertools
import sys
import time

from console.plugin_api.cases import CaseView
from console.plugin_api.extensions import Card, Row

CHOSEN = ["raises"]
MISDEEDS = {}


def misdeed(function):
    MISDEEDS[function.__name__] = function
    return function


def commit(extension, *args):
    return MISDEEDS[CHOSEN[0]](extension, args)


@misdeed
def raises(extension, args):
    raise ZeroDivisionError("a plain bug")


@misdeed
def exits(extension, args):
    sys.exit(3)


@misdeed
def hangs(extension, args):
    time.sleep(4)


@misdeed
def swallows(extension, args):
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        try:
            time.sleep(0.05)
        except BaseException:
            continue


@misdeed
def lies(extension, args):
    return {"not": object()}


@misdeed
def floods(extension, args):
    return (Card(text="x") for _ in itertools.count())


@misdeed
def floods_rows(extension, args):
    return Card(rows=tuple(Row(label=str(n)) for n in range(5000)))


@misdeed
def leads_astray(extension, args):
    return Card(rows=(Row(label="press here", value="now", url="javascript:alert(1)"),))


@misdeed
def leaks(extension, args):
    raise RuntimeError("password=hunter2-secret for 4111111111111111")


@misdeed
def mutates(extension, args):
    for arg in args:
        if isinstance(arg, CaseView):
            arg.categories["channel"] = "stolen"
        if hasattr(arg, "data"):
            arg.data["case"] = "stolen"
    raise RuntimeError("nothing to change")


@misdeed
def reaches_for_the_database(extension, args):
    from console.plugin_host.models import PluginState

    return PluginState.objects.count()
