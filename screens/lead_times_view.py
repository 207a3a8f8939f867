"""The lines of the lead times: quartiles and targets as cells, and the quartiles as a line that can be compared by eye."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rich.text import Text

from kansli_tui.i18n import _, later, n_, number
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.statistics import LeadPart, LeadRow
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_definitions import lead_definition
from screens.stats_words import count
from screens.widgets.text import plain, right

_SHORT = {
    "pre_letter_to_offer": later("Pre-letter → offer"),
    "offer_to_sample": later("Offer → sample"),
    "sample_to_answer": later("Sample → final answer"),
    "sample_to_letter": later("Sample → answer letter"),
    "answer_to_mri_referral": later("Raised → MRI referral"),
    "mri_wait": later("MRI referral → MRI"),
    "mri_answer": later("MRI → MRI answer"),
    "urology_wait": later("Urology referral → visit"),
    "biopsy_answer": later("Biopsy → pathology"),
    "sample_to_pathology": later("Sample → pathology"),
}
_WIDTHS = (7, 7, 10, 5, 8, 7, 5, 7)
"""Done, median, quartiles, target, share within, waiting, over target, longest; each with the space before it."""
_WIDE, _SCALE = 110, 6


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One line and the highest day of the scale that its lead time's lines share."""

    key: str
    label: str
    row: LeadRow
    scale: float


def lines(rows: Iterable[LeadRow]) -> list[LeadLine]:
    """A line a row; regions and units stand below their total."""
    given = list(rows)
    return [LeadLine(_key(row), _label(row), row, _scale(row.lead, given)) for row in given]


def _key(row: LeadRow) -> str:
    return f"{row.lead}:{row.region}:{row.unit_id}"


def _label(row: LeadRow) -> str:
    if row.region == ALL:
        return _(_SHORT[row.lead])
    return "  " + place(row)


def place(row: LeadRow) -> str:
    """'RÖ', or with a unit 'RÖ US Linköping'; '' of the total."""
    if row.region == ALL:
        return ""
    unit = row.unit or (_("no unit noted") if by_unit(row) else "")
    return f"{REGION_SHORT.get(row.region, row.region)} {unit}".strip()


def by_unit(row: LeadRow) -> bool:
    """Whether the row is of a unit."""
    return row.unit_id != 0


def _scale(lead: str, rows: Iterable[LeadRow]) -> float:
    ends = [(row.third_quartile or 0, row.target or 0) for row in rows if row.lead == lead]
    return max((max(pair) for pair in ends), default=0) or 1


def columns(width: int) -> tuple[tuple[tuple[str | Text, int], ...], int]:
    """Headings with their widths for a table of `width` cells without padding, and how wide the picture is; 0 for none."""
    heads = (
        _("done"),
        _("median"),
        _("quartiles"),
        _("goal"),
        _("within"),
        _("wait"),
        _("over"),
        _("max"),
    )
    numbers = sum(_WIDTHS)
    left = width - 1 - numbers
    picture = max(0, min(60, left - 34 - _SCALE)) if width >= _WIDE else 0
    label = left - picture - (_SCALE if picture else 0)
    named: tuple[tuple[str | Text, int], ...] = (
        (_("From → to, days"), label),
        *((right(head), wide) for head, wide in zip(heads, _WIDTHS, strict=True)),
    )
    if not picture:
        return named, 0
    return (
        *named,
        (plain("  " + _("━ middle half  ┃ median  ¦ target")), picture),
        (right(_("days")), _SCALE),
    ), picture


def cells(line: LeadLine, picture: int) -> list[Text]:
    """A line as cells."""
    row = line.row
    style = "bold" if row.region == ALL else ""
    numbers = [
        count(row.rounds),
        days(row.median),
        _quartiles(row),
        "" if row.target is None else number(row.target),
        "" if row.target is None else ("–" if row.percent is None else f"{number(row.percent)} %"),
        count(row.waiting),
        "" if row.waiting_over is None else number(row.waiting_over),
        count(row.longest_waiting),
    ]
    shown = [plain(line.label, style), *(right(text, style) for text in numbers)]
    if picture:
        shown += [plain("  " + drawn(row, line.scale, picture - 2)), right(days(line.scale))]
    return shown


def days(value: float | None) -> str:
    """'12' or '12,5'; '–' of nothing."""
    if value is None:
        return "–"
    return number(int(value)) if value == int(value) else number(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _quartiles(row: LeadRow) -> str:
    if row.first_quartile is None or row.third_quartile is None:
        return "–"
    first, third = (
        number(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)) for value in (row.first_quartile, row.third_quartile)
    )
    return f"{first}–{third}"


def drawn(row: LeadRow, scale: float, width: int) -> str:
    """'····━━━┃━━━···¦··': the middle half as a bar, the median in it, and the target, on a line from 0 to `scale` days."""

    def at(value: float) -> int:
        return min(width - 1, int(value / scale * (width - 1) + 0.5))

    line = ["·"] * width
    if row.first_quartile is not None and row.third_quartile is not None and row.median is not None:
        low, high = at(row.first_quartile), at(row.third_quartile)
        line[low : high + 1] = "━" * (high - low + 1)
        line[at(row.median)] = "┃"
    if row.target is not None:
        line[at(row.target)] = "╋" if line[at(row.target)] == "┃" else "¦"
    return "".join(line)


def about(row: LeadRow) -> Text:
    """What the marked line says in words, and its definition."""
    meaning = lead_definition(row.lead)
    text = plain(" · ".join(filter(None, (meaning.meaning, place(row)))), "bold")
    text.append("\n").append_text(plain("; ".join((_done_words(row), _waiting_words(row))) + "."))
    text.append("\n").append_text(plain(f"{_('Counted')}: ", "bold"))
    start = meaning.start + ("," if ", " in meaning.start else "")  # a clause of its own ends before 'to'
    text.append_text(plain(_("from {start} to {end}", start=start, end=meaning.end)))
    return text.append("\n").append_text(plain(f"{_('When')}: ", "bold")).append_text(plain(meaning.time_rule))


def _done_words(row: LeadRow) -> str:
    if not row.rounds:
        return _("nobody has come to the end yet")
    words = n_(
        "{count} done: median {days} days, quartiles {low} and {high}",
        "{count} done: median {days} days, quartiles {low} and {high}",
        row.rounds,
        days=days(row.median),
        low=days(row.first_quartile),
        high=days(row.third_quartile),
    )
    if row.target is None:
        return words + ", " + _("no target is set")
    share = "–" if row.percent is None else number(row.percent)
    return words + ", " + _("{share} % within the target of {target} days", share=share, target=row.target)


def _waiting_words(row: LeadRow) -> str:
    if not row.waiting:
        return _("nobody waits")
    words = n_("{count} still waits", "{count} still wait", row.waiting)
    if row.waiting_over:
        words += ", " + _("{count} of them over the target", count=number(row.waiting_over))
    return words + ", " + _("the longest {days} days", days=count(row.longest_waiting))


def behind(row: LeadRow, part: LeadPart) -> int:
    """How many stand behind a part of the row."""
    return {
        LeadPart.DONE: row.rounds or 0,
        LeadPart.LATE: (row.rounds or 0) - row.within if row.within is not None else 0,
        LeadPart.WAITING: row.waiting or 0,
        LeadPart.WAITING_OVER: row.waiting_over or 0,
    }[part]


def part_words(row: LeadRow, part: LeadPart) -> str:
    """Which of the people behind a lead time are shown."""
    words = {
        LeadPart.DONE: _("those done: {count}", count=number(behind(row, part))),
        LeadPart.LATE: _("those done after the target: {count}", count=number(behind(row, part))),
        LeadPart.WAITING: _("those who wait: {count}", count=number(behind(row, part))),
        LeadPart.WAITING_OVER: _(
            "those who have waited longer than the target: {count}", count=number(behind(row, part))
        ),
    }
    return words[part]
