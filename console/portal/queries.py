"""What a customer may know of the channels."""

from console.channels.models.account import WORKING, ChannelAccount


def public_ways_in() -> list[dict[str, str]]:
    """Name and address of every mailbox that works now, in the order of their names."""
    accounts = ChannelAccount.objects.filter(state__in=WORKING, channel_kind="email").exclude(address="")
    return list(accounts.values("name", "address"))
