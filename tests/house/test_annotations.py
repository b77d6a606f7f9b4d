"""The plugin contract and every service say what they return."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TYPED = [
    *sorted((ROOT / "console" / "plugin_api").rglob("*.py")),
    *sorted((ROOT / "console").glob("*/services.py")),
    *sorted((ROOT / "console").glob("*/services/*.py")),
]


@pytest.mark.parametrize("path", TYPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_has_a_return_annotation(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is None
    ]
    assert bare == []
