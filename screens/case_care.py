"""What register care does with one case, among the case's other actions: write by hand, merge, take a merge back, open the other."""

from functools import partial

from textual.message import Message

from kansli_tui.i18n import _
from kansli_tui.rows.cases import Case, OtherCase
from kansli_tui.rows.register_care import HandForm
from screens.base import KansliScreen
from screens.dialogs import Choice
from screens.hand_edit_form import Written, ask_hand_edit
from screens.merging import ask_other, ask_take_back

EDIT, MERGE, TAKE_BACK, OTHER = "care_edit", "care_merge", "care_take_back", "care_other"


class FormRead(Message):
    """What may be written by hand about the person."""

    def __init__(self, form: HandForm) -> None:
        super().__init__()
        self.form = form


def care_choices(case: Case) -> tuple[Choice, ...]:
    """What may be done now."""
    choices = []
    if case.merged_into is None:
        if not case.masked:
            choices.append(
                Choice(
                    EDIT, _("Write by hand…"), _("Name, address or municipality, where the register is wrong or late")
                )
            )
        choices.append(
            Choice(MERGE, _("Merge with another case…"), _("The same person is here twice: compare them first"))
        )
    if case.merged or case.merged_into is not None:
        choices.append(Choice(TAKE_BACK, _("Take the merge back…"), _("They are two people after all")))
        choices.append(Choice(OTHER, _("Open the other case"), _("As it is by itself")))
    return tuple(choices)


def ask_care(screen: KansliScreen, case: Case, name: str) -> None:
    """Ask what the choice needs, and do it."""
    if name == EDIT:
        form = partial(screen.office.hand_edits.form, screen.actor, case.person_id)
        # Busy until the question stands there: what is typed for it acts on nothing else.
        screen.write(form, FormRead, reads_again=False)
    elif name == MERGE:
        ask_other(screen, case.person_id, case.number)
    elif name == TAKE_BACK:
        ask_take_back(screen, case, partial(_take_back, screen))
    elif name == OTHER:
        _open_other(screen, case)


def ask_form(screen: KansliScreen, form: HandForm) -> None:
    """What is written by hand, once it is known what may be."""
    ask_hand_edit(screen, form, partial(_edit, screen))


def _edit(screen: KansliScreen, form: HandForm, written: Written) -> None:
    values, why = written
    edit = partial(screen.office.hand_edits.edit, screen.actor, form.person_id, version=form.version)
    screen.write(partial(edit, values=values, why=why), _("Written by hand."))


def _take_back(screen: KansliScreen, other: OtherCase, why: str) -> None:
    work = partial(screen.office.merging.take_back, screen.actor, other.merge_id, why=why)
    screen.write(work, _("The merge is taken back: they are two cases again."))


def _open_other(screen: KansliScreen, case: Case) -> None:
    others = (*case.merged, *filter(None, (case.merged_into,)))
    if others:
        screen.desk.open_case(others[-1].person_id)
