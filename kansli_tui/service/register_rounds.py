"""The rounds of a region as the quality register gets them: the facts that the statistics count, with the values behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from db.models import MriAnswer, PathologyAnswer, Person, PsaAnswer, PsaOrder, Referral, Round
from db.queries.care import open_merges
from kansli_tui.pathway.answers import FINAL, NOT_DONE
from kansli_tui.pathway.indicators import Fact
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.population import Protection
from kansli_tui.rows.quality_register import LeftOut, MriResult, RegisterRound
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.statistics import StatsFilter
from kansli_tui.service.context import Context, local_date
from kansli_tui.service.counting import facts_of_rounds, narrowed

_AT_A_TIME = 500
_PIRADS = (Fact.PIRADS_1, Fact.PIRADS_2, Fact.PIRADS_3, Fact.PIRADS_4, Fact.PIRADS_5)
_TREATMENTS = {
    Fact.SURGERY: Treatment.SURGERY,
    Fact.RADIOTHERAPY: Treatment.RADIOTHERAPY,
    Fact.SURVEILLANCE: Treatment.SURVEILLANCE,
    Fact.OTHER_TREATMENT: Treatment.OTHER,
}
_Key = tuple[int, int]
"""Person and number of the round."""


@dataclass(frozen=True, slots=True)
class Found:
    """A round, and why it may not go."""

    row: RegisterRound
    left_out: LeftOut | None


def rounds_of(
    session: Session, context: Context, region: str, since: date | None, until: date | None
) -> Iterator[Found]:
    """Every round that the region has offered in the period, in order of person and round, as it is known now."""
    wanted = StatsFilter((region,), context.today, since, until)
    source = facts_of_rounds(session, wanted, context.today)
    key = (source.c.person_id, source.c.round_number)
    after: _Key = (0, 0)
    while True:
        statement = narrowed(select(source), source, wanted).where(tuple_(*key) > after).order_by(*key)
        facts = session.execute(statement.limit(_AT_A_TIME)).mappings().all()
        if not facts:
            return
        after = (facts[-1]["person_id"], facts[-1]["round_number"])
        yield from _found(session, facts)


def _found(session: Session, facts: Sequence[Any]) -> Iterator[Found]:
    ids = sorted({one["person_id"] for one in facts})
    merged = open_merges(session, ids)
    wanted = {*ids, *merged.values()}
    people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(wanted)))}
    begun = {(one.person_id, one.number): one for one in session.scalars(select(Round).where(Round.person_id.in_(ids)))}
    psa, mri, pathology = _psa(session, ids), _mri(session, ids), _pathology(session, ids)
    for one in facts:
        key = (one["person_id"], one["round_number"])
        person = people[key[0]]
        kept = people[merged.get(person.id, person.id)]
        left_out = None
        if any(one.register_objection_on is not None for one in (person, kept)):
            left_out = LeftOut.OBJECTION
        elif any(one.protection is not Protection.NONE for one in (person, kept)):
            left_out = LeftOut.PROTECTED
        row = _row(one, kept, begun[key], psa.get(key), mri.get(key), pathology.get(key))
        yield Found(row, left_out)


def _row(
    facts: Any,
    person: Person,
    begun: Round,
    psa: PsaAnswer | None,
    mri: MriAnswer | None,
    pathology: PathologyAnswer | None,
) -> RegisterRound:
    closed = person.step is Step.CLOSED and person.round_number == begun.number and person.id == begun.person_id
    unanalysable = bool(facts[Fact.UNANALYSABLE])
    return RegisterRound(
        case=begun.person_id,
        number=person.number,
        region=begun.region,
        born=facts["born"],
        municipality=facts["municipality"],
        round=begun.number,
        pre_letter_on=facts["pre_letter_on"],
        offered_on=facts["offered_on"],
        valid_until=begun.valid_until,
        sampled_on=facts["sampled_on"],
        answered_on=facts["answered_on"],
        psa=psa.value if psa is not None else None,
        comparator=(psa.comparator or "") if psa is not None and psa.value is not None else "",
        unanalysable=unanalysable,
        letter_on=facts["letter_on"],
        mri_referred_on=facts["mri_referred_on"],
        mri_done_on=facts["mri_done_on"],
        mri_answered_on=facts["mri_answered_on"],
        mri_result=_mri_result(facts, mri),
        pirads=next((score for score, fact in enumerate(_PIRADS, start=1) if facts[fact]), None),
        volume_ml=mri.volume_ml if mri is not None and mri.completed else None,
        indicated=bool(facts[Fact.INDICATED]),
        urology_referred_on=facts["urology_referred_on"],
        visited_on=facts["visited_on"],
        biopsied_on=facts["biopsied_on"],
        pathology_on=facts["pathology_on"],
        isup=pathology.isup if pathology is not None else None,
        treatment=next((kind.value for fact, kind in _TREATMENTS.items() if facts[fact]), ""),
        closed_on=local_date(person.since) if closed else None,
        closed_reason=person.closed_reason.value if closed and person.closed_reason is not None else "",
        raised=bool(facts[Fact.RAISED]),
        found_isup=_counted_isup(facts, pathology),
    )


def _counted_isup(facts: Any, pathology: PathologyAnswer | None) -> int | None:
    """The grade that the statistics count: they tell 2 to 5 from each other no more than that they are at least 2."""
    if facts[Fact.ISUP_2_OR_MORE]:
        return max(pathology.isup, 2) if pathology is not None else 2
    if facts[Fact.ISUP_1]:
        return 1
    return 0 if facts[Fact.BIOPSIED] else None


def _mri_result(facts: Any, mri: MriAnswer | None) -> MriResult | None:
    if mri is not None:
        return MriResult.DONE if mri.completed else MriResult.NOT_DIAGNOSTIC
    if facts["mri_referred_on"] is not None and facts["mri_done_on"] is None and not facts["open"]:
        return MriResult.NOT_DONE
    return None


def _psa(session: Session, ids: Sequence[int]) -> dict[_Key, PsaAnswer]:
    """Of each round the newest final answer with a value; where none has one, the newest final answer."""
    rows = session.execute(
        select(PsaOrder.person_id, PsaOrder.round_number, PsaAnswer)
        .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
        .where(
            PsaAnswer.person_id.in_(ids),
            PsaAnswer.replaced_at.is_(None),
            PsaAnswer.status.in_(sorted(FINAL | {NOT_DONE})),
        )
        .order_by(PsaOrder.person_id, PsaOrder.round_number, PsaAnswer.value.is_(None), PsaOrder.id.desc())
    )
    return _first(rows)


def _mri(session: Session, ids: Sequence[int]) -> dict[_Key, MriAnswer]:
    """Of each round the newest completed MRI; where none is, the newest answer."""
    rows = session.execute(
        select(Referral.person_id, Referral.round_number, MriAnswer)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .where(MriAnswer.person_id.in_(ids), MriAnswer.replaced_at.is_(None))
        .order_by(Referral.person_id, Referral.round_number, MriAnswer.completed.desc(), Referral.id.desc())
    )
    return _first(rows)


def _pathology(session: Session, ids: Sequence[int]) -> dict[_Key, PathologyAnswer]:
    rows = session.execute(
        select(Referral.person_id, Referral.round_number, PathologyAnswer)
        .join(Referral, Referral.id == PathologyAnswer.referral_id)
        .where(PathologyAnswer.person_id.in_(ids), PathologyAnswer.replaced_at.is_(None))
        .order_by(Referral.person_id, Referral.round_number, Referral.id.desc())
    )
    return _first(rows)


def _first(rows: Any) -> dict[_Key, Any]:
    """The first answer of each person and round, in the order of the rows."""
    return {key: next(group)[2] for key, group in groupby(rows, key=lambda row: (row[0], row[1]))}
