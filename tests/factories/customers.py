"""Customers for tests; `make_customer(phone="13800138000")` puts identifiers on file."""

from __future__ import annotations

import factory

from console.customers.models import Customer
from console.customers.services.profile import add_identifier

from .staff import SiteFactory


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    display_name = factory.Sequence(lambda n: f"林晓{n}")
    site = factory.SubFactory(SiteFactory)


def make_customer(*, phone="", email="", id_card="", card="", customer_no="", **values) -> Customer:
    customer = CustomerFactory(**values)
    on_file = {"phone": phone, "email": email, "id_card": id_card, "card": card, "customer_no": customer_no}
    for kind, value in on_file.items():
        if value:
            add_identifier(None, customer, kind, value)
    return customer
