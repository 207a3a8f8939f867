"""How the facts of the statistics add up: what an outsider can reckon from one published figure about another.

Names that begin with `small_counts.UNSEEN` are never shown. A sum that the figures at hand cannot fill is left out or gets a rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from kansli_tui.pathway.indicators import INDICATORS, Coverage, Fact
from kansli_tui.pathway.small_counts import UNSEEN, Cell, Sum

PEOPLE = "people:"
"""Before the facts of people, which are counted apart from those of rounds."""
_REASON = "not_offered_"
_WITHIN: Mapping[str, str] = MappingProxyType(
    {
        "participated": Fact.SAMPLED,
        "psa_raised": Fact.RAISED,
        "mri_done": Fact.MRI_DONE,
        "cancer": Fact.CANCER,
        "rounds": Fact.OFFERED,
    }
)
"""Indicators whose numerator is a whole that others are counted of."""


def facts_of(indicator: str) -> tuple[str, str]:
    """The facts that an indicator's numerator and denominator count."""
    for one in INDICATORS:
        if one.name == indicator:
            return str(_WITHIN.get(indicator, f"is:{indicator}")), str(one.denominator.value)
    if indicator == "rounds":
        return Fact.OFFERED.value, Fact.OFFERED.value
    within = "eligible" if indicator == "offered_of_eligible" else "registered"
    name = "offered" if indicator == "offered_of_eligible" else indicator
    return f"{PEOPLE}{name}", f"{PEOPLE}{within}"


LOST = f"{PEOPLE}open_without_next_date"
"""Counted from another side than coverage, and not by every group."""
LOST_SUMS = (Sum(f"{PEOPLE}registered", (LOST, "~has a next step")),)


def is_of_people(fact: str) -> bool:
    """Whether a fact is counted of people and not of rounds."""
    return fact.startswith(PEOPLE)


_PIRADS = tuple(f"is:pirads_{score}" for score in range(1, 6))
_RAISED = tuple(f"is:{name}" for name in ("psa_3_10", "psa_10_20", "psa_20_100", "psa_100_"))
_BELOW = tuple(f"is:{name}" for name in ("psa_0_1", "psa_1_2", "psa_2_3"))
_TREATMENTS = tuple(f"is:treated_{name}" for name in ("surgery", "radiotherapy", "surveillance", "other"))
_BOTH_RAISED, _BOTH_INDICATED = "is:biopsied_of_raised", "is:biopsied"
_NO_SCORE, _NOT_RAISED = "~mri without score", "~indicated, not raised"
_NOT_INDICATED, _BIOPSIED_NOT_RAISED = "~biopsied, not indicated", "~biopsied, not raised"
_ISUP_NOT_SAMPLED = "~isup, not sampled"

ROUND_SUMS: tuple[Sum, ...] = (
    Sum(Fact.OFFERED, (Fact.DECIDED, "is:window_open")),
    Sum(Fact.OFFERED, (Fact.NEXT_DUE, "~not due again")),
    Sum(Fact.NEXT_DUE, ("is:reoffered_in_time", "~not in time")),
    Sum(Fact.DECIDED, (Fact.SAMPLED, "~not sampled")),
    Sum(Fact.OFFERED, (Fact.OVER, "~not over")),
    Sum(Fact.OVER, ("is:participated_when_over", "~not sampled")),
    Sum(Fact.SAMPLED, ("is:psa_unanalysable", Fact.WITH_VALUE)),
    Sum(Fact.SAMPLED, ("is:isup_2_or_more_of_sampled", "~sampled without isup")),
    Sum(Fact.SAMPLED, (Fact.RAISED, "~sampled, not raised")),
    Sum(Fact.WITH_VALUE, ("~below", Fact.RAISED)),
    Sum("~below", _BELOW),
    Sum(Fact.RAISED, _RAISED),
    Sum(Fact.RAISED, (Fact.MRI_DONE, "~no mri")),
    Sum(Fact.MRI_DONE, (*_PIRADS, _NO_SCORE)),
    Sum(Fact.RAISED, ("is:biopsy_indicated", "~raised, not indicated")),
    Sum(Fact.INDICATED, ("is:biopsy_indicated", _NOT_RAISED)),
    Sum(Fact.RAISED, (_BOTH_RAISED, "~raised, not biopsied")),
    Sum(Fact.BIOPSIED, (_BOTH_RAISED, _BIOPSIED_NOT_RAISED)),
    Sum(Fact.INDICATED, (_BOTH_INDICATED, "~indicated, not biopsied")),
    Sum(Fact.BIOPSIED, (_BOTH_INDICATED, _NOT_INDICATED)),
    Sum(Fact.BIOPSIED, (Fact.CANCER, "~benign")),
    Sum(Fact.CANCER, ("is:isup_1", "is:isup_2_or_more")),
    Sum("is:isup_2_or_more", ("is:isup_2_or_more_of_sampled", _ISUP_NOT_SAMPLED)),
    Sum(Fact.CANCER, ("is:treated", "~no treatment noted")),
    Sum("is:treated", _TREATMENTS),
)
"""Sums over rounds; a raised value and a sample that counts are facts of the same answer."""

TAKEN_AS_KNOWN = frozenset(
    {
        _NO_SCORE,
        _NOT_RAISED,
        _NOT_INDICATED,
        _BIOPSIED_NOT_RAISED,
        _ISUP_NOT_SAMPLED,
        f"{PEOPLE}registered",
    }
)
"""Rests that an outsider expects to be empty, and the register, whose size is told elsewhere: hiding them protects nothing."""


def is_reason(fact: str) -> bool:
    """Whether it is a reason for not offering: such a row is there only where somebody has it."""
    return fact.startswith(PEOPLE + _REASON)


def people_sums(facts: Iterable[str]) -> tuple[Sum, ...]:
    """How coverage adds up, with the reasons that the figures at hand have."""
    reasons = sorted(filter(is_reason, facts))
    gone = tuple(one for one in reasons if _status(one) in (Coverage.EXCLUDED, Coverage.CLOSED))
    left = tuple(one for one in reasons if one not in gone)
    registered, eligible = f"{PEOPLE}registered", f"{PEOPLE}eligible"
    opted_out, before = f"{PEOPLE}opted_out", f"{PEOPLE}{_REASON}{Coverage.CLOSED}:opted_out"
    return (
        Sum(registered, (eligible, "~gone")),
        Sum(eligible, (f"{PEOPLE}offered", *left)),
        Sum("~gone", gone),
        Sum(registered, (opted_out, "~not opted out")),
        *([Sum(opted_out, (before, "~opted out after an offer"))] if before in gone else []),
    )


def _status(fact: str) -> str:
    return fact.removeprefix(PEOPLE + _REASON).partition(":")[0]


def filled(values: dict[Cell, int], sums: Sequence[Sum], *, by_group: bool = False) -> tuple[Sum, ...]:
    """The sums that the figures hold, each with all its parts: what is lacking is put into `values` as an unseen rest.

    A sum that does not hold somewhere (a part is larger than its whole) tells nobody anything and is left out. With `by_group`
    the sums are of groups, otherwise of facts.
    """
    place = 1 if by_group else 0
    others = sorted({cell[1 - place] for cell in values})
    present = {cell[place] for cell in values}
    kept: list[Sum] = []
    for one in sums:
        if one.whole not in present:
            continue
        known = [part for part in one.parts if part in present]
        lacking = [part for part in one.parts if part not in present]
        if not known and one.parts:
            continue
        unseen = len(lacking) == 1 and lacking[0].startswith(UNSEEN)
        rest_name = lacking[0] if unseen else f"{UNSEEN}{one.whole} beside {','.join(known)}"

        def at(name: str, other: str) -> int:
            cell = Cell(other, name) if by_group else Cell(name, other)
            return values.get(cell, 0)

        rests = {other: at(one.whole, other) - sum(at(part, other) for part in known) for other in others}
        if min(rests.values(), default=0) < 0:
            continue
        if not lacking and not any(rests.values()):
            kept.append(one)
            continue
        present.add(rest_name)
        values.update(
            {Cell(other, rest_name) if by_group else Cell(rest_name, other): rest for other, rest in rests.items()}
        )
        kept.append(Sum(one.whole, (*known, rest_name)))
    return tuple(kept)
