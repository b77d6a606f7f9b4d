"""Cases of the demo bank over ninety days, in every state."""

from django.utils import timezone

from console.cases.models import Case
from console.cases.search import index_cases
from console.channels.models import ChannelAccount
from console.customers.models import Customer
from console.customers.services.identities import resolve_identity

from .asked import ask_around
from .bulk import Loader, refresh_statistics
from .people import email_of
from .stories import stories

CASES = 600


def load_cases(account: ChannelAccount, customers: list[Customer], number: int = CASES) -> int:
    """Load `number` cases unless some are there; index them, so that search finds them at once."""
    if Case.objects.exists():
        return 0
    for index, customer in enumerate(customers):
        resolve_identity("email", account, email_of(index), customer.display_name)
    loaded = Loader(account, customers).load(stories(number, len(customers), timezone.now()))
    ask_around()
    refresh_statistics()
    while index_cases():
        pass
    return loaded
