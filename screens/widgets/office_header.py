"""The two lines at the top of every screen: where one is, who one is, the time, for which regions, and whether people are invented."""

from datetime import datetime

from rich.cells import cell_len
from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from kansli_tui.i18n import _, clock
from kansli_tui.labels import label
from kansli_tui.rows.office import REGION_SHORT, Actor, OfficeFacts
from screens.widgets.text import visible


class OfficeHeader(Widget):
    """Draws what it is given; the screen sets `area` and `at`, and the office's facts do not change."""

    area: reactive[str] = reactive("")
    at: reactive[datetime | None] = reactive(None)
    actor: reactive[Actor | None] = reactive(None)

    def __init__(self, facts: OfficeFacts, actor: Actor | None) -> None:
        super().__init__()
        self._facts = facts
        self.set_reactive(OfficeHeader.actor, actor)

    def render(self) -> RenderResult:
        """Line one: area, name, role and time. Line two: a rule with regions, the invented mark and how one signs in."""
        width = max(20, self.size.width)
        text = Text(no_wrap=True, overflow="crop", end="")
        text.append_text(self._first(width))
        text.append("\n")
        text.append_text(self._second(width))
        return text

    def _first(self, width: int) -> Text:
        time = clock(self.at) if self.at else ""
        who = f"{visible(self.actor.name)}  {label(self.actor.role)}" if self.actor else ""
        end = "  ".join(part for part in (who, time) if part) + " "
        area = visible(self.area)
        for start in (f" KANSLI  {area}", f" {area}"):
            if cell_len(start) + 2 + cell_len(end) <= width:
                break
        else:
            start = start[: max(1, width - cell_len(end) - 3)].rstrip() + "…"
        line = Text(start, "bold")
        line.append(" " * max(1, width - cell_len(start) - cell_len(end)))
        line.append(end, "not bold")
        return line

    def _second(self, width: int) -> Text:
        regions = " ".join(REGION_SHORT.get(code, code) for code in sorted(self.actor.regions)) if self.actor else ""
        own_sign_in = _("the program's own sign-in") if self._facts.database == "sqlite" else ""
        invented = _("INVENTED PEOPLE") if self._facts.invented else ""
        left = f"─ {regions} " if regions else ""
        end = f" {own_sign_in} ─" if own_sign_in else ""
        middle = f" {invented} " if invented else ""
        room = width - cell_len(left) - cell_len(middle) - cell_len(end)
        before = max(1, min((width - cell_len(middle)) // 2 - cell_len(left), room - 1))
        line = Text(left + "─" * before)
        line.append(middle, "bold reverse" if middle else "")
        line.append("─" * max(1, width - cell_len(line.plain) - cell_len(end)) + end)
        return line
