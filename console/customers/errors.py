"""What a service of this room refuses, and why; the sentence is for the person who asked."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class Refusal(PermissionDenied):
    """A named refusal: `code` for programs, `text` for people, `allowed` says what would be possible."""

    code = "refused"
    text: Any = _("This is not allowed.")
    allowed: Any = ""

    def __init__(self, text: Any = None) -> None:
        self.text = text or self.text
        super().__init__(str(self.text))


class NotAllowed(Refusal):
    code = "not_allowed"
    text = _("Your role does not allow this.")
    allowed = _("Ask your supervisor for the permission.")


class NeedsReason(Refusal):
    code = "reason_needed"
    text = _("This customer belongs to another site or team.")
    allowed = _("Give a reason of at least four characters; it is put on record.")


class TooManyLooks(Refusal):
    code = "too_many_looks"
    text = _("You have looked at many masked values within the hour.")
    allowed = _("Wait a while, or ask your supervisor.")
