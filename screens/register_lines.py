"""One change-set, line by line: what the file would do to each person, and the decision on the whole of it."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, moment, number
from kansli_tui.labels import CHANGES, label
from kansli_tui.rows.register import ChangeKind, ChangeRow, ChangeSetRow, ImportState
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Confirm
from screens.widgets.bar import telling
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible
from screens.widgets.words import facts

_PAGE = 50
_KINDS = (None, ChangeKind.PROBLEM, ChangeKind.MISSING, ChangeKind.CHANGED, ChangeKind.NEW)
"""The views, in the order in which a reader goes through them; None is all."""


class ChangeSetScreen(KansliScreen):
    """Unchanged lines are only counted. A decision is on the whole file, as it was shown."""

    AREA = "Register"
    HELP = (
        "The arrows to the left and right, or T, show one kind of line at a time; problems stand first. Below the list stands all "
        "about the marked line: what is new, and what accepting leads to. G accepts the whole change-set, F rejects it with a "
        "reason. J compares again when the register has changed since."
    )
    CSS_PATH = "register_lines.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("register.accept", "register.reject", "register.compare_again", "register.kind"),
        *keys("list.page_next", "list.page_previous"),
        Binding("right", "kind", show=False),
        Binding("left", "kind_before", show=False),
    ]

    class LinesRead(Message):
        """A page of lines of a kind, and the change-set as it stands now."""

        def __init__(self, pages: list[int], row: ChangeSetRow, lines: tuple[ChangeRow, ...]) -> None:
            super().__init__()
            self.pages = pages
            self.row = row
            self.lines = lines

    class SetChanged(Message):
        """The change-set has been accepted, rejected or compared again; `text` says which."""

        def __init__(self, row: ChangeSetRow, text: str) -> None:
            super().__init__()
            self.row = row
            self.text = text

    def __init__(self, row: ChangeSetRow) -> None:
        super().__init__()
        self._set = row
        self._kind: ChangeKind | None = None
        self._pages = [0]
        self._lines: dict[str, ChangeRow] = {}

    def compose_body(self) -> ComposeResult:
        """Kinds, lines, all about the marked one."""
        yield Static(id="kinds")
        yield Static(id="about")
        yield KansliTable(id="lines")
        yield Static(id="line")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right(_("Line")), 7), (_("Number"), 13), (_("Name"), 16), (_("What"), 0)
        )

    # Reading

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._pages)

    def _read(self, pages: list[int]) -> None:
        self.read(partial(self._page, pages, self._set, self._kind), lambda fact: fact)

    def _page(self, pages: list[int], shown: ChangeSetRow, kind: ChangeKind | None) -> LinesRead:
        population, actor = self.office.population, self.actor
        row = next((row for row in population.list(actor) if row.import_id == shown.import_id), shown)
        lines = population.rows(actor, shown.import_id, kind=kind, after=pages[-1], limit=_PAGE)
        return self.LinesRead(pages, row, lines)

    @on(LinesRead)
    def draw(self, fact: LinesRead) -> None:
        """Draw the page; a change-set that has changed lets the keys rest."""
        if fact.row.version != self._set.version:
            self.rest()
        self._pages, self._set = fact.pages, fact.row
        self._lines = {str(line.row_id): line for line in fact.lines}
        self.query_one(KansliTable).fill((key, _cells(line)) for key, line in self._lines.items())
        self.title_is(f"{fact.row.file_name} · {label(fact.row.state)}")
        self.query_one("#kinds", Static).update(_tabs(fact.row, self._kind))
        about = self.query_one("#about", Static)
        about.update(_state(fact.row))
        about.display = bool(_state(fact.row))
        self._show_line()
        self.refresh_bindings()

    @on(KansliTable.RowHighlighted)
    def _show_line(self) -> None:
        line = self._lines.get(self.query_one(KansliTable).current or "")
        shown = self.query_one("#line", Static)
        if line is not None:
            lines = ((_("What"), line.what or "–"), (_("Leads to"), line.effect or "–"))
            shown.update(facts(*lines, label_width=12))
        elif self._set.state is ImportState.STOPPED:
            shown.update(plain(_("Of a stopped file only the counts are kept.")))
        else:
            shown.update(plain(_("No lines of this kind.")))

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A decided file is only read; a stale one is compared again first; a stopped one is put aside."""
        row = self._set
        open_to_decide = row.state in (ImportState.REVIEW, ImportState.STOPPED)
        if action in ("accept", "reject", "compare_again") and not open_to_decide:
            return False
        if action == "accept" and (row.stale or row.state is ImportState.STOPPED):
            return None
        if action == "compare_again" and not row.stale:
            return False
        if action == "page_next" and len(self._lines) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_kind(self) -> None:
        """The next kind of line."""
        self._view(1)

    def action_kind_before(self) -> None:
        """The kind before."""
        self._view(-1)

    def _view(self, step: int) -> None:
        self._kind = _KINDS[(_KINDS.index(self._kind) + step) % len(_KINDS)]
        self._read([0])

    def action_page_next(self) -> None:
        """What comes after the last line."""
        self._read([*self._pages, list(self._lines.values())[-1].row_id])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._pages[:-1])

    def action_accept(self) -> None:
        """Apply the whole change-set, after a question with its counts."""
        row = self._set
        lines = (*_counts(row), "", _("Deaths, moves and protection marks take effect at once on orders and letters."))
        self.ask(Confirm(_("Accept the change-set?"), lines), lambda _yes: self._accept(row))

    def _accept(self, row: ChangeSetRow) -> None:
        told = telling(self.progress, _("Accepting"))
        work = partial(self.office.population.accept, self.actor, row.import_id, version=row.version, progress=told)
        self.write(work, lambda done: self.SetChanged(done, _("The change-set is accepted.")), saying=_("Accepting"))

    def action_reject(self) -> None:
        """Put the file aside."""
        row = self._set
        dialog = AskReason(_("Reject the change-set?"), (_("Nothing of the file is applied."),), text=_("Reason"))
        reject = partial(self.office.population.reject, self.actor, row.import_id, version=row.version)
        said = _("The change-set is rejected.")
        self.ask(
            dialog, lambda told: self.write(partial(reject, reason=told.text), lambda done: self.SetChanged(done, said))
        )

    def action_compare_again(self) -> None:
        """Compare with the register as it is now."""
        told = telling(self.progress, _("Comparing"))
        work = partial(self.office.population.compare_again, self.actor, self._set.import_id, progress=told)
        said = _("Compared again with the register as it is now.")
        self.write(work, lambda done: self.SetChanged(done, said), saying=_("Comparing"))

    @on(SetChanged)
    def _set_changed(self, fact: SetChanged) -> None:
        if fact.row.import_id != self._set.import_id:
            self._pages = [0]
        self._set = fact.row
        self.notice.done(fact.text)


def _counts(row: ChangeSetRow) -> tuple[str, ...]:
    return tuple(f"{number(row.counts.get(kind, 0)):>8}  {label(kind)}" for kind in ChangeKind)


def _tabs(row: ChangeSetRow, current: ChangeKind | None) -> Text:
    text = Text(no_wrap=True, overflow="crop", end="")
    for kind in _KINDS:
        words = _("All") if kind is None else f"{_(CHANGES[kind])} {number(row.counts.get(kind, 0))}"
        text.append(f" {words} ", "reverse bold" if kind is current else "").append(" ")
    unchanged = f"{_(CHANGES[ChangeKind.UNCHANGED])} {number(row.counts.get(ChangeKind.UNCHANGED, 0))}"
    return text.append(f" {unchanged}", "dim")


def _state(row: ChangeSetRow) -> Text:
    if row.state is ImportState.STOPPED:
        return plain("! " + _("Stopped whole:") + " " + visible(row.stopped_reason or ""), "bold")
    if row.stale:
        return plain("! " + _("The register has changed since this was compared: J compares again."), "bold")
    if row.decided_at is not None:
        words = _("{state} by {who} {on}", state=label(row.state), who=row.decided_by, on=moment(row.decided_at))
        return plain(words, "dim")
    return Text()


def _cells(line: ChangeRow) -> list[Text]:
    mark = "! " if line.kind in (ChangeKind.PROBLEM, ChangeKind.MISSING) else ""
    what = plain(mark, "bold").append_text(plain(line.what))
    return [right(number(line.line) if line.line else "–"), plain(line.number or "–"), plain(line.name or "–"), what]
