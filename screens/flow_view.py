"""The lines of the flow: the funnel from the offer down, and below it every other indicator in groups that say what they add up to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rich.text import Text

from kansli_tui.i18n import _, later
from kansli_tui.pathway.indicators import FUNNEL
from kansli_tui.rows.statistics import Statistics, StatsRow
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_definitions import definition
from kansli_tui.stats_labels import indicator_words
from screens.stats_words import PEOPLES, count, defined, eighths, in_numbers, interval, share
from screens.widgets.text import plain, right

HEADING = "heading:"
_NUMBER, _SHARE, _INTERVAL = 9, 8, 13
"""Widths in cells."""
_WINDOW = "window_open"

_FUNNEL_WORDS = {
    "rounds": later("Offers sent"),
    _WINDOW: later("of them, time goes on"),
    "participated": later("Sample given"),
    "psa_raised": later("PSA ≥ 3"),
    "mri_done": later("MRI done"),
    "biopsy_indicated": later("Biopsy indicated"),
    "biopsied": later("Biopsy done"),
    "isup_2_or_more": later("ISUP ≥ 2"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Some indicators under a heading. `whole` names what they add up to: every one of its denominator stands on one line."""

    id: str
    heading: str
    says: str
    names: tuple[str, ...]
    whole: bool = False


_PSA = ("psa_0_1", "psa_1_2", "psa_2_3", "psa_3_10", "psa_10_20", "psa_20_100", "psa_100_")
_GROUPS = (
    Group("psa", later("PSA of those analysed"), later("Everyone with a value is in one class."), _PSA, whole=True),
    Group("unanalysable", later("Samples"), later("Samples taken that gave no value."), ("psa_unanalysable",)),
    Group(
        "pirads",
        later("PI-RADS of MRI done"),
        later(
            "The highest PI-RADS; an MRI that could not be assessed is in no class, so the lines can be less than all."
        ),
        tuple(f"pirads_{score}" for score in range(1, 6)),
    ),
    Group(
        "biopsy",
        later("Biopsy and cancer"),
        later("Each line has a whole of its own, which its definition names; they do not add up."),
        ("biopsied_of_raised", "isup_1", "isup_2_or_more_of_sampled", "cancer"),
    ),
    Group(
        "treatment",
        later("Treatment of cancer found"),
        later("The latest treatment noted; whoever has none noted yet is in no kind."),
        ("treated", "treated_surgery", "treated_radiotherapy", "treated_surveillance", "treated_other"),
    ),
    Group(
        "again",
        later("Offered again"),
        later("Only those whose next offer should have gone by now."),
        ("reoffered_in_time",),
    ),
    Group(
        "register",
        later("The register"),
        later("People where they live on the day, not rounds."),
        PEOPLES[1:],
    ),
)


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line: its label, its figure, how long its bar is as (part, whole); `says` is what its group says."""

    key: str
    label: str
    row: StatsRow | None = None
    bar: tuple[int, int] = (0, 0)
    says: str = ""


def totals(counted: Statistics) -> dict[str, StatsRow]:
    """The figures of everything in the filter, by indicator."""
    return {row.indicator: row for row in counted.rows if (row.region, row.born) == (ALL, ALL)}


def lines(rows: Mapping[str, StatsRow]) -> list[FlowLine]:
    """Every line in its order; none where nothing is counted."""
    return [*_funnel(rows), *_coverage(rows), *(line for group in _GROUPS for line in _of_group(group, rows))]


def _funnel(rows: Mapping[str, StatsRow]) -> Iterator[FlowLine]:
    offered = rows["rounds"].numerator or 0 if "rounds" in rows else 0
    names = (FUNNEL[0], _WINDOW, *FUNNEL[1:])
    above = rows[FUNNEL[0]].numerator if FUNNEL[0] in rows else None
    for name in names:
        if name in rows:
            words = ("  " if name == _WINDOW else "") + _(_FUNNEL_WORDS[name])
            if rows[name].denominator != above:
                words = _("{step} of {count}", step=words, count=count(rows[name].denominator))
            if name != _WINDOW:
                above = rows[name].numerator
            yield FlowLine(name, words, rows[name], (rows[name].numerator or 0, offered))


def _coverage(rows: Mapping[str, StatsRow]) -> Iterator[FlowLine]:
    reasons = sorted(
        (row for name, row in rows.items() if name.startswith("not_offered_")), key=lambda row: -(row.numerator or 0)
    )
    if "offered" in rows:
        group = Group("coverage", later("Everyone in the register"), _COVERAGE_SAYS, (), whole=True)
        yield from _lines(group, [rows["offered"], *reasons])


_COVERAGE_SAYS = later("Everyone is on one line: offered in the period, or the reason why not.")


def _of_group(group: Group, rows: Mapping[str, StatsRow]) -> Iterator[FlowLine]:
    found = [rows[name] for name in group.names if name in rows]
    if found:
        yield from _lines(group, found)


def _lines(group: Group, rows: list[StatsRow]) -> Iterator[FlowLine]:
    says = _(group.says)
    whole, together = rows[0].denominator or 0, sum(row.numerator or 0 for row in rows)
    if group.whole:
        sums = _("{sum} of {count}", sum=count(together), count=count(whole))
        says = f"{'✓' if together == whole else '✗'} {sums}. {says}"
    yield FlowLine(HEADING + group.id, _(group.heading), None, (0, 0), says)
    for row in rows:
        bar = row.numerator or 0, row.denominator or 0
        yield FlowLine(row.indicator, short_words(row.indicator), row, bar, "" if group.whole else says)


def short_words(name: str) -> str:
    """An indicator without its whole where a heading says it: 'PI-RADS 4'."""
    if name == "offered":  # people; the funnel begins with offers, of which a person may have several
        return _("People offered")
    words = indicator_words(name)
    if name.startswith("not_offered_"):
        return words.partition(": ")[2] or words
    return words.partition(", ")[0] if name not in ("biopsied_of_raised", "isup_2_or_more_of_sampled") else words


def columns(width: int) -> tuple[tuple[tuple[str | Text, int], ...], int]:
    """Headings with their widths for a table of `width` cells, and how wide its bars may be."""
    label = 27 if width < 84 else 30
    bar = max(4, width - 1 - label - _NUMBER - _SHARE - _INTERVAL - 5 * 2)
    heads = (_("Step"), label), (right(_("count")), _NUMBER), ("", bar), (right(_("share")), _SHARE)
    return (*heads, (_("95 %"), _INTERVAL)), bar


def cells(line: FlowLine, width: int) -> list[Text]:
    """A line as cells, its bar in `width`."""
    if line.row is None:
        return [plain(line.label, "bold"), *(plain("") for _column in range(4))]
    row = line.row
    is_all = row.indicator == "rounds"
    return [
        plain(line.label),
        right(count(row.numerator)),
        plain(eighths(*line.bar, width)),
        right("" if is_all else share(row)),
        plain("" if is_all else interval(row)),
    ]


def about(line: FlowLine) -> Text:
    """What the marked line says: its numbers in full and its definition; of a heading what its group adds up to."""
    if line.row is None:
        return plain(line.label, "bold").append("\n").append_text(plain(line.says))
    lost = line.row.indicator == "open_without_next_date" and bool(line.row.numerator)
    text = defined(
        definition(line.row.indicator), in_numbers(line.row), _("the balance (F7) names them") if lost else ""
    )
    return text.append_text(plain("\n" + line.says, "dim", lines=True)) if line.says else text


def nothing_words(rows: Iterable[StatsRow]) -> str:
    """What is said when there is nothing to count."""
    known = {row.indicator: row for row in rows}
    if "offered" not in known and not (known.get("rounds") and known["rounds"].denominator):
        return _("Nobody is in what is chosen. F changes what is counted.")
    if not (known.get("rounds") and known["rounds"].denominator):
        return _("No offer has been sent in what is chosen. F changes what is counted.")
    return ""
