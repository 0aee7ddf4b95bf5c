"""Imports point one way: campaigns -> rewards -> users -> glu_admin."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["glu_admin", "users", "rewards", "campaigns"]  # lowest first
WIRING = {"glu_admin/settings.py", "glu_admin/urls.py"}


def imported_packages(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("layer", LAYERS)
def test_no_layer_imports_one_above_it(layer):
    above = set(LAYERS[LAYERS.index(layer) + 1 :])

    wrong = [
        f"{path.relative_to(ROOT)} imports {package}"
        for path in (ROOT / layer).rglob("*.py")
        if str(path.relative_to(ROOT)) not in WIRING
        for package in imported_packages(path)
        if package in above
    ]

    assert not wrong, "\n".join(wrong)
