"""The sending half of the kit: one message against a provider that behaves in each of the usual ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from console.plugin_api.channels import ChannelConnector
from console.plugin_api.errors import AnswerLost, AuthenticationFailed, PermanentFailure, RetryLater
from console.plugin_api.messages import (
    Address,
    OutboundMessage,
    Participant,
    ParticipantRole,
    SendOutcome,
    SendResult,
)

SCENARIOS: dict[str, frozenset[str]] = {
    "accepted": frozenset({"accepted"}),
    "refused": frozenset({"rejected"}),
    "bad_credentials": frozenset({"auth"}),
    "busy": frozenset({"retry_later"}),
    "server_error": frozenset({"retry_later", "unknown"}),
    "lost_before": frozenset({"retry_later"}),
    "lost_after": frozenset({"unknown"}),
}
"""What the provider does, and which answers are right. "lost_before": the line broke before the hand-over."""


def ending(connector: ChannelConnector, message: OutboundMessage) -> str:
    """How a send ended, in one word, as the host would understand it."""
    try:
        result = connector.send(message, message.key)
    except AuthenticationFailed:
        return "auth"
    except AnswerLost:
        return "unknown"
    except RetryLater:
        return "retry_later"
    except PermanentFailure:
        return "rejected"
    assert isinstance(result, SendResult)
    if result.outcome is SendOutcome.REJECTED:
        assert result.code, "rejected without a code"
    return result.outcome.value


class SendingConformance:
    """Override `provider_behaves` to make your provider's double act out each of SCENARIOS."""

    connector: ClassVar[type[ChannelConnector]]
    exempt: ClassVar[Mapping[str, str]]
    recipient: ClassVar[str] = "customer@example.com"

    def provider_behaves(self, scenario: str, subject: ChannelConnector, fake_http: Any) -> None:
        """Called before each send: prepare `fake_http`, or a real server, to act out the scenario."""
        raise NotImplementedError

    def outbound(self) -> OutboundMessage:
        """The message that is sent."""
        someone = Participant(ParticipantRole.TO, Address(self.recipient))
        return OutboundMessage(key="kit-0001", recipients=(someone,), subject="回音", text="您好,已收到。")

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_send(self, scenario: str, subject: ChannelConnector, fake_http: Any) -> None:
        if not self.connector.capabilities.outbound_text:
            assert self.connector.send is ChannelConnector.send
            return
        for part in ("send", f"send.{scenario}"):
            if len(self.exempt.get(part, "").strip()) > 10:
                return
        self.provider_behaves(scenario, subject, fake_http)
        assert ending(subject, self.outbound()) in SCENARIOS[scenario]
