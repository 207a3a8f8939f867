"""Two cases side by side, and the merge: which is kept, which number holds, why. And taking a merge back."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.table import Table
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day_full
from kansli_tui.rows.cases import Case, OtherCase
from kansli_tui.rows.register_care import MergePreview, MergeRow, MergeSide
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose, Told
from screens.widgets.text import plain
from screens.widgets.words import facts, shown_place

_TAKE, _STAY = "take", "stay"


@dataclass(frozen=True, slots=True)
class _Chosen:
    kept: MergeSide
    gone: MergeSide


class MergeScreen(KansliScreen):
    """What the two have in common and where they differ. V keeps the left one, H the right one; the other goes into it."""

    AREA = "Two cases, one person"
    HELP = (
        "The two cases side by side. V keeps the left one and H the right one; the other is closed and read within it, and both numbers "
        "lead there. Nothing is moved or erased, and the merge can be taken back from the kept case (A). Below each stands why it could "
        "not be the one that goes, and what to finish first."
    )
    CSS_PATH = "register_care.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("care.keep_left", "care.keep_right")

    class PreviewRead(Message):
        """The two cases."""

        def __init__(self, preview: MergePreview) -> None:
            super().__init__()
            self.preview = preview

    class Merged(Message):
        """They are one."""

        def __init__(self, row: MergeRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, one_id: int, other_id: int) -> None:
        super().__init__()
        self._ids = one_id, other_id
        self._preview: MergePreview | None = None

    def compose_body(self) -> ComposeResult:
        """What is said of both, and the two."""
        yield Static(id="says")
        with Horizontal(id="sides"):
            for name in ("left", "right"):
                with VerticalScroll(classes="side", can_focus=False):
                    yield Static(id=name)

    def reload(self) -> None:
        """Read both (logged)."""
        self.read(partial(self.office.merging.preview, self.actor, *self._ids), self.PreviewRead)

    @on(PreviewRead)
    def draw(self, fact: PreviewRead) -> None:
        """Draw them."""
        preview = self._preview = fact.preview
        same = ", ".join(preview.same) or _("Neither name, birth date nor address is the same.")
        says = plain("✗ " + preview.refused, "bold") if preview.refused else plain(same, "bold")
        self.query_one("#says", Static).update(says)
        self.query_one("#left", Static).update(_side(preview.one, preview.other))
        self.query_one("#right", Static).update(_side(preview.other, preview.one))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a case that may go can go."""
        preview = self._preview
        if action in ("keep_left", "keep_right"):
            if preview is None or preview.refused:
                return None
            if (preview.other if action == "keep_left" else preview.one).hinders:
                return None
        return super().check_action(action, parameters)

    def action_keep_left(self) -> None:
        """The right one goes into the left one."""
        if self._preview is not None:
            self._ask_number(_Chosen(self._preview.one, self._preview.other))

    def action_keep_right(self) -> None:
        """The left one goes into the right one."""
        if self._preview is not None:
            self._ask_number(_Chosen(self._preview.other, self._preview.one))

    def _ask_number(self, chosen: _Chosen) -> None:
        choices = (
            Choice(_STAY, chosen.kept.number, _("The kept case keeps its number.")),
            Choice(_TAKE, chosen.gone.number, _("The kept case goes by this number from now on, in orders too.")),
        )
        dialog = Choose(_("Which number holds, by the population register?"), choices)
        self.ask(dialog, lambda number: self._ask_why(chosen, take_number=number == _TAKE))

    def _ask_why(self, chosen: _Chosen, *, take_number: bool) -> None:
        lines = (
            _("Kept: {number}  {name}", number=chosen.kept.number, name=chosen.kept.name),
            _("Goes into it: {number}  {name}", number=chosen.gone.number, name=chosen.gone.name),
            _("The one that goes is closed. Both numbers find the kept case, whose timeline shows both."),
            _("An answer that comes for the one that goes is held. No letter is sent. It can be taken back."),
        )
        merge = partial(
            self.office.merging.merge,
            self.actor,
            keep=(chosen.kept.person_id, chosen.kept.version),
            merged=(chosen.gone.person_id, chosen.gone.version),
            take_number=take_number,
        )
        dialog = AskReason(_("Merge the two cases?"), lines, text=_("How it is known that they are one person"))
        self.ask(dialog, lambda told: self.write(partial(merge, why=told.text), self.Merged, reads_again=False))

    @on(Merged)
    def _merged(self, fact: Merged) -> None:
        """Back to where one came from, and the kept case."""
        self.app.pop_screen()
        self.desk.open_case(fact.row.kept_id)


class OtherFound(Message):
    """The case of the number that was asked for; whoever asked shows the two."""

    def __init__(self, person_id: int, other_id: int) -> None:
        super().__init__()
        self.person_id, self.other_id = person_id, other_id


def ask_other(screen: KansliScreen, person_id: int, number: str) -> None:
    """Ask for the other case's number; `OtherFound` tells the screen whose it is."""
    dialog = AskReason(_("Compare with another case"), (number,), text=_("The other case's number"))

    def find(told: Told) -> None:
        work = partial(screen.office.cases.find, screen.actor, told.text)
        screen.write(work, partial(OtherFound, person_id), reads_again=False)

    screen.ask(dialog, find)


def ask_take_back(screen: KansliScreen, case: Case, then: Callable[[OtherCase, str], object]) -> None:
    """Which merge is taken back, where there are several, and why."""
    others = {str(other.merge_id): other for other in (*case.merged, *filter(None, (case.merged_into,)))}

    def ask_why(key: str) -> None:
        lines = (
            f"{case.number}  ↔  {others[key].number}",
            _("Both cases stand as they stood. What has happened to the kept case since stays there."),
        )
        dialog = AskReason(_("Take the merge back?"), lines, text=_("How it is known that they are two people"))
        screen.ask(dialog, lambda told: then(others[key], told.text))

    if len(others) == 1:
        ask_why(next(iter(others)))
    elif others:
        choices = tuple(Choice(key, other.number) for key, other in others.items())
        screen.ask(Choose(_("Which merge is taken back?"), choices), ask_why)


def _side(side: MergeSide, other: MergeSide) -> Table:
    """All about one of the two; what differs from the other stands in bold."""
    born = day_full(side.birth_date) + ("" if side.birth_date_known else f" ({_('not known')})")
    rows = [
        (_("Number"), side.number, side.number != other.number),
        (_("Name"), side.name, side.name != other.name),
        (_("Birth date"), "–" if side.masked else born, side.birth_date != other.birth_date),
        (_("Lives in"), shown_place(side.region, side.municipality), side.municipality != other.municipality),
        (_("Address"), "\n".join(side.address) or "–", side.address != other.address),
        (_("Stands"), side.step_label, side.step is not other.step),
        (_("Next"), day_full(side.next_on) if side.next_on else "–", side.next_on != other.next_on),
        (_("Rounds"), str(side.rounds), side.rounds != other.rounds),
        (_("Latest"), side.latest or "–", False),
    ]
    lines = [(words, plain(text, "bold" if differs else "", lines=True)) for words, text, differs in rows]
    if side.held:
        lines.append((_("Held"), plain("; ".join(side.held))))
    can = plain("✓ " + _("may go into the other")) if not side.hinders else plain("")
    for hinder in side.hinders:
        can.append_text(plain(("\n" if can.plain else "") + "✗ " + hinder, "bold", lines=True))
    lines.append((_("Goes"), can))
    return facts(*lines)
