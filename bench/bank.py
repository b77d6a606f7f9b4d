"""A prepared database for subjects: migrated, with the demo bank's staff, types, mailbox and customers."""


def prepare(customers: int = 300):
    """(account, customers) of a demo bank without cases."""
    from django.conf import settings

    from console.customers.services.identities import resolve_identity
    from console.lowcode import blueprints
    from console.runtime.demo import channels, people
    from console.runtime.migrating import migrate

    migrate()
    people.load_staff()
    bundle = (settings.BASE_DIR / "fixtures" / "blueprints" / "cn-bank.yaml").read_bytes()
    blueprints.apply(blueprints.load(bundle), channels.DEMO, reason="bench")
    account = channels.load_mailbox()
    rows = people.load_customers(customers)
    for index, customer in enumerate(rows):
        resolve_identity("email", account, people.email_of(index), customer.display_name)
    return account, rows
