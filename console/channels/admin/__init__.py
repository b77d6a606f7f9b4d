"""Pages of this room in the hub."""

from . import accounts, deliveries, envelopes, ledger, messages, policy  # noqa: F401  they register themselves
