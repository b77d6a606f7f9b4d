"""Webhooks: what happens here, told to somebody outside; signed, retried from rows, never in anybody's way."""
