"""Cases of the demo bank over ninety days."""

CASES = 600


def load_cases(account, customers: list, number: int) -> None:
    """See the bulk loader."""
