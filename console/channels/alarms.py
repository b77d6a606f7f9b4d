"""The alarms of this room, in words."""

from django.utils.translation import gettext_lazy as _

from console.events.alarms.registry import register_alarm


def register() -> None:
    """Called from ready()."""
    _intake()
    _sending()


def _intake() -> None:
    register_alarm(
        "channels.quarantine",
        title=_("Messages in quarantine"),
        text=_("At least one envelope of account %(account)s could not be read, last %(reference)s."),
        next_step=_("Open the envelope, read the reason, mend the cause, then replay it or set it aside."),
        owner="supervisor",
    )
    register_alarm(
        "channels.unverified",
        title=_("Calls that could not be verified"),
        text=_("The connector of account %(account)s failed while checking who was calling. The calls are stored."),
        next_step=_("Mend the connector or its settings, then replay the envelopes."),
    )
    register_alarm(
        "channels.fetch",
        title=_("Fetching does not work"),
        text=_("Account %(account)s cannot be fetched (%(error)s). Nothing is lost: the source keeps it."),
        next_step=_("Check the network and the provider; fetching goes on by itself."),
    )
    register_alarm(
        "channels.store",
        title=_("Messages cannot be stored"),
        text=_("Fetched messages of account %(account)s could not be stored (%(error)s). The source keeps them."),
        next_step=_("Check disk space and database at once."),
        severity="critical",
    )
    register_alarm(
        "channels.notice",
        title=_("Notice of a channel"),
        text=_("The channel of account %(account)s reported: %(kind)s."),
        next_step=_("Look into the mailbox or the provider's console."),
        severity="warning",
    )
    register_alarm(
        "channels.account",
        title=_("A channel account is not well"),
        text=_("Account %(account)s is in state %(state)s."),
        next_step=_("Open the account, read the reason, test the connection, sign in again if asked."),
    )


def _sending() -> None:
    register_alarm(
        "channels.outage",
        title=_("Sending waits"),
        text=_("The other side of account %(account)s takes nothing at the moment; %(waiting)s messages wait."),
        next_step=_("Check the provider. Everything goes out by itself when it is back."),
    )
    register_alarm(
        "channels.failed",
        title=_("Messages that could not be delivered"),
        text=_("Account %(account)s gave up on a message, last delivery %(delivery)s."),
        next_step=_("Open the delivery, tell the customer another way, or send it again."),
        owner="supervisor",
        severity="warning",
    )
    register_alarm(
        "channels.unknown",
        title=_("Messages that may have been sent"),
        text=_("Nobody knows whether messages of account %(account)s went out, last delivery %(delivery)s."),
        next_step=_("Look at the provider's log and decide, with the evidence."),
        owner="supervisor",
        severity="warning",
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
        text=_("The scanner found something in file %(attachment)s. It cannot be opened."),
        next_step=_("Warn the colleague, tell the customer not to send it again."),
        owner="supervisor",
        severity="warning",
    )
