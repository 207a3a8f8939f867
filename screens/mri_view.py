"""How one MRI answer is shown: what the unit wrote with the sentence of the suggestion marked, and the proposal before the key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from kansli_tui.i18n import _, day, day_full, number
from kansli_tui.labels import label
from kansli_tui.pathway.decide import RULE_VOLUME_MISSING, Decision
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.referrals import MriAnswerRow
from kansli_tui.service.examination_rows import consequence
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place

_LABEL = 11


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person reads out of the answer: the suggestion until something else is typed. None: nothing is said yet."""

    pirads: int | None
    volume_ml: Decimal | None
    typed: bool = False

    def lower_than(self, row: MriAnswerRow) -> bool:
        """Whether less is typed than the unit has coded or written."""
        return self.pirads is not None and row.suggested is not None and self.pirads < row.suggested


def who(row: MriAnswerRow, username: str, now: datetime) -> RenderableType:
    """The man, the unit and the days, and what must not be overlooked."""
    text = plain(f"{row.number}  {row.name}", "bold")
    text.append("   " + _("{age} years", age=row.age)).append(f"   {visible(shown_place(row.region))}")
    text.append("   " + _("round {number}", number=row.round_number))
    if row.masked:
        text.append("   ").append(" " + _("PROTECTED") + " ", "bold reverse")
    examined = day(row.examined_at, now) if row.examined_at else "–"
    unit = plain(", ".join(part for part in (row.unit, row.unit_phone) if part)).append(
        " · " + _("examined {day}, answer {answer}", day=examined, answer=day(row.received_at, now))
    )
    unit.append(f" · {visible(row.referral_number)}", "dim")
    lines = [text, unit]
    if row.corrected:
        lines.append(Text(" " + _("CHANGED ANSWER: the unit has sent another before this one") + " ", "bold reverse"))
    if row.lease_by not in (None, username):
        lines.append(plain("! " + _("{who} is working on this. T takes over.", who=row.lease_by), "bold"))
    return Group(*lines)


def unit_text(row: MriAnswerRow) -> Text:
    """What the unit wrote, the sentence of the suggestion marked."""
    text = plain(row.text.strip() or _("The answer has no text."), lines=True)
    start, end = marked(row)
    if end:
        shift = len(row.text) - len(row.text.lstrip())
        text.stylize("bold reverse", start - shift, end - shift)
    return text


def marked(row: MriAnswerRow) -> tuple[int, int]:
    """Where in the text the sentence of the suggestion stands, however its spaces fall; (0, 0) when it is nowhere."""
    sentence = next((found.sentence for found in row.prose if found.score == row.suggested), "")
    words = [re.escape(word) for word in sentence.split()]
    found = re.search(r"\s+".join(words), row.text) if words else None
    return found.span() if found else (0, 0)


def mri_facts(row: MriAnswerRow, reading: Reading, decision: Decision | None, now: datetime) -> RenderableType:
    """PI-RADS, volume and PSA, and what the rules make of them."""
    sampled = f" ({day(row.sampled_at, now)})" if row.sampled_at else ""
    volume = _volume(row, reading).append(f"     PSA {row.psa} µg/l{sampled}", "not bold")
    lines: list[tuple[str, Text | str]] = [("PI-RADS", _score(row, reading)), (_("Volume"), volume)]
    return Group(
        facts(*lines, label_width=_LABEL), Text(), facts(*_proposal(row, reading, decision), label_width=_LABEL)
    )


def _score(row: MriAnswerRow, reading: Reading) -> Text:
    lesions = ", ".join(str(score) for score in row.lesions)
    coded = _("coded per lesion: {scores}", scores=lesions) if lesions else _("nothing coded")
    if reading.pirads is None:
        return plain("–   ", "bold").append(_("type 1–5 after reading"), "bold reverse").append(f"   {coded}", "dim")
    text = plain(str(reading.pirads), "bold")
    if reading.typed and reading.pirads != row.suggested:
        text.append("   " + _("typed by you"), "bold")
        if row.suggested is not None:
            text.append("   " + _("the answer suggests {score}", score=row.suggested), "bold reverse")
    elif row.lesions:
        text.append("   " + _("suggested: the highest coded"), "not bold")
    else:
        text.append("   " + _("suggested from the marked sentence"), "not bold")
    return text.append(f"   {coded}", "not bold not reverse dim")


def _volume(row: MriAnswerRow, reading: Reading) -> Text:
    if reading.volume_ml is None:
        text = plain(_("missing"), "bold reverse")
        if row.volume_raw.strip():
            text.append("   " + _("the answer says “{text}”", text=visible(row.volume_raw)), "not reverse")
        return text
    text = plain(f"{number(reading.volume_ml)} ml", "bold")
    if reading.volume_ml != row.volume_ml:
        said = f"{number(row.volume_ml)} ml" if row.volume_ml is not None else "–"
        text.append("   " + _("typed by you; the answer says {volume}", volume=said), "not bold")
    return text


def _proposal(row: MriAnswerRow, reading: Reading, decision: Decision | None) -> Iterable[tuple[str, Text | str]]:
    if decision is None:
        waits = _("The rules are asked…") if reading.pirads is not None else "–"
        return ((_("PROPOSAL"), plain(waits, "dim")), (_("Why"), "–"), (_("Then"), "–"), (_("Blocks"), _blocks(row)))
    what = plain(label(decision.outcome), "bold reverse" if decision.outcome is not Outcome.NEW_OFFER else "bold")
    rule = _("rule {number}, {rules}", number=decision.rule_number, rules=decision.rule_set)
    what.append("   " + rule, "not bold not reverse dim")
    return (
        (_("PROPOSAL"), what),
        (_("Why"), decision.reason),
        (_("Then"), to_do(row, reading, decision)),
        (_("Blocks"), _blocks(row)),
    )


def to_do(row: MriAnswerRow, reading: Reading, decision: Decision) -> Text:
    """What confirming leads to; where nothing can be confirmed, what to do instead."""
    if decision.outcome is not Outcome.PERSON:
        return plain(consequence(decision))
    if reading.pirads is None:
        return plain(_("Read the answer and type the highest PI-RADS, 1 to 5."), "bold")
    if decision.rule_number == RULE_VOLUME_MISSING:
        return plain(whom_to_phone(row), "bold")
    return plain(_("Nothing is confirmed here: U refers to the urologist with a reason, L asks the physician."), "bold")


def whom_to_phone(row: MriAnswerRow) -> str:
    """Who knows the volume that is missing."""
    unit = ", ".join(part for part in (row.unit, row.unit_phone) if part)
    return _("Cannot be confirmed without the volume: phone {unit}, then type it with M.", unit=unit)


def _blocks(row: MriAnswerRow) -> Text:
    if not row.blocked_by:
        return plain(_("none"))
    return plain("! " + "; ".join(_(why) for why in row.blocked_by), "bold")


def coming(rows: Iterable[MriAnswerRow]) -> Text:
    """Those who come after, on one line."""
    after = [f"{visible(row.number)} {visible(row.name)}  PI-RADS {row.suggested or '–'}" for row in rows]
    text = Text(_("Next:") + " ", "bold", no_wrap=True, overflow="ellipsis", end="")
    return text.append(" · ".join(after) if after else _("nobody more in this queue"), "not bold")


def decided_words(decision: Decision) -> str:
    """The outcome in words, with the day of the next offer."""
    words = label(decision.outcome)
    return f"{words}, {day_full(decision.new_offer_on)}" if decision.new_offer_on else words
