"""Tokens that come in, webhooks that go out."""

from .token import ApiToken
from .webhook import Webhook, WebhookDelivery

__all__ = ["ApiToken", "Webhook", "WebhookDelivery"]
