"""The workflow of a case type version: states, transitions, and what closing asks for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .base import Named, PartOfVersion
from .types import CaseTypeVersion


class StateClass(models.TextChoices):
    NEW = "new", pgettext_lazy("class of a state", "New")
    OPEN = "open", _("In progress")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting for the customer")
    WAITING_OTHER = "waiting_other", _("Waiting for others")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


# A resolved case is still open work: the customer has not been told, or nobody has closed it.
ENDED_CLASSES = (StateClass.RESOLVED, StateClass.CLOSED)


class State(PartOfVersion, Named):
    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="states")
    code = models.SlugField(_("code"), max_length=40)
    state_class = models.CharField(_("class"), max_length=20, choices=StateClass.choices)
    is_initial = models.BooleanField(_("cases begin here"), default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_state_code")]
        verbose_name = _("state")
        verbose_name_plural = _("states")


class Transition(PartOfVersion, Named):
    """A named move. `trigger` lets the system take it: a customer's word, or our own answer."""

    class Trigger(models.TextChoices):
        PERSON = "person", _("A person decides")
        CUSTOMER_REPLY = "customer_reply", _("The customer wrote again")
        ANSWERED = "answered", _("We answered the customer")
        TOLD = "told", _("The customer was told the decision")
        REOPENED = "reopened", _("The case is reopened")
        WITHDRAWN = "withdrawn", _("The customer withdrew")
        ACCEPTED = "accepted", _("The matter is accepted")
        NOT_ACCEPTED = "not_accepted", _("The matter is not accepted")
        SUPPLEMENT = "supplement", _("Material is asked of the customer")
        MEDIATION = "mediation", _("Mediation begins")
        LAWSUIT = "lawsuit", _("Arbitration or a lawsuit begins")
        PROCEEDING_OVER = "proceeding_over", _("Mediation or lawsuit is over")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="transitions")
    code = models.SlugField(_("code"), max_length=40)
    sources = models.JSONField(_("from states"), default=list, help_text=_("State codes."))
    target = models.CharField(_("to state"), max_length=40)
    trigger = models.CharField(_("taken when"), max_length=16, choices=Trigger.choices, default=Trigger.PERSON)
    roles = models.JSONField(_("roles"), default=list, blank=True, help_text=_("Empty: anyone who may work it."))
    requires = models.JSONField(_("required fields"), default=list, blank=True)
    guard = models.JSONField(_("only if"), default=dict, blank=True)
    approval_role = models.CharField(_("approved by a second person of role"), max_length=40, blank=True)
    asks_reason = models.BooleanField(_("asks for a reason"), default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_transition_code")]
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")


class ClosingRequirement(PartOfVersion, Named):
    """One thing that must be there before a case of this type may close."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", _("An outcome")
        ROOT_CAUSE = "root_cause", _("A root cause")
        CATEGORY = "category", _("A category of the dimension")
        GRADE = "grade", _("A grade")
        FIELD = "field", _("A value in the field")
        ANSWERED = "answered", _("An answer to the customer")
        TOLD = "told", _("A notice that reached the customer, or a recorded reason")
        TASKS = "tasks", _("No open tasks")
        APPROVALS = "approvals", _("No approval pending")
        REDRESS = "redress", _("Approved redress is paid")
        PARTIES = "parties", _("Documents of representatives and agents")
        FORWARDING = "forwarding", _("An answer to the regulator")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="closing")
    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("what must be there"), max_length=12, choices=Kind.choices)
    parameter = models.CharField(
        _("which"), max_length=60, blank=True, help_text=_("Field code, dimension, or kind of notice.")
    )
    applies = models.JSONField(_("only if"), default=dict, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_closing_code")]
        verbose_name = _("closing requirement")
        verbose_name_plural = _("closing requirements")
