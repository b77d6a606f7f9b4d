"""Staff for tests: `make_user("agent", team=team)` is what most of them need."""

from __future__ import annotations

import factory

from console.staff.models import Site, Team, User
from console.staff.services import assign

PASSWORD = "Echo-in-the-valley-1942"


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    code = factory.Sequence(lambda n: f"site-{n}")
    name = factory.Sequence(lambda n: f"中心{n}")
    name_en = factory.Sequence(lambda n: f"Centre {n}")


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    code = factory.Sequence(lambda n: f"team-{n}")
    name = factory.Sequence(lambda n: f"{n}组")
    site = factory.SubFactory(SiteFactory)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "敏"
    last_name = "王"
    language = "zh-hans"
    password = factory.django.Password(PASSWORD)


def make_user(*roles: str, team: Team | None = None, site: Site | None = None, **values) -> User:
    """A user with these roles, in this team (and its site)."""
    user = UserFactory(site=site or (team.site if team else None), **values)
    for role in roles:
        assign(None, user, role, team)
    return user
