"""What leaves with the indicators of a report: lead times, availability, the follow-up plan, the balance and the notes.

A lead time ends with something that an indicator counts too: where that is hidden, so is the lead time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from kansli_tui.pathway.fact_sums import LOST, facts_of, filled
from kansli_tui.pathway.follow_up import FEWEST, PlanMeasure, Result, Status, Unit
from kansli_tui.pathway.indicators import Fact
from kansli_tui.pathway.small_counts import Cell, Counts, Sum, hidden_cells, is_small
from kansli_tui.rows.availability import AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.follow_up import FollowUpQuarter, FollowUpRow, Override
from kansli_tui.rows.statistics import LeadRow
from kansli_tui.rows.stats_report import BalanceLine, QualityNote, StatsReport

ALL = "all"
_COUNTED_AS: Mapping[str, Fact] = {
    "pre_letter_to_offer": Fact.OFFERED,
    "offer_to_sample": Fact.SAMPLED,
    "sample_to_answer": Fact.SAMPLED,
    "sample_to_letter": Fact.SAMPLED,
    "answer_to_mri_referral": Fact.RAISED,
    "mri_wait": Fact.MRI_DONE,
    "mri_answer": Fact.MRI_DONE,
    "urology_wait": Fact.INDICATED,
    "biopsy_answer": Fact.BIOPSIED,
    "sample_to_pathology": Fact.BIOPSIED,
}
"""What a lead time has ended with, as the indicators count it."""
_LEAD_SUMS = (Sum("done", ("within", "~late")), Sum("waiting", ("over", "~not over")))


def hidden_beside(report: StatsReport, hidden: set[Cell], concealed: frozenset[int]) -> StatsReport:
    """The report with these parts hidden; `hidden` are the indicators' cells that are, `concealed` the hidden totals."""
    leads, by_unit = disclosable_leads(report.leads, report.leads_by_unit, hidden)
    few = _leads_with_few_left(report, hidden)
    leads, by_unit = (
        tuple(_without_counts(row) if row.lead in few else row for row in rows) for rows in (leads, by_unit)
    )
    return replace(
        report,
        leads=leads,
        leads_by_unit=by_unit,
        availability=disclosable_availability(report.availability),
        follow_up=None
        if report.follow_up is None
        else disclosable_follow_up(report.follow_up, hides_lost=any(cell.fact == LOST for cell in hidden)),
        balance=tuple(_balance(line, hidden) for line in report.balance),
        notes=tuple(_note(note, concealed) for note in report.notes),
    )


def _leads_with_few_left(report: StatsReport, hidden: set[Cell]) -> set[str]:
    """The lead times whose counts, taken from an indicator that is shown, leave one to four who have not come to the end."""
    counted = {
        Cell(facts_of(row.indicator)[0], row.region): row.numerator
        for row in report.statistics.rows
        if row.born == ALL and row.numerator is not None
    }
    few = set()
    for lead in report.leads:
        fact = _COUNTED_AS[lead.lead].value
        whole = counted.get(Cell(fact, lead.region))
        shown = whole is not None and lead.rounds is not None and Cell(fact, f"{lead.region}/{ALL}") not in hidden
        if shown and is_small(abs((whole or 0) - (lead.rounds or 0))):
            few.add(lead.lead)
    return few


def _without_counts(row: LeadRow) -> LeadRow:
    """The days stay; how many there are is not said."""
    return replace(row, rounds=None, within=None)


def disclosable_leads(
    leads: Sequence[LeadRow], by_unit: Sequence[LeadRow], already: set[Cell]
) -> tuple[tuple[LeadRow, ...], tuple[LeadRow, ...]]:
    """Rows by region and by unit of the same lead time hide together; `already` are the indicators' hidden cells."""
    hidden = {name: _of_lead([row for row in (*leads, *by_unit) if row.lead == name], already) for name in _COUNTED_AS}
    return (
        tuple(_hide_lead(row, hidden.get(row.lead, set())) for row in leads),
        tuple(_hide_lead(row, hidden.get(row.lead, set())) for row in by_unit),
    )


def _of_lead(rows: Sequence[LeadRow], already: set[Cell]) -> set[Cell]:
    if not rows:
        return set()
    values: dict[Cell, int] = {}
    for row in rows:
        group = _group(row)
        values[Cell("done", group)] = row.rounds or 0
        values[Cell("waiting", group)] = row.waiting or 0
        if row.target is not None:
            values[Cell("within", group)] = row.within or 0
            values[Cell("over", group)] = row.waiting_over or 0
    groups = {cell.group for cell in values}
    regions = sorted(group for group in groups if group != ALL and "/" not in group)
    sums = [Sum(ALL, tuple(regions))] if regions else []
    units = sorted(group for group in groups if "/" in group)
    for region in regions:
        of_region = tuple(unit for unit in units if unit.startswith(f"{region}/"))
        sums += [Sum(region, of_region)] if of_region else []
    sums += [Sum(ALL, tuple(units))] if units and not regions else []
    group_sums = filled(values, sums, by_group=True)
    fact = _COUNTED_AS[rows[0].lead].value
    before = {
        Cell(name, group)
        for group in (ALL, *regions)
        if Cell(fact, f"{group}/{ALL}") in already
        for name in ("done", "within")
    }
    return hidden_cells(Counts(values, filled(values, _LEAD_SUMS), group_sums), before)


def _group(row: LeadRow) -> str:
    return f"{row.region}/{row.unit_id}" if row.unit_id or row.unit else row.region


def _hide_lead(row: LeadRow, hidden: set[Cell]) -> LeadRow:
    def is_hidden(fact: str) -> bool:
        return Cell(fact, _group(row)) in hidden

    if is_hidden("done"):
        row = replace(
            row, rounds=None, first_quartile=None, median=None, third_quartile=None, within=None, percent=None
        )
    elif is_hidden("within"):
        row = replace(row, within=None, percent=None)
    if is_hidden("waiting"):
        return replace(row, waiting=None, waiting_over=None, longest_waiting=None)
    return replace(row, waiting_over=None) if is_hidden("over") else row


def disclosable_availability(report: AvailabilityReport) -> AvailabilityReport:
    """Lists hide each for themselves: somebody may wait on two, so lists never add up. Earlier days are tables of their own."""
    hidden: dict[str, set[Cell]] = {}
    for name in {row.name for row in report.rows}:
        rows = [row for row in report.rows if row.name == name]
        causes = sorted({f"cause:{cause}" for row in rows for cause in row.causes})
        values = {Cell("waiting", row.region): row.waiting or 0 for row in rows}
        values |= {Cell("past", row.region): row.past or 0 for row in rows if row.target_days is not None}
        values |= {
            Cell(cause, row.region): row.causes.get(cause.removeprefix("cause:"), 0) or 0
            for row in rows
            for cause in causes
        }
        hidden[name] = _of_regions(values, (Sum("waiting", tuple(causes)),) if causes else ())
    before: dict[tuple[str, object], set[Cell]] = {}
    for name, on in {(point.name, point.on) for point in report.over_time}:
        points = [point for point in report.over_time if (point.name, point.on) == (name, on)]
        values = {Cell("waiting", point.region): point.waiting or 0 for point in points}
        values |= {Cell("past", point.region): point.past for point in points if point.past is not None}
        before[name, on] = _of_regions(values, ()) if on != report.as_of else hidden[name]
    return replace(
        report,
        rows=tuple(_hide_waiting(row, hidden[row.name]) for row in report.rows),
        over_time=tuple(_hide_point(point, before[point.name, point.on]) for point in report.over_time),
    )


def _of_regions(values: dict[Cell, int], sums: Sequence[Sum]) -> set[Cell]:
    regions = tuple(sorted({cell.group for cell in values} - {ALL}))
    groups = filled(values, (Sum(ALL, regions),) if regions else (), by_group=True)
    facts = filled(values, (*sums, Sum("waiting", ("past", "~not past"))))
    return hidden_cells(Counts(values, facts, groups))


def _hide_waiting(row: WaitingRow, hidden: set[Cell]) -> WaitingRow:
    if Cell("waiting", row.region) in hidden:
        nobody: Mapping[str, int | None] = dict.fromkeys(row.causes)
        return replace(
            row,
            waiting=None,
            past=None,
            share=None,
            median_days=None,
            longest_days=None,
            per_10_000=None,
            causes=nobody,
        )
    concealed = {cell.fact.removeprefix("cause:") for cell in hidden if cell.group == row.region and ":" in cell.fact}
    causes = {cause: None if cause in concealed else number for cause, number in row.causes.items()}
    causes |= dict.fromkeys(concealed)
    if Cell("past", row.region) in hidden:
        row = replace(row, past=None, share=None)
    return replace(row, causes=causes)


def _hide_point(point: WaitingPoint, hidden: set[Cell]) -> WaitingPoint:
    if Cell("waiting", point.region) in hidden:
        return replace(point, waiting=None, past=None, share=None, per_10_000=None)
    return replace(point, past=None, share=None) if Cell("past", point.region) in hidden else point


def disclosable_follow_up(quarter: FollowUpQuarter, *, hides_lost: bool = False) -> FollowUpQuarter:
    """Results in whole per cent and days, without the counts that the indicators may hide; `hides_lost` hides who has no next step.

    What people have written stays, and is theirs to answer for.
    """
    return replace(quarter, rows=tuple(_line(row, hides_lost=hides_lost) for row in quarter.rows))


def _line(row: FollowUpRow, *, hides_lost: bool) -> FollowUpRow:
    def left(result: Result | None) -> Result | None:
        return None if hides_lost and row.measure.unit is Unit.COUNT else result_that_leaves(row.measure, result)

    before = row.before
    if before is not None:
        result = left(before.result)
        before = replace(before, result=result) if result is not None or before.result is None else None
    result = left(row.result)
    if result is None and row.result is not None:
        return replace(row, before=before, result=None, computed=Status.NO_RESULT, override=_of_words(row), hidden=True)
    return replace(row, before=before, result=result)


def _of_words(row: FollowUpRow) -> Override | None:
    """Why somebody has set a colour, without the colour. That a line is closed is no colour."""
    override = row.override
    if override is None or override.status is Status.CLOSED:
        return override
    return replace(override, status=Status.NO_RESULT)


def result_that_leaves(measure: PlanMeasure, result: Result | None) -> Result | None:
    """The result without its counts; None where it stands on too few, or where few remain."""
    if result is None or result.value is None:
        return None
    if measure.unit is Unit.COUNT:
        return None if is_small(int(result.value)) else Result(result.value)
    whole, part = result.denominator, result.numerator
    if whole is None or whole < FEWEST:
        return None
    value = result.value
    if measure.unit is Unit.PERCENT:
        if part is None or is_small(part) or is_small(whole - part):
            return None
        # From the counts: a share that has been rounded once is not rounded again.
        value = Decimal(100 * part) / whole
    return Result(value.quantize(Decimal(1), ROUND_HALF_UP))


def _balance(line: BalanceLine, hidden: set[Cell]) -> BalanceLine:
    few = line.unaccounted is not None and is_small(line.unaccounted)
    concealed = few or Cell(LOST, f"{line.region}/{ALL}") in hidden
    registered = None if line.registered is not None and is_small(line.registered) else line.registered
    return replace(line, registered=registered, unaccounted=None if concealed else line.unaccounted)


def _note(note: QualityNote, concealed: frozenset[int]) -> QualityNote:
    """A count that is small, or that is the same as a hidden one, is not said here either."""
    few = note.count is not None and (is_small(note.count) or note.count in concealed)
    return replace(note, count=None) if few else note
