"""Pathology answers as a working session: what the pathologist found, what it leads to, and a person who confirms it.

Cancer is asked about twice: he leaves the programme, and no letter of ours tells him.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.binding import BindingType
from textual.widgets import Static

from kansli_tui.i18n import _, day_full
from kansli_tui.labels import label
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.referrals import PathologyRow
from screens.base import keys
from screens.dialogs import Confirm
from screens.session import WorkSession
from screens.waiting import Cursor
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place

_LABEL = 11


class PathologyScreen(WorkSession[PathologyRow]):
    """One man with the pathologist's answer."""

    AREA = "Pathology answers"
    HELP = (
        "Read what the pathologist found and what it leads to, and confirm with Enter. A benign answer leads to a letter and a new offer. "
        "Cancer is asked about once more: he leaves the programme for clinical care, which tells him; no letter is sent by us. "
        "L puts a question to the physician when something does not fit."
    )
    CSS_PATH = "pathology.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("pathology.confirm")

    # Reading and drawing

    def read_rows(self, after: Cursor | None, limit: int) -> tuple[PathologyRow, ...]:
        """Pathology answers, the oldest first."""
        return self.office.examinations.pathology_rows(self.actor, after=after, limit=limit)

    def draw_man(self, row: PathologyRow) -> None:
        """The man and the proposal."""
        self.query_one("#answer", Static).update(_answer(row, self.actor.username))

    def draw_nobody(self) -> None:
        """An empty queue."""
        self.query_one("#answer", Static).update(Text(_("No answer waits here."), "bold"))

    def draw_coming(self, rows: Sequence[PathologyRow]) -> None:
        """Those who come after."""
        text = Text(_("Next:") + " ", "bold", no_wrap=True, overflow="ellipsis", end="")
        after = " · ".join(f"{visible(row.number)} {visible(row.name)}  ISUP {row.isup}" for row in rows)
        self.query_one("#coming", Static).update(text.append(after or _("nobody more in this queue"), "not bold"))

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is confirmed about somebody a colleague works on."""
        if action == "confirm" and (self.shown is None or self.with_colleague(self.shown)):
            return None
        return super().check_action(action, parameters)

    def action_confirm(self) -> None:
        """Confirm; cancer after one more question."""
        row = self.shown
        if row is None:
            return
        if row.proposed is Outcome.CARE:
            lines = (
                f"{row.number}  {row.name}",
                "",
                _("He leaves the programme for clinical care: {unit}.", unit=row.unit),
                _("No letter is sent by us; the urologist tells him."),
                _("No more offers are sent."),
            )
            title = _("Cancer, ISUP {isup}. Close to clinical care?", isup=row.isup)
            self.ask(Confirm(title, lines), lambda _yes: self._confirm(row))
        else:
            self._confirm(row)

    def _confirm(self, row: PathologyRow) -> None:
        confirm = self.office.examinations.confirm_pathology
        said = f"{row.number} {row.name}: {label(row.proposed)}"
        work = partial(confirm, self.actor, row.decision_id, version=row.version)
        self.write(work, lambda _outcome: self.Decided(row, said))


def _answer(row: PathologyRow, username: str) -> RenderableType:
    text = plain(f"{row.number}  {row.name}", "bold")
    text.append("   " + _("{age} years", age=row.age)).append(f"   {visible(shown_place(row.region))}")
    if row.masked:
        text.append("   ").append(" " + _("PROTECTED") + " ", "bold reverse")
    lines: list[RenderableType] = [text]
    if row.corrected:
        lines.append(Text(" " + _("CHANGED ANSWER: another was given before this one") + " ", "bold reverse"))
    if row.lease_by not in (None, username):
        lines.append(plain("! " + _("{who} is working on this. T takes over.", who=row.lease_by), "bold"))
    cancer = row.proposed is Outcome.CARE
    found = plain(f"ISUP {row.isup}", "bold reverse" if cancer else "bold")
    found.append("   " + (_("cancer") if cancer else _("benign, no cancer")), "not reverse")
    blocked = plain("! " + "; ".join(_(why) for why in row.blocked_by), "bold") if row.blocked_by else _("none")
    read = (
        (_("Pathology"), found),
        (
            _("Biopsy"),
            _("taken {day}, answer {answer}", day=day_full(row.biopsied_on), answer=day_full(row.reported_on)),
        ),
        (_("Unit"), plain(row.unit).append(f" · {visible(row.referral_number)}", "dim")),
    )
    proposed = (
        (_("PROPOSAL"), plain(label(row.proposed), "bold reverse" if cancer else "bold")),
        (_("Why"), row.reason),
        (_("Then"), row.consequence),
        (_("Blocks"), blocked),
    )
    timeline = ((_("Timeline"), plain(" · ".join(row.timeline) or "–", "dim")),)
    parts = (facts(*part, label_width=_LABEL) for part in (read, proposed, timeline))
    for part in parts:
        lines += [Text(), part]
    return Group(*lines)
