"""gunicorn's words by the way of all others: its own handlers print addresses with their queries and exceptions with
their messages. There is no log of requests; a proxy in front keeps one, without queries (docs/reference/settings.md).
"""

from typing import Any

from gunicorn.glogging import Logger


class Lines(Logger):
    """Named to gunicorn as its `logger_class`."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True

    def _set_handler(self, log: Any, output: Any, fmt: Any, stream: Any = None) -> None:
        """No handler: the root's masks and prints."""
