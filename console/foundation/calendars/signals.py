"""Sent inside the transaction that changed a calendar; receivers plan work and never do it on the spot."""

from django.dispatch import Signal

calendar_changed = Signal()
