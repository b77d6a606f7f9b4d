"""Sending policy: each check is a function from a draft to refusals, and none of them knows a connector."""

from . import people
from .checks import check, findings
from .facts import Facts, facts_for, facts_for_many

__all__ = ["Facts", "check", "facts_for", "facts_for_many", "findings", "people"]
