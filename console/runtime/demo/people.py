"""Sites, teams, staff and customers of the demo bank. Always the same people: the dice have a fixed seed."""

import random
import secrets

from django.contrib.auth.hashers import make_password
from django.db import transaction

from console.cases.services import give_product
from console.customers.models import Customer
from console.customers.services.profile import create_customer
from console.settings.env import secret_file
from console.staff.models import Membership, Site, Team, User
from console.staff.services import memberships, people

from .files import read

SIGN_INS = ("admin", "agent", "supervisor", "officer", "editor", "product", "participant", "auditor")
CUSTOMERS = 300
SEED = 20261122
TIERS = ("standard",) * 7 + ("gold", "platinum", "diamond")


def demo_password() -> str:
    """One password for all demo sign-ins, made on first use and kept under HUIYIN_HOME."""
    return secret_file("demo_password", lambda: f"spruce-{secrets.token_hex(4)}")


@transaction.atomic
def load_staff() -> None:
    """Sites, teams and one person a role and more; what is there stays."""
    source = read("people")
    for row in source["sites"]:
        kind = "head" if row["code"] == "tj" else "centre"
        Site.objects.get_or_create(code=row["code"], defaults={"name": row["zh"], "name_en": row["en"], "kind": kind})
    sites = {site.code: site for site in Site.objects.all()}
    for row in source["teams"]:
        defaults = {"name": row["zh"], "name_en": row["en"], "site": sites[row["site"]]}
        Team.objects.get_or_create(code=row["code"], defaults=defaults)
    teams = {team.code: team for team in Team.objects.all()}
    password = make_password(demo_password())
    for row in source["staff"]:
        _person(row, sites[row["site"]], teams[row["team"]], password)


def _person(row: dict, site: Site, team: Team, password: str) -> None:
    user = User.objects.filter(username=row["username"]).first()
    if user is None:
        user = people.create_user(
            None,
            row["username"],
            last_name=row["name"][0],
            first_name=row["name"][1:],
            email=f"{row['username']}@spruce.example",
            site=site,
            is_demo=True,
        )
        User.objects.filter(pk=user.pk).update(password=password)
    if not Membership.objects.filter(user=user).exists():
        memberships.assign(None, user, row["role"], team)


def load_products() -> None:
    """Whose cases the product people see. After the category trees are there."""
    for row in read("people")["staff"]:
        for code in row.get("products", ()):
            give_product(User.objects.get(username=row["username"]), code)


@transaction.atomic
def load_customers(number: int = CUSTOMERS) -> list[Customer]:
    """`number` invented customers with an e-mail and a telephone each; one in twelve is a firm."""
    if Customer.objects.exists():
        return list(Customer.objects.order_by("pk")[:number])
    source, dice = read("people"), random.Random(SEED)
    sites = list(Site.objects.order_by("code"))
    return [_customer(index, source, dice, sites) for index in range(number)]


def _customer(index: int, source: dict, dice: random.Random, sites: list[Site]) -> Customer:
    firm = index % 12 == 11
    name = dice.choice(source["surnames"]) + dice.choice(source["given"])
    if firm:
        name = f"{dice.choice(source['given'])}{dice.choice(source['firms'])}"
    return create_customer(
        None,
        kind="firm" if firm else "person",
        display_name=name,
        language="en" if index % 15 == 14 else "zh-hans",
        tier=dice.choice(TIERS),
        is_sensitive=dice.random() < 0.05,
        site=dice.choice(sites),
        identifiers={
            "email": email_of(index),
            # 1999999xxxx is nobody's: the demo must not hold a real person's number.
            "phone": f"1999999{index:04d}",
        },
    )


def email_of(index: int) -> str:
    """Address of customer number `index`; .example belongs to nobody."""
    return f"customer{index:04d}@mail.example"
