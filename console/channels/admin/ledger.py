"""The ledger page: what became of every mail fetched."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from ..ledger import COLUMNS, REJECTED, LedgerRow, behind, ledger
from ..models import ChannelAccount, IntakeDay
from .base import ReadOnlyAdmin, require

DAYS = 7
MOST_DAYS = 92
DRILL = 200


@admin.register(IntakeDay)
class LedgerAdmin(ReadOnlyAdmin):
    """Takes the place of the list of counters."""

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.page), name="channels_intakeday_changelist"),
            path("<int:account>/<str:day>/<slug:column>/", guard(self.drill), name="channels_ledger_drill"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Days and accounts, each number with its envelopes behind it."""
        require(request, "channel.view")
        first, last = _span(request)
        accounts = list(ChannelAccount.objects.visible_to(request.user))
        chosen = [account for account in accounts if request.GET.get("account") in ("", None, str(account.pk))]
        rows = ledger(chosen, first, last)
        return self._render(
            request,
            "ledger",
            _("What became of every mail fetched?"),
            rows=[_shown(row) for row in rows],
            columns=list(COLUMNS.values()),
            totals=[sum(row.columns[name] for row in rows) for name in COLUMNS],
            accounts=accounts,
            account=request.GET.get("account", ""),
            first=first,
            last=last,
            wrong=[row for row in rows if not row.adds_up],
        )

    def drill(self, request: HttpRequest, account: int, day: str, column: str) -> HttpResponse:
        """The envelopes behind one number."""
        require(request, "channel.view")
        owner = ChannelAccount.objects.visible_to(request.user).filter(pk=account).first()
        when = _date(day)
        if owner is None or when is None or column not in (*COLUMNS, REJECTED):
            raise Http404
        found = behind(owner, when, column).defer("raw", "headers", "traceback").order_by("pk")[:DRILL]
        title = f"{owner.name} {day}: {COLUMNS.get(column, column)}"
        return self._render(request, "ledger_drill", title, envelopes=found)

    def _render(self, request: HttpRequest, name: str, title: str, **values: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **values}
        return render(request, f"channels/{name}.html", context)


def _shown(row: LedgerRow) -> dict[str, Any]:
    """A row with an address behind each number."""

    def address(column: str) -> str:
        return reverse("admin:channels_ledger_drill", args=[row.account.pk, row.day.isoformat(), column])

    return {
        "row": row,
        "cells": [(number, address(column)) for column, number in row.cells()],
        "rejected": address(REJECTED),
    }


def _span(request: HttpRequest) -> tuple[date, date]:
    last = _date(request.GET.get("last", "")) or timezone.localdate()
    first = _date(request.GET.get("first", "")) or last - timedelta(days=DAYS - 1)
    return max(first, last - timedelta(days=MOST_DAYS)), last


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
