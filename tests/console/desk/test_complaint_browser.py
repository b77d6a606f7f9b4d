"""The officer's forms under axe, in both languages, wide and on a telephone, light and dark."""

from contextlib import contextmanager

import pytest
from axe_core_python.sync_playwright import Axe
from django.urls import reverse

from console.cases import services
from console.cases.config import spec_of
from console.desk import acts
from tests.browser import chromium, open_page
from tests.factories.cases import cn_bank, make_case
from tests.factories.staff import TeamFactory, make_user

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    cn_bank()
    team = TeamFactory()
    return make_user("complaint_officer", "supervisor", team=team, username="officer")


@pytest.fixture
def cases(officer):
    """One matter at its beginning, one at work with everything beside it, one decided."""
    (team,) = [row.team for row in officer.memberships.all()[:1]]
    fresh, full, decided = (make_case("complaint", team=team) for _ in range(3))
    services.accept(full)
    party = services.add_party(full, "agent", "李律师", scope=["speak", "withdraw"])
    services.record_material(full, "authorisation", party=party, original_seen=True)
    services.add_redress(full, "refund", amount=35)
    services.record_forwarding(full, "国家金融监督管理总局", "沪金监转〔2026〕118号")
    services.declare_interest(full, make_user("agent", team=team), "亲属")
    services.accept(decided)
    services.transition(decided, "decide", data={"outcome": "upheld", "root_cause": "rules", "decision": "已退回。"})
    TeamFactory(code="recheck")
    return fresh, full, decided


def forms_of(cases, user) -> list[str]:
    """Every dialog this person is offered for any of the cases, once, and the page of the fullest one."""
    found = {}
    for case in cases:
        names = [entry.name for entry in acts.menu_of(user, case)]
        names += [f"move-{row.code}" for row in spec_of(case.version).leaving(case.state)]
        for name in names:
            found.setdefault(name, reverse("desk:act", args=[case.number, name]))
    return [reverse("desk:case", args=[cases[1].number]), *found.values()]


@pytest.fixture
def browse(live_server, client, officer):
    @contextmanager
    def page_of(language, width, dark=False):
        officer.language = language
        officer.save(update_fields=["language"])
        client.force_login(officer)
        cookies = [{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()]
        with chromium() as browser:
            page = open_page(browser, live_server.url, language, width, dark)
            page.context.add_cookies(cookies)
            yield page

    return page_of


@pytest.mark.parametrize(("language", "width", "dark"), [("zh-hans", 360, True), ("en", 1440, False)])
def test_axe_finds_nothing_on_the_officers_forms(browse, officer, cases, language, width, dark):
    paths = forms_of(cases, officer)
    assert len(paths) > 20
    wrong = []
    with browse(language, width, dark) as page:
        for path in paths:
            assert page.goto(path).status == 200, path
            page.wait_for_load_state("load")
            wrong += [f"{path}: {row['id']} {row['nodes'][0]['html'][:120]}" for row in Axe().run(page)["violations"]]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{path}: wider than the screen")
    assert wrong == []
