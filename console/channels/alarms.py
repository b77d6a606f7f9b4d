"""The alarms of this room, in words. Those about an account carry its key, and show its name and the list behind."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.events.alarms.registry import register_alarm

from .models import ChannelAccount


def account_name(key: str) -> str:
    """The name of the account an alarm is about."""
    name = ChannelAccount.objects.filter(pk=key).values_list("name", flat=True).first() if key.isdigit() else None
    return name or key


def _account(key: str) -> str:
    return reverse("admin:channels_channelaccount_change", args=[key])


def _list(model: str, status: str) -> Callable[[str], str]:
    def link(key: str) -> str:
        asked = urlencode({"status__exact": status, "account__id__exact": key})
        return f"{reverse(f'admin:channels_{model}_changelist')}?{asked}"

    return link


def _envelopes(status: str) -> Callable[[str], str]:
    return _list("envelope", status)


def _deliveries(status: str) -> Callable[[str], str]:
    return _list("delivery", status)


def _files(key: str) -> str:
    asked = urlencode({"state__exact": "gone", "message__account__id__exact": key})
    return f"{reverse('admin:channels_attachment_changelist')}?{asked}"


def register() -> None:
    """Called from ready()."""
    _intake()
    _accounts()
    _sending()


def _intake() -> None:
    register_alarm(
        "channels.quarantine",
        title=_("Messages in quarantine"),
        text=_("At least one envelope of account %(about)s could not be read, last %(reference)s."),
        next_step=_("Open the envelope, read the reason, mend the cause, then replay it or set it aside."),
        owner="supervisor",
        name_of=account_name,
        link_to=_envelopes("quarantined"),
    )
    register_alarm(
        "channels.unverified",
        title=_("Calls that could not be verified"),
        text=_("The connector of account %(about)s failed while checking who was calling. The calls are stored."),
        next_step=_("Mend the connector or its settings, then replay the envelopes."),
        name_of=account_name,
        link_to=_envelopes("unverified"),
    )
    register_alarm(
        "channels.fetch",
        title=_("Fetching does not work"),
        text=_("Account %(about)s cannot be fetched (%(error)s). Nothing is lost: the source keeps it."),
        next_step=_("Check the network and the provider; fetching goes on by itself."),
        name_of=account_name,
        link_to=_account,
    )
    register_alarm(
        "channels.store",
        title=_("Messages cannot be stored"),
        text=_("Fetched messages of account %(about)s could not be stored (%(error)s). The source keeps them."),
        next_step=_("Check disk space and database at once."),
        severity="critical",
        name_of=account_name,
        link_to=_account,
    )


def _accounts() -> None:
    register_alarm(
        "channels.media",
        title=_("Files that cannot be fetched"),
        text=_("A file a customer sent to account %(about)s could not be fetched from the provider."),
        next_step=_("Check the account. Open the file and fetch it again, or ask the customer to send it once more."),
        owner="supervisor",
        severity="warning",
        name_of=account_name,
        link_to=_files,
        by_hand=True,
    )
    register_alarm(
        "channels.notice",
        title=_("Notice of a channel"),
        text=_("The channel of account %(about)s reported: %(kind)s."),
        next_step=_("Look into the mailbox or the provider's console."),
        severity="warning",
        name_of=account_name,
        link_to=_account,
        by_hand=True,
    )
    register_alarm(
        "channels.account",
        title=_("A channel account is not well"),
        text=_("Account %(about)s is in state %(state)s."),
        next_step=_("Open the account, read the reason, test the connection, sign in again if asked."),
        name_of=account_name,
        link_to=_account,
    )


def _sending() -> None:
    register_alarm(
        "channels.outage",
        title=_("Sending waits"),
        text=_("The other side of account %(about)s takes nothing at the moment; %(waiting)s messages wait."),
        next_step=_("Check the provider. Everything goes out by itself when it is back."),
        name_of=account_name,
        link_to=_account,
    )
    register_alarm(
        "channels.failed",
        title=_("Messages that could not be delivered"),
        text=_("Account %(about)s gave up on a message, last delivery %(delivery)s."),
        next_step=_("Open the delivery, tell the customer another way, or send it again."),
        owner="supervisor",
        severity="warning",
        name_of=account_name,
        link_to=_deliveries("failed"),
        by_hand=True,
    )
    register_alarm(
        "channels.unknown",
        title=_("Messages that may have been sent"),
        text=_("Nobody knows whether messages of account %(about)s went out, last delivery %(delivery)s."),
        next_step=_("Look at the provider's log and decide, with the evidence."),
        owner="supervisor",
        severity="warning",
        name_of=account_name,
        link_to=_deliveries("unknown"),
    )
    register_alarm(
        "channels.scanner",
        title=_("The malware scanner does not answer"),
        text=_("Files wait for their scan (%(error)s)."),
        next_step=_("Start the scanner, or check its address in the settings."),
    )
    register_alarm(
        "channels.infected",
        title=_("Infected file"),
        text=_("The scanner found something, last in file %(attachment)s. Such files cannot be opened."),
        next_step=_("Warn the colleague, tell the customer not to send it again."),
        owner="supervisor",
        severity="warning",
        link_to=lambda key: f"{reverse('admin:channels_attachment_changelist')}?state__exact=infected",
        by_hand=True,
    )
