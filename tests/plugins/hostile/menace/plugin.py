"""One extension of every kind; each commits the misdeed a test has chosen."""

from console.plugin_api.extensions import (
    CaseClassifier,
    CaseEventHandler,
    DashboardWidget,
    DeskPanel,
    HealthCheck,
    HubPage,
    KnowledgeSource,
    ReplySuggester,
)
from console.plugin_api.hookspecs import hookimpl

from .misdeeds import commit


class Handler(CaseEventHandler):
    slug, label, event_types = "menace", "Menace", ("case.*",)

    def handle(self, event):
        return commit(self, event)


class Check(HealthCheck):
    slug, label = "menace", "Menace"

    def run(self):
        return commit(self)


class Panel(DeskPanel):
    slug, label = "menace", "Menace"

    def show(self, case):
        return commit(self, case)


class Classifier(CaseClassifier):
    slug, label = "menace", "Menace"

    def classify(self, case, labels):
        return commit(self, case, labels)


class Suggester(ReplySuggester):
    slug, label = "menace", "Menace"

    def suggest(self, case, limit):
        return commit(self, case, limit)


class Knowledge(KnowledgeSource):
    slug, label = "menace", "Menace"

    def search(self, query, language, limit):
        return commit(self, query)


class Widget(DashboardWidget):
    slug, label = "menace", "Menace"

    def render(self):
        return commit(self)


class Page(HubPage):
    slug, label, permission = "menace", "Menace", "case.view"

    def draw(self, query):
        return commit(self, query)


@hookimpl
def register_case_event_handlers():
    return [Handler]


@hookimpl
def register_health_checks():
    return [Check]


@hookimpl
def register_desk_panels():
    return [Panel]


@hookimpl
def register_case_classifiers():
    return [Classifier]


@hookimpl
def register_reply_suggesters():
    return [Suggester]


@hookimpl
def register_knowledge_sources():
    return [Knowledge]


@hookimpl
def register_dashboard_widgets():
    return [Widget]


@hookimpl
def register_admin_pages():
    return [Page]
