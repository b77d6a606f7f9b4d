"""What every form of the customers shares: the opened form's token, the trap, the clock, the files, the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from console.channels.models import ChannelAccount

from . import limits, tokens
from .memory import CappedMemory
from .models import PortalPolicy, Upload
from .services import submitting, uploads

TRAP_FIELD = "website"
HEAD_ROOM = 1024 * 1024


@dataclass
class Sheet:
    """One opened form as it stands in the page, and what was wrong with the last press of its button."""

    token: str
    name: str
    account: ChannelAccount
    policy: PortalPolicy
    problems: list[str] = field(default_factory=list)
    trapped: bool = False

    @property
    def files(self) -> list[Upload]:
        return uploads.of_form(self.name)

    @property
    def biggest_mb(self) -> int:
        return submitting.limits_of(self.account)["biggest"] // (1024 * 1024)

    @property
    def suspicion(self) -> str:
        return submitting.TRAP if self.trapped else ""


def fresh(account: ChannelAccount, session: str = "") -> Sheet:
    """A form nobody has typed into yet."""
    token = tokens.make_form(session)
    return Sheet(token, tokens.read_form(token, session).name, account, PortalPolicy.current())


def read(request: HttpRequest, account: ChannelAccount, session: str = "") -> Sheet:
    """A form that was sent: its files are taken in first, then everything that speaks against it is said.

    Nothing typed or chosen is thrown away whatever is wrong.
    """
    memory = CappedMemory(request, submitting.limits_of(account)["total"])
    request.upload_handlers = [memory]
    data, files = request.POST, request.FILES.getlist("files")
    sheet = _sheet(data, account, session)
    if memory.too_much:
        sheet.problems.append(_("The files are too large together. Please send fewer, or smaller ones."))
    _take(sheet, files)
    sheet.trapped = bool(data.get(TRAP_FIELD, "").strip())
    return sheet


def _sheet(data: Any, account: ChannelAccount, session: str) -> Sheet:
    token = data.get("form", "")
    try:
        opened = tokens.read_form(token, session)
    except tokens.BadToken:
        sheet = fresh(account, session)
        sheet.problems.append(_("This page was open for long. Nothing is lost: please press the button once more."))
        return sheet
    sheet = Sheet(token, opened.name, account, PortalPolicy.current())
    if opened.age < sheet.policy.fill_seconds:
        sheet.problems.append(_("That was very quick. Please look it over and press the button once more."))
    return sheet


def _take(sheet: Sheet, files: list[Any]) -> None:
    """Keep files that came with the form itself; what was kept at an earlier press is not taken twice."""
    for file in files:
        try:
            uploads.take_whole(
                sheet.name,
                file.name or "",
                file.content_type or "",
                file.read(),
                most=sheet.policy.max_files,
                **submitting.limits_of(sheet.account),
            )
        except uploads.Full:
            sheet.problems.append(_("We cannot take files just now. Please send the words alone, or send it by mail."))
        except uploads.TooMuch:
            sheet.problems.append(
                _("“%(name)s” was not taken: at most %(files)s files of %(size)s MB each.")
                % {"name": file.name, "files": sheet.policy.max_files, "size": sheet.biggest_mb}
            )


def too_often(request: HttpRequest, sheet: Sheet, sender: str) -> bool:
    """Whether this network or this sender has sent too many forms within the hour."""
    networks = limits.over("form", limits.network_of(request), sheet.policy.forms_per_hour)
    senders = bool(sender) and limits.over("sender", sender, sheet.policy.forms_per_address)
    return networks or senders
