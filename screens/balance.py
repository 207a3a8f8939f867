"""Balans: everyone in the register is on some line, per region and birth year, and the sum proves it. A difference names the people."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, moment, n_, number
from kansli_tui.rows.cases import Balance, BalanceRow, SignedBalanceRow
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.service.balance import line_words
from kansli_tui.service.files import write_whole
from screens.asking import AskPath
from screens.balance_people import BalancePeopleScreen
from screens.base import KansliScreen, keys
from screens.dialogs import Confirm
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place


class BalanceScreen(KansliScreen):
    """Whom the program has lost hold of stand on top; then regions and birth years, with the lines of the marked one beside them."""

    AREA = "Balance"
    HELP = (
        "At the left every region and birth year with the people in the register and the difference, which is to be zero; at the "
        "right the lines that add up to it. Enter goes from a year to its lines, and from a line to its people. People whom "
        "nothing holds stand on top with what is missing; Enter opens the case. B counts again, P saves the balance as a PDF, and S counts "
        "and keeps it signed with your name."
    )
    CSS_PATH = "balance.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "balance.make", "balance.save", "balance.sign")

    class BalanceRead(Message):
        """The balance as counted now."""

        def __init__(self, balance: Balance) -> None:
            super().__init__()
            self.balance = balance

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, BalanceRow] = {}
        self._folder = ""

    def compose_body(self) -> ComposeResult:
        """The lost ones, years, lines."""
        yield Static(id="says")
        yield KansliTable(id="lost")
        with Horizontal():
            yield KansliTable(id="years")
            yield KansliTable(id="lines")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self._table("lost").columns_are((_("Number"), 13), (_("Region"), 6), (_("What is missing"), 0))
        self._table("years").columns_are(
            (_("Region"), 6), (_("Born"), 5), (right(_("People")), 8), (right(_("diff.")), 5)
        )
        self._table("lines").columns_are((_("Line"), 0), (right(_("People")), 8))
        self._table("years").focus()

    def _table(self, name: str) -> KansliTable:
        return self.query_one(f"#{name}", KansliTable)

    # Reading

    def reload(self) -> None:
        """Count when shown first; coming back from people shows what was counted, until B is pressed."""
        if not self._rows:
            self._count()

    def _count(self) -> None:
        self.notice.working(_("Everyone is counted…"))
        self.read(partial(self.office.balance.make, self.actor), self.BalanceRead)

    @on(BalanceRead)
    def draw(self, fact: BalanceRead) -> None:
        """Draw sums, years and those who are lost."""
        self.notice.clear()
        balance = fact.balance
        self._rows = {f"{row.region}:{row.born}": row for row in (*_sums(balance), *balance.rows)}
        self._table("lost").fill(
            (str(one.person_id), [plain(one.number), plain(shown_place(one.region)), plain(_(one.why))])
            for one in balance.unaccounted
        )
        self._table("lost").display = bool(balance.unaccounted)
        self._table("years").fill((key, _cells(row)) for key, row in self._rows.items())
        self.query_one("#says", Static).update(_says(balance, moment(balance.at)))
        self._show_lines()

    @on(KansliTable.RowHighlighted, "#years")
    def _show_lines(self) -> None:
        row = self._rows.get(self._table("years").current or "")
        lines = sorted(row.lines.items(), key=lambda line: (":" in line[0], line[0])) if row else []
        self._table("lines").fill((line, [plain(line_words(line)), right(number(count))]) for line, count in lines)
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A sum of years has no people of its own to open."""
        if action == "open" and self.is_mounted:
            row = self._rows.get(self._table("years").current or "")
            table = self.focused
            if not isinstance(table, KansliTable) or table.current is None:
                return None
            if table.id == "lines" and (row is None or row.born == 0):
                return None
        return super().check_action(action, parameters)

    def action_make(self) -> None:
        """Count again."""
        self._count()

    def action_reload(self) -> None:
        """Count again."""
        self._count()

    def action_save(self) -> None:
        """Ask for the folder, and save the balance there as a PDF."""
        lines = (_("Everyone is counted again, and the balance is set on paper."),)
        dialog = AskPath(_("Save the balance"), lines, text=_("Folder"), given=self._folder, folder=True)
        self.ask(dialog, self._save)

    def _save(self, folder: Path) -> None:
        self._folder = str(folder)
        name = _("balance-{day}.pdf", day=self.today.isoformat())
        said = _("Saved in {folder}: {files}", folder=folder, files=name)
        self.write(partial(self._write_pdf, folder, name), said, saying=_("Everyone is counted…"))

    def _write_pdf(self, folder: Path, name: str) -> None:
        write_whole(folder, name, self.office.balance.pdf(self.actor))

    def action_sign(self) -> None:
        """Count once more and put one's name to it, also when it does not add up."""
        lines = (
            _("Everyone is counted again. The balance is kept as a PDF as it is then, with your name and the time."),
            _("A balance that does not add up is signed with its differences."),
        )
        sign = partial(self.office.balance.sign, self.actor)
        dialog = Confirm(_("Sign the balance as {who}?", who=self.actor.name), lines)
        self.ask(dialog, lambda _yes: self._sign(sign))

    def _sign(self, sign: partial[SignedBalanceRow]) -> None:
        self.write(sign, _signed, saying=_("Everyone is counted…"))

    def action_open(self) -> None:
        """From a year to its lines, from a line to its people, from a lost one to his case."""
        table = self.focused
        row = self._rows.get(self._table("years").current or "")
        if not isinstance(table, KansliTable) or table.current is None:
            return
        if table.id == "lost":
            self.desk.open_case(int(table.current))
        elif table.id == "years":
            self._table("lines").focus()
        elif row is not None and row.born:
            self.app.push_screen(BalancePeopleScreen(row.region, row.born, table.current))

    def action_back(self) -> None:
        """From the lines to the years, from the years to where one came from."""
        if self.focused is self._table("lines"):
            self._table("years").focus()
        else:
            super().action_back()


def _signed(row: SignedBalanceRow) -> str:
    words = _("it adds up") if row.adds_up else _("it does not add up")
    return _("Signed {at} by {who}: {words}.", at=moment(row.at), who=row.by, words=words)


def _sums(balance: Balance) -> list[BalanceRow]:
    """Every region's years together, as rows of the birth year 0."""
    sums = []
    for region in sorted({row.region for row in balance.rows}):
        rows = [row for row in balance.rows if row.region == region]
        lines: dict[str, int] = {}
        for row in rows:
            for line, count in row.lines.items():
                lines[line] = lines.get(line, 0) + count
        everyone, difference = sum(row.in_register for row in rows), sum(abs(row.difference) for row in rows)
        sums.append(BalanceRow(region, 0, everyone, lines, difference))
    return sums


def _cells(row: BalanceRow) -> list[Text]:
    style = "bold" if row.born == 0 else ""
    sign = "✓ 0" if row.difference == 0 else f"✗ {number(row.difference)}"
    return [
        plain(REGION_SHORT.get(row.region, row.region), style),
        plain(str(row.born) if row.born else _("all"), style),
        right(number(row.in_register), style),
        right(sign, "bold" if row.difference else style),
    ]


def _says(balance: Balance, at: str) -> Text:
    everyone = sum(row.in_register for row in balance.rows)
    people = n_("{count} person in the register", "{count} people in the register", everyone)
    if balance.adds_up:
        text = plain(f"✓ {people}: " + _("everyone is accounted for."), "bold")
        return text.append("  " + _("Counted {at}", at=at), "dim not bold")
    lost = n_("{count} person is not accounted for", "{count} people are not accounted for", len(balance.unaccounted))
    return plain(f"✗ {people}: {lost}.", "bold reverse")
