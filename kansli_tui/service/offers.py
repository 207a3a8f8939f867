"""Offers out: a plan, its dry run, approval by somebody else, and a release a week.

Nobody is offered twice: a release moves people through the table of moves under lock, and the database refuses a second
open round and a second release of the same plan and week.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import OfferPlan, OfferRelease, Person, Round
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotFoundError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import PreLetter, age_in_year
from kansli_tui.pathway.steps import Event
from kansli_tui.rows.offers import AheadRow, DryRun, DuePerson, LeftOut, PlanRow, PlanState, ReleaseRow, RoundKind
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.due import born_in, counted, due_people, left_out
from kansli_tui.service.naming import shown_municipality, shown_name, shown_number
from kansli_tui.service.offering import OFFER_LETTERS, of_age, prepare_offers
from kansli_tui.service.walk import Walk
from kansli_tui.service.years_ahead import years_ahead

_WEEK = re.compile("([0-9]{4})-W([0-9]{2})", re.ASCII)


class OfferService:
    """Plans, dry runs and releases."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def plans(self, actor: Actor) -> tuple[PlanRow, ...]:
        """Plans of the actor's regions, the newest first."""
        with self._context.sessions.read() as session:
            found = session.scalars(
                select(OfferPlan).where(OfferPlan.region.in_(actor.regions)).order_by(OfferPlan.id.desc())
            )
            return tuple(self._row(session, plan) for plan in found)

    def ahead(self, actor: Actor) -> tuple[AheadRow, ...]:
        """When those who wait for their next offer are due, by region and quarter, years ahead; those due already come first.

        Rules of today: what a later rule set changes shows when it holds.
        """
        with self._context.sessions.read() as session:
            rules = self._context.rules(session)
            return years_ahead(session, rules, sorted(actor.regions), self._context.today)

    def create_plan(
        self,
        actor: Actor,
        *,
        region: str,
        birth_years: tuple[int, ...],
        per_week: int,
        no_send_weeks: tuple[str, ...] = (),
        starts_on: date,
        note: str = "",
    ) -> PlanRow:
        """Draft a plan. Somebody else approves it before anything is sent."""
        require_region(actor, region)
        if region not in REGIONS:
            raise KansliError("There is no region {region}.", region=region)
        if not birth_years:
            raise KansliError("State at least one birth year.")
        if per_week < 1:
            raise KansliError("State how many people are offered a week, at least 1.")
        for week in no_send_weeks:
            _check_week(week)
        with self._context.sessions.begin() as session:
            rules = self._context.rules(session).region(region, self._context.today)
            for year in birth_years:
                age = starts_on.year - year
                if not rules.first_age <= age <= rules.last_age:
                    raise KansliError(
                        "Born {year} is {age} in {starts}; the region offers {first}–{last} years.",
                        year=year,
                        age=age,
                        starts=starts_on.year,
                        first=rules.first_age,
                        last=rules.last_age,
                    )
            plan = OfferPlan(
                region=region,
                birth_years=sorted(set(birth_years)),
                per_week=per_week,
                no_send_weeks=sorted(set(no_send_weeks)),
                starts_on=starts_on,
                state=PlanState.DRAFT,
                author=actor.username,
                created_at=self._context.clock(),
                note=plain(note),
            )
            session.add(plan)
            session.flush()
            audit.record(session, actor, self._context.clock(), "plan.create", region=region, subject=f"plan:{plan.id}")
            return self._row(session, plan)

    def approve(self, actor: Actor, plan_id: int, *, version: int) -> PlanRow:
        """Approve a plan that somebody else wrote."""
        with self._context.sessions.begin() as session:
            plan = self._plan(session, actor, plan_id, version)
            if plan.state is not PlanState.DRAFT:
                raise RefusedError("Only a draft can be approved.")
            if plan.author == actor.username:
                raise RefusedError("A plan is approved by somebody other than its author.")
            plan.state, plan.approved_by, plan.approved_at = PlanState.APPROVED, actor.username, self._context.clock()
            audit.record(
                session, actor, self._context.clock(), "plan.approve", region=plan.region, subject=f"plan:{plan.id}"
            )
            session.flush()
            return self._row(session, plan)

    def end(self, actor: Actor, plan_id: int, *, version: int) -> PlanRow:
        """End a plan: nothing more is released from it."""
        with self._context.sessions.begin() as session:
            plan = self._plan(session, actor, plan_id, version)
            plan.state = PlanState.ENDED
            audit.record(
                session, actor, self._context.clock(), "plan.end", region=plan.region, subject=f"plan:{plan.id}"
            )
            session.flush()
            return self._row(session, plan)

    def dry_run(self, actor: Actor, plan_id: int) -> DryRun:
        """Who would be offered in the next release and who not, by rule. Writes nothing but the log."""
        context = self._context
        with context.sessions.begin() as session:
            plan = self._plan(session, actor, plan_id, None)
            audit.record(session, actor, context.clock(), "plan.dry_run", region=plan.region, subject=f"plan:{plan.id}")
            week, why_not = self._next_week(session, plan)
            due = session.scalars(self._due(session, plan).limit(plan.per_week)).all()
            total = session.scalar(select(func.count()).select_from(self._due(session, plan).subquery())) or 0
            rules = left_out(session, plan, context.today, self._last_age(session, plan))
            return DryRun(
                plan_id=plan.id,
                week=week,
                sends_now=not why_not,
                why_not_now=why_not,
                due=tuple(self._due_rows(session, due)),
                later=total - len(due),
                left_out=tuple(
                    LeftOut(rule, people, tuple(self._due_rows(session, first))) for rule, people, first in rules
                ),
                in_birth_years=session.scalar(
                    select(func.count(Person.id)).where(Person.region == plan.region, born_in(plan))
                )
                or 0,
            )

    def release(self, actor: Actor, plan_id: int, *, version: int) -> ReleaseRow:
        """Release this week's people: a round each, and the pre-letter or the offer prepared. One transaction, once a week."""
        context = self._context
        with context.sessions.begin() as session:
            plan = self._plan(session, actor, plan_id, version)
            if plan.state is not PlanState.APPROVED:
                raise RefusedError("Only an approved plan can be released.")
            week, why_not = self._next_week(session, plan)
            if why_not:
                raise RefusedError(why_not, week=week)
            at = context.clock()
            walk = Walk(session, actor, at, context.rules(session))
            people = session.scalars(
                self._due(session, plan).limit(plan.per_week).with_for_update(skip_locked=True)
            ).all()
            release = OfferRelease(
                plan_id=plan.id,
                region=plan.region,
                week=week,
                released_by=actor.username,
                released_at=at,
                people=len(people),
                left_out=dict(counted(session, plan, context.today, self._last_age(session, plan))),
            )
            session.add(release)
            session.flush()
            kinds = self._kinds(session, people)
            begin_offers(walk, [(person, kinds[person.id]) for person in people], release)
            audit.record_people(
                session,
                actor,
                at,
                "offer.release",
                ((person.id, person.region) for person in people),
                subject=f"plan:{plan.id} {week}",
            )
            # A changed plan has a new version, so a second press on an old screen is told that somebody has released it.
            plan.last_release = week
            session.flush()
            return _release_row(release)

    def releases(self, actor: Actor, plan_id: int) -> tuple[ReleaseRow, ...]:
        """What a plan has released, the newest first."""
        with self._context.sessions.read() as session:
            plan = self._plan(session, actor, plan_id, None)
            found = session.scalars(
                select(OfferRelease).where(OfferRelease.plan_id == plan.id).order_by(OfferRelease.id.desc())
            )
            return tuple(_release_row(release) for release in found)

    def _plan(self, session: Session, actor: Actor, plan_id: int, version: int | None) -> OfferPlan:
        plan = session.get(OfferPlan, plan_id, with_for_update=version is not None)
        if plan is None:
            raise NotFoundError("There is no such plan.")
        require_region(actor, plan.region)
        if version is not None and plan.version_id != version:
            raise ChangedBySomeoneElseError("Somebody else has changed the plan. Look at it again.")
        return plan

    def _due(self, session: Session, plan: OfferPlan) -> Select[Person]:
        return due_people(plan, self._context.today, self._last_age(session, plan))

    def _last_age(self, session: Session, plan: OfferPlan) -> int:
        return self._context.rules(session).region(plan.region, self._context.today).last_age

    def _next_week(self, session: Session, plan: OfferPlan) -> tuple[str, str]:
        """(this ISO week, why nothing can be released in it or '')."""
        today = self._context.today
        week = iso_week(today)
        if today < plan.starts_on:
            return week, "The plan has not begun yet."
        if week in plan.no_send_weeks:
            return week, "Nothing is sent in week {week}."
        released = session.scalar(
            select(OfferRelease.id).where(OfferRelease.plan_id == plan.id, OfferRelease.week == week)
        )
        return week, "Week {week} has been released already." if released else ""

    def _row(self, session: Session, plan: OfferPlan) -> PlanRow:
        ended = plan.state is PlanState.ENDED
        due = 0 if ended else session.scalar(select(func.count()).select_from(self._due(session, plan).subquery())) or 0
        week, why_not = ("", "") if ended else self._next_week(session, plan)
        return PlanRow(
            plan_id=plan.id,
            region=plan.region,
            birth_years=tuple(plan.birth_years),
            per_week=plan.per_week,
            no_send_weeks=tuple(plan.no_send_weeks),
            starts_on=plan.starts_on,
            state=plan.state,
            author=plan.author,
            approved_by=plan.approved_by,
            due=due,
            next_week=None if why_not or ended else week,
            weeks_left=-(-due // plan.per_week),
            version=plan.version_id,
        )

    def _due_rows(self, session: Session, people: Sequence[Person]) -> Iterator[DuePerson]:
        kinds = self._kinds(session, people)
        for person in people:
            yield DuePerson(
                person_id=person.id,
                number=shown_number(person),
                name=shown_name(person),
                birth_date=person.birth_date,
                municipality=shown_municipality(person),
                round_number=person.round_number + 1,
                kind=kinds[person.id],
            )

    def _kinds(self, session: Session, people: Sequence[Person]) -> dict[int, RoundKind]:
        """Why each person's next round begins: what his last posted offer ended with; his first while none has been posted."""
        results: dict[int, str | None] = {}
        returning = [person.id for person in people if person.round_number]
        for some in (returning[at : at + 500] for at in range(0, len(returning), 500)):
            rows = session.execute(
                select(Round.person_id, Round.result)
                .where(Round.person_id.in_(some), Round.offered_on.is_not(None))
                .order_by(Round.number)
            )
            results.update((person_id, result) for person_id, result in rows)
        return {
            person.id: RoundKind.FIRST
            if person.id not in results
            else (RoundKind.AFTER_INTERVAL if results[person.id] == "answered" else RoundKind.AFTER_NO_SAMPLE)
            for person in people
        }


def begin_offer(walk: Walk, person: Person, kind: RoundKind, release: OfferRelease | None, *, reason: str = "") -> None:
    """Begin a round for a person who stands at NOT_DUE: pre-letter first where the region wants one, else the offer."""
    begin_offers(walk, [(person, kind)], release, reason=reason)


def begin_offers(
    walk: Walk, offers: Sequence[tuple[Person, RoundKind]], release: OfferRelease | None, *, reason: str = ""
) -> None:
    """`begin_offer` for many."""
    at_once: list[tuple[Person, LetterType]] = []
    for person, kind in offers:
        rules = walk.rules(person.region)
        if person.blocked:
            raise RefusedError("The person is held: see to the register task first.")
        if not of_age(rules, person, walk.today):
            raise RefusedError(
                "Age {age}: the region offers {first}–{last} years.",
                age=age_in_year(person.birth_date, walk.today),
                first=rules.first_age,
                last=rules.last_age,
            )
        pre_letter = rules.pre_letter
        wanted = pre_letter is PreLetter.ALWAYS or (pre_letter is PreLetter.FIRST_ROUND and kind is RoundKind.FIRST)
        walk.begin_round(person, kind, release=release)
        if wanted:
            walk.move(person, Event.RELEASED_WITH_PRE_LETTER, reason=reason)
            walk.prepare_letter(person, LetterType.PRE_LETTER)
        else:
            walk.move(person, Event.RELEASED, reason=reason)
            at_once.append((person, OFFER_LETTERS[kind]))
    if at_once:
        prepare_offers(walk, at_once)


def iso_week(on: date) -> str:
    """'2026-W47' for a date in that ISO week."""
    year, week, _ = on.isocalendar()
    return f"{year}-W{week:02d}"


def _check_week(week: str) -> None:
    match = _WEEK.fullmatch(week)
    try:
        if match is not None and date.fromisocalendar(int(match[1]), int(match[2]), 1):
            return
    except ValueError:
        pass
    raise KansliError("Write a week as 2026-W30, not {week}.", week=plain(week))


def _release_row(release: OfferRelease) -> ReleaseRow:
    return ReleaseRow(
        release.id,
        release.plan_id,
        release.region,
        release.week,
        release.people,
        release.released_by,
        release.released_at,
    )
