"""What a guarded call comes to, as a value: callers branch on it and never see a plugin's exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.plugin_api.errors import (
    AnswerLost,
    AuthenticationFailed,
    ConfigurationError,
    PermanentFailure,
    PluginError,
    RetryLater,
)


class Failure(StrEnum):
    """Why a call gave no value. The first three are faults of the plugin and count for its circuit."""

    BUG = "bug"
    CONTRACT = "contract"
    TIMEOUT = "timeout"
    RETRY = "retry"
    PERMANENT = "permanent"
    AUTH = "auth"
    CONFIG = "config"
    LOST = "lost"
    CIRCUIT_OPEN = "circuit_open"
    DISABLED = "disabled"
    MISSING = "missing"


FAULTS = frozenset({Failure.BUG, Failure.CONTRACT, Failure.TIMEOUT})
NOT_CALLED = frozenset({Failure.CIRCUIT_OPEN, Failure.DISABLED, Failure.MISSING})

_OF_ERROR: tuple[tuple[type[PluginError], Failure], ...] = (
    (RetryLater, Failure.RETRY),
    (AnswerLost, Failure.LOST),
    (PermanentFailure, Failure.PERMANENT),
    (AuthenticationFailed, Failure.AUTH),
    (ConfigurationError, Failure.CONFIG),
)


class ContractBroken(Exception):
    """The plugin's answer is not what the contract says."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one guarded call. `ok` and `value`, or `failure` with what is known.

    `error_class` is the exception's name, or the failure's word when nothing was raised. `retry_after` is
    set for `retry` and for a shut circuit. `code` and `field` come from PermanentFailure and
    ConfigurationError. `message` carries no known secret. `called` tells whether plugin code ran at all.
    """

    ok: bool
    value: Any = None
    failure: Failure | None = None
    error_class: str = ""
    message: str = ""
    retry_after: float | None = None
    code: str = ""
    field: str = ""
    run_id: int | None = None

    @property
    def called(self) -> bool:
        return self.failure not in NOT_CALLED

    @property
    def is_fault(self) -> bool:
        """Whether the plugin broke its promise, as against a declared failure of the other side."""
        return self.failure in FAULTS

    @property
    def waits(self) -> bool:
        """Whether the work shall simply wait and be tried again later, without counting against it."""
        return self.failure in NOT_CALLED or self.failure is Failure.RETRY


def failure_of(error: BaseException) -> Failure:
    """Which failure an exception of plugin code means."""
    for kind, failure in _OF_ERROR:
        if isinstance(error, kind):
            return failure
    return Failure.CONTRACT if isinstance(error, ContractBroken) else Failure.BUG


class CircuitOpen(Outcome):
    """Not called: the circuit is open, or every thread of the plugin is busy."""

    __slots__ = ()

    def __init__(self, retry_after: float, message: str = "") -> None:
        super().__init__(
            ok=False,
            failure=Failure.CIRCUIT_OPEN,
            error_class=Failure.CIRCUIT_OPEN.value,
            message=message,
            retry_after=retry_after,
        )
