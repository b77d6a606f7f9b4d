"""The only way this product calls other machines: bounded in time and size, and never into the bank's own network."""

from .client import GuardedClient, guarded_client
from .guard import AddressBlocked, ResponseTooLarge

__all__ = ["AddressBlocked", "GuardedClient", "ResponseTooLarge", "guarded_client"]
