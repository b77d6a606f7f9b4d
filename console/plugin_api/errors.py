"""What a plugin may raise. Anything else counts as a bug of the plugin and feeds its circuit breaker.

The texts are shown to operators after known secrets are removed; keep personal data out of them all the same.
"""

from __future__ import annotations


class PluginError(Exception):
    """Base of the errors a plugin raises on purpose; raise one of those below, never this one."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class RetryLater(PluginError):
    """The other side is busy or away. The host waits at least `seconds`, then calls again with the same
    arguments.

    From `send` it means that the message was certainly *not* taken; when in doubt return
    `SendResult.unknown()`.
    """

    def __init__(self, seconds: float = 60, detail: str = "") -> None:
        super().__init__(detail)
        self.seconds = max(0.0, float(seconds))


class AnswerLost(PluginError):
    """The request went out and no whole answer came back. `send` that lets it pass counts as *unknown*; any
    other method as `RetryLater`. The host's own `ctx.http` raises it; socket code may too.
    """


class PermanentFailure(PluginError):
    """This very request can never succeed (no such number, message refused). `code` is short and stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


class AuthenticationFailed(PluginError):
    """The credentials were refused. The account goes to `auth_failed`, waits, and a person is asked to sign
    in again.

    Raise it only after one refresh of a token; the host never loops on it.
    """


class ConfigurationError(PluginError):
    """The account's settings cannot work (unknown host, missing folder). `field` names the form field to
    mark.
    """

    def __init__(self, detail: str = "", field: str = "") -> None:
        super().__init__(detail)
        self.field = field
