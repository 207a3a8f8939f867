"""What is noted on a referral from the clock: the questions before, and the one service call after the answer.

Every question names the man and the unit; the call carries the referral and version that were shown when the key was pressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kansli_tui.i18n import _, day_full, moment
from kansli_tui.labels import label
from kansli_tui.pathway.referrals import ReferralEvent, ReferralState, follows
from kansli_tui.rows.referrals import ReferralDetail, ReferralRow
from kansli_tui.rows.watch import DeviationCause
from screens.asking import AskLine
from screens.dialogs import AskReason, Choice, Choose, Show, Told, parse_day
from screens.entry import answer_choices, ask_chosen
from screens.lines import Line, Lines

if TYPE_CHECKING:
    from screens.referrals import ReferralsScreen

_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Happened:
    """When something happened, and a word about it."""

    on: date
    text: str


class AskHappened(Lines[Happened]):
    """The day (today unless said, never a coming one) and what was said."""

    def __init__(self, title: str, lines: tuple[str, ...], *, today: date) -> None:
        super().__init__(title, lines)
        self._today = today

    def fields(self) -> Mapping[str, Line]:
        """Day and words."""
        return {
            "day": Line(_("Day it happened"), self._today.isoformat()),
            "text": Line(_("What the unit said")),
        }

    def on_mount(self) -> None:
        """Begin with the words: the day is most often today."""
        super().on_mount()
        self.query_one("#text").focus()

    def read_so_far(self) -> str:
        """The day in words."""
        chosen = parse_day(self.typed("day"), self._today)
        return "= " + day_full(chosen) if chosen else ""

    def action_accept(self) -> None:
        """Answer when both are there."""
        chosen = parse_day(self.typed("day"), self._today)
        if chosen is None or chosen > self._today:
            self.missing(
                "day", _("Write a day that is not in the future, for example {day}.", day=self._today.isoformat())
            )
        elif len(self.typed("text")) < _SHORTEST:
            self.missing("text", _("Write a few words; they stay in the case."))
        else:
            self.dismiss(Happened(chosen, self.typed("text")))


class History(Show):
    """Something long to read; the arrows scroll."""

    CSS_PATH = "lines.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_lines(1)", show=False),
        Binding("up", "scroll_lines(-1)", show=False),
        Binding("pagedown", "scroll_lines(8)", show=False),
        Binding("pageup", "scroll_lines(-8)", show=False),
    ]

    def action_scroll_lines(self, lines: int) -> None:
        """Read on."""
        self.query_one("#dialog-lines").scroll_relative(y=lines, animate=False)


def remind(screen: "ReferralsScreen", row: ReferralRow) -> None:
    """The unit has been asked."""
    dialog = AskReason(_("Remind the unit"), (*_about(row), _("The limit begins anew.")), text=_("What the unit said"))
    screen.ask(dialog, lambda told: _remind(screen, row, told))


def _remind(screen: "ReferralsScreen", row: ReferralRow, told: Told) -> None:
    work = partial(screen.office.referrals.remind, screen.actor, row.referral_id, version=row.version, note=told.text)
    screen.write(work, _("The reminder of {number} is noted.", number=row.number))


def note(screen: "ReferralsScreen", detail: ReferralDetail) -> None:
    """Which of what may happen now has happened, then when and what was said."""
    row = detail.row
    events = [event for event in ReferralEvent if event in detail.possible]
    answers = answer_choices(detail)
    choices = (*answers, *(Choice(event.value, f"{label(event)}{_arrow(row, event)}") for event in events))
    if not choices:
        screen.notice.failed(_("Nothing can be noted on the referral as it stands: send it first, or open the case."))
        return
    dialog = Choose(_("What has happened?"), choices, _about(row))
    screen.ask(dialog, lambda chosen: _ask_chosen(screen, detail, chosen))


def _ask_chosen(screen: "ReferralsScreen", detail: ReferralDetail, chosen: str) -> None:
    if chosen in {choice.id for choice in answer_choices(detail)}:
        ask_chosen(screen, detail, screen.today, chosen, screen.write)
    else:
        _ask_note(screen, detail.row, ReferralEvent(chosen))


def _ask_note(screen: "ReferralsScreen", row: ReferralRow, event: ReferralEvent) -> None:
    dialog = AskHappened(label(event), (*_about(row), _to(row, event)), today=screen.today)
    screen.ask(dialog, lambda happened: _note(screen, row, event, happened))


def _note(screen: "ReferralsScreen", row: ReferralRow, event: ReferralEvent, happened: Happened) -> None:
    work = partial(
        screen.office.referrals.note,
        screen.actor,
        row.referral_id,
        event,
        version=row.version,
        note=happened.text,
        on=happened.on,
    )
    screen.write(work, _("{number}: {what} is noted.", number=row.number, what=label(event).lower()))


def _arrow(row: ReferralRow, event: ReferralEvent) -> str:
    after = follows(ReferralState(row.state), event)
    return f"  →  {label(after)}" if after is not None and after != row.state else ""


def _to(row: ReferralRow, event: ReferralEvent) -> str:
    before = ReferralState(row.state)
    after = follows(before, event)
    if after is None or after is before:
        return _("The referral stays as it is.")
    return _("From {before} to {after}.", before=f"”{label(before)}”", after=f"”{label(after)}”")


def sent(screen: "ReferralsScreen", row: ReferralRow) -> None:
    """A referral that has not left: sent by hand, with or without receipt. Else the receipt is typed back."""
    if row.state == ReferralState.CREATED and row.kind != "psa":
        lines = (*_about(row), _("You have typed it into the region's system or posted it yourself."))
        dialog = AskReason(_("Sent by hand"), lines, text=_("Receipt (may be left empty)"), optional=True)
        screen.ask(dialog, lambda told: _send(screen, row, told))
    else:
        line = AskLine(_("Receipt"), _about(row), text=_("The unit's number"), given=row.receipt or "")
        screen.ask(line, lambda receipt: _receipt(screen, row, receipt))


def _send(screen: "ReferralsScreen", row: ReferralRow, told: Told) -> None:
    work = partial(screen.office.referrals.send, screen.actor, row.referral_id, version=row.version, receipt=told.text)
    screen.write(work, _("{number} is noted as sent.", number=row.number))


def _receipt(screen: "ReferralsScreen", row: ReferralRow, receipt: str) -> None:
    service = screen.office.orders if row.kind == "psa" else screen.office.referrals
    work = partial(service.receipt, screen.actor, row.number, receipt)
    screen.write(work, _("The receipt of {order} is {receipt}.", order=row.number, receipt=receipt))


def cause(screen: "ReferralsScreen", row: ReferralRow) -> None:
    """Why it is late."""
    choices = tuple(Choice(found.value, label(found)) for found in DeviationCause)
    dialog = Choose(_("Why is it late?"), choices, _about(row))
    screen.ask(dialog, lambda chosen: _ask_cause(screen, row, DeviationCause(chosen)))


def _ask_cause(screen: "ReferralsScreen", row: ReferralRow, chosen: DeviationCause) -> None:
    dialog = AskReason(label(chosen), _about(row), text=_("What is known of it"))
    screen.ask(dialog, lambda told: _cause(screen, row, chosen, told))


def _cause(screen: "ReferralsScreen", row: ReferralRow, chosen: DeviationCause, told: Told) -> None:
    work = partial(screen.office.watch.note_cause, screen.actor, f"referral:{row.referral_id}", chosen, told.text)
    screen.write(work, _("The cause is noted on {number}.", number=row.number))


def history(screen: "ReferralsScreen", detail: ReferralDetail) -> None:
    """The question, what the man answered, and everything that happened."""
    now = screen.desk.now()
    lines = [*_about(detail.row), "", detail.question]
    lines += [f"  {asked} {said}" for asked, said in detail.answers]
    lines += ["", _("What happened")]
    for done in detail.history:
        words = f"{moment(done.at, now)}  {done.what} ({done.by})"
        lines.append(f"  {words}{': ' + done.detail if done.detail else ''}")
    screen.ask(History(detail.row.number, tuple(lines)), lambda _answer: None)


def _about(row: ReferralRow) -> tuple[str, ...]:
    unit = " · ".join(part for part in (row.unit, row.unit_phone) if part)
    return (f"{row.number}  {row.person_number}  {row.name}", *((unit,) if unit else ()))
