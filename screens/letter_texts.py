"""Brevtexter: which text is in force for each letter, language and region, since when, and what waits for a signature.

A version is written by one, read with made-up people and the next real one, and signed by another; what is signed never changes.
"""

from datetime import date
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day, later, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import Reader, TextRow, TextState
from kansli_tui.rows.letters import LANGUAGES
from kansli_tui.rows.office import REGIONS
from screens import opening
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose, Told
from screens.letter_text_edit import LetterTextEditScreen
from screens.letter_text_view import (
    DifferenceScreen,
    ReadScreen,
    SignText,
    about,
    region_words,
    short_language,
    text_name,
)
from screens.widgets.table import KansliTable
from screens.widgets.text import plain

_READERS = {
    Reader.MADE_UP: (later("A made-up person"), later("Every value that the letter may show is there.")),
    Reader.LONG_NAMED: (later("A person with a very long name"), later("Whether name and address have room.")),
    Reader.NEXT: (later("The next person who gets this letter"), later("Real data: that you have looked is logged.")),
}
"""Whom a text is tried on: words and what it shows."""
_KINDS = {kind.value: place for place, kind in enumerate(LetterType)}
_OF_A_TEXT = frozenset({"open", "preview", "pdf", "difference", "new"})
_OF_A_DRAFT = frozenset({"sign", "reject"})


class LetterTextsScreen(KansliScreen):
    """One list: drafts on top, then the text in force of each letter, language and region."""

    AREA = "Letter texts"
    HELP = (
        "Drafts that wait for a signature stand on top, then the texts in force. Enter reads a text, V shows the letter as the person "
        "will get it, D what the version changes. N writes a new version from the marked one. Somebody other than its author signs "
        "with S; from its day letters are set from it, and those already posted keep theirs. A shows earlier versions too."
    )
    CSS_PATH = "letter_texts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open", *(id_ for id_, key in KEYS.items() if key.group == "texts")
    )

    class TextsRead(Message):
        """Every version."""

        def __init__(self, rows: tuple[TextRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    class LettersKnown(Message):
        """In which letters a text stands; `reader` is whom it is tried on."""

        def __init__(self, row: TextRow, reader: Reader, kinds: tuple[LetterType, ...], *, pdf: bool) -> None:
            super().__init__()
            self.row, self.reader, self.kinds, self.pdf = row, reader, kinds, pdf

    class PreviewRead(Message):
        """A letter as text."""

        def __init__(self, row: TextRow, text: str) -> None:
            super().__init__()
            self.row, self.text = row, text

    class DifferenceRead(Message):
        """What a version changes; `signs` when it is read before signing."""

        def __init__(self, row: TextRow, lines: tuple[str, ...], *, signs: bool) -> None:
            super().__init__()
            self.row, self.lines, self.signs = row, lines, signs

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, TextRow] = {}
        self._read: tuple[TextRow, ...] = ()
        self._every = False
        self._go_to = ""

    def compose_body(self) -> ComposeResult:
        """The list, and what is known of the marked version."""
        yield KansliTable(id="texts")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self._table.columns_are(
            (_("Letter"), 0), (_("Language"), 9), (_("Region"), 6), (_("Version"), 7), (_("State"), 17)
        )

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#texts", KansliTable)

    @property
    def _row(self) -> TextRow | None:
        return self._rows.get(self._table.current or "")

    # Reading

    def reload(self) -> None:
        """Read every version."""
        self.read(partial(self.office.letter_texts.rows, self.actor), self.TextsRead)

    @on(TextsRead)
    def draw_texts(self, fact: TextsRead) -> None:
        """Draw the list."""
        self._read = fact.rows
        self._draw()

    def _draw(self) -> None:
        rows = sorted(self._read, key=_order)
        drafts = [row for row in rows if row.state is TextState.DRAFT]
        rest = [row for row in rows if row.state is not TextState.DRAFT and (self._every or self._holds(row))]
        self._rows = {str(row.text_id): row for row in (*drafts, *rest)}
        lines = [(str(row.text_id), self._cells(row)) for row in drafts]
        texts = [(str(row.text_id), self._cells(row)) for row in rest]
        if lines:
            lines = [_heading("drafts", _("WAIT FOR SIGNATURE")), *lines, _heading("force", _("TEXTS"))]
        moved = self._table.fill([*lines, *texts])
        if self._go_to in self._rows:
            self._table.move_cursor(row=self._table.get_row_index(self._go_to), animate=False)
            self._go_to = ""
        elif moved:
            self.rest()
        self.title_is(n_("{count} waits for signature", "{count} wait for signature", len(drafts)) if drafts else "")
        self._show_about()
        self.refresh_bindings()

    def _holds(self, row: TextRow) -> bool:
        """In force, or signed and to come."""
        return row.state is TextState.SIGNED and (row.in_force or row.valid_from > self.today)

    def _cells(self, row: TextRow) -> list[Text]:
        draft = row.state is TextState.DRAFT
        style = "bold" if draft else "" if self._holds(row) else "dim"
        return [
            plain(text_name(row.name), style),
            plain(short_language(row.language), style),
            plain(region_words(row.region, short=True), style),
            plain(row.version, style),
            plain(_state(row, self.today), style),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._row
        self.query_one("#about", Static).update(about(row, self.actor.username, self.desk.now()) if row else "")
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Everybody reads; supervisors write, and sign what somebody else has written."""
        if self.is_mounted and action in (_OF_A_TEXT | _OF_A_DRAFT):
            row = self._row
            if row is None or (action in (*_OF_A_DRAFT, "new") and not self.actor.is_supervisor):
                return None
            if action in _OF_A_DRAFT and row.state is not TextState.DRAFT:
                return None
            if action == "sign" and row.written_by == self.actor.username:
                return None
        return super().check_action(action, parameters)

    def action_every(self) -> None:
        """Earlier versions and rejected drafts too, or not."""
        self._every = not self._every
        self._draw()

    def action_open(self) -> None:
        """Read the text as it is written."""
        row = self._row
        if row is not None:
            head = about(row, self.actor.username, self.desk.now())
            self.app.push_screen(ReadScreen(text_name(row.name), head, row.body))

    def action_preview(self) -> None:
        """The letter as a person gets it."""
        self._ask_reader(pdf=False)

    def action_pdf(self) -> None:
        """The same letter as PDF."""
        self._ask_reader(pdf=True)

    def _ask_reader(self, *, pdf: bool) -> None:
        row = self._row
        if row is None:
            return
        choices = tuple(Choice(reader.value, _(words), _(helps)) for reader, (words, helps) in _READERS.items())
        used_in = partial(self.office.letter_texts.used_in, self.actor, row.text_id)

        def chosen(reader: str) -> None:
            # Busy until the letter, or the next question, stands there.
            self.write(used_in, lambda kinds: self.LettersKnown(row, Reader(reader), kinds, pdf=pdf), reads_again=False)

        self.ask(Choose(_("To whom is the letter?"), choices), chosen)

    @on(LettersKnown)
    def _ask_letter(self, fact: LettersKnown) -> None:
        self.notice.clear()
        if len(fact.kinds) < 2:
            self._preview(fact, None)
        else:
            choices = tuple(Choice(kind.value, label(kind)) for kind in fact.kinds)
            self.ask(Choose(_("In which letter?"), choices), lambda kind: self._preview(fact, LetterType(kind)))

    def _preview(self, fact: LettersKnown, kind: LetterType | None) -> None:
        texts = self.office.letter_texts
        reader = fact.reader
        if fact.pdf:
            make = partial(texts.preview_pdf, self.actor, fact.row.text_id, reader=reader, kind=kind)
            name = f"{fact.row.name}.{fact.row.language}.{fact.row.version}.pdf"
            self.read(partial(_shown, make, name), self.Shown, group="preview")
        else:
            show = partial(texts.preview, self.actor, fact.row.text_id, reader=reader, kind=kind)
            self.read(show, lambda text: self.PreviewRead(fact.row, text), group="preview")

    class Shown(Message):
        """A PDF has been shown, or lies where the sentence says."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    @on(Shown)
    def _say_shown(self, fact: Shown) -> None:
        self.notice.done(fact.said)

    @on(PreviewRead)
    def _show_preview(self, fact: PreviewRead) -> None:
        head = plain(_("Preview of {version}", version=fact.row.version), "bold")
        self.app.push_screen(ReadScreen(text_name(fact.row.name), head, fact.text))

    def action_difference(self) -> None:
        """What the version changes in the text in force."""
        self._read_difference(signs=False)

    def action_sign(self) -> None:
        """Show what the draft changes, and ask for the signature."""
        self._read_difference(signs=True)

    def _read_difference(self, *, signs: bool) -> None:
        row = self._row
        if row is not None:
            difference = partial(self.office.letter_texts.difference, self.actor, row.text_id)
            # Busy until it stands there: what is typed for the question acts on nothing else.
            self.write(difference, lambda lines: self.DifferenceRead(row, lines, signs=signs), reads_again=False)

    @on(DifferenceRead)
    def _show_difference(self, fact: DifferenceRead) -> None:
        self.notice.clear()
        row = fact.row
        if not fact.signs:
            head = about(row, self.actor.username, self.desk.now())
            self.app.push_screen(DifferenceScreen(text_name(row.name), head, fact.lines))
            return
        self.ask(SignText(row, fact.lines, self.today), lambda _yes: self._sign(row))

    def _sign(self, row: TextRow) -> None:
        sign = partial(self.office.letter_texts.sign, self.actor, row.text_id)
        self.write(sign, lambda signed: _("Signed: in force from {day}.", day=day(signed.valid_from, self.desk.now())))

    def action_reject(self) -> None:
        """Put the draft away."""
        row = self._row
        if row is not None:
            lines = (f"{text_name(row.name)} · {short_language(row.language)} · {row.version}",)
            dialog = AskReason(_("Reject the draft?"), lines, text=_("Reason"))
            self.ask(dialog, partial(self._reject, row))

    def _reject(self, row: TextRow, told: Told) -> None:
        reject = partial(self.office.letter_texts.reject, self.actor, row.text_id, reason=told.text)
        self.write(reject, _("The draft is put away."))

    def action_new(self) -> None:
        """Write a new version, for all regions or one."""
        row = self._row
        if row is None:
            return
        codes = sorted(self.actor.regions)
        everywhere = ("",) if self.actor.regions >= set(REGIONS) else ()
        # What the marked text is for stands first.
        order = sorted((*everywhere, *codes), key=lambda code: (code != row.region, code))
        choices = tuple(Choice(code or "all", region_words(code)) for code in order)
        self.ask(Choose(_("For which letters is the text?"), choices), partial(self._write_new, row))

    def _write_new(self, row: TextRow, code: str) -> None:
        self.app.push_screen(LetterTextEditScreen(row, "" if code == "all" else code, self._saved))

    def _saved(self, row: TextRow) -> None:
        """The cursor goes to the draft when the list has been read again."""
        self._go_to = str(row.text_id)
        self.notice.done(_("Version {version} is saved as a draft. Another supervisor signs it.", version=row.version))


def _order(row: TextRow) -> tuple[int, str, int, str, int]:
    """Letters in the order of the pathway, then shared parts; Swedish first; the newest version first."""
    language = LANGUAGES.index(row.language) if row.language in LANGUAGES else len(LANGUAGES)
    return _KINDS.get(row.name, len(_KINDS)), row.name, language, row.region, -row.text_id


def _heading(key: str, words: str) -> tuple[str, list[Text]]:
    return f"head:{key}", [plain(words, "bold"), *(plain("") for _column in range(4))]


def _state(row: TextRow, today: date) -> str:
    if row.state is TextState.DRAFT:
        return _("by {who}", who=row.written_by)
    if row.state is TextState.REJECTED:
        return label(row.state)
    if row.valid_from > today:
        return _("from {day}", day=day(row.valid_from, today))
    if not row.in_force:
        return _("earlier")
    # What came with the program has no day that tells anything.
    return _("from the start") if row.signed_by == row.written_by else _("since {day}", day=day(row.valid_from, today))


def _shown(make: partial[bytes], name: str) -> str:
    """Put the PDF in the user's own folder and show it."""
    file = opening.private_folder() / name
    file.write_bytes(make())
    return opening.show(file)
