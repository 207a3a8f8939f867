"""Register care's checks of people and messages: sources that differ, duplicates, unknown codes, what is missing. Statements only."""

from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from db.models import Block, Decided, HandEdit, LabMessage, MriAnswer, Person, Referral
from db.queries.care_finding import NONE, Statement, about
from db.sql import local_day
from kansli_tui.pathway.answers import HoldReason
from kansli_tui.pathway.merging import DUPLICATE_BLOCK
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.register_codes import KNOWN_CODES
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.pathway.unit_answers import UnitReason
from kansli_tui.rows.answers import DecisionState, MessageState
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import DecisionKind

WITHOUT_ORDER = (
    HoldReason.NO_ORDER_NUMBER,
    HoldReason.UNKNOWN_ORDER,
    UnitReason.NO_REFERRAL_NUMBER,
    UnitReason.UNKNOWN_REFERRAL,
)
UNKNOWN_CODE = (
    HoldReason.STATUS_MISSING,
    HoldReason.UNIT,
    Reason.UNKNOWN_TYPE,
    Reason.UNKNOWN_CHARSET,
    Reason.OTHER_TYPE,
    Reason.NO_PSA,
    Reason.SEVERAL_STATUSES,
    Reason.ROW_MRI_EVENT,
    Reason.ROW_OUTCOME_EVENT,
    Reason.ROW_TREATMENT,
    Reason.APPOINTMENT_STATUS,
)


def differences(today: date) -> Statement:
    """What the register says against what is written by hand, not settled yet."""
    del today
    words = literal("By hand: {ours} · the register: {theirs} ({field})")
    return (
        about(HandEdit.id, words, field=HandEdit.field, ours=HandEdit.value, theirs=HandEdit.differs)
        .join(HandEdit, HandEdit.person_id == Person.id)
        .where(HandEdit.ended_at.is_(None), HandEdit.differs_at.is_not(None))
    )


def held_as_duplicates(today: date) -> Statement:
    """People who are held because one number has replaced the other's."""
    del today
    return (
        about(Block.id, literal("Held since {since}"), since=local_day(Block.began_at))
        .join(Block, Block.person_id == Person.id)
        .where(Block.ended_at.is_(None), Block.kind == DUPLICATE_BLOCK)
    )


SECOND = aliased(Person, name="second")


def possible_duplicates(today: date) -> Statement:
    """Pairs within the groups that share region, name and birth date: the groups are few, and are found in one reading."""
    del today
    same = (Person.region, Person.name_key, Person.birth_date)
    groups = select(*same).where(Person.name_key != "").group_by(*same).having(func.count() > 1).subquery()
    return (
        select(
            Person,
            SECOND,
            Person.id.label("key"),
            SECOND.id.label("other"),
            literal("Same name and birth date ({born})").label("what"),
            Person.birth_date.label("born"),
        )
        .select_from(groups)
        .join(
            Person,
            and_(
                Person.name_key == groups.c.name_key,
                Person.region == groups.c.region,
                Person.birth_date == groups.c.birth_date,
            ),
        )
        .join(
            SECOND,
            and_(
                SECOND.name_key == Person.name_key,
                SECOND.region == Person.region,
                SECOND.birth_date == Person.birth_date,
                SECOND.id > Person.id,
            ),
        )
        # Cases that have been merged are closed: two closed cases harm nobody.
        .where(or_(Person.step != Step.CLOSED, SECOND.step != Step.CLOSED))
        .where(
            *(
                or_(each.closed_reason.is_(None), each.closed_reason != ClosedReason.NUMBER_REPLACED)
                for each in (Person, SECOND)
            )
        )
    )


def held_for(reasons: Collection[str]) -> Callable[[date], Statement]:
    """Messages that are held for one of the reasons."""

    def statement(today: date) -> Statement:
        del today
        return select(
            LabMessage.id.label("key"),
            NONE.label("other"),
            literal("Came {on} in {file}: {reason}").label("what"),
            LabMessage.region.label("region"),
            LabMessage.held_reason.label("reason"),
            local_day(LabMessage.received_at).label("on"),
            LabMessage.file_name.label("file"),
        ).where(LabMessage.state == MessageState.HELD, LabMessage.held_reason.in_([str(reason) for reason in reasons]))

    return statement


def unknown_deregistration(today: date) -> Statement:
    """A code that the program has not been told of, for somebody who is in the programme."""
    del today
    return about(Person.id, literal("Code {code}"), code=Person.deregistered_code).where(
        Person.deregistered_code.is_not(None),
        Person.deregistered_code.not_in(sorted(KNOWN_CODES)),
        Person.step != Step.CLOSED,
    )


def unknown_municipality(today: date) -> Statement:
    """Nobody knows in which municipality of the region somebody lives."""
    del today
    of_region = [
        and_(Person.region == region, Person.municipality.in_(sorted(codes)))
        for region, codes in _municipalities().items()
    ]
    words = case(
        (Person.municipality == "", literal("No municipality")),
        else_=literal("Municipality {code} is not the region's"),
    )
    return about(Person.id, words, code=Person.municipality).where(
        ~or_(*of_region),
        Person.step != Step.CLOSED,
        # The registered place of a protected person may be wrong on purpose.
        Person.protection != Protection.PROTECTED_REGISTRATION,
    )


def _municipalities() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, place in MUNICIPALITIES.items():
        found.setdefault(place.region, []).append(code)
    return found


def birth_date_unknown(today: date) -> Statement:
    """Month or day is open."""
    del today
    return about(Person.id, literal("Reckoned with {born}"), born=Person.birth_date).where(
        Person.birth_date_known.is_(False), Person.step != Step.CLOSED
    )


def mri_without_volume(today: date) -> Statement:
    """Confirmed decisions on an MRI whose volume nobody knows."""
    del today
    examined = local_day(func.coalesce(MriAnswer.examined_at, MriAnswer.received_at))
    words = literal("The MRI of {on} was decided on without a volume ({referral})")
    return (
        about(MriAnswer.id, words, referral=Referral.number, on=examined)
        .join(MriAnswer, MriAnswer.person_id == Person.id)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .join(Decided, Decided.mri_answer_id == MriAnswer.id)
        .where(
            MriAnswer.replaced_at.is_(None),
            MriAnswer.completed.is_(True),
            MriAnswer.volume_ml.is_(None),
            Decided.kind == DecisionKind.MRI,
            Decided.state == DecisionState.CONFIRMED,
            Decided.inputs["volume_ml"].as_string().is_(None),
        )
    )
