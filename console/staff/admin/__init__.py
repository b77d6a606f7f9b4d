"""The hub's pages about people. Every change goes through services."""

from . import people, places, roles, tidy

__all__ = ["people", "places", "roles", "tidy"]
