"""The referral clock: every PSA order, MRI and urology referral that somebody holds, the most overdue first.

Nothing is decided here: what happened is noted, and the table of moves says what may be noted.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, day, moment, n_
from kansli_tui.labels import label
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.referrals import ReferralDetail, ReferralRow
from kansli_tui.rows.watch import DeviationCause
from screens import referral_acts
from screens.base import KansliScreen, keys
from screens.exporting import FOLDER, Exported, ask_export, show_exported
from screens.mri_week import MriWeekScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible
from screens.widgets.words import shown_place

_PAGE = 50
_KINDS: tuple[str | None, ...] = (None, "psa", *(kind.value for kind in ReferralKind))
_WIDE, _WIDEST = 110, 160
"""Widths in cells from which the list has room for the unit, and for the state in words too."""


class ReferralsScreen(KansliScreen):
    """A page of the clock at a time, of one kind and region or of all."""

    AREA = "Referrals"
    HELP = (
        "The most overdue stands first: whom it is about, who holds the person, how old the referral is and how many days past its "
        "limit. The unit's phone number stands below for the marked line. P notes that the unit has been asked, and the limit begins "
        "anew. N notes what has happened, and only what can happen now. K notes it as sent by hand, or types back the receipt. "
        "O notes why it is late. H shows everything that happened. M opens the unit's week. T and R choose kind and region."
    )
    CSS_PATH = "referrals.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open",
        "clock.remind",
        "clock.note",
        "clock.sent",
        "clock.cause",
        "clock.history",
        "clock.book",
        "clock.export",
        "clock.kind",
        "clock.region",
        "list.page_next",
        "list.page_previous",
    )

    class RowsRead(Message):
        """A page of the clock, with what it was asked for."""

        def __init__(
            self, kind: str | None, region: str | None, pages: list[int], rows: tuple[ReferralRow, ...]
        ) -> None:
            super().__init__()
            self.kind, self.region, self.pages, self.rows = kind, region, pages, rows

    class DetailRead(Message):
        """One referral with its history; `then` asks or shows."""

        def __init__(self, then: Callable[["ReferralsScreen", ReferralDetail], None], detail: ReferralDetail) -> None:
            super().__init__()
            self.then, self.detail = then, detail

    def __init__(self) -> None:
        super().__init__()
        self._kind: str | None = None
        self._region: str | None = None
        self._pages = [0]
        self._folder = FOLDER
        self._rows: dict[str, ReferralRow] = {}
        self._wide: int | None = None

    def compose_body(self) -> ComposeResult:
        """What is chosen, the list, and the marked referral."""
        yield Static(id="kinds")
        yield KansliTable(id="clock")
        yield Static(id="about")

    # Reading

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._kind, self._region, self._pages)

    def _read(self, kind: str | None, region: str | None, pages: list[int]) -> None:
        work = partial(self.office.referrals.clock, self.actor, region=region, kind=kind, after=pages[-1], limit=_PAGE)
        self.read(work, partial(self.RowsRead, kind, region, pages))

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """Draw the page; the keys rest when another referral has come under the cursor."""
        self._kind, self._region, self._pages = fact.kind, fact.region, fact.pages
        self._rows = {f"{row.kind}:{row.referral_id}": row for row in fact.rows}
        if self._fill():
            self.rest()
        count = n_("{count} referral", "{count} referrals", len(fact.rows))
        more = len(fact.rows) == _PAGE or len(fact.pages) > 1
        place = _("page {number}", number=len(fact.pages)) if more else count
        self.title_is(f"{self._only} · {place}" if self._only else place)
        self.query_one("#kinds", Static).update(self._chosen())
        self._show_about()
        self.refresh_bindings()

    def _fill(self) -> bool:
        table = self.query_one(KansliTable)
        wide = (self.size.width >= _WIDE) + (self.size.width >= _WIDEST)
        if wide != self._wide:
            self._wide = wide
            marked = table.current
            table.fill(())
            table.columns_are(*_columns(wide))
            table.fill((key, _cells(row, wide)) for key, row in self._rows.items())
            if marked in self._rows:
                table.move_cursor(row=list(self._rows).index(marked), animate=False)
            return False
        return table.fill((key, _cells(row, wide)) for key, row in self._rows.items())

    def on_resize(self) -> None:
        """A wide window shows more columns."""
        if self._wide is not None:
            self._fill()

    def _chosen(self) -> Text:
        text = Text(no_wrap=True, overflow="crop", end="")
        for kind in _KINDS:
            words = _("all") if kind is None else _kind(kind)
            text.append(f" {words} ", "reverse bold" if kind == self._kind else "").append(" ")
        if self._region is None:
            return text.append("  " + _("all regions"), "bold")
        return text.append("  ").append(f" {self._only} ", "reverse bold")

    @property
    def _only(self) -> str:
        """What the list is narrowed to, loud; '' when everything is in it."""
        parts = [] if self._kind is None else [_kind(self._kind)]
        parts += [] if self._region is None else [shown_place(self._region)]
        return _("ONLY {what}", what=" · ".join(parts)) if parts else ""

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        nobody = _("Nobody holds a referral here.") + (f" {self._only}." if self._only else "")
        shown = _about(row, self.desk.now()) if row is not None else plain(nobody)
        self.query_one("#about", Static).update(shown)

    @property
    def _marked(self) -> ReferralRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the marked referral allows; a PSA order is followed here and worked with the orders."""
        row = self._marked if self.is_mounted else None
        if action in ("open", "remind", "note", "sent", "cause", "history") and row is None:
            return None
        if action in ("remind", "note", "cause", "history") and row is not None and row.kind == "psa":
            return None
        if action == "remind" and row is not None and row.state == ReferralState.CREATED:
            return None
        if action == "region" and len(self.actor.regions) < 2:
            return None
        if action == "page_next" and len(self._rows) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None:
            self.desk.open_case(self._marked.person_id)

    def action_remind(self) -> None:
        """The unit has been asked."""
        if self._marked is not None:
            referral_acts.remind(self, self._marked)

    def action_note(self) -> None:
        """Note what has happened."""
        self._with_detail(referral_acts.note)

    def action_history(self) -> None:
        """Read everything of it."""
        self._with_detail(referral_acts.history)

    def _with_detail(self, then: Callable[["ReferralsScreen", ReferralDetail], None]) -> None:
        row = self._marked
        if row is not None:
            work = partial(self.office.referrals.detail, self.actor, row.referral_id)
            self.read(work, partial(self.DetailRead, then), group="detail")

    @on(DetailRead)
    def _detail_read(self, fact: DetailRead) -> None:
        fact.then(self, fact.detail)

    def action_sent(self) -> None:
        """Sent by hand, or the receipt."""
        if self._marked is not None:
            referral_acts.sent(self, self._marked)

    def action_export(self) -> None:
        """Write everything that waits to be sent."""
        ask_export(self, self._folder)

    @on(Exported)
    def _exported(self, fact: Exported) -> None:
        self._folder = str(fact.folder)
        show_exported(self, fact)

    def action_cause(self) -> None:
        """Why it is late."""
        if self._marked is not None:
            referral_acts.cause(self, self._marked)

    def action_book(self) -> None:
        """The week of the marked referral's unit; without one the first unit's."""
        row = self._marked
        of_mri = row is not None and row.kind == ReferralKind.MRI and row.state != ReferralState.CREATED
        self.app.push_screen(MriWeekScreen(referral_id=row.referral_id if row is not None and of_mri else None))

    def action_kind(self) -> None:
        """The next kind."""
        self._read(_KINDS[(_KINDS.index(self._kind) + 1) % len(_KINDS)], self._region, [0])

    def action_region(self) -> None:
        """The next region."""
        regions = [None, *(code for code in REGION_SHORT if code in self.actor.regions)]
        self._read(self._kind, regions[(regions.index(self._region) + 1) % len(regions)], [0])

    def action_page_next(self) -> None:
        """What comes after the last one."""
        self._read(self._kind, self._region, [*self._pages, self._pages[-1] + _PAGE])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._kind, self._region, self._pages[:-1])


def _kind(kind: str) -> str:
    return "PSA" if kind == "psa" else label(ReferralKind(kind))


def _state(row: ReferralRow) -> str:
    return label(OrderState(row.state)) if row.kind == "psa" else label(ReferralState(row.state))


def _columns(wide: int) -> tuple[tuple[str | Text, int], ...]:
    first = ((right(_("late")), 4), (right(_("days")), 4), (_("Name"), 0), (_("What"), 7))
    if not wide:
        return (*first, (_("With whom"), 27), ("", 3))
    state = ((_("State"), 12),) if wide > 1 else ()
    unit = ((_("Unit"), 26), (_("Phone"), 13), ("", 3), (_("Cause"), 16))
    return (*first, *state, (_("With whom"), 27), *unit)


def _cells(row: ReferralRow, wide: int) -> list[Text]:
    late = right(f"!{row.overdue}" if row.overdue else "–", "bold" if row.overdue else "dim")
    first = [late, right(row.days), plain(row.name), plain(_kind(row.kind))]
    holder, region = plain(_(row.holder)), plain(shown_place(row.region))
    if not wide:
        return [*first, holder, region]
    state = [plain(_state(row))] if wide > 1 else []
    cause = plain(label(DeviationCause(row.cause)) if row.cause else "")
    return [*first, *state, holder, plain(row.unit), plain(row.unit_phone), region, cause]


def _about(row: ReferralRow, now: datetime) -> Text:
    text = plain(f"{row.number}  {row.person_number}  {row.name}", "bold")
    if row.unit:
        text.append(f"\n{visible(row.unit)}  ").append(visible(row.unit_phone), "bold")
    state = _(" since {day} ({ago})", day=day(row.state_since, now), ago=ago(row.state_since, now))
    parts = [f"{_kind(row.kind)}: {_state(row)}{state}"]
    if row.due_on is not None:
        parts.append(_("limit {day}", day=day(row.due_on, now)))
    if row.booked_at is not None:
        parts.append(_("appointment {at}", at=moment(row.booked_at, now)))
    if row.receipt:
        parts.append(_("receipt {receipt}", receipt=row.receipt))
    if row.reminded_on is not None:
        parts.append(_("reminded {day}", day=day(row.reminded_on, now)))
    if row.cause:
        parts.append(_("cause: {cause}", cause=label(DeviationCause(row.cause)).lower()))
    return text.append("\n" + visible(" · ".join(parts)))
