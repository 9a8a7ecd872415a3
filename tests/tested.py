"""What stands in a test: its own texts, and those of the module's values that it names."""

import ast
from collections.abc import Iterator
from pathlib import Path


def texts_of(file: Path, name: str) -> set[str]:
    """Every string in the test of this name, its decorators included, and in what it names of its module, however far
    away. Raises LookupError where there is no such test."""
    module = ast.parse(file.read_text())
    values = dict(_values(module))
    waiting: list[ast.AST] = [_test(module, name)]
    texts: set[str] = set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.Name) and node.id in values:
                waiting.append(values.pop(node.id))
    return texts


def _test(module: ast.Module, name: str) -> ast.AST:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
    raise LookupError(f"there is no test {name}")


def _values(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """What the module's names stand for; of `A, B = a, b` each its own."""
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _assigned(one, its)
