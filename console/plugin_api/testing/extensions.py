"""`ExtensionConformance`: what an extension of any kind must withstand, ours and everybody's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.utils import translation

from console.plugin_api.cases import CaseView, Label, Utterance
from console.plugin_api.errors import PluginError
from console.plugin_api.extensions import (
    Article,
    Card,
    CaseClassifier,
    CaseEventHandler,
    DashboardWidget,
    DeskPanel,
    EventView,
    Extension,
    HealthCheck,
    HealthResult,
    HubPage,
    KnowledgeSource,
    LabelSuggestion,
    ReplyDraft,
    ReplySuggester,
)
from console.plugin_api.manifest import MANIFEST_NAME

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
LABELS = (Label(dimension="product", code="card", name="银行卡"), Label(dimension="product", code="loan", name="贷款"))
FULL = CaseView(
    number="HY-20261124-1",
    type="complaint",
    state="new",
    subject="卡丢了 lost card",
    categories={"product": "card"},
    messages=(Utterance(text="我的卡丢了。", inbound=True, at=NOW), Utterance(text="您好。", inbound=False, at=NOW)),
)
EMPTY = CaseView(number="", type="", state="", subject="")
ODD = CaseView(number="HY-1", type="x", state="x", subject="\u202e😀" * 200, language="xx", grade=-1)
CASES = (FULL, EMPTY, ODD)


def _event(kind: str) -> EventView:
    return EventView(id="0", type=kind, stream="case:1", at=NOW, data={"case_id": 1})


CALLS: Mapping[type[Extension], tuple[str, tuple[tuple[Any, ...], ...], Any]] = {
    CaseEventHandler: ("handle", ((_event("case.opened"),), (_event("case.opened"),)), type(None)),
    HealthCheck: ("run", ((),), HealthResult),
    DeskPanel: ("show", tuple((case,) for case in CASES), (Card, type(None))),
    CaseClassifier: ("classify", (*((case, LABELS) for case in CASES), (FULL, ())), LabelSuggestion),
    ReplySuggester: ("suggest", tuple((case, 3) for case in CASES), ReplyDraft),
    KnowledgeSource: ("search", (("挂失", "zh-hans", 3), ("", "en", 3), ("'\"%_\\", "xx", 1)), Article),
    DashboardWidget: ("render", ((),), Card),
    HubPage: ("draw", (("",), ("挂失",)), Card),
}
"""Each kind's method, what it is called with, and what it may give (alone or in a list)."""


class ExtensionConformance:
    """Subclass it as `Test…` and name the class; override `lend` when it needs more than an empty context.

    `may_raise` says why an extension raises a `PluginError` over an empty context, if it does.
    """

    extension: ClassVar[type[Extension]]
    package: ClassVar[str] = ""
    may_raise: ClassVar[str] = ""

    def lend(self, context: Any) -> Any:
        """Prepare the context: answers of `context.http`, values in `context.store`."""
        return context

    @pytest.fixture(autouse=True)
    def _guards(self, environment_guard: None, network_guard: None) -> None:
        """No test changes the environment or reaches the network."""

    @pytest.fixture
    def subject(self, fake_context: Any) -> Extension:
        """The extension under test."""
        return self.extension(self.lend(fake_context))

    def test_it_is_admitted(self, plugin_host: Any) -> None:
        with plugin_host.hosting_package(self._package(), self._folder()) as host:
            assert host.registry.problems == []
            assert self.extension in [entry.cls for entry in host.registry.entries.values()]

    def test_it_has_a_name_in_both_languages(self) -> None:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert str(self.extension.label).strip()

    def test_every_input_gets_an_answer_of_the_contract(self, subject: Extension) -> None:
        method, inputs, kind = self._calls()
        for arguments in inputs:
            try:
                answer = getattr(subject, method)(*arguments)
            except PluginError:
                assert len(self.may_raise) > 10, f"{method}{arguments!r:.200} raised; say why in `may_raise`"
                continue
            for one in answer if isinstance(answer, list) else [answer]:
                assert isinstance(one, kind), f"{method}{arguments!r:.200} gave {one!r:.200}"

    def test_the_host_takes_every_answer(self, plugin_host: Any) -> None:
        """The host calls it as it does in the product: without a database, within its budget, the answer checked."""
        method, inputs, _kind = self._calls()
        with plugin_host.hosting_package(self._package(), self._folder()) as host:
            entry = next(entry for entry in host.registry.entries.values() if entry.cls is self.extension)
            host.switch(entry.plugin, True)
            for arguments in inputs:
                outcome = host.extension(entry.kind, entry.slug).call(method, *arguments)
                assert outcome.ok or (not outcome.is_fault and len(self.may_raise) > 10), outcome

    def test_the_same_question_gets_the_same_answer(self, fake_context: Any) -> None:
        """A page is opened twice, an event comes twice: nothing piles up."""
        method, inputs, _kind = self._calls()
        one, other = self.extension(self.lend(fake_context)), self.extension(self.lend(fake_context))
        for arguments in inputs:
            try:
                assert getattr(one, method)(*arguments) == getattr(other, method)(*arguments)
            except PluginError:
                assert len(self.may_raise) > 10

    def test_only_offered_labels_are_suggested(self, subject: Extension) -> None:
        if isinstance(subject, CaseClassifier):
            offered = {(label.dimension, label.code) for label in LABELS}
            for case in CASES:
                assert {(one.dimension, one.code) for one in subject.classify(case, LABELS)} <= offered
                assert subject.classify(case, ()) == []

    def _calls(self) -> tuple[str, tuple[tuple[Any, ...], ...], Any]:
        return next(call for base, call in CALLS.items() if issubclass(self.extension, base))

    def _package(self) -> str:
        return self.package or self.extension.__module__.rpartition(".")[0]

    def _folder(self) -> Path:
        folder = Path(next(iter(sys.modules[self._package()].__path__)))
        assert (folder / MANIFEST_NAME).is_file(), f"No {MANIFEST_NAME} in {folder}; name the package."
        return folder
