"""`ChannelConformance`: what every connector must withstand, ours and everybody's."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.utils import translation

from console.plugin_api.capabilities import IdentityLevel
from console.plugin_api.channels import ChannelConnector
from console.plugin_api.errors import PluginError
from console.plugin_api.forms import SECRET_KEPT, ConfigForm, SecretField
from console.plugin_api.manifest import MANIFEST_NAME
from console.plugin_api.messages import (
    DeliveryReceipt,
    EnvelopeView,
    HealthResult,
    HealthState,
    InboundMessage,
    Rejected,
    Verified,
)

from .payloads import Payload, differences, plain, recorded
from .sending import SendingConformance

MARKER = "kit-secret-Zq81xWmarker"
PARSED_KINDS = ("InboundMessage", "DeliveryReceipt", "ChannelNotice")


def garbage() -> list[bytes]:
    """Bytes no provider means to send."""
    noise = random.Random(20261122)
    return [
        b"",
        b"\x00",
        b"\x00" * 4096,
        b"\xff\xfe\xfd" * 100,
        b"{",
        b"[" * 20_000,
        b"<xml><a>",
        b"null",
        "回音".encode("utf-16"),
        "回音".encode("gb18030"),
        b"a" * 1_000_000,
        b"\r\n" * 10_000,
        bytes(noise.randrange(256) for _ in range(20_000)),
    ]


class ChannelConformance(SendingConformance):
    """Subclass it as `Test…`, name the connector and its payloads, and answer or exempt each part.

    `exempt` maps a part's name ("send", "payloads", "verify.body", "health") to a written reason; nothing else skips.
    "verify.body" is for a provider that signs nothing: a call without the secret must still be rejected.
    """

    connector: ClassVar[type[ChannelConnector]]
    package: ClassVar[str] = ""
    payloads: ClassVar[Path | str | None] = None
    config: ClassVar[Mapping[str, Any]] = {}
    secrets: ClassVar[Mapping[str, str]] = {}
    form_data: ClassVar[Mapping[str, Any]] = {}
    config_samples: ClassVar[Iterable[tuple[int, Mapping[str, Any]]]] = ()
    exempt: ClassVar[Mapping[str, str]] = {}

    # what a subclass may override

    def make(self, connector_instance: Any, **account: Any) -> ChannelConnector:
        """One connector over doubles; override when it needs more, such as folders."""
        values = {"config": dict(self.config), "secrets": dict(self.secrets), **account}
        return connector_instance(self.connector, **values)

    @pytest.fixture(autouse=True)
    def _guards(self, environment_guard: None) -> None:
        """No test changes the environment."""

    @pytest.fixture
    def subject(self, connector_instance: Any) -> ChannelConnector:
        """The connector under test."""
        return self.make(connector_instance)

    # the package

    def test_manifest_is_valid(self, plugin_host: Any) -> None:
        folder = self._folder()
        manifest = plugin_host.TestHost.manifest_of(folder, self._package())
        assert manifest.slug == folder.name

    def test_hooks_are_admitted(self, plugin_host: Any) -> None:
        with plugin_host.hosting_package(self._package(), self._folder()) as host:
            assert host.registry.problems == []
            assert ("channel", self.connector.slug) in host.registry.entries

    def test_switched_off_means_no_calls(self, plugin_host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        called: list[str] = []
        monkeypatch.setattr(self.connector, "parse", lambda *args: called.append("parse") or [])
        with plugin_host.hosting_package(self._package(), self._folder()) as host:
            host.switch(next(iter(host.registry.entries.values())).plugin, False)
            outcome = host.call(
                self.connector.slug, "parse", EnvelopeView(raw=b"x"), config=dict(self.config), secrets={}
            )
        assert not outcome.ok
        assert not outcome.called
        assert called == []

    def test_names_exist_in_both_languages(self) -> None:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert str(self.connector.label).strip()
                for name, field in self.connector.config_form().fields.items():
                    assert str(field.label or "").strip(), f"{name} has no label in {language}"
        assert self._labels("zh-hans") != self._labels("en"), "zh-hans and en say the same: untranslated"

    def test_capabilities_and_methods_agree(self) -> None:
        able, cls, base = self.connector.capabilities, self.connector, ChannelConnector
        assert able.inbound_poll == (cls.poll is not base.poll)
        assert able.inbound_listen == (cls.listen is not base.listen)
        assert able.inbound_webhook == (cls.verify is not base.verify)
        assert able.synchronous_reply == (cls.reply is not base.reply)
        assert able.outbound_text == (cls.send is not base.send)
        assert not able.outbound_text or able.max_length > 0

    # in

    def test_recorded_payloads(self, subject: ChannelConnector, network_guard: None) -> None:
        for payload in self._payloads():
            found = [plain(item) for item in subject.parse(payload.envelope())]
            wrong = differences(payload.expected, found, payload.name)
            assert not wrong, "\n".join(wrong)

    def test_same_payload_twice_is_the_same_message(self, subject: ChannelConnector, connector_instance: Any) -> None:
        other = self.make(connector_instance)
        for payload in self._payloads():
            first, second = list(subject.parse(payload.envelope())), list(other.parse(payload.envelope()))
            assert [plain(item) for item in first] == [plain(item) for item in second], payload.name
            for message in first:
                if isinstance(message, InboundMessage):
                    assert message.provider_message_id.strip(), payload.name

    def test_parse_is_pure(self, connector_instance: Any, fake_context: Any, network_guard: None) -> None:
        subject = self.make(connector_instance)
        for payload in self._payloads():
            list(subject.parse(payload.envelope()))
        assert fake_context.store.values == {}
        assert fake_context.http.asked == []

    def test_garbage_is_parsed_or_refused_by_contract(self, subject: ChannelConnector, network_guard: None) -> None:
        cut = [payload.raw[: len(payload.raw) // 2] for payload in self._payloads()]
        for raw in garbage() + cut:
            try:
                items = list(subject.parse(EnvelopeView(raw=raw)))
            except PluginError:
                continue
            assert all(type(item).__name__ in PARSED_KINDS for item in items), raw[:40]
            assert all(i.provider_message_id for i in items if isinstance(i, InboundMessage)), raw[:40]

    def test_receipts_name_what_they_are_about(self, subject: ChannelConnector) -> None:
        for payload in self._payloads():
            for item in subject.parse(payload.envelope()):
                if isinstance(item, DeliveryReceipt):
                    assert item.provider_message_id or item.delivery_key or item.recipient, payload.name

    def test_identity_never_exceeds_what_is_declared(self, subject: ChannelConnector) -> None:
        most = self.connector.capabilities.identity_max
        for payload in self._payloads():
            for item in subject.parse(payload.envelope()):
                if isinstance(item, InboundMessage):
                    evidence = item.evidence or subject.assess_identity(item)
                    assert IdentityLevel.L0 <= evidence.level <= most, payload.name

    def test_bad_and_missing_signatures_are_rejected(self, subject: ChannelConnector) -> None:
        if not self.connector.capabilities.inbound_webhook:
            assert isinstance(subject.verify(EnvelopeView(raw=b"x")), Rejected)
            return
        for payload in self._payloads():
            assert isinstance(subject.verify(payload.envelope()), Verified), payload.name
            changed = () if self._exempt("verify.body") else (payload.envelope(raw=payload.raw + b" "),)
            for bad in (*changed, EnvelopeView(raw=payload.raw)):
                assert isinstance(subject.verify(bad), Rejected), payload.name

    # configuration

    def test_form_round_trip_keeps_secrets(self) -> None:
        form_class = self.connector.config_form
        assert issubclass(form_class, ConfigForm)
        form = form_class(data=self._form_data())
        assert form.is_valid(), form.errors
        assert not set(form.plain()) & set(form_class.secret_names())
        stored = [name for name, value in form.secrets().items() if value]
        again = form_class(data={**self._form_data(), **dict.fromkeys(stored, SECRET_KEPT)}, stored_secrets=stored)
        assert again.is_valid(), again.errors
        assert all(again.secrets()[name] == SECRET_KEPT for name in stored)
        html = str(form_class(data=self._form_data(), stored_secrets=stored))
        assert not any(str(self._form_data()[name]) in html for name in stored if self._form_data().get(name))

    def test_secret_fields_do_not_claim_what_is_not_stored(self) -> None:
        for name, field in self.connector.config_form.base_fields.items():
            if isinstance(field, SecretField):
                form = self.connector.config_form(data={**self._form_data(), name: SECRET_KEPT})
                assert not form.is_valid(), name

    def test_older_configurations_are_brought_along(self) -> None:
        for version, stored in self.config_samples:
            assert 1 <= version <= self.connector.schema_version
            moved = self.connector.migrate_config(dict(stored), version)
            assert isinstance(moved, dict)
            assert self.connector.migrate_config(dict(moved), self.connector.schema_version) == moved

    def test_secrets_never_show(self, connector_instance: Any, fake_context: Any) -> None:
        names = self.connector.config_form.secret_names()
        subject = self.make(connector_instance, secrets=dict.fromkeys(names, MARKER))
        said = [repr(subject), repr(subject.account), repr(subject.account.secrets), str(subject.diagnostics())]
        for call in (subject.test_connection, lambda: list(subject.parse(EnvelopeView(raw=b"x")))):
            try:
                said.append(repr(call()))
            except PluginError as error:
                said.append(f"{error} {error!r}")
        assert not [text for text in [*said, *fake_context.log.lines] if MARKER in text]

    def test_a_provider_that_is_away_is_told_not_raised(self, subject: ChannelConnector) -> None:
        if self._exempt("health"):
            return
        try:
            result = subject.test_connection()
        except PluginError:
            return
        assert isinstance(result, HealthResult)
        assert result.state is HealthState.OK or result.detail

    # helpers

    def _package(self) -> str:
        """The plugin's package: named, or the folder above the connector's module that has a manifest."""
        if self.package:
            return self.package
        name = self.connector.__module__
        while name:
            module = sys.modules.get(name)
            place = getattr(module, "__path__", None)
            if place and (Path(next(iter(place))) / MANIFEST_NAME).is_file():
                return name
            name = name.rpartition(".")[0]
        raise AssertionError(f"No {MANIFEST_NAME} was found above {self.connector.__module__}.")

    def _folder(self) -> Path:
        return Path(next(iter(sys.modules[self._package()].__path__)))

    def _payloads(self) -> list[Payload]:
        found = recorded(self.payloads)
        able = self.connector.capabilities
        if not found and (able.inbound_poll or able.inbound_webhook) and not self._exempt("payloads"):
            pytest.fail("This connector takes messages in but has no recorded payloads.")
        return found

    def _exempt(self, part: str) -> bool:
        reason = self.exempt.get(part, "")
        return len(reason.strip()) > 10

    def _form_data(self) -> dict[str, Any]:
        return dict(self.form_data) or {**self.config, **self.secrets}

    def _labels(self, language: str) -> list[str]:
        with translation.override(language):
            fields = self.connector.config_form().fields.values()
            return [str(self.connector.label), *(str(field.label) for field in fields)]
