"""What a line must be to be applied, beyond what the reader has seen to: possible today, and in agreement with the register. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from db.queries.imported import KnownPerson
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.history import HistoryAnswer, HistoryLine, MriOutcome
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.service.context import local_date
from kansli_tui.service.history_facts import DATED, HistoryFlawError, begins, latest

_BEGINS: Final = frozenset({Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED})
"""Where a person may stand when earlier rounds are put behind him; elsewhere a live round is going on."""


def check_line(line: HistoryLine, today: date) -> None:
    """HistoryFlawError when the line cannot have happened by today."""
    for column in DATED:
        on = getattr(line, column)
        if on is not None and on > today:
            raise HistoryFlawError(line.line, "Line {line}: the date in {column} lies ahead", column=column)
    if all(getattr(line, column) is None for column in DATED):
        raise HistoryFlawError(line.line, "Line {line} tells of nothing that has happened")
    if line.closed_reason is ClosedReason.NUMBER_REPLACED:
        reason = "Line {line}: write the person's present number instead of closing for another number"
        raise HistoryFlawError(line.line, reason)
    if line.offered_on is None:
        answered = line.answer is HistoryAnswer.ACCEPTED or (line.answer is not None and line.preletter_on is None)
        for column in ("psa_ordered_on", "sampled_on", "answer"):
            if answered if column == "answer" else getattr(line, column) is not None:
                raise HistoryFlawError(line.line, Reason.HISTORY_NEEDS, column=column, other="offered_on")
    if line.mri_outcome not in (None, MriOutcome.DONE) and line.pirads is not None:
        raise HistoryFlawError(line.line, Reason.HISTORY_CONTRADICTION, column="mri_outcome", other="pirads")
    if line.closed_reason is ClosedReason.CANCER_FOUND and line.isup == 0:
        raise HistoryFlawError(line.line, Reason.HISTORY_CONTRADICTION, column="closed_reason", other="isup")
    column, last = latest(line)
    if line.closed_on is not None and last > line.closed_on:
        raise HistoryFlawError(line.line, Reason.HISTORY_ORDER, column="closed_on", other=column)


def check_rounds(lines: Sequence[HistoryLine]) -> None:
    """HistoryFlawError when two lines are of the same round, or a round begins before the one before it has told its last."""
    for line, after in pairwise(lines):
        if line.round == after.round:
            raise HistoryFlawError(after.line, "Line {line}: round {round} stands in the file twice", round=after.round)
        column, last = latest(line)
        if begins(after) < last:
            raise HistoryFlawError(
                after.line,
                "Line {line}: round {round} begins before {column} of round {before}",
                round=after.round,
                column=column,
                before=line.round,
            )


def check_person(known: KnownPerson, lines: Sequence[HistoryLine]) -> None:
    """HistoryFlawError when what the register has of the person is newer than the lines, or goes on just now."""
    first = lines[0]
    if known.step not in _BEGINS:
        raise HistoryFlawError(first.line, "Line {line}: the person has a round going on in our register")
    if known.round_number == 0:
        return
    if first.round <= known.round_number:
        raise HistoryFlawError(
            first.line,
            "Line {line}: our register has round {round} of the person already, and it says otherwise",
            round=first.round,
        )
    newer = known.last_ended_at is not None and local_date(known.last_ended_at) > begins(first)
    if newer or known.step is Step.CLOSED:
        raise HistoryFlawError(first.line, "Line {line}: our register has newer facts about the person")


def control_id(line: HistoryLine) -> str:
    """The round, and what the line says: the same for the same facts, wherever in whichever file they stand."""
    said = "|".join(str(getattr(line, name)) for name in HistoryLine.__slots__ if name not in ("line", "number"))
    return f"{line.round}:{hashlib.sha256(said.encode()).hexdigest()}"
