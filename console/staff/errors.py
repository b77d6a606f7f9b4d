"""What a service of this room refuses, and why."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class StaffRefusal(PermissionDenied):
    """A refusal with a sentence for the person who asked."""

    text: Any = _("This is not allowed.")

    def __init__(self, text: Any = None) -> None:
        self.text = text or self.text
        super().__init__(str(self.text))


class NotAllowed(StaffRefusal):
    text = _("Your role does not allow this.")


class NotYourself(StaffRefusal):
    text = _("Nobody changes their own roles or hands over their own work. Ask a colleague.")


class LastAdministrator(StaffRefusal):
    text = _("Somebody must remain who can manage staff. Give another person that role first.")
