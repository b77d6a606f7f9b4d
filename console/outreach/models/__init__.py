"""Tables of the room: what customers are told, and what they say of it."""

from .letters import Letter
from .surveys import SurveyAnswer, SurveyInvitation, SurveyRule
from .templates import Template, TemplateText

__all__ = ["Letter", "SurveyAnswer", "SurveyInvitation", "SurveyRule", "Template", "TemplateText"]
