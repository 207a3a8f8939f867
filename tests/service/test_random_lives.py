"""Several men, and everything that can happen to them in any order: after every step everybody is accounted for.

What services refuse they may refuse; anything else than a refusal, and any man lost on the way, is a fault.
"""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from db.models import Block, Decided, Letter, Person, PsaAnswer, PsaOrder, Round, StepChange, Task
from kansli_tui.errors import KansliError
from kansli_tui.pathway.moves import MOVES
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.population import Protection
from kansli_tui.service.proposing import ASSESSING
from kansli_tui.service.walk import Walk
from tests.factories import a_number
from tests.world import World

_VALUES = ("0.4", "<0.1", "1", "2.95", "2.99", "3", "3.4", "99.99", "100", ">100", "<5", "140", "", '""', "oläsligt")
_STATUSES = ("F", "F", "F", "F", "F", "F", "F", "F", "F", "C", "P", "P", "U", "X", "D", "W", "A", "I", "N", "Q")


class Lives:
    """One office, a few men, and a die."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.die = world, Random(seed)
        self.done: list[str] = []
        self.men = [
            world.man(),
            world.man(protection=Protection.CONFIDENTIALITY),
            world.man(address={}),
            world.man(region="06", municipality="0685"),
            world.man(region="08", municipality="0880"),
            world.man(number=a_number(11, "19520101")),
            world.man(),
        ]
        self.plans = [world.plan(region=region, born=(1976, 1952), per_week=3) for region in ("05", "06", "08")]
        for man in (self.men[0], self.men[4], self.men[6]):
            world.act(man, "offer_now")
        world.post()
        world.clock.advance(minutes=1)
        world.send_orders()
        world.clock.advance(days=3)
        self.posted_to_the_dead: dict[int, set[int]] = {}
        self.kinds: Counter[str] = Counter()

    def step(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self.act),
            (4, self.release),
            (14, self.post),
            (5, self.days),
            (5, self.daily),
            (5, self.export),
            (14, self.answer),
            (12, self.confirm),
            (2, self.confirm_low),
            (2, self.put_off),
            (4, self.held),
            (1, self.block),
            (1, self.protect),
            (1, self.finish),
        ]
        (chosen,) = self.die.choices([act for _weight, act in acts], [weight for weight, _act in acts])
        self.done.append(chosen.__name__)
        try:
            chosen()
        except KansliError as refused:
            self.done[-1] += f" ({type(refused).__name__})"
        else:
            self.kinds[chosen.__name__] += 1

    # What can happen

    @property
    def man(self) -> int:
        return self.die.choice(self.men)

    @property
    def actor(self) -> Any:
        return self.die.choice((self.world.anna, self.world.per))

    def act(self) -> None:
        man = self.man
        case = self.world.office.cases.open(self.world.per, man)
        action = self.die.choice(sorted(case.actions) or ["opt_out"])
        if action in ("close", "opt_out", "exclude") and self.die.random() < 0.85:
            return
        detail = self.die.choice([reason.value for reason in (ClosedReason if action == "close" else ExclusionReason)])
        on = self.world.today + timedelta(days=self.die.choice((0, 1, 20, 400, 900)))
        self.done[-1] += f" {man} {action}"
        self.world.office.cases.act(
            self.world.per, man, action, version=case.version, reason="slump", on=on, detail=detail
        )

    def release(self) -> None:
        self.world.release(self.die.choice(self.plans))

    def post(self) -> None:
        """Make a batch, let something happen in between, and post what should leave."""
        waiting = self.world.office.letters.waiting(self.world.anna)
        if not waiting:
            return
        some = self.die.choice(waiting)
        made = self.world.office.letters.make_batch(
            self.world.anna, region=some.region, type=some.type, by_hand=some.by_hand
        )
        for _ in range(self.die.choice((0, 0, 1, 2))):
            with contextlib.suppress(KansliError):
                self.die.choice((self.act, self.answer, self.block, self.daily))()
        now = self.world.office.letters.by_number(self.world.anna, made.number)
        if self.die.random() < 0.1:
            self.world.office.letters.cancel(self.world.anna, now.batch_id, version=now.version, reason="slump")
        else:
            posted = now.to_post if self.die.random() < 0.95 else now.to_post + 1
            self.world.office.letters.confirm(self.world.anna, now.batch_id, version=now.version, posted=posted)

    def days(self) -> None:
        self.world.clock.advance(days=self.die.choice((1, 1, 2, 3, 3, 8, 14, 14, 30, 91, 370)), minutes=1)

    def daily(self) -> None:
        self.world.office.daily.run(self.actor)

    def export(self) -> None:
        self.world.clock.advance(minutes=1)
        self.world.send_orders()

    def answer(self) -> None:
        with self.world.context.sessions.read() as session:
            orders = session.execute(select(PsaOrder.number, PsaOrder.person_id).order_by(PsaOrder.id)).all()
        if not orders:
            return
        # Mostly the newest orders, but any of them.
        number, man = orders[-1 - min(int(self.die.expovariate(0.5)), len(orders) - 1)]
        value, status = self.die.choice(_VALUES), self.die.choice(_STATUSES)
        sampled = self.world.clock.now - timedelta(days=self.die.choice((0, 1, 1, 1, 2, 10, 100, -3)))
        self.done[-1] += f" {man} {status} {value}"
        self.world.take(
            self.world.message(
                man,
                value,
                status=status,
                order=number,
                type="ST",
                sampled=f"{sampled:%Y%m%d%H%M%S}",
                unit=self.die.choice(("ug/L",) * 9 + ("ng/L",)),
            )
        )

    def confirm(self) -> None:
        rows = self.world.office.decisions.rows(self.world.anna, self.die.choice(ASSESSING), limit=20)
        if not rows:
            return
        row = self.die.choice(rows)
        outcome = self.die.choice((None, None, None, *Outcome))
        self.done[-1] += f" {row.person_id} {outcome or row.proposed}"
        self.world.office.decisions.confirm(
            self.actor, row.decision_id, version=row.version, outcome=outcome, reason="slump"
        )

    def confirm_low(self) -> None:
        stamp = self.world.office.decisions.preview_low(self.world.anna).stamp
        self.world.office.decisions.confirm_low(self.world.anna, stamp=stamp)

    def put_off(self) -> None:
        for queue in ASSESSING:
            for row in self.world.office.decisions.rows(self.world.anna, queue, limit=1):
                self.world.office.decisions.postpone(
                    self.world.anna,
                    row.decision_id,
                    version=row.version,
                    on=self.world.today + timedelta(days=self.die.choice((1, 30))),
                    reason="slump",
                )
                return

    def held(self) -> None:
        rows = self.world.office.held.held(self.world.anna)
        if not rows:
            return
        row = self.die.choice(rows)
        way = self.die.choice(("match", "match", "refuse", "send_back"))
        if way != "match":
            getattr(self.world.office.held, way)(self.world.anna, row.message_id, "slump")
        elif row.candidates:
            order = self.die.choice(row.candidates).order_id
            self.world.office.held.match(self.world.anna, row.message_id, order, "slump")

    def block(self) -> None:
        man = self.man
        with self.world.context.sessions.begin() as session:
            walk = Walk(session, self.world.anna, self.world.clock(), self.world.context.rules(session))
            walk.block(session.get_one(Person, man), "duplicate", "Possible duplicate")

    def protect(self) -> None:
        man, mark = self.man, self.die.choice(list(Protection))
        with self.world.context.sessions.begin() as session:
            session.get_one(Person, man).protection = mark

    def finish(self) -> None:
        queue = self.die.choice((Queue.CONTACT, Queue.CORRECTION, Queue.ADDRESS, Queue.REGISTER))
        for task in self.world.office.queues.page(self.world.anna, queue, limit=1):
            self.world.office.queues.finish(self.world.anna, task.task_id, "slump")

    # What must always be true

    def look(self) -> None:
        balance = self.world.office.balance.make(self.world.per)
        assert balance.adds_up, balance.unaccounted
        with self.world.context.sessions.read() as session:
            people = {person.id: person for person in session.scalars(select(Person))}
            rounds = session.execute(
                select(Round.person_id, func.count()).where(Round.ended_at.is_(None)).group_by(Round.person_id)
            ).all()
            assert all(count == 1 for _person, count in rounds), "two open rounds"
            open_rounds = {person for person, _count in rounds}
            orders = Counter(
                session.scalars(
                    select(PsaOrder.person_id).where(PsaOrder.state.in_((OrderState.CREATED, OrderState.SENT)))
                )
            )
            assert all(count == 1 for count in orders.values()), "two open orders"
            for person in people.values():
                self._history(session, person)
                self._letters(session, person)
                self._tasks(session, person)
                self._answers(session, person)
                if person.step in (Step.CLOSED, Step.EXCLUDED, Step.NOT_DUE):
                    assert person.id not in open_rounds, "a round is open for somebody who is in none"
                    assert person.id not in orders, "an order is open for somebody who is in no round"
                elif person.step is not Step.POSTPONED:
                    assert person.id in open_rounds, f"no round is open at {person.step}"
                blocks = session.scalars(
                    select(Block.id).where(Block.person_id == person.id, Block.ended_at.is_(None))
                ).all()
                assert person.blocked == bool(blocks)

    def _history(self, session: Any, person: Person) -> None:
        changes = session.scalars(
            select(StepChange).where(StepChange.person_id == person.id).order_by(StepChange.id)
        ).all()
        assert changes[0].event is Event.REGISTERED
        for before, after in itertools.pairwise(changes):
            assert after.from_step is before.to_step
            assert MOVES[after.from_step, after.event] is after.to_step, "a move that the table does not know"
        assert changes[-1].to_step is person.step

    def _letters(self, session: Any, person: Person) -> None:
        letters = session.scalars(select(Letter).where(Letter.person_id == person.id)).all()
        posted = {letter.id for letter in letters if letter.state is LetterState.POSTED}
        unsent = [letter for letter in letters if letter.state in (LetterState.PREPARED, LetterState.PRINTED)]
        if person.closed_reason is ClosedReason.DEAD:
            assert not unsent, "a letter waits for a dead man"
            assert posted == self.posted_to_the_dead.setdefault(person.id, posted), "a letter went to a dead man"
        moving = [letter.type for letter in unsent]
        assert len(moving) == len(set(moving)), "the same letter twice on its way"
        if person.step in (Step.NOT_DUE, Step.EXCLUDED, Step.POSTPONED, Step.AWAITING_SAMPLE, Step.ANSWER_TO_ASSESS):
            assert not unsent, f"a letter is on its way to somebody at {person.step}: {moving}"

    def _tasks(self, session: Any, person: Person) -> None:
        queues = Counter(
            session.scalars(select(Task.queue).where(Task.person_id == person.id, Task.closed_at.is_(None)))
        )
        assessing = sum(queues[queue] for queue in ASSESSING)
        assert assessing == (person.step is Step.ANSWER_TO_ASSESS)
        assert queues[Queue.MRI_REFERRAL] == (person.step is Step.MRI_TO_REFER)
        assert queues[Queue.UROLOGY_REFERRAL] == (person.step is Step.UROLOGY_TO_REFER)

    def _answers(self, session: Any, person: Person) -> None:
        standing = session.scalars(
            select(Decided).where(
                Decided.person_id == person.id,
                Decided.round_number == person.round_number,
                Decided.state != DecisionState.SUPERSEDED,
            )
        ).all()
        assert len(standing) <= 1, "two decisions hold at once"
        raised = (Step.MRI_TO_REFER, Step.MRI_REFERRED, Step.UROLOGY_TO_REFER, Step.UROLOGY_REFERRED)
        if person.step is Step.ANSWER_LETTER_TO_POST or person.step in raised:
            (decided,) = standing
            answer = session.get_one(PsaAnswer, decided.answer_id)
            assert answer.replaced_at is None, "the decision stands on an answer that no longer holds"
            assert answer.value is not None
            if person.step is Step.ANSWER_LETTER_TO_POST:
                assert answer.value < 3, "a raised value on its way out as a normal one"


def visited(world: World) -> set[Step]:
    with world.context.sessions.read() as session:
        return set(session.scalars(select(StepChange.to_step).distinct()))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_nobody_is_lost(world: World, seed: int) -> None:
    postgresql = world.context.facts.database == "postgresql"
    lives = Lives(world, seed + (1000 if postgresql else 0))
    for _ in range(45 if postgresql else 130):
        lives.step()
        try:
            lives.look()
        except AssertionError as fault:
            raise AssertionError(f"{fault}\nafter:\n" + "\n".join(lives.done[-25:])) from fault
    assert len(lives.kinds) >= 8, "too little happened to show anything"
    assert len(visited(world)) >= 7
