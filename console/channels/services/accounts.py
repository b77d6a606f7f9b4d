"""Accounts: configured through their connector's form, tested before they work, watched while they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.events import Actor, clear_alarm, emit, raise_alarm
from console.foundation.text.masking import redact
from console.foundation.work import ring
from console.plugin_api.channels import HealthResult, HealthState
from console.plugin_host import credentials
from console.plugin_host.instances import connectors

from .. import gateway
from ..models import AccountState, ChannelAccount
from ..models.account import WORKING

STATE_ALARM = "channels.account"
POLL_PUMP = "channels.poll"
# Alarms about work that is not done while the account rests.
WHILE_WORKING = ("channels.fetch", "channels.store", "channels.outage")
FAILURES_TO_DEGRADE = 3


class NotTested(Exception):
    """The account cannot work: its connection was not tested well since its last change. `result` says what came."""

    def __init__(self, result: HealthResult) -> None:
        super().__init__(result.detail)
        self.result = result


def kind_of(connector: str) -> str:
    """The kind of channel a connector speaks: "sms_http" and "sms_smpp" are both sms."""
    return connector.partition("_")[0]


def configure(
    account: ChannelAccount, config: Mapping[str, Any], secrets: Mapping[str, str], actor: Actor
) -> ChannelAccount:
    """Save an account's configuration. It must be tested again before it works; a working one goes back to draft
    only when the connection could have changed."""
    cls = connectors()[account.connector]
    with transaction.atomic():
        new = account.pk is None
        changed = new or dict(config) != account.config
        account.config = dict(config)
        _take_addresses(account)
        account.schema_version = cls.schema_version
        account.channel_kind = account.channel_kind or kind_of(account.connector)
        account.stamp = account.stamp if new else account.stamp + 1
        account.save()
        changed = bool(credentials.store(account.ref, secrets, actor)) or changed
        _told(account, "channel.created" if new else "channel.configured", actor)
        if changed and account.state in WORKING:
            set_state(account, AccountState.DRAFT, "configuration changed: test it", actor)
        elif not changed:
            ChannelAccount.objects.filter(pk=account.pk, tested_stamp=account.stamp - 1).update(
                tested_stamp=account.stamp
            )
    return account


def test_account(account: ChannelAccount) -> HealthResult:
    """Ask the connector to sign in and touch nothing. A good answer lets the account become active. Outside
    transactions only."""
    live = gateway.handle(account)
    outcome = live.call("test_connection", through_open=True)
    result = outcome.value if outcome.ok else _result_of(outcome)
    narrowed = gateway.narrowed_now(live) if result.state == HealthState.OK else account.narrowed
    changes: dict[str, Any] = {
        "health": result.state.value,
        "health_detail": redact(result.detail)[:300],
        "health_at": timezone.now(),
        "narrowed": narrowed,
    }
    if result.state == HealthState.OK:
        changes["tested_stamp"] = account.stamp
    _update(account, changes)
    return result


def activate(account: ChannelAccount, actor: Actor, *, tested: bool = False) -> ChannelAccount:
    """Let an account work. It is tested now unless that was done since the last change. Raises NotTested."""
    if account.tested_stamp != account.stamp and not tested:
        result = test_account(account)
        if result.state != HealthState.OK:
            raise NotTested(result)
    with transaction.atomic():
        _update(account, {"poll_failures": 0, "send_failures": 0, "send_after": None, "next_poll_at": timezone.now()})
        set_state(account, AccountState.ACTIVE, "", actor)
        ring(POLL_PUMP)
    return account


def pause(account: ChannelAccount, actor: Actor, reason: str) -> ChannelAccount:
    """Stop fetching and sending. What comes through the webhook is still stored and read."""
    with transaction.atomic():
        set_state(account, AccountState.PAUSED, reason, actor)
        for code in WHILE_WORKING:
            clear_alarm(code, str(account.pk))
    return account


def resume(account: ChannelAccount, actor: Actor) -> ChannelAccount:
    """Work again after a pause or an error. Raises NotTested."""
    return activate(account, actor)


def set_state(account: ChannelAccount, state: str, reason: str, actor: Actor | None = None) -> bool:
    """Move an account to a state, once, with the event and the alarm that belong to it. True when it moved."""
    reason = redact(reason)[:300]
    with transaction.atomic():
        moved = (
            ChannelAccount.objects.filter(pk=account.pk)
            .exclude(state=state)
            .update(state=state, state_reason=reason, state_since=timezone.now())
        )
        if moved:
            before, account.state, account.state_reason = account.state, state, reason
            _told(account, "channel.state_changed", actor, before=before, after=str(state))
        _alarm(account, state)
    return bool(moved)


def mark_auth_failed(account: ChannelAccount, detail: str) -> None:
    """The provider refuses our credentials: stop trying, ask a person."""
    set_state(account, AccountState.AUTH_FAILED, detail or "sign-in refused")


def mark_trouble(account: ChannelAccount, detail: str, failures: int) -> None:
    """The other side does not answer. After a few times the account counts as degraded; it goes on trying."""
    if failures >= FAILURES_TO_DEGRADE and account.state == AccountState.ACTIVE:
        set_state(account, AccountState.DEGRADED, detail)


def mark_well(account: ChannelAccount) -> None:
    """It works (again)."""
    if account.state in (AccountState.DEGRADED, AccountState.AUTH_FAILED):
        set_state(account, AccountState.ACTIVE, "")


def check_health(account: ChannelAccount) -> HealthResult:
    """Periodic: ask the connector how it is and keep the answer."""
    from console.plugin_host.services import check_health as ask

    outcome = ask(account.ref)
    result = outcome.value if outcome.ok else _result_of(outcome)
    _update(
        account,
        {
            "health": result.state.value,
            "health_detail": redact(result.detail)[:300],
            "health_at": timezone.now(),
        },
    )
    if result.state == HealthState.OK:
        mark_well(account)
    elif result.state == HealthState.AUTH_FAILED and account.state in WORKING:
        mark_auth_failed(account, result.detail)
    return result


def _take_addresses(account: ChannelAccount) -> None:
    """A connector that asks for the address itself is the one that knows it."""
    if address := account.config.get("address"):
        account.address = str(address)[:254]
    if "aliases" in account.config:
        listed = str(account.config["aliases"] or "").replace(",", "\n").splitlines()
        account.aliases = [line.strip() for line in listed if line.strip()]


def _result_of(outcome: Any) -> HealthResult:
    state = HealthState.AUTH_FAILED if outcome.failure == "auth" else HealthState.DOWN
    return HealthResult(state=state, detail=outcome.message or outcome.error_class, field=outcome.field)


def _alarm(account: ChannelAccount, state: str) -> None:
    if state in (AccountState.AUTH_FAILED, AccountState.DEGRADED, AccountState.ERROR):
        raise_alarm(STATE_ALARM, str(account.pk), data={"account": account.pk, "state": str(state)})
    else:
        clear_alarm(STATE_ALARM, str(account.pk))


def _update(account: ChannelAccount, changes: Mapping[str, Any]) -> None:
    ChannelAccount.objects.filter(pk=account.pk).update(**changes)
    for name, value in changes.items():
        setattr(account, name, value)


def _told(account: ChannelAccount, type_: str, actor: Actor | None, **more: str) -> None:
    emit(
        f"account:{account.pk}", type_, {"account_id": account.pk, "connector": account.connector, **more}, actor=actor
    )
