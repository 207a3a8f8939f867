"""How letter texts are shown: names, what is known of a version, a text to read, a difference to read, and a difference to sign."""

from collections.abc import Iterable
from datetime import date, datetime

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from kansli_tui.i18n import _, day, day_full, later
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import TextRow, TextState
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from screens.base import KansliScreen
from screens.dialogs import Assert
from screens.widgets.text import plain

_LANGUAGES = {"sv": later("Swedish"), "sv-simple": later("easy read"), "en": later("English")}
_SIGNS = {"+": ("+", "-added"), "-": ("−", "-removed"), "@": ("⋯", "-between"), " ": ("", "-same")}
"""How a line of a difference begins on screen, and its class: never colour alone."""


def text_name(name: str) -> str:
    """A letter's name, or the name of a part that several letters take in."""
    if name in set(LetterType):
        return label(LetterType(name))
    return _("Shared part {part}", part="@" + name.removeprefix("shared_"))


def short_language(code: str) -> str:
    """A language in a word."""
    return _(_LANGUAGES.get(code, code))


def region_words(code: str, *, short: bool = False) -> str:
    """A region, or all of them."""
    if not code:
        return _("all") if short else _("All regions")
    return (REGION_SHORT if short else REGIONS).get(code, code)


def about(row: TextRow, username: str, now: datetime) -> Text:
    """Which version it is, who wrote and who signed it, and what is new in it."""
    words = [text_name(row.name), short_language(row.language), region_words(row.region), row.version]
    text = plain(" · ".join(words), "bold")
    # Only what comes with the program is signed by its author.
    if row.written_by != row.signed_by:
        text.append("\n").append_text(_signatures(row, username, now))
    comment = " · ".join(row.comment.splitlines())
    return text.append("\n").append_text(plain(comment, "dim")) if comment else text


def _signatures(row: TextRow, username: str, now: datetime) -> Text:
    text = plain(_("Written by {who} {day}", who=row.written_by, day=day(row.written_at, now)))
    if row.state is TextState.DRAFT:
        text.append(" · ").append_text(plain(_("to hold from {day}", day=day_full(row.valid_from))))
        if row.written_by == username:
            text.append(" · ").append_text(plain(_("A supervisor other than you signs it."), "bold"))
        else:
            text.append(" · ").append_text(plain(_("A supervisor other than {who} signs it.", who=row.written_by)))
    elif row.signed_by is not None and row.signed_at is not None:
        signed, by, on = row.state is TextState.SIGNED, row.signed_by, day(row.signed_at, now)
        words = _("signed by {who} {day}", who=by, day=on) if signed else _("rejected by {who} {day}", who=by, day=on)
        text.append(" · ").append_text(plain(words))
    return text


def difference_lines(lines: Iterable[str]) -> list[Static]:
    """Lines of a difference: added with +, removed with −, in a colour each; a gap is a row of dots."""
    shown = []
    for line in lines:
        sign, css = _SIGNS.get(line[:1], _SIGNS[" "])
        words = "" if line.startswith("@") else line[1:]
        shown.append(Static(_under_itself(sign, words), classes=css))
    return shown or [Static(plain(_("Nothing differs from the text in force."), "dim"))]


def _under_itself(sign: str, words: str) -> Table:
    """A long line goes on under its own words, so that the signs stand alone at the left."""
    grid = Table.grid(expand=True)
    grid.add_column(width=2)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(plain(sign), plain(words))
    return grid


class ReadScreen(KansliScreen):
    """A text to read; the arrows scroll it."""

    AREA = "Letter texts"
    HELP = "The arrows scroll the text. Esc goes back."
    CSS_PATH = "letter_texts.tcss"

    def __init__(self, detail: str, head: Text, text: str) -> None:
        super().__init__()
        self._where, self._head, self._text = detail, head, text

    def compose_body(self) -> ComposeResult:
        """What it is, and the text."""
        yield Static(self._head, id="head")
        with VerticalScroll(id="reading"):
            yield from self.lines()

    def lines(self) -> Iterable[Static]:
        """What is read."""
        yield Static(plain(self._text, lines=True))

    def on_mount(self) -> None:
        """The arrows scroll at once."""
        super().on_mount()
        self.title_is(self._where)
        self.query_one("#reading").focus()


class DifferenceScreen(ReadScreen):
    """What a version changes in the text in force."""

    HELP = "Lines with + are new, lines with − are gone. The arrows scroll. Esc goes back."

    def __init__(self, detail: str, head: Text, lines: tuple[str, ...]) -> None:
        super().__init__(detail, head, "")
        self._lines = lines

    def lines(self) -> Iterable[Static]:
        """The lines, each with its sign."""
        return difference_lines(self._lines)


class SignText(Assert):
    """What a draft changes, and whether it is signed: J signs, N goes back, the arrows scroll."""

    CSS_PATH = "letter_texts.tcss"

    def __init__(self, row: TextRow, lines: tuple[str, ...], today: date) -> None:
        from_day = day_full(max(row.valid_from, today))
        what = f"{text_name(row.name)} · {short_language(row.language)} · {region_words(row.region)}"
        told = _("Letters are set from it from {day}. It can never be changed after that.", day=from_day)
        super().__init__(_("Sign version {version}?", version=row.version), (what, told))
        self._difference = lines

    def compose_answer(self) -> ComposeResult:
        """The difference."""
        with VerticalScroll(id="difference"):
            yield from difference_lines(self._difference)

    def on_mount(self) -> None:
        """The arrows scroll the difference."""
        super().on_mount()
        self.query_one("#difference").focus()
