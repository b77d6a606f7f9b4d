"""The health checks of plugins: asked every five minutes, kept as one row each, told by an alarm when unwell."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import clear_alarm, raise_alarm
from console.events.alarms import register_alarm
from console.plugin_api.messages import HealthResult, HealthState

from . import extensions, runner
from .models import PluginHealth
from .outcomes import Outcome

KIND = "health_check"
ALARM = "plugin.unwell"
WELL = (HealthState.OK, HealthState.DEGRADED)


def register_alarms() -> None:
    """The words of this alarm. Called from ready()."""
    register_alarm(
        ALARM,
        title=_("A plugin is not well"),
        text=_("%(plugin)s says that %(check)s is not well."),
        next_step=_("Open the plugins page and read what its health check says; it is asked again every five minutes."),
    )


def check(plugin: str = "") -> list[PluginHealth]:
    """Run every check of every plugin that is on, or of one; keep and tell what each said."""
    handles = extensions.of(KIND, plugin)
    rows = [_keep(handle, _said(handle.call("run"))) for handle in handles]
    if not plugin:
        _forget_others({(handle.plugin, handle.slug) for handle in handles})
    return rows


def _said(outcome: Outcome) -> HealthResult:
    """A check that fails says nothing good."""
    if outcome.ok:
        return outcome.value
    return HealthResult(state=HealthState.DOWN, detail=outcome.message or outcome.error_class)


def _keep(handle: extensions.Handle, said: HealthResult) -> PluginHealth:
    before = PluginHealth.objects.filter(plugin=handle.plugin, check_slug=handle.slug).first()
    now = timezone.now()
    since = before.since if before is not None and before.state == said.state.value else now
    detail = runner.NOBODY.text(said.detail, 2000)
    row, _made = PluginHealth.objects.update_or_create(
        plugin=handle.plugin,
        check_slug=handle.slug,
        defaults={"state": said.state.value, "detail": detail, "since": since, "at": now},
    )
    key = f"{handle.plugin}:{handle.slug}"
    if said.state in WELL:
        clear_alarm(ALARM, key)
    else:
        raise_alarm(ALARM, key, data={"plugin": handle.plugin, "check": handle.slug})
    return row


def _forget_others(present: set[tuple[str, str]]) -> None:
    """What is gone or switched off is neither well nor unwell."""
    for row in PluginHealth.objects.all():
        if (row.plugin, row.check_slug) not in present:
            clear_alarm(ALARM, f"{row.plugin}:{row.check_slug}")
            row.delete()
