"""A small desk: the shipped preset, one team, people of each role, and cases in every turn."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.db import connections

from console.cases import config
from console.foundation import numbers
from tests.browser import chromium, open_page
from tests.factories.cases import cn_bank
from tests.factories.staff import TeamFactory, make_user


def clear_caches():
    for name in caches:
        caches[name].clear()


@pytest.fixture(autouse=True)
def _forgetful():
    """Tests roll the database back; what is kept in memory must go with it."""
    config.forget()
    numbers.reset()
    clear_caches()
    yield
    config.forget()
    numbers.reset()
    clear_caches()


@pytest.fixture
def preset(db):
    cn_bank()


@pytest.fixture
def team(db):
    return TeamFactory(name="信用卡一组", name_en="Cards 1")


@pytest.fixture
def agent(team):
    return make_user("agent", team=team)


@pytest.fixture
def supervisor(team):
    return make_user("supervisor", team=team, first_name="洁", last_name="赵")


@pytest.fixture
def desk(client, agent):
    """A browserless client, signed in as an agent."""
    client.force_login(agent)
    return client


@pytest.fixture
def htmx(desk):
    """The same, asking for parts."""

    def ask(method, url, target="", **data):
        headers = {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": "http://testserver/console/desk/"}
        return getattr(desk, method)(url, data, headers=headers)

    return ask


@pytest.fixture
def browse(live_server, client, full):
    client.force_login(full.agent)
    cookies = [{"name": name, "value": item.value, "url": live_server.url} for name, item in client.cookies.items()]
    with chromium() as browser:

        def page(path, **options):
            opened = open_page(browser, live_server.url, **options)
            opened.context.add_cookies(cookies)
            opened.trouble = []
            opened.on("console", lambda said: opened.trouble.append(said.text) if said.type == "error" else None)
            opened.on("pageerror", lambda error: opened.trouble.append(str(error)))
            opened.goto(path)
            opened.wait_for_load_state("networkidle")
            return opened

        yield page


def elsewhere(act):
    """Do something with the database while the browser's event loop holds this thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()
        pool.submit(connections.close_all).result()
