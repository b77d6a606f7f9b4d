from .access import AccessGrant, Unmasking
from .consents import Consent
from .contacts import Authorisation, Contact
from .customer import Customer
from .identities import Identifier, Identity
from .notes import CustomerNote
from .tags import CustomerTag, Tag

__all__ = [
    "AccessGrant",
    "Authorisation",
    "Consent",
    "Contact",
    "Customer",
    "CustomerNote",
    "CustomerTag",
    "Identifier",
    "Identity",
    "Tag",
    "Unmasking",
]
