"""A report as a workbook: typed cells that can be sorted and filtered, every figure defined, and nothing that acts as a formula.

What is hidden in the report is an empty cell here, with a column that says so. openpyxl is loaded when a workbook is made.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kansli_tui.i18n import _, local
from kansli_tui.labels import label
from kansli_tui.pathway.availability import BY_NAME as WAITING_LISTS
from kansli_tui.pathway.follow_up import Status
from kansli_tui.pathway.indicators import INDICATORS
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.statistics import Breakdown, LeadRow, StatsRow
from kansli_tui.rows.stats_report import StatsReport
from kansli_tui.rows.watch import DeviationCause
from kansli_tui.stats_definitions import definition, lead_definition
from kansli_tui.stats_labels import group_words, indicator_words, lead_words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

PERCENT: Final = "0.0 %"
_ONE_DECIMAL: Final = "0.0"
_TEXT: Final = "@"
_WIDEST: Final = 60
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
Cell = str | int | float | date | Decimal | None


def stats_workbook(report: StatsReport) -> bytes:
    """The workbook as bytes; the same report gives the same bytes."""
    from openpyxl import Workbook  # noqa: PLC0415 - a library that is seldom needed

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = book.properties.lastModifiedBy = _plain(report.made_by)
    book.properties.title = _("Statistics")
    book.properties.created = book.properties.modified = report.made_at.replace(tzinfo=None)
    for title, heads, rows in _sheets(report):
        _fill(book.create_sheet(title), heads, rows)
    raw = BytesIO()
    book.save(raw)
    return _same_bytes(raw.getvalue(), report.made_at)


def _sheets(report: StatsReport) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]:
    """Title, heads and rows of every sheet."""
    figures = (_("number"), _("of"), _("per cent"), _("interval from"), _("interval to"), _("hidden"))
    yield _("Overview"), (_("what"), _("says")), _overview(report)
    yield (
        _("Indicators"),
        (_("indicator"), _("meaning"), _("region"), _("birth year"), *figures),
        (
            (row.indicator, indicator_words(row.indicator), _region(row.region), _year(row.born), *_figures(row))
            for row in report.statistics.rows
        ),
    )
    for title, made in (
        (_("Municipalities"), report.by_municipality),
        (_("Ages"), report.by_age),
        (_("Rounds"), report.by_round),
    ):
        yield title, (_("code"), _("group"), _("indicator"), _("meaning"), *figures), _groups(made)
    yield (
        _("Lead times"),
        (
            _("lead time"),
            _("meaning"),
            _("region"),
            _("unit"),
            _("done"),
            _("first quartile"),
            _("median"),
            _("third quartile"),
            _("target, days"),
            _("within the target"),
            _("per cent"),
            _("still waiting"),
            _("waiting over the target"),
            _("longest wait"),
            _("hidden"),
        ),
        map(_lead, (*report.leads, *(row for row in report.leads_by_unit if row.unit))),
    )
    yield (
        _("Availability"),
        (
            _("list"),
            _("region"),
            _("day"),
            _("waiting"),
            _("target, days"),
            _("over the target"),
            _("per cent"),
            _("median"),
            _("longest wait"),
            _("population"),
            _("per 10,000"),
            _("cause"),
            _("with the cause"),
            _("hidden"),
        ),
        _availability(report),
    )
    if report.follow_up is not None:
        yield _("Follow-up"), _follow_up_heads(), _follow_up(report)
    yield (
        _("Definitions"),
        (_("indicator"), _("meaning"), _("numerator"), _("denominator"), _("rule of time"), _("published figure")),
        _definitions(report),
    )
    yield _("Data quality"), (_("what"), _("count"), _("hidden")), _quality(report)


def _overview(report: StatsReport) -> Iterator[Sequence[Cell]]:
    wanted = report.filter
    yield _("Period"), report.period
    yield _("Offered from"), wanted.since
    yield _("Offered to"), wanted.until
    yield _("As known at the end of"), wanted.as_of
    yield _("Regions"), ", ".join(map(_region, wanted.regions))
    yield _("Birth years"), ", ".join(map(str, wanted.born)) or _("all")
    yield _("Municipality"), group_words("municipality", wanted.municipality) if wanted.municipality else _("all")
    yield _("Rounds"), group_words("round", wanted.rounds.value)
    yield _("Made"), local(report.made_at).replace(second=0, microsecond=0, tzinfo=None)
    yield _("Made by"), report.made_by
    yield _("Recipient"), report.recipient
    yield _("Purpose"), report.purpose
    if report.exact:
        yield _("Note"), _("Exact figures: this file may not leave the office.")
    else:
        yield (
            _("Note"),
            _(
                "Figures of fewer than five people, and what they could be reckoned from, are hidden: the cell is empty."
            ),
        )
    if report.invented:
        yield _("Note"), _("All people in this file are invented.")


def _groups(made: Breakdown) -> Iterator[Sequence[Cell]]:
    for group in made.groups:
        for row in group.rows:
            name = group_words(made.by, group.name)
            yield (group.name, name, row.indicator, indicator_words(row.indicator), *_figures(row))


def _figures(row: StatsRow) -> Sequence[Cell]:
    return row.numerator, row.denominator, row.percent, row.low, row.high, _("hidden") if row.suppressed else None


def _lead(row: LeadRow) -> Sequence[Cell]:
    with_target = row.target is not None
    hidden = None in (row.rounds, row.waiting) or (with_target and None in (row.within, row.waiting_over))
    return (
        row.lead,
        lead_words(row.lead),
        _region(row.region),
        row.unit,
        row.rounds,
        row.first_quartile,
        row.median,
        row.third_quartile,
        row.target,
        row.within,
        row.percent,
        row.waiting,
        row.waiting_over,
        row.longest_waiting,
        _("hidden") if hidden else None,
    )


def _availability(report: StatsReport) -> Iterator[Sequence[Cell]]:
    """The lists of the day, each followed by its causes; then the earlier days."""
    made = report.availability
    for row in made.rows:
        name = _(WAITING_LISTS[row.name].label)
        hidden = row.waiting is None or (row.target_days is not None and row.past is None)
        waits = (row.median_days, row.longest_days, row.population, row.per_10_000)
        start = (name, _region(row.region), made.as_of)
        yield (
            *start,
            row.waiting,
            row.target_days,
            row.past,
            row.share,
            *waits,
            None,
            None,
            _("hidden") if hidden else None,
        )
        for cause, count in sorted(row.causes.items()):
            words = label(DeviationCause(cause)) if cause else _("no cause stated")
            yield *start, *[None] * 8, words, count, _("hidden") if count is None else None
    for point in made.over_time:
        if point.on != made.as_of:
            hidden = point.waiting is None
            name = _(WAITING_LISTS[point.name].label)
            yield (
                *(name, _region(point.region), point.on, point.waiting, None, point.past, point.share, None, None),
                *(point.population, point.per_10_000, None, None, _("hidden") if hidden else None),
            )


def _follow_up_heads() -> Sequence[str]:
    return (
        _("area"),
        _("meaning"),
        _("green limit"),
        _("yellow limit"),
        _("result"),
        _("number"),
        _("of"),
        _("status"),
        _("hidden"),
        _("results"),
        _("challenges"),
        _("activity"),
        _("responsible"),
        _("done by"),
    )


def _follow_up(report: StatsReport) -> Iterator[Sequence[Cell]]:
    for line in report.follow_up.rows if report.follow_up is not None else ():
        limits, result = line.limits, line.result
        yield (
            line.area,
            _(line.measure.meaning),
            limits.green if limits else None,
            limits.yellow if limits else None,
            result.value if result else None,
            result.numerator if result else None,
            result.denominator if result else None,
            label(line.status) if not line.hidden or line.status is Status.CLOSED else None,
            _("hidden") if line.hidden else None,
            line.results,
            line.challenges,
            line.activity,
            line.responsible,
            line.due,
        )


def _definitions(report: StatsReport) -> Iterator[Sequence[Cell]]:
    """Every indicator there is, then what else the report has, then the lead times."""
    names = dict.fromkeys(
        ("rounds", *(one.name for one in INDICATORS), *(row.indicator for row in report.statistics.rows))
    )
    for name in names:
        said = definition(name)
        yield name, said.meaning, said.numerator, said.denominator, said.time_rule, said.reference
    for lead in LEAD_TIMES:
        told = lead_definition(lead.name)
        yield lead.name, told.meaning, told.start, told.end, told.time_rule, None


def _quality(report: StatsReport) -> Iterator[Sequence[Cell]]:
    for line in report.balance:
        words = _("In the register of {region}", region=_region(line.region))
        yield words, line.registered, _("hidden") if line.registered is None else None
        words = _("Of them held by nothing in {region}", region=_region(line.region))
        yield words, line.unaccounted, _("hidden") if line.unaccounted is None else None
    for note in report.notes:
        yield _(note.message, **note.values), note.count, _("hidden") if note.count is None else None


def _region(code: str) -> str:
    return _("all") if code == "all" else REGION_SHORT.get(code, code)


def _year(born: str) -> Cell:
    return int(born) if born.isdecimal() else _("all")


def _fill(sheet: "Worksheet", heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Heads that stay in sight, a filter on every column, and each value in its own type."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - a library that is seldom needed
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    shares = {
        column for column, head in enumerate(heads, 1) if head in (_("per cent"), _("interval from"), _("interval to"))
    }
    widths = [len(head) + 3 for head in heads]
    for column, head in enumerate(heads, 1):
        cell = sheet.cell(1, column, head)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for line, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            if value is None or value == "":
                continue
            _put(sheet.cell(line, column), value, is_share=column in shares)
            widths[column - 1] = max(widths[column - 1], min(_WIDEST, len(str(value)) + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{max(sheet.max_row, 1)}"
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _put(cell: Any, value: Cell, *, is_share: bool) -> None:
    """Numbers as numbers (a share as the hundredth part that a spreadsheet shows in per cent), days as days, and all else as text, whatever it begins with."""
    if isinstance(value, str):
        cell.value = _plain(value)
        cell.data_type = "s"
        cell.number_format = _TEXT
    elif isinstance(value, datetime):
        cell.value, cell.number_format = value, "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif is_share:
        cell.value, cell.number_format = Decimal(value or 0) / 100, PERCENT
    else:
        cell.value = value
        if not isinstance(value, int):
            cell.number_format = _ONE_DECIMAL


def _plain(text: str) -> str:
    """Without what a workbook cannot hold: control characters."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _same_bytes(raw: bytes, made_at: datetime) -> bytes:
    """The same archive without the moment of packing: the library stamps every part, and the time of saving, by its own clock."""
    out = BytesIO()
    stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(BytesIO(raw)) as packed, ZipFile(out, "w", ZIP_DEFLATED) as same:
        for name in packed.namelist():
            data = packed.read(name)
            if name == "docProps/core.xml":
                data = _with_time(data, stamp)
            same.writestr(ZipInfo(name, _ZIP_TIME), data, ZIP_DEFLATED)
    return out.getvalue()


def _with_time(data: bytes, stamp: bytes) -> bytes:
    head, tag, rest = data.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    return head + tag + stamp + rest[rest.index(b"<") :] if tag else data
