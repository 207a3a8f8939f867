"""Referrals as staff handle them: made in a form, sent, followed on the clock, reminded of, returned and sent again."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Person, PsaAnswer, Referral, ReferralChange, Unit
from db.queries.people import by_id
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotFoundError, RefusedError
from kansli_tui.i18n import _, later
from kansli_tui.labels import label
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import LIVE, ReferralEvent, ReferralKind, follows
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.cases import Happening
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import ReferralDetail, ReferralForm, ReferralRow
from kansli_tui.service import referring
from kansli_tui.service.asking import open_about, refuse_while_asked
from kansli_tui.service.context import Context, chosen_regions, local_date, plain, require_region
from kansli_tui.service.latest import latest_answer
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.referral_rows import late_orders, referral_rows
from kansli_tui.service.units import asked_about, unit_row
from kansli_tui.service.walk import Walk

BY_HAND = frozenset(
    {
        ReferralEvent.ACCEPTED,
        ReferralEvent.REBOOK,
        ReferralEvent.DONE,
        ReferralEvent.BIOPSIED,
        ReferralEvent.DECLINED,
        ReferralEvent.CONTRAINDICATED,
        ReferralEvent.NOT_COMPLETED,
        ReferralEvent.RETURNED,
        ReferralEvent.NO_SHOW,
        ReferralEvent.RESENT,
    }
)
"""What staff may note on a referral by hand. Appointments and answers have services of their own."""
_ONLY_UROLOGY = frozenset({ReferralEvent.BIOPSIED})
_ONLY_MRI = frozenset({ReferralEvent.CONTRAINDICATED, ReferralEvent.REBOOK})
_STEPS = {Step.MRI_TO_REFER: ReferralKind.MRI, Step.UROLOGY_TO_REFER: ReferralKind.UROLOGY}
_LONGEST_RECEIPT = 60


class ReferralService:
    """Referrals to MRI and urology."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # Making and sending

    def form(self, actor: Actor, person_id: int) -> ReferralForm:
        """What the form shows for the referral that the person waits for."""
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id)
            kind = self._kind(person)
            units = session.scalars(
                select(Unit)
                .where(Unit.region == person.region, Unit.kind == kind, Unit.active.is_(True))
                .order_by(Unit.id)
            ).all()
            answer = latest_answer(session, person)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "referral.form",
                person_id=person.id,
                region=person.region,
            )
            shown = _value(answer)
            return ReferralForm(
                person_id=person.id,
                kind=kind,
                number=shown_number(person),
                name=shown_name(person),
                reason=shown,
                question=_question(kind, shown),
                units=tuple(unit_row(unit) for unit in units),
                asks=asked_about(kind),
                phone_first=kind is ReferralKind.UROLOGY,
                version=person.version_id,
                blocked_by=open_about(session, person.id),
            )

    def refer(
        self,
        actor: Actor,
        person_id: int,
        *,
        version: int,
        unit_id: int,
        answers: Sequence[tuple[str, str]] = (),
        question: str = "",
        despite: str = "",
    ) -> ReferralRow:
        """Make the referral; it leaves with the next export, or by hand (`send`).

        `despite` says why it is made while a question to the physician is open; RefusedError without it then.
        """
        context = self._context
        with context.sessions.begin() as session:
            person = self._person(session, actor, person_id, lock=True)
            if person.version_id != version:
                raise ChangedBySomeoneElseError("Somebody else has changed the case. Look at it again.")
            kind = self._kind(person)
            if person.blocked:
                raise RefusedError("The person is held: see to the register task first.")
            refuse_while_asked(session, person.id, despite)
            unit = session.get(Unit, unit_id)
            if unit is None or (unit.region, unit.kind, unit.active) != (person.region, kind, True):
                raise KansliError("Choose a unit of the person's region.")
            walk = Walk(session, actor, context.clock(), context.rules(session))
            answer = latest_answer(session, person)
            referral = referring.make(
                walk,
                person,
                unit,
                question=plain(question) or _question(kind, _value(answer)),
                answers=[(plain(asked), plain(said)) for asked, said in answers],
                note=plain(despite),
            )
            if kind is ReferralKind.UROLOGY and answer is not None:
                _prepare_very_high(walk, person, answer, unit)
            self._audit(walk, referral, "referral.make", why=plain(despite))
            session.flush()
            return self._row(session, referral)

    def send(self, actor: Actor, referral_id: int, *, version: int, receipt: str = "") -> ReferralRow:
        """Note that the referral has left by hand (typed into the region's system, by post), with the receipt it gave."""
        receipt = _receipt(receipt)
        with self._context.sessions.begin() as session:
            walk, person, referral = self._open(session, actor, referral_id, version)
            unit = session.get_one(Unit, referral.unit_id)
            referring.advance(walk, person, referral, referring.sent_event(unit), note=receipt)
            referral.receipt = receipt or None
            self._audit(walk, referral, "referral.send")
            session.flush()
            return self._row(session, referral)

    def receipt(self, actor: Actor, number: str, receipt: str) -> None:
        """Type back the number that the unit's system gave a sent referral."""
        receipt = _receipt(receipt)
        if not receipt:
            raise RefusedError("Write the receipt number.")
        with self._context.sessions.begin() as session:
            referral = session.scalar(select(Referral).where(Referral.number == plain(number)).with_for_update())
            if referral is None:
                raise NotFoundError("There is no referral {number}.", number=plain(number))
            require_region(actor, referral.region)
            if referral.sent_at is None:
                raise RefusedError("Referral {number} has not been sent yet.", number=referral.number)
            if referral.receipt not in (None, receipt):
                raise RefusedError("Referral {number} has another receipt number already.", number=referral.number)
            referral.receipt = receipt
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            self._audit(walk, referral, "referral.receipt")

    # Following

    def note(
        self,
        actor: Actor,
        referral_id: int,
        event: ReferralEvent,
        *,
        version: int,
        note: str,
        on: date | None = None,
    ) -> ReferralRow:
        """Note what has happened to a referral, with a word about it and the day it happened (today unless said)."""
        if event not in BY_HAND:
            raise RefusedError("This cannot happen to the referral as it stands now.")
        if not note.strip():
            raise RefusedError("Write what the unit said.")
        with self._context.sessions.begin() as session:
            walk, person, referral = self._open(session, actor, referral_id, version)
            if event not in self._possible(referral):
                raise RefusedError("This cannot happen to the referral as it stands now.")
            if on is not None and on > walk.today:
                raise RefusedError("Choose a day that is not in the future.")
            if on is not None and on < local_date(referral.made_at):
                raise RefusedError(
                    "The referral was made on {on}; choose that day or a later one.", on=local_date(referral.made_at)
                )
            referring.advance(walk, person, referral, event, on=on, note=plain(note))
            self._audit(walk, referral, f"referral.{event.value}", why=plain(note))
            session.flush()
            return self._row(session, referral)

    def remind(self, actor: Actor, referral_id: int, *, version: int, note: str) -> ReferralRow:
        """The unit has been asked: the reminder is noted, its task ends, and the limit begins anew."""
        if not note.strip():
            raise RefusedError("Write what the unit said.")
        with self._context.sessions.begin() as session:
            walk, person, referral = self._open(session, actor, referral_id, version)
            if referral.state not in LIVE:
                raise RefusedError("The referral is no longer open.")
            referral.reminded_on, referral.reminder_note = walk.today, plain(note)
            days = walk.rules(referral.region).referral_reminder_days
            referral.due_on = max(referral.due_on or walk.today, walk.today + timedelta(days=days))
            walk.end_silence(person, later("reminded"))
            referring.place(walk, person, referral, note=plain(note))
            self._audit(walk, referral, "referral.remind", why=plain(note))
            session.flush()
            return self._row(session, referral)

    def clock(
        self, actor: Actor, *, region: str | None = None, kind: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[ReferralRow, ...]:
        """Everything that is with somebody else or on its way there, the most overdue first; PSA orders without `kind` or with 'psa'.

        Page on with `after`, the number of rows seen: the order changes only with the day.
        """
        regions = chosen_regions(actor, region)
        today = self._context.today
        with self._context.sessions.begin() as session:
            rows: list[ReferralRow] = []
            if kind in (None, *ReferralKind):
                statement = (
                    _selected()
                    .where(Referral.state.in_(LIVE), Referral.region.in_(regions))
                    .order_by(func.coalesce(Referral.due_on, date.max), Referral.id)
                    .limit(after + limit)
                )
                if kind is not None:
                    statement = statement.where(Referral.kind == ReferralKind(kind))
                found = [(referral, person, unit) for referral, person, unit in session.execute(statement)]
                rows += referral_rows(session, found, today=today)
            if kind in (None, "psa"):
                rows += late_orders(session, regions, today, after + limit)
            rows.sort(key=lambda row: (row.due_on or date.max, row.referral_id))
            page = tuple(rows[after : after + limit])
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "referral.clock",
                ((row.person_id, row.region) for row in page),
            )
            return page

    def detail(self, actor: Actor, referral_id: int) -> ReferralDetail:
        """One referral with its history."""
        with self._context.sessions.begin() as session:
            referral = self._referral(session, actor, referral_id)
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            self._audit(walk, referral, "referral.show")
            changes = session.scalars(
                select(ReferralChange)
                .where(ReferralChange.referral_id == referral.id)
                .order_by(ReferralChange.id.desc())
            )
            return ReferralDetail(
                row=self._row(session, referral),
                question=referral.question,
                answers=tuple((asked, said) for asked, said in referral.answers),
                history=tuple(
                    Happening(
                        change.at, "referral", label(change.event), change.by, _(change.note) if change.note else ""
                    )
                    for change in changes
                ),
                possible=self._possible(referral),
            )

    # Within

    def _possible(self, referral: Referral) -> frozenset[ReferralEvent]:
        other = _ONLY_UROLOGY if referral.kind is ReferralKind.MRI else _ONLY_MRI
        return frozenset(event for event in BY_HAND - other if follows(referral.state, event) is not None)

    def _kind(self, person: Person) -> ReferralKind:
        kind = _STEPS.get(person.step)
        if kind is None:
            raise RefusedError("No referral waits to be made where the person stands now.")
        return kind

    def _person(self, session: Session, actor: Actor, person_id: int, *, lock: bool = False) -> Person:
        person = by_id(session, person_id, lock=lock)
        require_region(actor, person.region)
        return person

    def _referral(self, session: Session, actor: Actor, referral_id: int) -> Referral:
        referral = session.get(Referral, referral_id)
        if referral is None:
            raise NotFoundError("There is no such referral.")
        # An ended referral keeps the region it was made in; who may open the case is its person's.
        require_region(actor, session.get_one(Person, referral.person_id).region)
        return referral

    def _open(self, session: Session, actor: Actor, referral_id: int, version: int) -> tuple[Walk, Person, Referral]:
        """The referral under its person's lock, as it was shown."""
        referral = self._referral(session, actor, referral_id)
        person = by_id(session, referral.person_id, lock=True)
        session.refresh(referral)
        if referral.version_id != version:
            raise ChangedBySomeoneElseError("The referral has changed since it was shown. Look at it again.")
        return Walk(session, actor, self._context.clock(), self._context.rules(session)), person, referral

    def _row(self, session: Session, referral: Referral) -> ReferralRow:
        found = session.execute(_selected().where(Referral.id == referral.id)).one()
        return referral_rows(session, [(found[0], found[1], found[2])], today=self._context.today)[0]

    def _audit(self, walk: Walk, referral: Referral, action: str, *, why: str = "") -> None:
        audit.record(
            walk.session,
            walk.actor,
            walk.at,
            action,
            person_id=referral.person_id,
            region=referral.region,
            subject=f"referral:{referral.number}",
            why=why,
        )


def _selected() -> Select[Referral, Person, Unit]:
    return (
        select(Referral, Person, Unit)
        .join(Person, Person.id == Referral.person_id)
        .join(Unit, Unit.id == Referral.unit_id)
    )


def _value(answer: PsaAnswer | None) -> str:
    if answer is None or answer.value is None:
        return "PSA –"
    on = local_date(answer.sampled_at).isoformat() if answer.sampled_at else "–"
    return f"PSA {PsaValue(answer.value, answer.comparator).swedish()} µg/l ({on})"


def _question(kind: ReferralKind, shown: str) -> str:
    asked = (
        "MR av prostatan. Frågeställning: PI-RADS och volym."
        if kind is ReferralKind.MRI
        else "Bedömning och ställningstagande till biopsi."
    )
    return f"Organiserad prostatacancertestning. {shown}. {asked}"


def _prepare_very_high(walk: Walk, person: Person, answer: PsaAnswer, unit: Unit) -> None:
    """A value so high that he goes to urology without MRI: he has been phoned, and the letter says where he is referred."""
    by_mri = walk.session.scalar(
        select(Referral.id).where(
            Referral.person_id == person.id,
            Referral.round_number == person.round_number,
            Referral.kind == ReferralKind.MRI,
        )
    )
    if by_mri is not None or answer.value is None or answer.sampled_at is None:
        return
    walk.close_tasks(person, "referred", (Queue.UROLOGY_REFERRAL,))
    # Referred again before the first letter has left: he gets one letter, with the unit that he is to go to.
    walk.stop_letters(person, "referred again", (LetterType.PSA_VERY_HIGH,))
    walk.prepare_letter(
        person,
        LetterType.PSA_VERY_HIGH,
        {
            "psa": PsaValue(answer.value, answer.comparator).swedish(),
            "sampled_on": local_date(answer.sampled_at).isoformat(),
            "urology_unit": unit.name,
        },
    )


def _receipt(text: str) -> str:
    receipt = plain(text)
    if len(receipt) > _LONGEST_RECEIPT:
        raise RefusedError("A receipt number has at most {count} characters.", count=_LONGEST_RECEIPT)
    return receipt
