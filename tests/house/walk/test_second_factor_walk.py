"""Where a second factor is demanded, no door opens without it (DESIGN: no door skips the second factor)."""

import pytest

from console.staff.middleware import SETTING_UP
from console.staff.models import User

from .table import NEVER, doors

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# What answers without asking who is there: probes, scrapes, providers.
UNASKED = ("/healthz", "/readyz", "/metrics", "/hooks/")


def every_door():
    for door in doors():
        if door.method != NEVER and not door.address.startswith((*SETTING_UP, *UNASKED)):
            yield door


def test_who_has_none_yet_is_led_to_set_one_up(visitor, world, settings):
    settings.HUIYIN_REQUIRE_MFA = ["*"]
    odd = {}
    for door in every_door():
        visit = visitor.visit("m", door.method, visitor.address(door.address, world.near))
        led = (visit.status, visit.location) == (302, "/accounts/2fa/") or visit.status == 403
        if not led or visit.writes:
            odd[str(door)] = f"{visit} {visit.writes}"
    assert odd == {}


def test_who_has_not_shown_theirs_is_signed_out(visitor, world):
    User.objects.filter(pk=world.people["m"].pk).update(second_factor=True)
    odd = {}
    for door in every_door():
        visit = visitor.visit("m", door.method, visitor.address(door.address, world.near))
        # A form is answered as a stranger's, so that its page can keep what was typed.
        refused = door.method == "POST" and visit.status == 403
        if not (visit.to_sign_in or refused):
            odd[str(door)] = str(visit)
    assert odd == {}
