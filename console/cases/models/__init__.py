"""Models of the cases room, one noun a file."""

from .case import (
    NEVER,
    Case,
    CaseCategory,
    CaseConversation,
    CaseIndex,
    CaseLink,
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
from .trees import Category, CategoryTree, Grade, GradeScale
from .types import CaseType, CaseTypeVersion, Choice, FieldDef, Reopening
from .work import Approval, CustomerNotice, Extension, Participant, Redress, Task
from .workflow import ENDED_CLASSES, ClosingRequirement, State, StateClass, Transition

__all__ = [
    "ENDED_CLASSES",
    "NEVER",
    "Approval",
    "Case",
    "CaseCategory",
    "CaseConversation",
    "CaseIndex",
    "CaseLink",
    "CaseType",
    "CaseTypeVersion",
    "Category",
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
    "Grade",
    "GradeScale",
    "IntakeRule",
    "Mark",
    "MessageMark",
    "Participant",
    "Recompute",
    "Redress",
    "Reopening",
    "State",
    "StateClass",
    "StateInterval",
    "Task",
    "ToldState",
    "Transition",
    "TurnOf",
]
