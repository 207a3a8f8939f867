"""How a referral form is written: the words of an answer, what has been filled in, and the unit with how it is reached."""

from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.text import Text

from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.referrals import ReferralForm, UnitRow
from screens.widgets.text import plain
from screens.widgets.words import facts

NOT_ASKED, YES, NO, UNKNOWN = "Ej frågat", "Ja", "Nej", "Vet ej"
"""What stands on the referral, which is in Swedish."""


@dataclass(slots=True)
class Draft:
    """What has been filled in for one man; answers by question, without those that are not asked."""

    person_id: int
    unit_id: int
    question: str
    answers: dict[str, str] = field(default_factory=dict)


def unit_line(unit: UnitRow) -> str:
    """How a unit is reached and how it books."""
    return " · ".join(part for part in (unit.phone, unit.hours, label(unit.books)) if part)


def referral_block(form: ReferralForm, draft: Draft) -> RenderableType:
    """Value, unit and question; above them that he is phoned first, and what is open about him."""
    unit = next((unit for unit in form.units if unit.unit_id == draft.unit_id), None)
    lines: list[tuple[str, Text]] = []
    if form.blocked_by:
        lines.append((_("BLOCKED"), plain("! " + "; ".join(form.blocked_by), "bold")))
    lines.append((_("VALUE"), plain(form.reason, "bold")))
    if unit is None:
        lines.append((_("TO"), plain(_("The region has no unit to refer to. A supervisor adds one under F8, units."))))
    else:
        name = plain(unit.name, "bold")
        if unit is form.units[0] and len(form.units) > 1:
            name.append("  " + _("the usual one"), "dim")
        lines += [(_("TO"), name), ("", plain(unit_line(unit)))]
    lines.append((_("QUESTION"), plain(draft.question)))
    block = facts(*lines, label_width=12)
    if not form.phone_first:
        return block
    first = _(" PHONE HIM FIRST: he is told by a person before the referral is made. ")
    return Group(plain(first, "bold reverse"), Text(), block)


def ask_cells(asked: str, draft: Draft) -> list[Text]:
    """A question of the unit and its answer."""
    answer = draft.answers.get(asked)
    return [plain(asked), plain(answer, "bold") if answer else plain(_("not asked"), "dim")]


def not_asked(form: ReferralForm, draft: Draft) -> Text:
    """How many questions nobody has asked him, which the referral says."""
    left = sum(asked not in draft.answers for asked in form.asks)
    if not left:
        return plain(_("Every question is answered."), "dim")
    said = n_(
        "{count} question is not asked; the referral says so.",
        "{count} questions are not asked; it says so.",
        left,
    )
    return plain(said, "dim")
