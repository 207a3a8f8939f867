"""What stands on the balance, as rows of a paper: verdict, differences, sums, signatures, and each region's tables. Loads reportlab."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kansli_tui.i18n import number
from kansli_tui.rows.cases import Balance, BalanceRow
from reports.address import MM
from reports.paper import BODY, Column, Look, Row, height_of, row, space
from reports.text import clean

_TEXT = Look(10)
_CELL = Look(9.5)
_BOLD = Look(9.5, bold=True)
_HEADING = Look(12, bold=True, ink="accent")
_LABEL = Look(8.5, ink="quiet")

_WHOLE = (Column(0, 170),)
_SUMS = (Column(0, 70), *(Column(x, 24, right=True) for x in (72, 98, 124)), Column(150, 20, right=True))
_BROKEN = (Column(0, 70), *(Column(x, 22, right=True) for x in (72, 96, 120, 144)))
_PEOPLE = (Column(0, 32), Column(34, 50), Column(86, 84))
_LINES = (Column(0, 140), Column(142, 28, right=True))
_SIGNERS = (Column(0, 80), Column(90, 80))
_LINE_TO_WRITE_ON = "_" * 34


@dataclass(frozen=True, slots=True)
class _Sum:
    """Rows of the balance together: people registered, people on lines, and single rows' differences without their signs.

    Without signs, because one too many in one year does not make up for one too few in another.
    """

    in_register: int
    on_lines: int
    difference: int

    @classmethod
    def of(cls, rows: Sequence[BalanceRow]) -> "_Sum":
        return cls(
            sum(one.in_register for one in rows),
            sum(sum(one.lines.values()) for one in rows),
            sum(abs(one.difference) for one in rows),
        )

    def cells(self, name: str) -> tuple[str, ...]:
        verdict = "stämmer" if self.difference == 0 else "stämmer inte"
        return name, number(self.in_register), number(self.on_lines), number(self.difference), verdict


def front(balance: Balance, names: Mapping[str, str], line_words: Callable[[str], str], counted: str) -> list[Row]:
    """The first page: `names` are the regions' names by code in the order they stand, `counted` says when and by whom."""
    everyone = _Sum.of(balance.rows)
    if balance.adds_up:
        verdict, says = "Summan stämmer", "Alla finns på en rad."
    else:
        verdict = "Summan stämmer inte"
        says = f"Skillnaden är {number(everyone.difference)}, och {_people(len(balance.unaccounted))} namnges här."
    out = [
        row(_WHOLE, (verdict,), Look(20, bold=True, ink="accent" if balance.adds_up else "warning")),
        row(_WHOLE, (f"{_people(everyone.in_register)} i registret. {says}",), _TEXT),
        row(_WHOLE, (counted,), _TEXT),
    ]

    out += _table(
        "Skillnader",
        _BROKEN,
        ("Region", "Född", "I registret", "Summa rader", "Skillnad"),
        [
            (names[one.region], str(one.born), *map(number, (one.in_register, sum(one.lines.values()), one.difference)))
            for one in balance.rows
            if one.difference
        ],
    )
    out += _table(
        "Personer som saknar plats",
        _PEOPLE,
        ("Nummer", "Region", "Det här fattas"),
        [(clean(one.number), names[one.region], clean(line_words(one.why))) for one in balance.unaccounted],
    )
    unnamed = everyone.difference - len(balance.unaccounted)
    if unnamed > 0:
        out.append(row(_WHOLE, (f"Skillnaden är {number(unnamed)} större än antalet som namnges.",), _BOLD))

    sums = [_Sum.of([one for one in balance.rows if one.region == code]).cells(name) for code, name in names.items()]
    heads = ("Region", "I registret", "Summa rader", "Skillnad", "Summan")
    out += _table("Summor", _SUMS, heads, sums, totals=[everyone.cells("Alla")] if len(names) > 1 else [])
    return out + _signatures(done="" if balance.adds_up else " och tagit hand om det som inte stämmer")


def of_region(name: str, rows: Sequence[BalanceRow], line_words: Callable[[str], str]) -> list[Row]:
    """One region: its lines with every birth year together, and its birth years with every line together."""
    total = _Sum.of(rows)
    lines: Counter[str] = Counter()
    for one in rows:
        lines.update(one.lines)
    # Those who have left stand last, as on the screen: their lines carry a reason after a colon.
    by_words = sorted((":" in line, clean(line_words(line)), count) for line, count in lines.items())
    out = _table(
        f"{name}: rader",
        _LINES,
        ("Rad", "Personer"),
        [(words, number(count)) for _, words, count in by_words],
        totals=[
            ("Summa rader", number(total.on_lines)),
            ("I registret", number(total.in_register)),
            ("Skillnad", number(total.difference)),
        ],
    )
    return out + _table(
        f"{name}: födelseår",
        _SUMS,
        ("Född", "I registret", "Summa rader", "Skillnad", "Summan"),
        [_Sum.of([one]).cells(str(one.born)) for one in rows],
        totals=[total.cells("Alla år")],
    )


def _table(
    title: str,
    columns: Sequence[Column],
    heads: Sequence[str],
    cells: Sequence[Sequence[str]],
    totals: Sequence[Sequence[str]] = (),
) -> list[Row]:
    """A heading, the column heads, a row for each of `cells`, and the totals in bold; nothing when there are no cells."""
    if not cells:
        return []
    header = row(columns, heads, _LABEL, keep=True, tinted=True)
    out = [row(_WHOLE, (title,), _HEADING, before=14, keep=True), header]
    out += [row(columns, texts, _CELL, ruled=True, header=header) for texts in cells]
    out += [row(columns, texts, _BOLD, header=header) for texts in totals]
    # A table that has room on a page is not parted; a longer one goes on with its column heads again.
    if height_of(out) <= BODY.height * MM:
        out[:-1] = [replace(one, keep=True) for one in out[:-1]]
    return out


def _people(count: int) -> str:
    return f"{number(count)} {'person' if count == 1 else 'personer'}"


def _signatures(*, done: str) -> list[Row]:
    """Room for two to sign, all on one page."""
    out = [
        row(_WHOLE, ("Underskrifter",), _HEADING, before=20, keep=True),
        row(_WHOLE, (f"Vi har läst balansen{done}.",), _TEXT, keep=True),
    ]
    for label in ("Datum", "Underskrift", "Namnförtydligande"):
        last = label == "Namnförtydligande"
        out += [
            space(20),
            row(_SIGNERS, (_LINE_TO_WRITE_ON,) * 2, _CELL, keep=True),
            row(_SIGNERS, (label,) * 2, _LABEL, keep=not last),
        ]
    return out
