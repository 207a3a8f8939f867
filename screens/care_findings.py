"""What one check of register care finds, and what is done about it: opened, said to be right, compared and merged, accepted or kept."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.register_care import CareCheckRow, CareFinding, HandForm, HandValue
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason
from screens.hand_edit_form import value_words
from screens.merging import MergeScreen, OtherFound, ask_other
from screens.stats_filter import municipality_name
from screens.widgets.table import KansliTable
from screens.widgets.text import plain
from screens.widgets.words import shown_place

PAGE = 100
"""So many findings the service gives at once."""
_DIFFERENCES = "differences"
_DUPLICATES = ("possible_duplicates", "held_as_duplicates")


class CareFindingsScreen(KansliScreen):
    """A page at a time. A finding goes away when it is put right or noted as right."""

    AREA = "Register care"
    HELP = (
        "Each line is one finding. Enter opens the case, or the held answers. S notes that the finding is true but right, with the "
        "reason; it comes back when the data change. J shows two cases side by side, where they are merged. Where the register differs "
        "from what is written by hand, G accepts the register's and K keeps ours, for that field."
    )
    CSS_PATH = "register_care.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open",
        "care.settle",
        "care.compare",
        "care.accept",
        "care.keep",
        "list.page_next",
        "list.page_previous",
    )

    class FindingsRead(Message):
        """A page of findings, and the cursors of the pages up to it."""

        def __init__(self, pages: list[tuple[int, int]], findings: tuple[CareFinding, ...]) -> None:
            super().__init__()
            self.pages, self.findings = pages, findings

    class DifferenceRead(Message):
        """The two values of a difference, and which of them is chosen."""

        def __init__(self, edit_id: int, form: HandForm, *, accept: bool) -> None:
            super().__init__()
            self.form, self.accept = form, accept
            self.value = next((value for value in form.values if value.edit_id == edit_id), None)

    def __init__(self, check: CareCheckRow) -> None:
        super().__init__()
        self._check = check
        self._pages: list[tuple[int, int]] = [(0, 0)]
        self._findings: dict[str, CareFinding] = {}

    def compose_body(self) -> ComposeResult:
        """What to do about them, the findings, and the whole of the marked one."""
        yield Static(id="fix")
        yield KansliTable(id="findings")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one("#fix", Static).update(
            plain(_(self._check.label), "bold").append("  " + _(self._check.fix), "not bold")
        )
        self.query_one(KansliTable).columns_are((_("Number"), 13), (_("Name"), 18), ("", 3), (_("What"), 0))

    # Reading

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._pages)

    def _read(self, pages: list[tuple[int, int]]) -> None:
        page = partial(self.office.register_care.findings, self.actor, self._check.check, after=pages[-1])
        self.read(page, partial(self.FindingsRead, pages))

    @on(FindingsRead)
    def draw(self, fact: FindingsRead) -> None:
        """Draw the page."""
        self._pages = fact.pages
        self._findings = {finding.subject: finding for finding in fact.findings}
        if self.query_one(KansliTable).fill((key, _cells(finding)) for key, finding in self._findings.items()):
            self.rest()
        whole = len(fact.pages) == 1 and len(fact.findings) < PAGE
        count = n_("{count} finding", "{count} findings", len(fact.findings))
        self.title_is(count if whole else _("page {number}", number=len(fact.pages)))
        self._show_about()

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        finding = self._marked
        if finding is None:
            text = plain("✓ " + _("The check finds nothing more."), "bold")
        else:
            text = plain(_what(finding), "bold")
            text.append_text(plain(f"\n{finding.number}  {finding.name}  {shown_place(finding.region)}", lines=True))
            if "other" in finding.values:
                text.append_text(plain("\n" + _("and {number}", number=finding.values["other"]), lines=True))
        self.query_one("#about", Static).update(text)
        self.refresh_bindings()

    @property
    def _marked(self) -> CareFinding | None:
        return self._findings.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done about findings of this check."""
        check = self._check
        hidden = (
            (action == "settle" and not check.settleable)
            or (action == "compare" and check.check not in _DUPLICATES)
            or (action in ("accept", "keep") and check.check != _DIFFERENCES)
        )
        if hidden:
            return False
        if action in ("open", "settle", "compare", "accept", "keep") and not (self.is_mounted and self._marked):
            return None
        if (action == "page_next" and len(self._findings) < PAGE) or (
            action == "page_previous" and len(self._pages) == 1
        ):
            return None
        return super().check_action(action, parameters)

    def action_page_next(self) -> None:
        """The page after."""
        last = list(self._findings.values())[-1]
        self._read([*self._pages, last.key])

    def action_page_previous(self) -> None:
        """The page before."""
        self._read(self._pages[:-1])

    def action_open(self) -> None:
        """The case, or where held messages are seen to."""
        finding = self._marked
        if finding is None:
            return
        if finding.person_id is not None:
            self.desk.open_case(finding.person_id)
        else:
            self.desk.open_queue(Queue.HELD)

    def action_settle(self) -> None:
        """True, and right so."""
        finding = self._marked
        if finding is not None:
            lines = (
                _what(finding),
                _("The finding goes away. It comes back by itself when the data that it stands on change."),
            )
            dialog = AskReason(_("Looked at: it is right"), lines, text=_("Why it is right"))
            settle = partial(
                self.office.register_care.settle,
                self.actor,
                finding.check,
                finding.subject,
                seen=finding.fingerprint,
            )
            self.ask(dialog, lambda told: self.write(partial(settle, why=told.text), _("Noted as right.")))

    def action_compare(self) -> None:
        """Two cases side by side; who the other is is asked for where only the register knows it."""
        finding = self._marked
        if finding is None or finding.person_id is None:
            return
        if finding.other_id is not None:
            self.app.push_screen(MergeScreen(finding.person_id, finding.other_id))
        else:
            ask_other(self, finding.person_id, finding.number)

    @on(OtherFound)
    def _compare(self, fact: OtherFound) -> None:
        self.notice.clear()
        self.app.push_screen(MergeScreen(fact.person_id, fact.other_id))

    # Differences

    def action_accept(self) -> None:
        """The register's value."""
        self._read_difference(accept=True)

    def action_keep(self) -> None:
        """Ours, against just what the register says now."""
        self._read_difference(accept=False)

    def _read_difference(self, *, accept: bool) -> None:
        finding = self._marked
        if finding is not None and finding.person_id is not None and finding.edit_id is not None:
            form = partial(self.office.hand_edits.form, self.actor, finding.person_id)
            # Busy until the question stands there: what is typed for it acts on nothing else.
            told = partial(self.DifferenceRead, finding.edit_id, accept=accept)
            self.write(form, told, reads_again=False)

    @on(DifferenceRead)
    def _ask_difference(self, fact: DifferenceRead) -> None:
        self.notice.clear()
        value = fact.value
        if value is None or value.differs is None or value.edit_id is None:
            self.reload()
            return
        field = label(value.field).lower()
        title = _("Accept the register's {field}?", field=field) if fact.accept else _("Keep our {field}?", field=field)
        dialog = AskReason(title, _difference(fact.form, value), text=_("Why"))
        settle = partial(
            self.office.hand_edits.settle, self.actor, value.edit_id, differs=value.differs, accept=fact.accept
        )
        said = _("The register's holds from now on.") if fact.accept else _("Ours stands against the register's.")
        self.ask(dialog, lambda told: self.write(partial(settle, why=told.text), said))


def _difference(form: HandForm, value: HandValue) -> tuple[str, ...]:
    """Both values, and what was known when ours was written."""
    assert value.differs is not None
    return (
        f"{form.number}  {form.name}",
        _("Ours: {value}", value=value_words(value.value)),
        _("The register now: {value}", value=value_words(value.differs)),
        _("The register then: {value}", value=value_words(value.register_value)),
        _("Written by {who}: {why}", who=value.by, why=value.why),
    )


def _cells(finding: CareFinding) -> list[Text]:
    return [
        plain(finding.number or "–"),
        plain(finding.name),
        plain(shown_place(finding.region)),
        plain(_what(finding)),
    ]


def _what(finding: CareFinding) -> str:
    values = dict(finding.values)
    if "code" in values:
        values["code"] = municipality_name(values["code"])
    return _(finding.what, **values)
