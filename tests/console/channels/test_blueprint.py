"""Sending policy travels in blueprints."""

import datetime

import pytest

from console.channels.models import AttachmentRule, BannedWord, PolicyRule, Touchpoint
from console.events import Actor
from console.lowcode.blueprints import BundleRefused, apply, bundle, diff, export

pytestmark = pytest.mark.django_db
NAMES = ("touchpoints", "sending_rules", "banned_words", "attachment_rules", "bank_domains")


def ours(whole) -> dict:
    return {name: whole.sections[name] for name in NAMES}


def test_what_is_exported_is_made_again_and_differs_in_nothing():
    Touchpoint.objects.create(code="lobby", name="网点大堂")
    PolicyRule.objects.create(send_class="marketing", quiet_from=datetime.time(20), quiet_to=datetime.time(9))
    BannedWord.objects.create(word="稳赚", reason="请说明风险")
    AttachmentRule.objects.create(outbound=True, allowed_types=["application/pdf"])
    kept = bundle.Bundle("policy", "1", {}, ours(export()))
    for model in (Touchpoint, PolicyRule, BannedWord, AttachmentRule):
        model.objects.all().delete()
    apply(kept, Actor("system"), reason="test")
    assert ours(export()) == kept.sections
    assert not diff(kept)
    assert PolicyRule.objects.get().quiet_from == datetime.time(20)


@pytest.mark.parametrize(
    ("section", "item"),
    [
        ("sending_rules", {"key": "x", "send_class": "nonsense"}),
        ("sending_rules", {"key": "x", "send_class": "reply", "quiet_from": "99:99"}),
        ("banned_words", {"key": "x", "word": "x", "invented": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_as_a_whole(section, item):
    bad = bundle.Bundle("policy", "1", {}, {section: [item]})
    with pytest.raises(BundleRefused):
        apply(bad, Actor("system"), reason="test")
    assert not PolicyRule.objects.exists()
