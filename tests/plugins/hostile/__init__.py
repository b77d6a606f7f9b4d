"""Plugins that do what plugins must not. Whatever they do, the customer's message is stored once and the
next runs.
"""
