"""One person's earlier rounds, lived again by the rules in force today: pure but for the rows it collects, which it does not write.

What the line tells happens along the table of moves, at its own times. Where the line stops, or ends otherwise than the rules say,
the person stands where the rules put him: with a date, or with work for somebody. The line's own closing never ends an answer or
care that he is owed, unless he is dead or has a known cancer.

No letters are invented: the days on which they were posted are those of the moves. The file has no column for the letter about a
benign biopsy, so the pathologist's answer ends that round.
"""

from collections.abc import Sequence
from datetime import date

from kansli_tui.pathway.moves import target
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason, Step
from kansli_tui.rows.history import HistoryLine
from kansli_tui.service.history_deciding import BY_LINE
from kansli_tui.service.history_facts import Facts, HistoryFlawError, HistoryTerms, Keys, Standing, begins, latest
from kansli_tui.service.history_path import Path, may_close
from kansli_tui.service.history_round import PlayedRound
from kansli_tui.service.register_entry import first_offer_on

FOR_GOOD = frozenset(
    {ClosedReason.DEAD, ClosedReason.CANCER_KNOWN, ClosedReason.CANCER_FOUND, ClosedReason.NO_PROSTATE}
)
"""Who has left for one of these gets no further round."""


class Replay:
    """Plays one person's lines, in the order of their rounds. HistoryFlawError says which line cannot be."""

    def __init__(self, standing: Standing, terms: HistoryTerms, keys: Keys) -> None:
        self._standing = standing
        self._terms = terms
        self._path = Path(standing, terms, keys)

    @property
    def facts(self) -> Facts:
        """What has been collected."""
        return self._path.facts

    def play(self, lines: Sequence[HistoryLine], messages: dict[int, int]) -> None:
        """Play the lines. `messages` are the keys of the lines' raw evidence, by line."""
        if self._standing.step is not Step.NOT_DUE:
            self._come_back(begins(lines[0]))
        for line, after in zip(lines, [*lines[1:], None], strict=True):
            PlayedRound(self._path, line, messages[line.line], begins(after) if after is not None else None).play()
            if after is not None:
                self._ready_for(line, after)

    def restore(self, why: ClosedReason) -> None:
        """Let the register's own closing hold again, unless an answer or care is owed."""
        if self._standing.step is not Step.CLOSED and may_close(self._standing.step, why):
            self._path.close(self._terms.today, why)
        elif self._standing.step is Step.CLOSED and why is ClosedReason.DEAD:
            self._standing.closed_reason = why

    def exclude(self, why: ExclusionReason) -> None:
        """Let the register's own exclusion hold again where the table of moves allows it; not while anything is owed."""
        if target(self._standing.step, Event.EXCLUDED) is None:
            return
        self._path.drop(self._terms.today, "excluded")
        self._path.move(Event.EXCLUDED, self._terms.today, because=why.value)
        self._standing.exclusion_reason = why

    def _come_back(self, on: date) -> None:
        """The line tells of a round of somebody who has left: for its sake he waits for an offer again."""
        first = first_offer_on(self._standing.birth_date, self._terms.rules)
        next_on = self._standing.offer_or_age_exit(max(first, self._terms.today), self._terms.rules)
        event = Event.REOPENED if self._standing.step is Step.CLOSED else Event.READMITTED
        self._standing.closed_reason = self._standing.exclusion_reason = None
        self._path.move(event, on, next_on=next_on, reason=BY_LINE)

    def _ready_for(self, line: HistoryLine, after: HistoryLine) -> None:
        if self._standing.step is Step.CLOSED:
            why = self._standing.closed_reason
            if why in FOR_GOOD:
                raise HistoryFlawError(
                    after.line,
                    "Line {line}: the person left for good in round {round}, so that there is no later one",
                    round=line.round,
                )
            self._come_back(begins(after))
        if self._standing.step is not Step.NOT_DUE:
            raise HistoryFlawError(
                line.line,
                "Line {line}: round {round} is not finished when round {next} begins; something is missing after {column}",
                round=line.round,
                next=after.round,
                column=latest(line)[0],
            )
