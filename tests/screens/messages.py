"""Every message id that people can meet, read from the source: what the catalogue must hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kansli_tui.keys import GROUPS, KEYS
from kansli_tui.labels import every_label
from kansli_tui.pathway.stats_definitions import DAY_MEANINGS, FACT_MEANINGS
from kansli_tui.themes import NAMES

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("kansli_tui", "screens", "reports", "db")
_SENTENCES = ("kansli_tui/exchange", "kansli_tui/pathway", "kansli_tui/rows", "kansli_tui/service", "db/queries")
"""Rooms where reasons and fixes stand in tables: there every English sentence is a message id."""
_CLASS_TEXTS = {"AREA", "HELP"}
_REASON_TAKERS = {"cancel_orders", "stop_letters", "close_tasks", "end_round", "block"}
"""Calls whose texts are stored as reasons and translated when the timeline is shown."""
_NOT_SHOWN = {"ValueError", "TypeError", "KeyError", "AssertionError", "RuntimeError"}
_SENTENCE = re.compile(r"[A-Z][^_]*[a-z{}0-9)] [^_]*")


def source_ids() -> dict[str, str]:
    """Message id → where it stands first."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            ids = list(_called(tree))
            if where.startswith(_SENTENCES):
                ids += _sentences(tree)
            for text, line in ids:
                found.setdefault(text, f"{where}:{line}")
    return found


def every_id() -> dict[str, str]:
    keys = [text for key in KEYS.values() for text in (key.label, key.tooltip)]
    meanings = (*FACT_MEANINGS.values(), *DAY_MEANINGS.values())
    tables = (*keys, *GROUPS.values(), *every_label(), *NAMES.values(), *meanings)
    return {**dict.fromkeys(tables, "a table of words"), **source_ids()}


def _called(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Arguments of _(), n_() and later(), first arguments of errors, stored reasons, areas and help texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            yield from ((text, node.lineno) for text in _arguments(node, name))
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id in _CLASS_TEXTS for to in node.targets
        ):
            yield ast.literal_eval(node.value), node.lineno


def _arguments(call: ast.Call, name: str) -> Iterator[str]:
    taken: list[ast.expr] = []
    if name in ("_", "later", "n_"):
        taken = call.args[: 2 if name == "n_" else 1]
    elif name.endswith("Error") and name not in _NOT_SHOWN:
        taken = call.args[:1]
    elif name in _REASON_TAKERS:
        taken = call.args[1:]
    taken = [*taken, *(word.value for word in call.keywords if word.arg == "result")]
    for argument in taken:
        yield from _texts(argument)


def _texts(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.strip():
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _texts(argument.body)
        yield from _texts(argument.orelse)


def _sentences(tree: ast.AST) -> Iterator[tuple[str, int]]:
    skipped = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            if _SENTENCE.fullmatch(text) and not re.search("[åäöÅÄÖ]", text):
                yield text, node.lineno
