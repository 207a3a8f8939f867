"""Small ways of writing that several screens share: a region and its municipality, labelled facts, counts in a column."""

from dataclasses import fields

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from kansli_tui.i18n import _, later, n_
from kansli_tui.rows.office import NO_REGION, REGION_SHORT
from screens.widgets.text import plain, visible

DAY_WORDS: dict[str, tuple[str, str]] = {
    "offers": (later("{count} offer prepared"), later("{count} offers prepared")),
    "expired": (later("{count} sample window expired"), later("{count} sample windows expired")),
    "aged_out": (later("{count} left for age"), later("{count} left for age")),
    "resumed": (later("{count} postponement ended"), later("{count} postponements ended")),
}
"""What the day's own work did, by the name of the report's count: message ids for one and for many."""


def shown_place(region: str, municipality: str = "") -> str:
    """'RÖ Motala'."""
    short = "–" if region == NO_REGION else REGION_SHORT.get(region, region)
    return f"{short} {municipality}".strip()


def facts(*lines: tuple[str, Text | str], label_width: int = 10) -> Table:
    """Labels in bold with their text beside them, wrapped between words under itself."""
    grid = Table.grid(padding=(0, 0), expand=True)
    grid.add_column(width=label_width, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for label, text in lines:
        grid.add_row(plain(label, "bold"), text if isinstance(text, Text) else plain(text))
    return grid


def counted(label: str, count: str, width: int, style: str = "") -> Text:
    """A label with its count at the right edge; a long label is wrapped between words, the count on its last line."""
    lines, line = [], ""
    for word in visible(label).split():
        joined = f"{line} {word}".strip()
        if line and cell_len(joined) > width - len(count) - 1:
            lines.append(line)
            line = word
        else:
            line = joined
    gap = " " * max(1, width - cell_len(line) - cell_len(count))
    return Text("\n".join([*lines, f"{line}{gap}{count}"]), style)


def day_report(report: object) -> str:
    """What the day's own work did, in a sentence; `report` is a frozen row of counts."""
    counts = {field.name: getattr(report, field.name) for field in fields(report)}  # type: ignore[arg-type]
    done = [n_(*DAY_WORDS[name], count) for name, count in counts.items() if name in DAY_WORDS and count]
    return _("The day's own work: {done}.", done=", ".join(done) or _("nothing was due"))
