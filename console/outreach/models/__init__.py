"""Tables of the room: what customers are told, and what they say of it."""

from .surveys import SurveyAnswer, SurveyInvitation, SurveyRule
from .templates import Template, TemplateText

__all__ = ["SurveyAnswer", "SurveyInvitation", "SurveyRule", "Template", "TemplateText"]
