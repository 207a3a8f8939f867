"""How figures of the statistics are written: shares with their interval, bars of blocks, and definitions as a few lines."""

from decimal import Decimal

from rich.text import Text

from kansli_tui.i18n import _, number
from kansli_tui.rows.statistics import Part, StatsRow
from kansli_tui.stats_definitions import Definition
from screens.widgets.table import KansliTable
from screens.widgets.text import plain

_EIGHTHS = " ▏▎▍▌▋▊▉"


def count(value: int | None) -> str:
    """'12 480'; '–' where nothing is said."""
    return "–" if value is None else number(value)


def share(row: StatsRow) -> str:
    """'46,0 %'; '–' of nothing."""
    return "–" if row.percent is None else f"{number(row.percent)} %"


def interval(row: StatsRow) -> str:
    """'(45,1–46,9)': the 95 % interval in per cent; '' of nothing."""
    return "" if row.low is None or row.high is None else f"({number(row.low)}–{number(row.high)})"


def eighths(numerator: int | Decimal, whole: int | Decimal, width: int) -> str:
    """A bar of block characters in steps of an eighth of a cell; what is not zero is never drawn as nothing."""
    if not numerator or not whole or width < 1:
        return ""
    parts = max(1, min(8 * width, int(8 * width * numerator / whole)))
    full, rest = divmod(parts, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def defined(meaning: Definition, *numbers: str, title: str = "") -> Text:
    """What a figure is: its name (or `title`) with its numbers, what is counted, of what, when, and the published result."""
    published = _("published: {reference}", reference=meaning.reference) if meaning.reference else ""
    text = plain(title or meaning.meaning, "bold")
    text.append_text(plain("".join(f" · {words}" for words in (*numbers, published) if words)))
    for label, words in (
        (_("Counted"), meaning.numerator),
        (_("Of"), meaning.denominator),
        (_("When"), meaning.time_rule),
    ):
        text.append("\n").append_text(plain(f"{label}: ", "bold")).append_text(plain(words))
    return text


def in_numbers(row: StatsRow) -> str:
    """'188 of 201 = 93,5 % (89,2–96,2)'."""
    if row.indicator == "rounds":
        return count(row.numerator)
    words = f"{count(row.numerator)} {_('of')} {count(row.denominator)} = {share(row)}"
    return f"{words} {interval(row)}".strip()


def room(table: KansliTable) -> int:
    """The cells a table has for its columns beside its scrollbar."""
    return table.size.width - table.styles.scrollbar_size_vertical


PEOPLES = ("offered", "offered_of_eligible", "opted_out", "open_without_next_date")
"""Indicators of people that are no reason for not offering."""


def of_people(name: str) -> bool:
    """Whether an indicator counts people and not rounds."""
    return name in PEOPLES or name.startswith("not_offered_")


def opens(row: StatsRow | None, part: Part) -> bool:
    """Whether there is anybody to show behind this part of a figure."""
    if row is None or not row.denominator:
        return False
    counted = row.numerator or 0
    if row.indicator == "open_without_next_date":
        return False
    return {Part.NUMERATOR: counted, Part.REST: row.denominator - counted, Part.DENOMINATOR: row.denominator}[part] > 0


def part_words(row: StatsRow, part: Part) -> str:
    """Which of the people behind a figure are shown."""
    if part is Part.NUMERATOR:
        return _("those counted: {count}", count=count(row.numerator))
    if part is Part.REST:
        return _("the others: {count}", count=count((row.denominator or 0) - (row.numerator or 0)))
    return _("all it is counted of: {count}", count=count(row.denominator))
