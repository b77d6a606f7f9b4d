"""The configuration of cases in the hub: types and their versions, trees, grades, intake; cases to look at."""

from . import cases, products, trees, types  # noqa: F401
