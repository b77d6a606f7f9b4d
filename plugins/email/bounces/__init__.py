"""Mails that say our mail did not arrive: found, read and put into classes."""
