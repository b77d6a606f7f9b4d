"""The only door from this room to plugin_host: accounts as instances, handles to call them, capabilities."""

import threading
import time
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from console.plugin_api.capabilities import (
    Capabilities,
    ChannelClass,
    IdentityLevel,
    LinkRule,
    MediaKind,
    ReceiptSource,
    ReplyWindow,
)
from console.plugin_api.channels import ChannelConnector
from console.plugin_host.instances import ConnectorHandle, Instance, connector_entries, connector_for

from .models import ChannelAccount

HANDLE_SECONDS = 30.0
_KINDS = {
    "links": LinkRule,
    "receipt_source": ReceiptSource,
    "channel_class": ChannelClass,
    "identity_max": IdentityLevel,
}


def instance(account: ChannelAccount) -> Instance:
    """The account as plugin_host wants it described."""
    return Instance(
        ref=account.ref,
        connector=account.connector,
        name=account.name,
        address=account.address,
        config=account.config,
        schema_version=account.schema_version,
        scope=str(account.site_id) if account.site_id else None,
        language=account.language,
        time_zone=account.time_zone,
    )


def source(ref: str) -> Instance | None:
    """Registered with plugin_host: the instance of one of our accounts, None for a foreign reference."""
    try:
        uid = UUID(ref)
    except ValueError:
        return None
    account = ChannelAccount.objects.filter(uid=uid).first()
    return instance(account) if account else None


def handle(account: ChannelAccount) -> ConnectorHandle:
    """A fresh handle for one batch of calls in this thread."""
    return connector_for(instance(account))


class _Kept(threading.local):
    """Handles this thread keeps for a while, so that a webhook call reads no credentials."""

    def __init__(self) -> None:
        self.handles: dict[str, tuple[int, float, ConnectorHandle]] = {}


_kept = _Kept()


def kept_handle(account: ChannelAccount) -> ConnectorHandle:
    """A handle reused in this thread for up to HANDLE_SECONDS, until the account changes."""
    known = _kept.handles.get(account.ref)
    now = time.monotonic()
    if known and known[0] == account.stamp and now - known[1] < HANDLE_SECONDS:
        return known[2]
    fresh = handle(account)
    _kept.handles[account.ref] = (account.stamp, now, fresh)
    return fresh


def connector_class(account: ChannelAccount) -> type[ChannelConnector] | None:
    entry = connector_entries().get(account.connector)
    return entry.cls if entry else None


def overrides(account: ChannelAccount, method: str) -> bool:
    """Whether the connector has an answer of its own: what it does not override need not be called."""
    cls = connector_class(account)
    return cls is not None and getattr(cls, method) is not getattr(ChannelConnector, method)


def capabilities(account: ChannelAccount) -> Capabilities:
    """What this account can do, from memory: the connector's facts narrowed by what was stored at the last test.

    Safe inside a transaction. Nothing at all for a connector that is not there.
    """
    entry = connector_entries().get(account.connector)
    if entry is None:
        return Capabilities()
    if not account.narrowed:
        return entry.facts
    return replace(entry.facts, **unpack(account.narrowed))


def refreshed(account: ChannelAccount, live: ConnectorHandle) -> Capabilities:
    """What this account can do, asked of the connector and stored when it is news. Outside transactions only."""
    narrowed = narrowed_now(live)
    if narrowed != account.narrowed:
        account.narrowed = narrowed
        ChannelAccount.objects.filter(pk=account.pk).update(narrowed=narrowed)
    return live.capabilities


def pack(wide: Capabilities, narrow: Capabilities) -> dict[str, Any]:
    """What `narrow` says differently, as JSON."""
    before, after = asdict(wide), asdict(narrow)
    return {name: _plain(value) for name, value in after.items() if value != before[name]}


def unpack(stored: dict[str, Any]) -> dict[str, Any]:
    """The reverse of `pack`; names a newer or older contract does not know are dropped."""
    return {name: _typed(name, value) for name, value in stored.items() if name in Capabilities.__slots__}


def narrowed_now(live: ConnectorHandle) -> dict[str, Any]:
    """Ask the connector how this account's configuration narrows it. A plugin call: outside transactions only."""
    return pack(live.entry.facts, live.capabilities) if live.entry else {}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return sorted(value) if isinstance(value, frozenset) else value


def _typed(name: str, value: Any) -> Any:
    if name == "media":
        return frozenset(MediaKind(item) for item in value)
    if name == "reply_windows":
        return tuple(ReplyWindow(**item) for item in value)
    if name == "templates":
        return tuple(value)
    return _KINDS[name](value) if name in _KINDS else value
