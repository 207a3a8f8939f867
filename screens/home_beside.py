"""Beside the queues: what the watch says, whether the balance adds up, who waits for a date, and what is done."""

from collections.abc import Iterable
from datetime import datetime

from rich.text import Text

from kansli_tui.i18n import NO_BREAK, _, ago, clock, day, later, local_day, number
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.cases import Home, WaitingCount
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.watch import CheckRow
from screens.widgets.words import counted

WAITING_WORDS = {
    Step.OFFER_PLANNED: later("Offer planned"),
    Step.OFFERED: later("Offered"),
    Step.AWAITING_SAMPLE: later("Awaiting sample"),
    Step.AWAITING_ANSWER: later("Awaiting answer"),
    Step.POSTPONED: later("Put off"),
    Step.MRI_REFERRED: later("MRI referral"),
    Step.UROLOGY_REFERRED: later("Urology referral"),
}
"""Short words for those who wait for a date, by their step."""
_MOST_CHECKS, _MOST_HIGH = 3, 6
"""Checks named in a low window and in a high one, of those that are late and of those that have found something."""


def beside_text(home: Home, regions: list[str], width: int, now: datetime, *, short: bool) -> Text:
    """Everything beside the queues; in a low window what can wait folds into a line."""
    parts: list[Text] = []
    if home.watch:
        parts += [*_watch(home.watch, width, now, _MOST_CHECKS if short else _MOST_HIGH, short=short), Text()]
    if home.register_reviews:
        parts += [counted(_("F6 Hand-overs"), number(home.register_reviews), width, "bold"), Text()]
    parts.append(Text(_("F7 Balance"), "bold"))
    parts += list(_balance(home.balance, regions, width)) or [Text(_("not counted yet"), "dim")]
    parts.append(Text())
    if home.waiting and short:
        parts += list(_waiting_folded(home.waiting, regions, width, now))
    elif home.waiting:
        parts.append(Text(_("Waiting by themselves"), "bold"))
        parts += [*(_waiting(count, regions, width, now) for count in home.waiting), Text()]
    parts.append(counted(_("Done today"), number(home.done_today), width))
    return Text("\n").join(parts)


def _watch(checks: tuple[CheckRow, ...], width: int, now: datetime, most: int, *, short: bool) -> Iterable[Text]:
    """Late checks in reverse colours on everybody's screen, then what has been found, who ran last and who has the duty."""
    late = [check for check in checks if check.late]
    found = [check for check in checks if check.found and not check.late]
    yield Text(_("F12 Watch"), "bold")
    if late:
        yield counted("✗ " + _("late, not run"), number(len(late)), width, "bold reverse")
        # Where hardly anything has been run the number says it all in a low window.
        named = [] if short and len(late) > most else late[:most]
        yield from (counted(_(check.label), _mine(check), width, "reverse") for check in named)
        if named and len(late) > most:
            yield Text(_("… {count} more (F12)", count=number(len(late) - most)), "dim")
    yield from (counted("● " + _(check.label), number(check.found), width) for check in found[:most])
    if len(found) > most:
        yield Text(_("… and {count} more", count=number(len(found) - most)), "dim")
    if not late and not found:
        yield Text("✓ " + _("nothing found"))
    yield from _duty(checks, now)


def _mine(check: CheckRow) -> str:
    return check.on_duty or _("everybody")


def _duty(checks: tuple[CheckRow, ...], now: datetime) -> Iterable[Text]:
    """When and by whom the checks were last run, and who steps in."""
    runs = [(check.last_run, check.last_by) for check in checks if check.last_run is not None]
    if runs:
        at, by = max(runs)
        when = clock(at) if local_day(at) == local_day(now) else day(at)
        yield Text(_("run {when} {who}", when=when, who=by), "dim")
    deputies = sorted({check.deputy for check in checks if check.deputy})
    if deputies:
        yield Text(_("deputy {who}", who=", ".join(deputies)), "dim")


def _waiting(count: WaitingCount, regions: list[str], width: int, now: datetime) -> Text:
    """People who wait for a date; a date that has passed says so."""
    total = sum(count.by_region.get(code, 0) for code in regions)
    words = _(WAITING_WORDS[Step(count.label)])
    line = counted(words, number(total) if total else "–", width, "" if total else "dim")
    if total and count.oldest is not None and count.oldest < local_day(now):
        line.append("\n").append_text(counted("! " + _("overdue"), ago(count.oldest, now), width, "bold"))
    return line


def _waiting_folded(waiting: tuple[WaitingCount, ...], regions: list[str], width: int, now: datetime) -> Iterable[Text]:
    """All who wait for a date in one line, and those whose date has passed in one each."""
    total = sum(count.by_region.get(code, 0) for count in waiting for code in regions)
    yield counted(_("Waiting"), number(total), width)
    for count in waiting:
        if any(count.by_region.values()) and count.oldest is not None and count.oldest < local_day(now):
            yield counted(f"!{NO_BREAK}" + _(WAITING_WORDS[Step(count.label)]), ago(count.oldest, now), width, "bold")


def _balance(balance: dict[str, tuple[int, int]], regions: list[str], width: int) -> Iterable[Text]:
    for code in regions:
        if code in balance:
            people, difference = balance[code]
            sign = "✓ 0" if difference == 0 else f"✗ {number(difference)}"
            start = f"{REGION_SHORT[code]:4}{number(people):>9}"
            yield Text(start + sign.rjust(max(2, width - len(start))), "bold" if difference else "")
