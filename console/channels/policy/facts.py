"""What the checks need to know beside the draft, gathered once for each send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from console.plugin_api.capabilities import Capabilities

from .. import gateway
from ..drafts import Draft
from .rules import Rule, rule_for


@dataclass(frozen=True, slots=True)
class Facts:
    """Capabilities of the account, the rule of the class, and the moment."""

    capabilities: Capabilities
    rule: Rule
    kind: str
    now: datetime


def facts_for(draft: Draft) -> Facts:
    account = draft.account
    return Facts(
        gateway.capabilities(account),
        rule_for(str(draft.send_class), account.channel_kind),
        account.channel_kind,
        timezone.now(),
    )
