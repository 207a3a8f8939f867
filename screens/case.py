"""One person on one screen: where he stands, why, what happens next and when, what blocks it, and everything so far.

The four answers are always in sight; only the timeline scrolls. Opening a case is logged.
"""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day_full
from kansli_tui.labels import ACTIONS, CONTACTS, label
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.cases import Case, HolderFacts
from kansli_tui.rows.office import REGIONS
from kansli_tui.rows.referrals import ReferralDetail
from screens.asking import AskPath
from screens.base import KansliScreen, keys
from screens.case_actions import ActionAsked, ask_action
from screens.case_care import FormRead, ask_form, care_choices
from screens.case_letters import CaseLettersScreen
from screens.case_view import four_answers, protection, timeline, who
from screens.dialogs import AskReason, Choice, Choose, Show, Told
from screens.entry import Act, ask_entry
from screens.hand_over import ask_hand_over
from screens.merging import MergeScreen, OtherFound
from screens.wishes import ask_wishes

_NEEDS_A_CASE = frozenset({"note", "act", "ask", "identity", "entry", "hand_over", "wishes", "extract"})


class CaseScreen(KansliScreen):
    """The case of one person. What is written carries the id and version shown when the key was pressed."""

    AREA = "Case"
    HELP = (
        "The four lines at the top say where the person stands, why, what happens next and when, and what blocks it. "
        "The timeline below scrolls with the arrows. A shows only what may be done now."
    )
    CSS_PATH = "case.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "case.note",
        "case.act",
        "case.entry",
        "case.ask",
        "case.letters",
        "case.identity",
        "case.hand_over",
        "case.wishes",
        "case.extract",
    )

    class CaseRead(Message):
        """The case as it stands now."""

        def __init__(self, case: Case) -> None:
            super().__init__()
            self.case = case

    def __init__(self, person_id: int) -> None:
        super().__init__()
        self._person_id = person_id
        self.case: Case | None = None

    def compose_body(self) -> ComposeResult:
        """Who, the four answers, the timeline."""
        yield Static(id="who")
        yield Static(id="answers")
        with VerticalScroll(id="timeline"):
            yield Static(id="happenings")

    def on_mount(self) -> None:
        """The arrows scroll the timeline."""
        self.query_one("#timeline").focus()

    def reload(self) -> None:
        """Open the case (logged)."""
        self.read(partial(self.office.cases.open, self.actor, self._person_id), self.CaseRead)

    @on(CaseRead)
    def draw(self, fact: CaseRead) -> None:
        """Draw it; a case that has changed lets the write keys rest."""
        if self.case is not None and self.case.version != fact.case.version:
            self.rest()
        self.case = fact.case
        now = self.desk.now()
        self.query_one("#who", Static).update(who(fact.case))
        self.query_one("#answers", Static).update(four_answers(fact.case, now))
        self.query_one("#happenings", Static).update(timeline(fact.case, now))
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be written before the case is there; actions only where there are any."""
        case = self.case
        if action in _NEEDS_A_CASE and case is None:
            return None
        if case is not None:
            if (action == "act" and not case.actions and not care_choices(case)) or (
                action == "entry" and not case.referrals
            ):
                return None
            if action == "hand_over" and case.step is Step.CLOSED:
                return None
        return super().check_action(action, parameters)

    def action_note(self) -> None:
        """Write down a contact."""
        case = self.case
        if case is None:
            return
        choices = tuple(Choice(kind, _(words)) for kind, words in CONTACTS.items() if kind not in ("question", "wish"))
        self.ask(Choose(_("What kind of contact?"), choices), partial(self._note_text, case))

    def _note_text(self, case: Case, kind: str) -> None:
        title = _(CONTACTS[kind])
        dialog = AskReason(title, text=_("What was said, and what was answered"))
        self.ask(dialog, lambda told: self._note(case, kind, told))

    def _note(self, case: Case, kind: str, told: Told) -> None:
        self.write(
            partial(self.office.cases.note, self.actor, case.person_id, kind, told.text), _("The note is in the case.")
        )

    def action_ask(self) -> None:
        """Put a question to the physician."""
        case = self.case
        if case is None:
            return
        lines = (_("The question goes to the queue of questions to the responsible physician."),)
        self.ask(AskReason(_("Question to physician"), lines, text=_("The question")), partial(self._asked, case))

    def _asked(self, case: Case, told: Told) -> None:
        work = partial(self.office.cases.ask_physician, self.actor, case.person_id, told.text)
        self.write(work, _("The question is with the physician."))

    def action_act(self) -> None:
        """Choose among what may be done now, see what it leads to, give the reason."""
        if self.case is not None:
            ask_action(self, self.case, self.today, self._act)

    def _act(self, case: Case, asked: ActionAsked) -> None:
        work = partial(
            self.office.cases.act,
            self.actor,
            case.person_id,
            asked.action,
            version=case.version,
            reason=asked.reason,
            on=asked.on,
            detail=asked.detail,
        )
        self.write(work, _("Done: {what}.", what=_(ACTIONS[asked.action][0])))

    @on(FormRead)
    def _ask_form(self, fact: FormRead) -> None:
        self.notice.clear()
        ask_form(self, fact.form)

    @on(OtherFound)
    def _compare(self, fact: OtherFound) -> None:
        self.notice.clear()
        self.app.push_screen(MergeScreen(fact.person_id, fact.other_id))

    # What a unit has told

    class DetailRead(Message):
        """The referral that something is entered on, and what may happen to it now."""

        def __init__(self, detail: ReferralDetail) -> None:
            super().__init__()
            self.detail = detail

    def action_entry(self) -> None:
        """Enter by hand what a unit has told; on which referral, where the round has several."""
        case = self.case
        if case is None or not case.referrals:
            return
        if len(case.referrals) == 1:
            self._read_detail(case.referrals[0])
        else:
            by_id = {str(referral.referral_id): referral for referral in case.referrals}
            choices = tuple(
                Choice(key, f"{referral.referral_number}  {referral.unit}", label(ReferralState(referral.state)))
                for key, referral in by_id.items()
            )
            self.ask(Choose(_("About which referral?"), choices), lambda key: self._read_detail(by_id[key]))

    def _read_detail(self, referral: HolderFacts) -> None:
        detail = partial(self.office.referrals.detail, self.actor, referral.referral_id)
        # Busy until the question stands there: what is typed for it acts on nothing else.
        self.write(detail, self.DetailRead, reads_again=False)

    @on(DetailRead)
    def _ask_entry(self, fact: DetailRead) -> None:
        self.notice.clear()
        ask_entry(self, fact.detail, self.today, self._enter)

    def _enter(self, act: Act, said: str) -> None:
        self.write(act, said)

    # To another region

    def action_hand_over(self) -> None:
        """Offer the person to another region."""
        if self.case is not None:
            ask_hand_over(self, self.case, self._hand_over)

    def _hand_over(self, case: Case, region: str, reason: str) -> None:
        offer = partial(self.office.handovers.offer, self.actor, case.person_id, version=case.version)
        said = _("Offered to {region}; it waits for an answer there.", region=REGIONS[region])
        self.write(partial(offer, to_region=region, reason=reason), said)

    # Letters

    def action_letters(self) -> None:
        """Who got what when."""
        self.app.push_screen(CaseLettersScreen(self._person_id))

    # What the person asks for

    def action_wishes(self) -> None:
        """Language and way of letters, and the quality register."""
        if self.case is not None:
            ask_wishes(self, self.case, self.write)

    def action_extract(self) -> None:
        """Everything the office holds about the person, written to a folder for the person; logged with the reason."""
        case = self.case
        if case is not None:
            lines = (
                f"{case.number}  {case.name}",
                _(
                    "Everything held about the person and who has looked at it, as PDF and JSON. Logged with the reason."
                ),
                _("The reason stands on the first page of the extract: the person reads it."),
            )
            dialog = AskReason(_("Access extract"), lines, text=_("Why it is taken out"))
            self.ask(dialog, partial(self._ask_folder, case))

    def _ask_folder(self, case: Case, told: Told) -> None:
        lines = (_("The files hold personal data: choose a folder that only the office can read."),)
        dialog = AskPath(_("Access extract"), lines, text=_("Folder"), given="~/kansli-utdrag", folder=True)
        self.ask(dialog, partial(self._extract, case, told))

    def _extract(self, case: Case, told: Told, folder: Path) -> None:
        self.write(
            partial(self.office.access.write, self.actor, case.person_id, folder, why=told.text),
            lambda files: _("Saved in {folder}: {files}", folder=folder, files=", ".join(file.name for file in files)),
        )

    # Identity

    def action_identity(self) -> None:
        """Numbers, address and protection; a protected identity is shown only for a reason, which is logged."""
        case = self.case
        if case is None:
            return
        if case.masked:
            lines = (_("The data are protected. Showing them is logged with your name and the reason."),)
            dialog = AskReason(_("Show protected data"), lines, text=_("Why they must be seen"))
            self.ask(dialog, partial(self._reveal, case))
        else:
            self._show_identity(case)

    def _reveal(self, case: Case, told: Told) -> None:
        work = partial(self.office.cases.reveal, self.actor, case.person_id, told.text)
        self.write(work, self.Revealed, reads_again=False)

    class Revealed(Message):
        """The case with its protected data, for as long as the dialog is open."""

        def __init__(self, case: Case) -> None:
            super().__init__()
            self.case = case

    @on(Revealed)
    def _revealed(self, fact: Revealed) -> None:
        self.notice.clear()
        self._show_identity(fact.case)

    def _show_identity(self, case: Case) -> None:
        lines = (
            f"{case.number}  {case.name}",
            _("Born {day}", day=day_full(case.birth_date)),
            *(_("Earlier number {number}", number=earlier) for earlier in case.earlier_numbers),
            "",
            *(case.address or (_("No address"),)),
            "",
            protection(case),
        )
        self.ask(Show(_("Identity"), lines), lambda _answer: None)
