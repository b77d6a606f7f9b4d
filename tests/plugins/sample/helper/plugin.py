"""One well-behaved extension of every kind."""

from django.utils.translation import gettext_lazy as _

from console.plugin_api.extensions import (
    Article,
    Card,
    CaseClassifier,
    CaseEventHandler,
    DashboardWidget,
    DeskPanel,
    HealthCheck,
    HealthResult,
    HealthState,
    HubPage,
    KnowledgeSource,
    LabelSuggestion,
    ReplyDraft,
    ReplySuggester,
    Row,
    Source,
    Tone,
)
from console.plugin_api.hookspecs import hookimpl


class Counter(CaseEventHandler):
    """Remembers which events it has counted, so an event handed over twice counts once."""

    slug, label, event_types = "counter", _("Counter"), ("case.*",)

    def handle(self, event):
        seen = self.ctx.store.get("seen", [])
        if event.id not in seen:
            self.ctx.store.set("seen", [*seen[-200:], event.id])


class Core(HealthCheck):
    slug, label = "core", _("Core banking")

    def run(self):
        state = self.ctx.store.get("state", "ok")
        return HealthResult(state=HealthState(state), detail="asked of 4111111111111111")


class Limits(DeskPanel):
    slug, label = "limits", _("Limits")

    def show(self, case):
        rows = (
            Row(label="Quick pay", value="1,000", tone=Tone.GOOD, url="/console/"),
            Row(label="Card", value="4111111111111111"),
        )
        return Card(text=f"For {case.number}", rows=rows)


class Words(CaseClassifier):
    slug, label = "words", _("Words")

    def classify(self, case, labels):
        known = [label for label in labels if label.name and label.name[:2] in case.words + case.subject]
        return [
            LabelSuggestion(dimension=label.dimension, code=label.code, score=0.8, reason=f"says {label.name[:2]}")
            for label in (known or list(labels))[:2]
        ]


class Greeting(ReplySuggester):
    slug, label = "greeting", _("Greeting")

    def suggest(self, case, limit):
        return [
            ReplyDraft(
                text=f"您好,关于 {case.number}。", sources=(Source(title="Manual", url="https://bank.example/m"),)
            )
        ]


class Manual(KnowledgeSource):
    slug, label = "manual", _("Manual")

    def search(self, query, language, limit):
        return [Article(title=f"About {query}", url="https://bank.example/a", excerpt="short")]


class Weather(DashboardWidget):
    slug, label = "weather", _("Weather")

    def render(self):
        return Card(rows=(Row(label="Today", value="sunny", tone=Tone.GOOD),))


class Ledger(HubPage):
    slug, label, permission = "ledger", _("Ledger"), "case.view"

    def draw(self, query):
        return [Card(text=f"Looked for {query}" if query else "Everything")]


@hookimpl
def register_case_event_handlers():
    return [Counter]


@hookimpl
def register_health_checks():
    return [Core]


@hookimpl
def register_desk_panels():
    return [Limits]


@hookimpl
def register_case_classifiers():
    return [Words]


@hookimpl
def register_reply_suggesters():
    return [Greeting]


@hookimpl
def register_knowledge_sources():
    return [Manual]


@hookimpl
def register_dashboard_widgets():
    return [Weather]


@hookimpl
def register_admin_pages():
    return [Ledger]
