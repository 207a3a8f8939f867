"""The case: one person on one screen, found by number or name, opened with a log row, acted on with a reason."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from db import audit
from db.models import Contact, Decided, Person, PsaAnswer, Referral, Unit
from db.queries.history import History, history_of
from db.queries.people import by_id, by_name_beginning, by_number, by_number_beginning, name_key
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.identity import format_identity, parse_identity
from kansli_tui.pathway.referrals import LIVE, ReferralState
from kansli_tui.pathway.ruleset import age_in_year
from kansli_tui.pathway.standing import STANDINGS, By
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import DecisionState, MessageState
from kansli_tui.rows.cases import (
    Case,
    CaseAction,
    HolderFacts,
    MriFacts,
    NextStep,
    PersonHit,
    PsaFacts,
)
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.case_actions import act, open_actions
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.merged_cases import kept_instead, other_cases, whole_timeline
from kansli_tui.service.naming import (
    MASKED_NAME,
    is_masked,
    shown_address,
    shown_municipality,
    shown_name,
    shown_number,
    step_words,
)
from kansli_tui.service.offering import of_age
from kansli_tui.service.referring import PHASES
from kansli_tui.service.task_rows import task_row
from kansli_tui.service.walk import Walk

_HITS = 50
_SHORTEST = 2
_CONTACTS = frozenset({"phone", "message", "note"})


class CaseService:
    """Finding, opening and acting on cases."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def search(self, actor: Actor, text: str) -> tuple[PersonHit, ...]:
        """People of the actor's regions whose number, old number or name begins so. What is found is logged.

        Protected people are found by their number alone, never by name.
        """
        words = plain(text).split()
        if sum(len(word) for word in words) < _SHORTEST:
            return ()
        with self._context.sessions.begin() as session:
            regions = sorted(actor.regions)
            number = "".join(words).replace("-", "").upper()
            if number[:1].isascii() and number[:1].isdecimal():
                # Reserve numbers have letters in them, names have no digits first.
                found = by_number_beginning(session, number, regions, _HITS)
            else:
                key = name_key(" ".join(words), "").split()
                people = by_name_beginning(session, key, regions, _HITS)
                found = [(person, person.number) for person in people if not is_masked(person)]
            found = kept_instead(session, found, regions)
            audit.record_people(
                session, actor, self._context.clock(), "case.hit", ((person.id, person.region) for person, _n in found)
            )
            return tuple(hit(person, number) for person, number in found)

    def find(self, actor: Actor, number: str) -> int:
        """The key of the person who has, or has had, a number. InvalidIdentityError, NotFoundError."""
        stored = parse_identity(number, from_register=True).number
        with self._context.sessions.read() as session:
            person = by_number(session, stored)
            if person is None or person.region not in actor.regions:
                raise NotFoundError("Nobody in your regions has this number.")
            return person.id

    def open(self, actor: Actor, person_id: int, *, why: str = "") -> Case:
        """Everything about one person. The opening is logged in the same transaction."""
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "case.open",
                person_id=person.id,
                region=person.region,
                why=plain(why),
            )
            return self._case(session, actor, person, reveal=False)

    def reveal(self, actor: Actor, person_id: int, reason: str) -> Case:
        """A protected person's name and address, for a supervisor with a reason; logged as its own act."""
        if not actor.is_supervisor:
            raise NotAllowedError("Only a supervisor may reveal protected data.")
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "case.reveal",
                person_id=person.id,
                region=person.region,
                why=plain(reason),
            )
            return self._case(session, actor, person, reveal=True)

    def note(self, actor: Actor, person_id: int, kind: str, text: str) -> None:
        """Write a phone call, a message or a note on the case."""
        if kind not in _CONTACTS:
            raise RefusedError("A contact is a phone call, a message or a note.")
        if not text.strip():
            raise RefusedError("Write what was said.")
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id)
            at = self._context.clock()
            session.add(
                Contact(
                    person_id=person.id, region=person.region, at=at, by=actor.username, kind=kind, text=plain(text)
                )
            )
            audit.record(session, actor, at, "case.note", person_id=person.id, region=person.region, subject=kind)

    def ask_physician(self, actor: Actor, person_id: int, text: str) -> None:
        """Put a question to the responsible physician: a task in their queue, and a line on the case."""
        if not text.strip():
            raise RefusedError("Write the question.")
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id, lock=True)
            walk = self._walk(session, actor)
            contact = Contact(
                person_id=person.id,
                region=person.region,
                at=walk.at,
                by=actor.username,
                kind="question",
                text=plain(text),
            )
            session.add(contact)
            session.flush()
            walk.open_task(
                Queue.MEDICAL, f"contact:{contact.id}", region=person.region, person=person, reason=plain(text)
            )
            audit.record(session, actor, walk.at, "case.ask", person_id=person.id, region=person.region)

    def act(
        self,
        actor: Actor,
        person_id: int,
        action: str,
        *,
        version: int,
        reason: str,
        on: date | None = None,
        detail: str = "",
    ) -> Case:
        """Do one of `Case.actions`, as the case was when it was shown. `detail` is a closing or exclusion reason."""
        try:
            chosen = CaseAction(action)
        except ValueError as problem:
            raise RefusedError("This cannot be done where the person stands now.") from problem
        with self._context.sessions.begin() as session:
            person = self._person(session, actor, person_id, lock=True)
            if person.version_id != version:
                raise ChangedBySomeoneElseError("Somebody else has changed the case. Look at it again.")
            walk = self._walk(session, actor)
            act(walk, person, chosen, reason=plain(reason), on=on, detail=detail)
            audit.record(
                session,
                actor,
                walk.at,
                f"case.{chosen.value}",
                person_id=person.id,
                region=person.region,
                why=plain(reason),
            )
            session.flush()
            return self._case(session, actor, person, reveal=False)

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _person(self, session: Session, actor: Actor, person_id: int, *, lock: bool = False) -> Person:
        person = by_id(session, person_id, lock=lock)
        require_region(actor, person.region)
        return person

    def _case(self, session: Session, actor: Actor, person: Person, *, reveal: bool) -> Case:
        masked = is_masked(person) and not reveal
        history = history_of(session, person.id)
        decided = _latest_decision(history, person)
        tasks = [task for task in history.tasks if task.closed_at is None]
        answer = _latest_answer(history, decided)
        rules = self._context.rules(session).rule_set(person.region, self._context.today)
        offered = of_age(rules.for_region(person.region), person, self._context.today)
        others = other_cases(session, history)
        for other in others:
            if other.person_id in history.merged:
                # Its history is read within this one.
                audit.record(
                    session, actor, self._context.clock(), "case.open", person_id=other.person_id, region=other.region
                )
        return Case(
            person_id=person.id,
            number=shown_number(person),
            earlier_numbers=tuple(format_identity(number) for number in history.numbers if number != person.number),
            name=MASKED_NAME if masked else shown_name(person, reveal=True),
            masked=masked,
            protection=person.protection.value,
            birth_date=person.birth_date,
            age=age_in_year(person.birth_date, self._context.today),
            region=person.region,
            municipality="" if masked else shown_municipality(person),
            address=() if masked else shown_address(person),
            step=person.step,
            step_label=step_words(person),
            since=person.since,
            round_number=person.round_number,
            rule_set=decided.rule_set if decided else rules.title,
            reason=_why(history, person, decided.reason if decided else None),
            next=_next(person, self._context.today),
            blocked_by=_blocked_by(history),
            tasks=tuple(task_row(task, person, self._context.clock()) for task in tasks),
            timeline=whole_timeline(session, history, others),
            psa=None
            if answer is None
            else PsaFacts(answer.value, answer.comparator, "µg/L", answer.status, answer.sampled_at),
            mri=_mri(history, person),
            holder=_holder(history, person),
            actions=open_actions(actor, person, of_age=offered),
            version=person.version_id,
            referrals=_referrals(history, person),
            letter_language=person.letter_language,
            letter_channel=person.letter_channel,
            register_objection_on=person.register_objection_on,
            merged=tuple(other for other in others if other.person_id in history.merged),
            merged_into=next(
                (o for o in others if o.person_id not in history.merged and o.region in actor.regions), None
            ),
        )


def hit(person: Person, number: str) -> PersonHit:
    """A person as a search result, found by `number`."""
    return PersonHit(
        person_id=person.id,
        number=shown_number(person),
        matched_number=format_identity(number),
        name=shown_name(person),
        birth_date=person.birth_date,
        region=person.region,
        municipality=shown_municipality(person),
        step=person.step,
        masked=is_masked(person),
        blocked=person.blocked,
    )


def _why(history: History, person: Person, decided: str | None) -> str:
    """Why he stands here: the decision's reason, else the latest move and what was written with it."""
    latest = history.changes[-1] if history.changes else None
    assessed = person.step not in (Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED, Step.POSTPONED, Step.OFFERED)
    if decided is not None and assessed:
        return decided
    if latest is None:
        return ""
    words = label(latest.event)
    return f"{words}. {_(latest.reason)}" if latest.reason else words


def _next(person: Person, today: date) -> NextStep:
    """What happens next. Somebody who is due waits for a person to release him, so no date is promised."""
    if person.step is Step.NOT_DUE and person.next_on is not None and person.next_on <= today:
        return NextStep(_("Due: offered when a plan for the birth year is released"), None, label(By.OFFICE))
    standing = STANDINGS[person.step]
    return NextStep(_(standing.next_what), person.next_on, label(standing.by))


def _latest_decision(history: History, person: Person) -> Decided | None:
    return next(
        (
            decided
            for decided in reversed(history.decisions)
            if decided.round_number == person.round_number and decided.state is not DecisionState.SUPERSEDED
        ),
        None,
    )


def _latest_answer(history: History, decided: Decided | None) -> PsaAnswer | None:
    """The answer that the decision stands on, else the newest that holds."""
    answers = [answer for answer, _file in reversed(history.answers)]
    stands_on = [answer for answer in answers if decided is not None and answer.id == decided.answer_id]
    return next(iter(stands_on or [answer for answer in answers if answer.replaced_at is None]), None)


def _mri(history: History, person: Person) -> MriFacts | None:
    """What was confirmed of the round's MRI; None while it is only a suggestion."""
    for decided in reversed(history.decisions):
        confirmed = decided.state is DecisionState.CONFIRMED and decided.kind is DecisionKind.MRI
        if confirmed and decided.round_number == person.round_number and "pirads" in decided.inputs:
            volume, dense = decided.inputs.get("volume_ml"), decided.inputs.get("density")
            return MriFacts(
                int(decided.inputs["pirads"]),
                Decimal(volume) if volume is not None else None,
                Decimal(dense) if dense is not None else None,
            )
    return None


def _holder(history: History, person: Person) -> HolderFacts | None:
    """The unit of the live referral that the person's step mirrors."""
    for referral, unit in reversed(history.referrals):
        if referral.state in LIVE and person.step in PHASES[referral.kind]:
            return _holds(referral, unit)
    return None


def _referrals(history: History, person: Person) -> tuple[HolderFacts, ...]:
    """The round's referrals that stand, the newest first."""
    return tuple(
        _holds(referral, unit)
        for referral, unit in reversed(history.referrals)
        if referral.round_number == person.round_number and referral.state is not ReferralState.CANCELLED
    )


def _holds(referral: Referral, unit: Unit) -> HolderFacts:
    return HolderFacts(
        unit.name, unit.phone, unit.hours, referral.id, referral.number, referral.state.value, referral.receipt
    )


def _blocked_by(history: History) -> tuple[str, ...]:
    """What stops the next step: open blocks, questions to the physician, and letters that a person must see to."""
    blocks = [_(block.reason) for block in history.blocks if block.ended_at is None]
    by_hand = [
        label(task.queue)
        for task in history.tasks
        if task.closed_at is None and task.queue in (Queue.PROTECTED, Queue.ADDRESS)
    ]
    asked = [
        f"{label(task.queue)}: {task.reason}"
        for task in history.tasks
        if task.closed_at is None and task.queue is Queue.MEDICAL
    ]
    held = [
        _("An answer to {order} is held: {reason}", order=message.order_number, reason=_(message.held_reason or ""))
        for message in history.messages
        if message.state is MessageState.HELD
    ]
    return (*blocks, *asked, *held, *by_hand)
