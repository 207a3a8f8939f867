"""How the follow-up plan is shown: a line as cells, the marked line as facts, the whole as a sentence. Status has a sign and a word."""

from collections import Counter
from collections.abc import Mapping

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from kansli_tui.follow_up_labels import (
    FIELDS,
    SIGNS,
    counted_text,
    limit_text,
    limits_text,
    measure_words,
    result_text,
    waiting_text,
)
from kansli_tui.i18n import _, day, day_full, moment, number
from kansli_tui.labels import label
from kansli_tui.pathway.follow_up import Status
from kansli_tui.rows.follow_up import JOINT, FollowUpChangeRow, FollowUpQuarter, FollowUpRow, TargetRow
from kansli_tui.rows.office import REGIONS
from screens.widgets.text import plain, right
from screens.widgets.words import facts

_COLOURS = {Status.GREEN: "success", Status.YELLOW: "warning", Status.RED: "error"}
"""The theme's colour of each status, beside its sign and its word."""
_NOT_ALL = "…"
"""Behind a result that not everybody is counted in yet."""
_LINE = 78


def region_name(region: str) -> str:
    """'Östergötland', or that it is the three together."""
    return _("all three regions together") if region == JOINT else REGIONS.get(region, region)


def status_text(status: Status, colours: Mapping[str, str], *, by_hand: bool = False) -> Text:
    """'▲ gul', with an asterisk when a person has set it."""
    text = Text().append(SIGNS[status], colours.get(_COLOURS.get(status, ""), ""))
    text.append(f" {_short(status)}{' *' if by_hand else ''}", "bold" if status in _COLOURS else "")
    return text


def _short(status: Status) -> str:
    """As it fits a column."""
    return {Status.TOO_FEW: _("too few"), Status.TOO_EARLY: _("too early")}.get(status) or label(status)


def columns(*, wide: bool) -> tuple[tuple[str | Text, int], ...]:
    """Headings and widths; a wide window shows counts and the comment too."""
    if not wide:
        return (
            (_("Area"), 14),
            (_("Measure"), 0),
            (right(_("Target")), 8),
            (right(_("Result")), 9),
            (_("Status"), 14),
        )
    return (
        (_("Area"), 20),
        (_("Measure"), 0),
        (right(_("Target")), 8),
        (right(_("Result")), 24),
        (_("Status"), 14),
        (_("Comment"), 21),
    )


def cells(row: FollowUpRow, colours: Mapping[str, str], *, wide: bool) -> list[Text]:
    """One line of the plan."""
    unit = row.measure.unit
    shown = [
        plain(row.area),
        plain(measure_words(row.measure)),
        right(limit_text(unit, row.limits)),
        right(
            (counted_text if wide else result_text)(unit, row.result) + (_NOT_ALL if waiting_text(row.result) else "")
        ),
        status_text(row.status, colours, by_hand=row.override is not None),
    ]
    if wide:
        shown.append(plain(row.override.comment if row.override is not None else row.results))
    return shown


def about(row: FollowUpRow, colours: Mapping[str, str]) -> Group:
    """Everything of the marked line; what is empty is left out, but not that nobody has written any result."""
    unit = row.measure.unit
    target = limits_text(unit, row.limits)
    if row.target_from is not None:
        target = _("{target} (from {day})", target=target, day=day_full(row.target_from))
    if row.measure.reference:
        target = _("{target} · published: {reference}", target=target, reference=row.measure.reference)
    waiting = waiting_text(row.result) and f"{_NOT_ALL} = {waiting_text(row.result)}"
    counted = ", ".join(filter(None, (counted_text(unit, row.result), waiting)))
    result = plain(counted).append("  ")
    result.append_text(status_text(row.status, colours, by_hand=row.override is not None))
    lines: list[tuple[str, Text | str]] = [(_("Target"), target), (_("Result"), result)]
    if row.before is not None:
        before = plain(counted_text(unit, row.before.result)).append("  ")
        lines.append((row.before.quarter, before.append_text(status_text(row.before.status, colours))))
    if row.override is not None:
        said = _(
            "* set by {who} {at}: {comment} (computed: {computed})",
            who=row.override.by,
            at=moment(row.override.at),
            comment=row.override.comment,
            computed=label(row.computed),
        )
        lines.append((_("By hand"), said))
    doing = [row.activity, row.responsible, _("by {day}", day=day_full(row.due)) if row.due else ""]
    if any(doing):
        lines.append((_(FIELDS["activity"]), " · ".join(filter(None, doing))))
    lines.append((_(FIELDS["results"]), row.results or _("nothing written yet")))
    if row.challenges:
        lines.append((_(FIELDS["challenges"]), row.challenges))
    head = plain(f"{row.area}: {measure_words(row.measure)}", "bold")
    return Group(head, facts(*lines, label_width=12))


def says(shown: FollowUpQuarter, colours: Mapping[str, str]) -> Text:
    """Which plan it is, as of when, and how many lines have which status."""
    period = f"{day(shown.since)}–{day_full(shown.until)}"
    if shown.closed_at is not None and shown.as_of is not None:
        state = _(
            "closed {at} by {who}, as of {day}",
            at=moment(shown.closed_at, shown.until),
            who=shown.closed_by,
            day=day_full(shown.as_of),
        )
    elif shown.as_of is None:
        state = _("has not begun")
    else:
        state = _("open, as of {day}", day=day_full(shown.as_of))
    text = plain(f"{shown.quarter} · {region_name(shown.region)}", "bold").append(f" · {period}\n", "not bold")
    counts = Counter(row.status for row in shown.rows)
    text.append(state[:1].upper() + state[1:] + ".", "not bold")
    statuses = Text()
    for status in Status:
        if counts[status]:
            statuses.append("  ").append_text(status_text(status, colours)).append(f" {number(counts[status])}")
    if cell_len(state) + 1 + statuses.cell_len > _LINE:
        text.append("\n")
        statuses = statuses[2:]
    return text.append_text(statuses)


def empty_words(shown: FollowUpQuarter) -> str:
    """What to do with a plan that has no lines."""
    if shown.earlier:
        return _("No lines yet. N adds one, T takes over the open ones of {quarter}.", quarter=shown.earlier)
    return _("No lines yet. N adds one.")


def change_lines(change: FollowUpChangeRow) -> tuple[str, str]:
    """A change of a line as what happened and its words."""
    what = label(change.what)
    if change.field in FIELDS:
        what = f"{what}: {_(FIELDS[change.field])}"
    if change.field == "status":
        before, after = (label(Status(value)) if value else "–" for value in (change.before, change.after))
    else:
        before, after = change.before, change.after
        after = label(Status(after)) if after in set(Status) else after
    words = f"{before or '–'} → {after or '–'}" if change.before or change.field else after
    return what, f"{words}. {change.why}" if change.why and words else words or change.why


def target_lines(target: TargetRow, unit_text: str) -> tuple[str, str]:
    """A target in its history as what was set and its words."""
    what = _("Target from {day}", day=day_full(target.valid_from)) if target.limits else ""
    what = what or _("No target from {day}", day=day_full(target.valid_from))
    return f"{what}, {region_name(target.region)}", f"{unit_text}. {target.why}" if target.limits else target.why
