"""One well-behaved extension of every kind passes the kit."""

import pytest

from console.plugin_api.testing import ExtensionConformance

from .helper import plugin

pytestmark = pytest.mark.django_db


class TestCounter(ExtensionConformance):
    extension = plugin.Counter


class TestCore(ExtensionConformance):
    extension = plugin.Core


class TestLimits(ExtensionConformance):
    extension = plugin.Limits


class TestWords(ExtensionConformance):
    extension = plugin.Words


class TestGreeting(ExtensionConformance):
    extension = plugin.Greeting


class TestManual(ExtensionConformance):
    extension = plugin.Manual


class TestWeather(ExtensionConformance):
    extension = plugin.Weather


class TestLedger(ExtensionConformance):
    extension = plugin.Ledger
