from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_api.manifest import Manifest
from console.plugin_host.manifest import ManifestError, from_table, read

GOOD = {
    "slug": "sms_http",
    "name": {"en": "SMS", "zh-hans": "短信"},
    "version": "1.2",
    "requires_api": ">=0.9,<2",
}


def test_a_good_manifest_is_read(tmp_path):
    lines = ["[plugin]", 'slug = "sms"', 'version = "1.0"', 'requires_api = ">=0.9"', 'kinds = ["channel"]']
    (tmp_path / "plugin.toml").write_text("\n".join([*lines, 'name = { en = "S", "zh-hans" = "短" }']))
    manifest = read(tmp_path, "somewhere.sms")
    assert (manifest.slug, manifest.module, manifest.kinds) == ("sms", "somewhere.sms", ("channel",))
    assert manifest.app_label == "hyp_sms"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slug": "Upper"}, "slug"),
        ({"slug": "x" * 41}, "slug"),
        ({"name": {"en": "only"}}, "zh-hans"),
        ({"name": "text"}, "name"),
        ({"version": "one"}, "one"),
        ({"requires_api": "soon"}, "requires_api"),
        ({"kinds": ["telepathy"]}, "telepathy"),
        ({"requires": "httpx"}, "requires"),
        ({"budget_seconds": 121}, "budget_seconds"),
        ({"budget_seconds": True}, "budget_seconds"),
        ({"app": "elsewhere.apps.Config"}, "app"),
        ({"module": "elsewhere"}, "elsewhere"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_each_fault_is_named(change, words):
    with pytest.raises(ManifestError) as caught:
        from_table({**GOOD, **change}, "plugins.sms_http")
    assert caught.value.code == "manifest_invalid"
    assert words in caught.value.detail


@pytest.mark.parametrize("content", ["not toml = = ", "[other]\n", "\xff", "[plugin]\nslug = 5\n"])
def test_a_broken_file_is_a_manifest_error(tmp_path, content):
    (tmp_path / "plugin.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(ManifestError):
        read(tmp_path, "x")


def test_a_missing_or_huge_file_is_a_manifest_error(tmp_path):
    with pytest.raises(ManifestError):
        read(tmp_path, "x")
    (tmp_path / "plugin.toml").write_text("#" * 70_000)
    with pytest.raises(ManifestError):
        read(tmp_path, "x")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "kinds", "requires", "app", "budget_seconds"]), VALUES))
def test_whatever_stands_there_is_a_manifest_or_a_manifest_error(changes):
    table = {**GOOD, **changes}
    with suppress(ManifestError):
        assert isinstance(from_table(table, "plugins.sms_http"), Manifest)
