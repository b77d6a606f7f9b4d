"""Tables of the room: what its pages may be told to do, files on their way, codes and customers' sessions."""

from .access import Challenge, CustomerSession, Purpose
from .policy import PortalPolicy, UrgentMatter
from .uploads import Upload

__all__ = ["Challenge", "CustomerSession", "PortalPolicy", "Purpose", "Upload", "UrgentMatter"]
