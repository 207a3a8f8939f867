"""How one answer is shown in the working session: the man, his value, the proposal with reason and consequence, and who waits next."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from kansli_tui.i18n import _, day, day_full, moment, number
from kansli_tui.labels import ANSWER_QUEUES, label
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import AnswerRow
from screens.widgets.left_out import counted_words
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place


def value_in_words(row: AnswerRow) -> str:
    """'3,4 µg/l', '<0,1 µg/l', or what the laboratory wrote where there is no number."""
    if row.value is None:
        return visible(row.raw_value) or _("no value")
    return f"{row.comparator or ''}{number(row.value)} µg/l"


def tabs(current: Queue, counts: Mapping[Queue, int]) -> Text:
    """The queues with what waits in each; a very high value says so wherever one is."""
    line = Text(no_wrap=True, overflow="crop", end="")
    for at, (queue, words) in enumerate(ANSWER_QUEUES.items(), start=1):
        count = counts.get(queue, 0)
        alarm = queue is Queue.URGENT and count > 0
        name = f"{'!' if alarm else ' '}{at} {_(words)} {number(count) if queue in counts else '…'} "
        style = "reverse bold" if queue is current else "bold" if alarm else "" if count else "dim"
        line.append(name, style).append(" ")
    return line


def answer(row: AnswerRow, username: str, now: datetime) -> RenderableType:
    """Everything about one man, with the proposal before the key."""
    alarms = tuple(_alarms(row, username))
    # The timeline closes up where an alarm needs its place: in a low window nothing of the proposal may be out of sight.
    gap = () if alarms else (Text(),)
    return Group(_who(row), *alarms, Text(), _value(row, now), Text(), _proposal(row), *gap, _line(row))


def _who(row: AnswerRow) -> Text:
    text = plain(f"{row.number}  {row.name}", "bold")
    text.append("   " + _("{age} years", age=row.age)).append(
        f"   {visible(shown_place(row.region, row.municipality))}"
    )
    text.append("   " + _("round {number}", number=row.round_number))
    if row.masked:
        text.append("   ").append(" " + _("PROTECTED") + " ", "bold reverse")
    return text


def _alarms(row: AnswerRow, username: str) -> Iterable[Text]:
    if row.proposed is Outcome.UROLOGY:
        yield Text(" " + _("PHONE FIRST, today: before letter and referral") + " ", "bold reverse")
    if row.lease_by not in (None, username):
        yield plain("! " + _("{who} is working on this. T takes over.", who=row.lease_by), "bold")


def _value(row: AnswerRow, now: datetime) -> RenderableType:
    value = plain(value_in_words(row), "bold")
    value.append(f"   {visible(row.laboratory)} · " + _("status {status}", status=visible(row.status)))
    sampled = day_full(row.sampled_at) if row.sampled_at else "–"
    times = _("taken {sampled}, answer {received}", sampled=sampled, received=moment(row.received_at, now))
    lines: list[tuple[str, Text | str]] = [(_("PSA"), value), (_("Sample"), times)]
    lines.append((_("Earlier"), ", ".join(row.earlier) or "–"))
    if row.context:
        lines.append((_("Also"), ", ".join(row.context)))
    lines.append((_("Comment"), plain(row.comment, "bold") if row.comment else "–"))
    return facts(*lines, label_width=11)


def _proposal(row: AnswerRow) -> RenderableType:
    what = plain(label(row.proposed), "bold reverse" if row.proposed is Outcome.UROLOGY else "bold")
    what.append(
        "   " + _("rule {number}, {rules}", number=row.rule_number, rules=row.rule_set), "not bold not reverse dim"
    )
    blocked = plain("! " + "; ".join(_(why) for why in row.blocked_by), "bold") if row.blocked_by else _("none")
    return facts(
        (_("PROPOSAL"), what),
        (_("Why"), row.reason),
        (_("Then"), row.consequence),
        (_("Blocks"), blocked),
        label_width=11,
    )


def _line(row: AnswerRow) -> RenderableType:
    return facts((_("Timeline"), plain(" · ".join(row.timeline) or "–", "dim")), label_width=11)


def coming(rows: Iterable[AnswerRow]) -> Text:
    """Those who come after, on one line."""
    after = [f"{visible(row.number)} {visible(row.name)}  {value_in_words(row)}" for row in rows]
    text = Text(_("Next:") + " ", "bold", no_wrap=True, overflow="ellipsis", end="")
    return text.append(" · ".join(after) if after else _("nobody more in this queue"), "not bold")


def calm(current: Queue, counts: Mapping[Queue, int]) -> Text:
    """An empty queue: nothing to do here, and what else waits."""
    text = Text(_("No answer waits here."), "bold")
    others = [
        (at, queue) for at, queue in enumerate(ANSWER_QUEUES, start=1) if queue is not current and counts.get(queue)
    ]
    text.append("\n\n")
    if others:
        text.append(_("Waiting elsewhere:"), "not bold")
        for at, queue in others:
            text.append(f"\n   {at}  {_(ANSWER_QUEUES[queue])}: {number(counts[queue])}", "not bold")
    else:
        text.append(_("All answers are seen to."), "not bold")
    return text


def preview_lines(rows: Iterable[AnswerRow], count: int, left_out: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The first people of a batch, how many more there are, and who is left for one-by-one."""
    shown = tuple(rows)
    lines = [
        f"{row.number}  {row.name}  {value_in_words(row)}  → {day(row.new_offer_on, now) if row.new_offer_on else '–'}"
        for row in shown
    ]
    if count > len(shown):
        lines.append(_("… and {count} more", count=number(count - len(shown))))
    left = [counted_words(text) for text in left_out]
    return (*lines, "", _("Left for one at a time: {why}.", why="; ".join(left)) if left else _("Nobody is left out."))
