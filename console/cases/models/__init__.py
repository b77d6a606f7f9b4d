"""Models of the cases room, one noun a file."""

from .acceptance import Acceptance
from .case import (
    NEVER,
    AcceptanceState,
    Case,
    CaseCategory,
    CaseConversation,
    CaseIndex,
    CaseLink,
    CategoryIndex,
    RepeatReason,
    ToldState,
    TurnOf,
)
from .clocks import (
    Clock,
    ClockKind,
    ClockPolicy,
    ClockState,
    Escalation,
    EscalationStep,
    ExtensionRule,
    Fact,
    Mark,
    Recompute,
    StateInterval,
)
from .intake import IntakeRule, MessageMark
from .interests import Interest
from .limits import Limit, RedressLimit
from .material import Material, MaterialKind, MaterialRequest
from .parties import Party
from .proceedings import Forwarding, Proceeding, Recheck
from .products import ProductOwner
from .trees import Category, CategoryTree, Grade, GradeScale
from .types import CaseType, CaseTypeVersion, Choice, FieldDef, Reopening
from .work import Approval, CustomerNotice, Extension, Participant, Redress, Task
from .workflow import ENDED_CLASSES, ClosingRequirement, State, StateClass, Transition

__all__ = [
    "ENDED_CLASSES",
    "NEVER",
    "Acceptance",
    "AcceptanceState",
    "Approval",
    "Case",
    "CaseCategory",
    "CaseConversation",
    "CaseIndex",
    "CaseLink",
    "CaseType",
    "CaseTypeVersion",
    "Category",
    "CategoryIndex",
    "CategoryTree",
    "Choice",
    "Clock",
    "ClockKind",
    "ClockPolicy",
    "ClockState",
    "ClosingRequirement",
    "CustomerNotice",
    "Escalation",
    "EscalationStep",
    "Extension",
    "ExtensionRule",
    "Fact",
    "FieldDef",
    "Forwarding",
    "Grade",
    "GradeScale",
    "IntakeRule",
    "Interest",
    "Limit",
    "Mark",
    "Material",
    "MaterialKind",
    "MaterialRequest",
    "MessageMark",
    "Participant",
    "Party",
    "Proceeding",
    "ProductOwner",
    "Recheck",
    "Recompute",
    "Redress",
    "RedressLimit",
    "Reopening",
    "RepeatReason",
    "State",
    "StateClass",
    "StateInterval",
    "Task",
    "ToldState",
    "Transition",
    "TurnOf",
]
