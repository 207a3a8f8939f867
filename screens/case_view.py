"""How a case is shown: who, the four answers with what was measured, and the timeline."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from rich.table import Table
from rich.text import Text

from kansli_tui.i18n import _, ago, day, day_full, number
from kansli_tui.labels import label
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.rows.cases import Case, MriFacts, PsaFacts, TaskRow
from kansli_tui.rows.letter_states import Channel
from screens.widgets.table import fit
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place

_BY = 12
"""Cells for who did it; file names can be long."""
_PROTECTIONS = {
    "none": "No protection",
    "confidentiality": "Confidentiality mark",
    "protected_registration": "Protected registration",
}


def protection(case: Case) -> str:
    """The protection in words; anything the words do not know is shown as it is stored."""
    return _(_PROTECTIONS.get(case.protection, case.protection))


def who(case: Case) -> Text:
    """Number, name, age, where, and which round."""
    text = plain(f"{case.number}  {case.name}", "bold")
    text.append("   " + _("{age} years", age=case.age)).append(
        f"   {visible(shown_place(case.region, case.municipality))}"
    )
    text.append("   " + _("round {number}", number=case.round_number))
    if case.masked:
        text.append("   ").append(f" {protection(case).upper()} ", "bold reverse")
    return text


def four_answers(case: Case, now: datetime) -> Table:
    """Where he stands, why, what happens next and by whom, what blocks it; then what was measured and what is to do."""
    stands = plain(case.step_label, "bold")
    stands.append(_(" since {day} ({ago})", day=day(case.since, now), ago=ago(case.since, now)))
    why = plain(case.reason)
    if case.rule_set:
        why.append(f" · {visible(case.rule_set)}", "dim")
    lines = [(_("STANDS"), stands), (_("WHY"), why), (_("NEXT"), _next(case, now)), (_("BLOCKED"), _blocked(case))]
    merged = _merged(case)
    if merged:
        lines.append((_("MERGED"), plain(merged, "bold")))
    if case.psa is not None:
        lines.append((_("PSA"), _psa(case.psa)))
    if case.mri is not None:
        lines.append((_("MRI"), _mri(case.mri)))
    wishes = _wishes(case)
    if wishes:
        lines.append((_("WISHES"), plain(" · ".join(wishes))))
    if case.tasks:
        lines.append((_("TASKS"), Text(" · ").join(_task(task, case) for task in case.tasks)))
    return facts(*lines)


def timeline(case: Case, now: datetime) -> Table:
    """Everything so far, the newest first."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(no_wrap=True, justify="right")
    for happening in case.timeline:
        what = plain(happening.what)
        if happening.detail:
            what.append(f" · {visible(happening.detail)}", "dim")
        grid.add_row(
            plain(day(happening.at, now)),
            plain(_(happening.kind), "bold"),
            what,
            fit(plain(happening.by, "dim"), _BY),
        )
    if not case.timeline:
        grid.add_row("", "", plain(_("Nothing has happened yet."), "dim"), "")
    return grid


def _next(case: Case, now: datetime) -> Text:
    """What happens, when, who acts; where a unit holds the person, how it is reached."""
    text = plain(case.next.what)
    if case.next.on is not None:
        text.append(f" {day(case.next.on, now)}", "bold").append(f" ({ago(case.next.on, now)})")
    text.append(" · ").append(_("by {who}", who=visible(case.next.by)))
    holder = case.holder
    if holder is not None:
        text.append("\n").append(visible(holder.unit), "bold")
        if holder.phone:
            text.append(f"  {visible(holder.phone)}", "bold")
        if holder.hours:
            text.append(f" ({visible(holder.hours)})")
        text.append(f" · {visible(holder.referral_number)}")
        if holder.receipt:
            text.append(" · " + _("receipt {receipt}", receipt=visible(holder.receipt)))
    return text


def _merged(case: Case) -> str:
    """Which other case this is one with."""
    if case.merged_into is not None:
        return _("This case is a part of {number}: work there (A opens it).", number=case.merged_into.number)
    numbers = ", ".join(other.number for other in case.merged)
    return _("{numbers} is a part of this case; its history stands below.", numbers=numbers) if numbers else ""


def _wishes(case: Case) -> list[str]:
    """What the person has asked for, where it is something else than a letter in Swedish by post."""
    wishes = []
    if case.letter_language != "sv":
        wishes.append(_("Letters in {language}", language=_(LANGUAGE_NAMES[case.letter_language])))
    if case.letter_channel is not Channel.PAPER:
        wishes.append(_("Letters by {channel}", channel=label(case.letter_channel)))
    if case.register_objection_on is not None:
        since = day_full(case.register_objection_on)
        wishes.append(_("Does not want to be in the quality register since {day}", day=since))
    return wishes


def _task(task: TaskRow, case: Case) -> Text:
    text = plain(label(task.queue))
    if task.reason and task.reason != case.reason:
        text.append(f": {visible(_(task.reason))}")
    if task.lease_by:
        text.append(f" ({visible(task.lease_by)})", "bold")
    return text


def _blocked(case: Case) -> Text:
    if not case.blocked_by:
        return plain(_("nothing"))
    return plain("! " + "; ".join(case.blocked_by), "bold")


def _psa(psa: PsaFacts) -> Text:
    if psa.value is None:
        text = plain(_("no value"))
    else:
        text = plain(f"{psa.comparator or ''}{number(psa.value)} {psa.unit}".replace("ug/L", "µg/L"), "bold")
    text.append(f" · {visible(psa.status)}")
    if psa.sampled_at is not None:
        text.append(" · " + _("sampled {day}", day=day_full(psa.sampled_at)))
    return text


def _mri(mri: MriFacts) -> Text:
    """PI-RADS, volume and density as confirmed; three decimals, cut and not rounded."""
    text = plain(f"PI-RADS {mri.pirads}", "bold")
    text.append(" · " + (f"{number(mri.volume_ml)} ml" if mri.volume_ml is not None else _("no volume")))
    if mri.density is not None:
        cut = number(mri.density.quantize(Decimal("0.001"), rounding=ROUND_DOWN))
        text.append(" · " + _("density {density}", density=cut))
    return text
