"""Assessing what units found: MRI answers and pathology answers, one man at a time, confirmed by a person."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Decided, MriAnswer, PathologyAnswer, Person, PsaAnswer, Referral, Task, Unit
from db.queries.people import by_id
from db.queries.tasks import open_page
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.referrals import DecisionKind, MriAnswerRow, PathologyRow
from kansli_tui.service import entering, leases, referring
from kansli_tui.service.asking import refuse_while_asked
from kansli_tui.service.assessing import confirm_mri, confirm_pathology, mri_proposal
from kansli_tui.service.context import Context, chosen_regions, plain, require_region
from kansli_tui.service.deciding import supersede
from kansli_tui.service.examination_rows import ExaminationRows
from kansli_tui.service.walk import Walk

_SCORES = range(1, 6)
_LARGEST_VOLUME = Decimal(1000)
"""ml: a larger prostate is a slip of the finger."""


class ExaminationService:
    """The working sessions of MRI answers and pathology answers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def mri_rows(
        self, actor: Actor, *, region: str | None = None, after: tuple[datetime, int] | None = None, limit: int = 10
    ) -> tuple[MriAnswerRow, ...]:
        """The next MRI answers to assess, the oldest first. Each shown person is logged."""
        with self._context.sessions.begin() as session:
            page = open_page(Queue.MRI_ANSWER, chosen_regions(actor, region), after=after, limit=limit)
            statement = (
                _assessed(DecisionKind.MRI, Queue.MRI_ANSWER, Step.MRI_TO_ASSESS)
                .join(page, page.c.id == Task.id)
                .add_columns(MriAnswer)
                .join(MriAnswer, MriAnswer.id == Decided.mri_answer_id)
                .add_columns(Referral, Unit)
                .join(Referral, Referral.id == MriAnswer.referral_id)
                .join(Unit, Unit.id == Referral.unit_id)
            )
            found = session.execute(statement).all()
            self._log(session, actor, [row[0] for row in found], "mri.show")
            rows = ExaminationRows(session, self._context)
            return tuple(rows.mri(*row) for row in found)

    def pathology_rows(
        self, actor: Actor, *, region: str | None = None, after: tuple[datetime, int] | None = None, limit: int = 10
    ) -> tuple[PathologyRow, ...]:
        """The next pathology answers to confirm, the oldest first. Each shown person is logged."""
        with self._context.sessions.begin() as session:
            page = open_page(Queue.PATHOLOGY, chosen_regions(actor, region), after=after, limit=limit)
            statement = (
                _assessed(DecisionKind.PATHOLOGY, Queue.PATHOLOGY, Step.PATHOLOGY_TO_ASSESS)
                .join(page, page.c.id == Task.id)
                .add_columns(PathologyAnswer)
                .join(PathologyAnswer, PathologyAnswer.id == Decided.pathology_id)
                .add_columns(Referral, Unit)
                .join(Referral, Referral.id == PathologyAnswer.referral_id)
                .join(Unit, Unit.id == Referral.unit_id)
            )
            found = session.execute(statement).all()
            self._log(session, actor, [row[0] for row in found], "pathology.show")
            rows = ExaminationRows(session, self._context)
            return tuple(rows.pathology(*row) for row in found)

    def preview(self, actor: Actor, decision_id: int, *, pirads: int, volume_ml: Decimal | None) -> Decision:
        """What the rules say of a score and a volume, before anything is confirmed."""
        _check(pirads, volume_ml)
        with self._context.sessions.begin() as session:
            decided, answer = self._mri(session, actor, decision_id)
            psa = session.get_one(PsaAnswer, decided.answer_id)
            rules = self._context.rules(session).rule_set(decided.region, self._context.today)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "mri.preview",
                person_id=decided.person_id,
                region=decided.region,
                subject=f"decision:{decided.id}",
            )
            return mri_proposal(rules, psa, answer, pirads=pirads, volume_ml=volume_ml)

    def confirm_mri(
        self,
        actor: Actor,
        decision_id: int,
        *,
        version: int,
        pirads: int,
        volume_ml: Decimal | None,
        outcome: Outcome | None = None,
        reason: str = "",
    ) -> Outcome:
        """Confirm the highest PI-RADS and the volume (ml); what the rules say of them happens, or urology with a reason.

        The same person's repeat is harmless; after anybody else's act it is ChangedBySomeoneElseError. While a question to the
        physician is open a reason is needed for going on.
        """
        _check(pirads, volume_ml)
        context = self._context
        with context.sessions.begin() as session:
            decided, answer = self._mri(session, actor, decision_id)
            person = by_id(session, decided.person_id, lock=True)
            session.refresh(decided)
            if decided.state is DecisionState.CONFIRMED and decided.confirmed_by == actor.username:
                volume = None if volume_ml is None else f"{volume_ml:f}"
                confirmed = (decided.inputs.get("pirads"), decided.inputs.get("volume_ml"))
                same = confirmed == (str(pirads), volume) and decided.outcome is not None
                if same and outcome in (None, decided.outcome):
                    assert decided.outcome is not None
                    return decided.outcome
                raise RefusedError("You have confirmed this already, as another outcome.")
            self._as_shown(session, actor, person, decided, version, Queue.MRI_ANSWER)
            refuse_while_asked(session, person.id, reason)
            walk = Walk(session, actor, context.clock(), context.rules(session))
            chosen = confirm_mri(
                walk,
                person,
                decided,
                answer,
                pirads=pirads,
                volume_ml=volume_ml,
                outcome=outcome,
                reason=plain(reason),
            )
            self._record(walk, person, decided, f"mri.confirm {chosen.value}", reason)
            return chosen

    def not_diagnostic(self, actor: Actor, decision_id: int, *, version: int, reason: str) -> None:
        """The pictures cannot be assessed: a person settles what happens instead."""
        if not reason.strip():
            raise RefusedError("State why.")
        context = self._context
        with context.sessions.begin() as session:
            decided, answer = self._mri(session, actor, decision_id)
            person = by_id(session, decided.person_id, lock=True)
            session.refresh(decided)
            self._as_shown(session, actor, person, decided, version, Queue.MRI_ANSWER)
            walk = Walk(session, actor, context.clock(), context.rules(session))
            supersede(walk, person, (DecisionKind.MRI,))
            referral = session.get_one(Referral, answer.referral_id)
            referring.advance(walk, person, referral, ReferralEvent.NOT_DIAGNOSTIC, note=plain(reason))
            self._record(walk, person, decided, "mri.not_diagnostic", reason)

    def confirm_pathology(self, actor: Actor, decision_id: int, *, version: int) -> Outcome:
        """Confirm what the pathologist found: benign stays in the programme, cancer leaves it for clinical care."""
        context = self._context
        with context.sessions.begin() as session:
            decided = session.get(Decided, decision_id)
            if decided is None or decided.pathology_id is None:
                raise NotFoundError("There is no such decision.")
            require_region(actor, decided.region)
            person = by_id(session, decided.person_id, lock=True)
            session.refresh(decided)
            if decided.state is DecisionState.CONFIRMED and decided.confirmed_by == actor.username:
                return decided.proposed
            self._as_shown(session, actor, person, decided, version, Queue.PATHOLOGY)
            found = session.get_one(PathologyAnswer, decided.pathology_id)
            walk = Walk(session, actor, context.clock(), context.rules(session))
            chosen = confirm_pathology(walk, person, decided, found)
            self._record(walk, person, decided, f"pathology.confirm {chosen.value}", "")
            return chosen

    # By hand

    def enter_mri(
        self,
        actor: Actor,
        referral_id: int,
        *,
        version: int,
        examined_on: date,
        scores: Sequence[int],
        volume_ml: Decimal | None,
        text: str,
        why: str,
    ) -> None:
        """Type in an MRI answer: the scores of its lesions and the volume as the unit states them, and where it comes from."""
        for score in scores:
            _check_score(score)
        _check_volume(volume_ml)
        if not (scores or text.strip()):
            raise RefusedError("Write the scores or the text of the answer.")
        with self._context.sessions.begin() as session:
            walk, person, referral = self._referral(session, actor, referral_id, version, why)
            entering.enter_mri(
                walk,
                person,
                referral,
                examined_on=examined_on,
                scores=scores,
                volume_ml=volume_ml,
                text=plain(text),
                why=plain(why),
            )
            self._entered(walk, referral, "mri.enter", why)

    def enter_pathology(
        self,
        actor: Actor,
        referral_id: int,
        *,
        version: int,
        biopsied_on: date,
        reported_on: date,
        isup: int,
        why: str,
    ) -> None:
        """Type in a pathology answer, and where it comes from. ISUP 0 is benign."""
        with self._context.sessions.begin() as session:
            walk, person, referral = self._referral(session, actor, referral_id, version, why)
            entering.enter_pathology(
                walk, person, referral, biopsied_on=biopsied_on, reported_on=reported_on, isup=isup, why=plain(why)
            )
            self._entered(walk, referral, "pathology.enter", why)

    def enter_treatment(
        self, actor: Actor, referral_id: int, *, version: int, kind: Treatment, on: date, why: str
    ) -> None:
        """Type in how a cancer that was found is treated."""
        with self._context.sessions.begin() as session:
            walk, person, referral = self._referral(session, actor, referral_id, version, why)
            entering.enter_treatment(walk, person, referral, kind=kind, on=on)
            self._entered(walk, referral, "treatment.enter", why)

    # Within

    def _referral(
        self, session: Session, actor: Actor, referral_id: int, version: int, why: str
    ) -> tuple[Walk, Person, Referral]:
        """The referral under its person's lock, as it was shown."""
        if not why.strip():
            raise RefusedError("Write where the answer comes from.")
        referral = session.get(Referral, referral_id)
        if referral is None:
            raise NotFoundError("There is no such referral.")
        person = by_id(session, referral.person_id, lock=True)
        # An ended referral keeps the region it was made in; who may open the case is its person's.
        require_region(actor, person.region)
        session.refresh(referral)
        if referral.version_id != version:
            raise ChangedBySomeoneElseError("The referral has changed since it was shown. Look at it again.")
        return Walk(session, actor, self._context.clock(), self._context.rules(session)), person, referral

    def _entered(self, walk: Walk, referral: Referral, action: str, why: str) -> None:
        audit.record(
            walk.session,
            walk.actor,
            walk.at,
            action,
            person_id=referral.person_id,
            region=referral.region,
            subject=f"referral:{referral.number}",
            why=plain(why),
        )

    def _mri(self, session: Session, actor: Actor, decision_id: int) -> tuple[Decided, MriAnswer]:
        decided = session.get(Decided, decision_id)
        if decided is None or decided.kind is not DecisionKind.MRI or decided.mri_answer_id is None:
            raise NotFoundError("There is no such decision.")
        require_region(actor, decided.region)
        return decided, session.get_one(MriAnswer, decided.mri_answer_id)

    def _as_shown(
        self, session: Session, actor: Actor, person: Person, decided: Decided, version: int, queue: Queue
    ) -> None:
        """Refuse what has changed since it was shown, a held person, and a task that a colleague has taken."""
        if decided.state is not DecisionState.PROPOSED or person.version_id != version:
            raise ChangedBySomeoneElseError("The case has changed since it was shown. Look at it again.")
        if person.blocked:
            raise RefusedError("The person is held: see to the register task first.")
        task = session.scalar(
            select(Task).where(Task.queue == queue, Task.subject == f"decision:{decided.id}", Task.closed_at.is_(None))
        )
        if task is not None:
            leases.refuse_if_taken(task, self._context, actor)

    def _log(self, session: Session, actor: Actor, people: Sequence[Person], action: str) -> None:
        audit.record_people(
            session, actor, self._context.clock(), action, ((person.id, person.region) for person in people)
        )

    def _record(self, walk: Walk, person: Person, decided: Decided, action: str, reason: str) -> None:
        audit.record(
            walk.session,
            walk.actor,
            walk.at,
            action,
            person_id=person.id,
            region=person.region,
            subject=f"decision:{decided.id}",
            why=plain(reason),
        )


def _check(pirads: int, volume_ml: Decimal | None) -> None:
    _check_score(pirads)
    _check_volume(volume_ml)


def _check_score(pirads: int) -> None:
    if pirads not in _SCORES:
        raise RefusedError("PI-RADS is a number from 1 to 5.")


def _check_volume(volume_ml: Decimal | None) -> None:
    if volume_ml is not None and not (volume_ml.is_finite() and 0 < volume_ml <= _LARGEST_VOLUME):
        raise RefusedError("Write the volume in ml, above 0 and at most {most}.", most=_LARGEST_VOLUME)


def _assessed(kind: DecisionKind, queue: Queue, step: Step) -> Select[Person, Decided, PsaAnswer, Task]:
    return (
        select(Person, Decided, PsaAnswer, Task)
        .join(Task, Task.person_id == Person.id)
        .join(
            Decided,
            and_(
                Decided.person_id == Person.id,
                Decided.state == DecisionState.PROPOSED,
                Decided.kind == kind,
                Decided.round_number == Person.round_number,
            ),
        )
        .join(PsaAnswer, PsaAnswer.id == Decided.answer_id)
        .where(Task.queue == queue, Task.closed_at.is_(None), Person.step == step)
        .order_by(Task.opened_at, Task.id)
    )
