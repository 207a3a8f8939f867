"""A person's letters: who got what when and what came of it, what it said, once more, alone, or with a page of its own."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day, n_
from kansli_tui.labels import label
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, LetterState
from kansli_tui.rows.mail import PersonLetter, PersonLetters, ReturnedLetter
from screens.appointment import appointment, appointment_lines
from screens.base import KansliScreen, keys
from screens.batch_letters import LetterTextScreen, state_in_batch
from screens.dialogs import AskReason, Confirm, Told
from screens.enclosure import AskEnclosure
from screens.opening import private_folder, show
from screens.returned_task import ask_again
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, visible

_SENT = (LetterState.POSTED, LetterState.RETURNED)


class CaseLettersScreen(KansliScreen):
    """Every letter, the newest first; below the list all that is known of the marked one."""

    AREA = "Letters of the case"
    HELP = (
        "V shows what the marked letter says, as it was printed or as it would be printed today. S prepares a posted or returned "
        "letter once more. P prints a waiting one by itself, and E writes a page that goes with it. O shows a printed letter's PDF. "
        "T takes back a return that was noted by mistake."
    )
    CSS_PATH = "scanning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "letters.preview",
        "person.again",
        "person.print_alone",
        "person.enclose",
        "letters.open_pdf",
        "person.not_returned",
    )

    class LettersRead(Message):
        """The letters."""

        def __init__(self, found: PersonLetters) -> None:
            super().__init__()
            self.found = found

    class TextRead(Message):
        """What a letter says."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class AddressRead(Message):
        """A letter that is to be sent again, with where it went and where it would go."""

        def __init__(self, letter: ReturnedLetter) -> None:
            super().__init__()
            self.letter = letter

    def __init__(self, person_id: int) -> None:
        super().__init__()
        self._person_id = person_id
        self._letters: dict[str, PersonLetter] = {}

    def compose_body(self) -> ComposeResult:
        """Whose, the list, and the marked letter."""
        yield Static(id="who")
        yield KansliTable(id="letters")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one("#who").styles.height = 1
        self.query_one(KansliTable).columns_are(
            (_("Mark"), 9), (_("Letter"), 0), (_("State"), 20), (_("Day"), 11), (_("Channel"), 10)
        )

    def reload(self) -> None:
        """Read the letters (logged)."""
        self.read(partial(self.office.mail_rows.of_person, self.actor, self._person_id), self.LettersRead)

    @on(LettersRead)
    def draw(self, fact: LettersRead) -> None:
        """Draw them; the keys rest when another letter has come under the cursor."""
        found = fact.found
        self._letters = {str(row.letter_id): row for row in found.letters}
        self.query_one("#who", Static).update(plain(f"{found.number}  {found.name}", "bold"))
        now = self.desk.now()
        if self.query_one(KansliTable).fill(
            (
                key,
                [
                    plain(f"B-{row.letter_id:06d}"),
                    plain(label(row.type)),
                    plain(
                        state_in_batch(row.state, row.batch_state), "bold" if row.state is LetterState.RETURNED else ""
                    ),
                    plain(day(row.returned_on or row.posted_on or row.printed_at or row.prepared_at, now)),
                    plain(label(row.channel)),
                ],
            )
            for key, row in self._letters.items()
        ):
            self.rest()
        self.title_is(n_("{count} letter", "{count} letters", len(found.letters)))
        self._show_about()

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        empty = plain(_("No letter has been prepared for this person."))
        self.query_one("#about", Static).update(empty if row is None else _about(row, self.desk.now()))
        self.refresh_bindings()

    @property
    def _marked(self) -> PersonLetter | None:
        return self._letters.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done follows the state of the marked letter."""
        row = self._marked if self.is_mounted else None
        if action in ("preview", "again", "print_alone", "enclose", "open_pdf", "not_returned") and row is None:
            return None
        if row is not None:
            waits = row.state is LetterState.PREPARED
            if (action == "again" and row.state not in _SENT) or (action in ("print_alone", "enclose") and not waits):
                return None
            if action == "not_returned" and row.state is not LetterState.RETURNED:
                return None
            if action == "open_pdf" and not row.batch:
                return None
        return super().check_action(action, parameters)

    def action_preview(self) -> None:
        """Read the letter."""
        if self._marked is not None:
            preview = partial(self.office.letters.preview, self.actor, self._marked.letter_id)
            self.read(preview, self.TextRead, group="text")

    @on(TextRead)
    def _show_text(self, fact: TextRead) -> None:
        self.app.push_screen(LetterTextScreen(fact.text))

    def action_again(self) -> None:
        """Send the letter again; where it goes is read first."""
        if self._marked is not None:
            returned = partial(self.office.mail_rows.returned, self.actor, self._marked.letter_id)
            self.write(returned, self.AddressRead, reads_again=False)

    def action_not_returned(self) -> None:
        """Take back a return that was noted by mistake."""
        row = self._marked
        if row is not None:
            lines = (_("The letter counts as posted again, and nobody looks for another address."),)
            dialog = AskReason(_("Was the return noted by mistake?"), lines, text=_("Reason"))
            self.ask(dialog, partial(self._not_returned, row))

    def _not_returned(self, row: PersonLetter, told: Told) -> None:
        take_back = self.office.mail.take_back_return
        self.write(partial(take_back, self.actor, row.letter_id, reason=told.text), _("The return is taken back."))

    @on(AddressRead)
    def _ask_again(self, fact: AddressRead) -> None:
        self.notice.clear()
        ask_again(self, fact.letter, "")

    def action_print_alone(self) -> None:
        """Print the waiting letter by itself."""
        row = self._marked
        if row is not None:
            lines = (
                f"B-{row.letter_id:06d} · {label(row.type)}",
                _("It becomes a batch of one; save, print and post it in the letters area (F4)."),
            )
            ask = Confirm(_("Print this letter alone?"), lines)
            self.ask(ask, lambda _yes: self._print_alone(row))

    def _print_alone(self, row: PersonLetter) -> None:
        self.write(partial(self.office.mail.print_single, self.actor, row.letter_id), _alone)

    def action_enclose(self) -> None:
        """Write a page that goes with the letter."""
        row = self._marked
        if row is not None:
            self.ask(AskEnclosure(row.enclosure), partial(self._enclose, row))

    def _enclose(self, row: PersonLetter, text: str) -> None:
        said = _("The page goes with the letter.") if text.strip() else _("The letter has no page of its own.")
        self.write(partial(self.office.mail.enclose, self.actor, row.letter_id, text), said)

    def action_open_pdf(self) -> None:
        """Show the letter's own PDF."""
        row = self._marked
        if row is not None:
            office, actor = self.office, self.actor
            self.write(
                lambda: show(office.mail_rows.save(actor, row.letter_id, private_folder())),
                lambda said: said,
                reads_again=False,
            )


def _alone(batch: BatchRow) -> str:
    return _("Batch {number} is made of this letter alone. F4 saves, counts and posts it.", number=batch.number)


def _about(row: PersonLetter, now: datetime) -> Text:
    """What is known of the letter, from its preparing to what came of it."""
    text = plain(_("Prepared {day}", day=day(row.prepared_at)))
    if row.printed_at is not None and row.batch_state not in (BatchState.PREPARED, BatchState.RENDERED):
        text.append(" · " + _("printed {day}", day=day(row.printed_at)))
    if row.batch:
        text.append(" · " + _("batch {number}", number=row.batch))
    if row.posted_on is not None:
        text.append(" · " + _("posted {day}", day=day(row.posted_on)))
    if row.returned_on is not None:
        text.append(" · " + _("returned {day}", day=day(row.returned_on)), "bold")
        text.append(f" ({label(row.return_reason)})" if row.return_reason else "")
    if row.stop_reason:
        text.append(" · " + _("stopped: {why}", why=_(row.stop_reason)))
    text.append("\n" + _("In {language}", language=_(LANGUAGE_NAMES.get(row.language, row.language))))
    if row.by_hand:
        text.append(" · " + _("by hand"))
    if row.again_of is not None:
        text.append(" · " + _("sent again in place of {number}", number=f"B-{row.again_of:06d}"))
    if row.booked_at is not None and row.state is LetterState.POSTED:
        text.append("\n" + appointment(row.booked_at, now))
    elif row.booked_at is not None and row.state is not LetterState.STOPPED:
        text.append("\n").append_text(appointment_lines(row.booked_at, now))
    if row.sent_to:
        text.append("\n" + _("To {address}", address=visible(", ".join(row.sent_to))))
    beyond_paper = [told for told in row.attempts if told.channel is not Channel.PAPER]
    if beyond_paper:
        words = (f"{day(told.at)} {label(told.channel)}: {label(told.outcome)}" for told in beyond_paper)
        text.append("\n" + " · ".join(words))
    if row.enclosure:
        text.append("\n" + _("With a page of its own: {text}", text=visible(" ".join(row.enclosure.split()))[:120]))
    return text
