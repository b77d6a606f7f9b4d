"""Size caps of the house: a module fits a sitting, a function fits a screen."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = [
    path
    for folder in ("console", "cms", "plugins")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "local" not in path.parts
]
MODULE_CAP, FUNCTION_CAP = 600, 60
MODULE_MEDIAN, FUNCTION_MEDIAN = 110, 8


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", SOURCE, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_and_functions_stay_under_their_caps(path: Path):
    lines = path.read_text(encoding="utf-8").count("\n")
    long = [(name, size) for name, size in functions(path) if size > FUNCTION_CAP]
    assert lines <= MODULE_CAP
    assert long == []


def test_medians_stay_small():
    modules = [n for path in SOURCE if (n := path.read_text(encoding="utf-8").count("\n")) > 1]
    sizes = [size for path in SOURCE for _, size in functions(path)]
    assert statistics.median(modules) <= MODULE_MEDIAN
    assert statistics.median(sizes) <= FUNCTION_MEDIAN
