"""Receipts of letters from a print house or from 1177: what a file says, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kansli_tui.rows.letter_states import AttemptOutcome

RECEIPT_OUTCOMES = (AttemptOutcome.DELIVERED, AttemptOutcome.READ, AttemptOutcome.FAILED)
"""What a receipt may say."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line: the letter's key, what happened to it and when (with time zone). `place` counts lines or items from 1."""

    place: int
    letter_id: int
    outcome: AttemptOutcome
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class ReceiptProblem:
    """A line that cannot be used: a message id that says what to do, and what fills it. Never personal data."""

    place: int
    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What came of a file. `known` had been taken before, `on_paper` letters now go on paper, `to_contact` got a task instead."""

    file: str
    taken: int
    known: int
    on_paper: int
    to_contact: int
    problems: tuple[ReceiptProblem, ...]
