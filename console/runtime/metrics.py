"""`/metrics` for Prometheus: gauges read from the rows at each scrape, so every process tells the same."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from console.channels.models import ChannelAccount, Delivery, Envelope
from console.events.models import Alarm, EventDelivery

from .queue_age import oldest_due_seconds

LOOPBACK = {"127.0.0.1", "::1"}


def metrics(request: HttpRequest) -> HttpResponse:
    """Open to the machine itself and to addresses of HUIYIN_METRICS_FROM; counts only, nothing personal."""
    from django.conf import settings

    if request.META.get("REMOTE_ADDR") not in LOOPBACK | set(settings.HUIYIN_METRICS_FROM):
        return HttpResponseForbidden()
    return HttpResponse(generate_latest(_collect()), content_type=CONTENT_TYPE_LATEST)


def _collect() -> CollectorRegistry:
    registry = CollectorRegistry()
    oldest = Gauge("huiyin_oldest_due_seconds", "Age of the oldest due row of work", registry=registry)
    oldest.set(oldest_due_seconds())
    alarms = Gauge("huiyin_open_alarms", "Alarms that are not cleared", ["code"], registry=registry)
    for code, number in _counts(Alarm.objects.filter(cleared_at=None), "code"):
        alarms.labels(code).set(number)
    for name, text, rows, field in (
        ("huiyin_channel_accounts", "Channel accounts by state", ChannelAccount.objects.all(), "state"),
        ("huiyin_envelopes_waiting", "Envelopes not parsed", Envelope.objects.exclude(status="parsed"), "status"),
        ("huiyin_deliveries_open", "Deliveries not settled", _open_deliveries(), "status"),
        ("huiyin_event_deliveries", "Events not handed on to their listeners", EventDelivery.objects.all(), "status"),
    ):
        gauge = Gauge(name, text, [field], registry=registry)
        for value, number in _counts(rows, field):
            gauge.labels(value).set(number)
    return registry


def _open_deliveries():
    return Delivery.objects.filter(status__in=["queued", "sending", "unknown", "held"])


def _counts(rows, field: str):
    return rows.order_by().values_list(field).annotate(number=Count("pk"))
