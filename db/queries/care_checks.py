"""What each check of register care asks the database. Every check is one statement, read a page at a time or counted by region.

A statement has the columns `key` and `other` (the cursor), `what` (a message id) and the values that fill it; about people the
person, too. Nothing here writes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, literal, tuple_
from sqlalchemy.orm import Session

from db.models import Block, HandEdit, LabMessage, Letter, MriAnswer, PathologyAnswer, Person, PsaAnswer, Referral
from db.queries import care_dates as dates
from db.queries import care_people as people
from db.queries.care_finding import NONE, CareHit, Question
from kansli_tui.pathway.register_care import Cared


def find(
    session: Session,
    check: Cared,
    regions: Collection[str],
    today: date,
    *,
    after: tuple[int, int] = (0, 0),
    limit: int | None = None,
    keys: Sequence[int] | None = None,
) -> Iterator[CareHit]:
    """Findings in the order of their keys: a page after a key, or those of some keys."""
    question = QUESTIONS[check]
    statement = question.statement(today).where(question.region.in_(sorted(regions)))
    if keys is not None:
        statement = statement.where(question.key.in_(keys))
    elif question.other is NONE:
        statement = statement.where(question.key > after[0])
    else:
        statement = statement.where(tuple_(question.key, question.other) > tuple_(*map(literal, after)))
    for row in session.execute(statement.order_by(question.key, question.other).limit(limit)):
        yield _hit(question, dict(row._mapping))  # noqa: SLF001 — SQLAlchemy's public name begins with an underscore


def count(session: Session, check: Cared, regions: Collection[str], today: date) -> dict[str, int]:
    """Region → how many findings, looked at or not; regions without any are left out."""
    question = QUESTIONS[check]
    statement = (
        question.statement(today)
        .where(question.region.in_(sorted(regions)))
        .with_only_columns(question.region, func.count(), maintain_column_froms=True)
        .group_by(question.region)
    )
    return {where: found for where, found in session.execute(statement)}  # noqa: C416 — a result has keys of its own


def _hit(question: Question, row: dict[str, Any]) -> CareHit:
    person, other = row.pop("Person", None), row.pop("second", None)
    key, second, what, region = row.pop("key"), row.pop("other"), row.pop("what"), row.pop("region", "")
    subject = f"{question.subject}:{key}" + (f":{second}" if second else "")
    return CareHit((key, second), subject, person.region if person is not None else region, person, what, row, other)


QUESTIONS: Mapping[Cared, Question] = {
    Cared.DIFFERENCES: Question("edit", people.differences, HandEdit.id),
    Cared.HELD_AS_DUPLICATES: Question("block", people.held_as_duplicates, Block.id),
    Cared.POSSIBLE_DUPLICATES: Question("pair", people.possible_duplicates, Person.id, people.SECOND.id),
    Cared.ANSWERS_WITHOUT_ORDER: Question(
        "message", people.held_for(people.WITHOUT_ORDER), LabMessage.id, region=LabMessage.region
    ),
    Cared.UNKNOWN_CODES: Question(
        "message", people.held_for(people.UNKNOWN_CODE), LabMessage.id, region=LabMessage.region
    ),
    Cared.UNKNOWN_DEREGISTRATION: Question("person", people.unknown_deregistration, Person.id),
    Cared.UNKNOWN_MUNICIPALITY: Question("person", people.unknown_municipality, Person.id),
    Cared.BIRTH_DATE_UNKNOWN: Question("person", people.birth_date_unknown, Person.id),
    Cared.MRI_WITHOUT_VOLUME: Question("mri_answer", people.mri_without_volume, MriAnswer.id),
    Cared.PSA_DATES: Question("psa_answer", dates.psa_dates, PsaAnswer.id),
    Cared.MRI_DATES: Question("mri_answer", dates.mri_dates, MriAnswer.id),
    Cared.REFERRAL_DATES: Question("referral", dates.referral_dates, Referral.id),
    Cared.PATHOLOGY_DATES: Question("pathology_answer", dates.pathology_dates, PathologyAnswer.id),
    Cared.LETTER_DATES: Question("letter", dates.letter_dates, Letter.id),
    Cared.REGISTER_DATES: Question("person", dates.register_dates, Person.id),
}
