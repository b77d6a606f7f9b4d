"""Everybody's own keys: chosen on a page, refused with a reason, shown by `?`, and the scripts know each by name."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from console.desk import keys

PAGE = "/console/desk/keys/"


def chosen(client, **values):
    return client.post(PAGE, {f"key-{code.replace('_', '-')}": key for code, key in values.items()})


def of_page(client):
    text = client.get(PAGE).content.decode()
    return json.loads(re.search(r'data-keys="([^"]*)"', text)[1].replace("&quot;", '"'))


def test_the_script_does_every_action_by_name():
    script = (Path(settings.BASE_DIR) / "console/desk/static/desk/keys.js").read_text()
    acts = script[script.index("const acts") : script.index("};", script.index("const acts"))]
    known = set(re.findall(r'^  "?([\w-]+)"?:', acts, re.MULTILINE)) | {"send"}
    assert known == {action.code for action in keys.ACTIONS}


def test_what_is_shipped_has_no_conflict():
    assert keys.choose({action.code: action.key for action in keys.ACTIONS}) == ({}, {})


def test_a_key_is_changed_and_another_switched_off(desk, agent):
    assert chosen(desk, reply="T", note="").status_code == 302
    agent.refresh_from_db()
    assert agent.key_bindings == {"reply": "t", "note": ""}
    table = of_page(desk)
    assert table["t"] == "reply"
    assert "r" not in table
    assert "n" not in table


def test_swapping_two_keys_is_no_conflict(desk, agent):
    chosen(desk, next="k", previous="j")
    assert of_page(desk)["k"] == "next"


def test_a_conflict_names_the_other_and_changes_nothing(desk, agent):
    answer = chosen(desk, reply="n", mark="m")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "n 已用于“内部备注”" in text
    assert 'value="m"' in text
    agent.refresh_from_db()
    assert agent.key_bindings == {}


@pytest.mark.parametrize(
    ("code", "key", "word"),
    [("reply", "Ctrl+w", "浏览器"), ("reply", "ab", "请按一个"), ("send", "p", "Ctrl"), ("reply", "Tab", "请按一个")],
)
def test_keys_that_cannot_be_are_refused_with_a_reason(desk, code, key, word):
    answer = chosen(desk, **{code: key})
    assert answer.status_code == 422
    assert word in answer.content.decode()


SPELT = {"J": "j", "？": "?", "ctrl+k": "Ctrl+K", "CTRL+enter": "Ctrl+Enter", " ": "", "enter": "Enter"}


@pytest.mark.parametrize(("typed", "kept"), SPELT.items())
def test_a_key_is_spelt_one_way(typed, kept):
    assert keys.spelt(typed) == kept


def test_as_shipped_again(desk, agent):
    chosen(desk, reply="t")
    desk.post(PAGE, {"do": "reset"})
    agent.refresh_from_db()
    assert agent.key_bindings == {}


def test_the_help_shows_the_persons_own_keys_and_leads_to_the_page(htmx, desk):
    chosen(desk, reply="t", note="")
    text = htmx("get", PAGE).content.decode()
    assert "<kbd>t</kbd>" in text
    assert "内部备注" not in text
    assert "<kbd>g</kbd> <kbd>q</kbd>" in text
    assert f'href="{PAGE}"' in text


def test_the_account_menu_leads_to_the_keys(desk):
    assert f'class="menu-item" href="{PAGE}"' in desk.get("/console/desk/").content.decode()
