"""Blueprints: configuration as one document that is compared, tried, applied as a whole, and exported again."""

from .bundle import FORMAT, Bundle, BundleRefused, dump, load
from .changes import Change
from .registry import Problem, register_section, sections
from .services import Applied, apply, diff, export

__all__ = [
    "FORMAT",
    "Applied",
    "Bundle",
    "BundleRefused",
    "Change",
    "Problem",
    "apply",
    "diff",
    "dump",
    "export",
    "load",
    "register_section",
    "sections",
]
