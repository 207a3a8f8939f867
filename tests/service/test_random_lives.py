"""Several men, and everything that can happen to them in any order: after every step everybody is accounted for.

What services refuse they may refuse; anything else than a refusal, and any man lost on the way, is a fault.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from db.models import (
    Letter,
    Person,
    PsaOrder,
    Referral,
    StepChange,
)
from kansli_tui.errors import KansliError
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import (
    ClosedReason,
    ExclusionReason,
    Queue,
    Step,
)
from kansli_tui.rows.letter_states import Channel, LetterState, ReturnReason
from kansli_tui.rows.letters import LANGUAGES
from kansli_tui.rows.population import Protection
from kansli_tui.service.proposing import ASSESSING
from kansli_tui.service.referrals import BY_HAND
from kansli_tui.service.walk import Walk
from tests.always import Everybody
from tests.factories import a_number
from tests.sums import sums_agree
from tests.world import World

_LOW = ("0.4", "<0.1", "1", "2.95", "2.99")
_RAISED = ("3", "3.4", "4.5", "9.1", "99.99", "100", ">100", "140")
_VALUES = (*_LOW, *_RAISED, *_RAISED, *_RAISED, "<5", "", '""', "oläsligt")
_STATUSES = ("F", "F", "F", "F", "F", "F", "F", "F", "F", "C", "P", "P", "U", "X", "D", "W", "A", "I", "N", "Q")


class Nothing(Exception):  # noqa: N818 - it is no error
    """There is nothing to do this with now."""


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
        ordered = (self.men[0], self.men[1], self.men[4], self.men[6])
        for man in ordered:
            world.act(man, "offer_now")
        world.post()
        world.clock.advance(minutes=1)
        world.send_orders()
        world.clock.advance(days=3)
        for man in ordered[1:]:
            world.answer(man, self.die.choice(_RAISED))
        self.posted_to_the_dead: dict[int, set[int]] = {}
        self.kinds: Counter[str] = Counter()

    def step(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (6, self.act),
            (2, self.release),
            (10, self.post),
            (4, self.days),
            (4, self.daily),
            (5, self.export),
            (10, self.answer),
            (14, self.confirm),
            (1, self.confirm_low),
            (1, self.put_off),
            (3, self.held),
            (9, self.refer),
            (5, self.unit_says),
            (7, self.appointment),
            (12, self.mri),
            (10, self.assess_mri),
            (7, self.urology),
            (8, self.confirm_pathology),
            (2, self.remind),
            (2, self.correct),
            (1, self.block),
            (1, self.protect),
            (1, self.finish),
            (3, self.back),
            (4, self.again),
            (1, self.wish),
        ]
        # A die that falls on something there is nothing of is thrown again.
        for _throw in range(10):
            (chosen,) = self.die.choices([act for _weight, act in acts], [weight for weight, _act in acts])
            self.done.append(chosen.__name__)
            try:
                chosen()
            except Nothing:
                self.done.pop()
                continue
            except KansliError as refused:
                self.done[-1] += f" ({type(refused).__name__})"
            else:
                self.kinds[chosen.__name__] += 1
            return

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
        if action in ("close", "opt_out", "exclude") and self.die.random() < 0.95:
            raise Nothing
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
            raise Nothing
        some = self.die.choice(waiting)
        made = self.world.office.letters.make_batch(
            self.world.anna, region=some.region, type=some.type, by_hand=some.by_hand, channel=some.channel
        )
        for _ in range(self.die.choice((0, 0, 1, 2))):
            with contextlib.suppress(KansliError):
                self.die.choice((self.act, self.answer, self.block, self.daily))()
        self.world.office.letters.write(self.world.anna, made.batch_id, self.world.folder / "brev")
        now = self.world.office.letters.by_number(self.world.anna, made.number)
        if self.die.random() < 0.1:
            now = self.world.office.mail.reprint(self.world.anna, now.batch_id, version=now.version, reason="slump")
            self.world.office.letters.write(self.world.anna, now.batch_id, self.world.folder / "brev")
        elif now.letters > 1 and self.die.random() < 0.2:
            spoiled = self.die.choice(self.world.office.letters.letters(self.world.anna, now.batch_id)).letter_id
            now = self.world.office.mail.set_aside(
                self.world.anna, now.batch_id, version=now.version, letters=[f"B-{spoiled}"], reason="slump"
            )
        if self.die.random() < 0.1:
            self.world.office.letters.cancel(self.world.anna, now.batch_id, version=now.version, reason="slump")
        else:
            posted = now.to_post if self.die.random() < 0.95 else now.to_post + 1
            self.world.office.letters.confirm(self.world.anna, now.batch_id, version=now.version, posted=posted)

    def back(self) -> None:
        """The post brings a letter back."""
        letter = self.die.choice(self._letters(LetterState.POSTED))
        self.done[-1] += f" {letter.person_id} {letter.type}"
        self.world.office.mail.returned(self.actor, f"B-{letter.id}", self.die.choice(list(ReturnReason)))

    def again(self) -> None:
        """A letter that came back, or was lost, is sent once more."""
        back = self._letters(LetterState.RETURNED, none_is_nothing=False)
        letter = self.die.choice(back or self._letters(LetterState.POSTED))
        self.done[-1] += f" {letter.person_id} {letter.type}"
        self.world.office.mail.send_again(self.actor, letter.id, reason="slump", address_checked=True)

    def _letters(self, state: LetterState, *, none_is_nothing: bool = True) -> list[Letter]:
        with self.world.context.sessions.read() as session:
            found = list(
                session.scalars(select(Letter).where(Letter.state == state).order_by(Letter.id.desc()).limit(9))
            )
        if not found and none_is_nothing:
            raise Nothing
        return found

    def wish(self) -> None:
        man = self.man
        version = self.world.person(man).version_id
        if self.die.random() < 0.5:
            objects = self.world.person(man).register_objection_on is None
            self.world.office.wishes.register(self.actor, man, version=version, objects=objects, reason="slump")
        else:
            self.world.office.wishes.letters(
                self.actor,
                man,
                version=version,
                language=self.die.choice(LANGUAGES),
                channel=self.die.choice(list(Channel)),
                reason="slump",
            )

    def days(self) -> None:
        self.world.clock.advance(days=self.die.choice((1, 1, 2, 3, 3, 8, 14, 14, 30, 91, 370, 370)), minutes=1)

    def daily(self) -> None:
        self.world.office.daily.run(self.actor)

    def export(self) -> None:
        self.world.clock.advance(minutes=1)
        self.world.send_orders()

    def answer(self) -> None:
        with self.world.context.sessions.read() as session:
            orders = session.execute(select(PsaOrder.number, PsaOrder.person_id).order_by(PsaOrder.id)).all()
        if not orders:
            raise Nothing
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
        queues = self.die.sample(ASSESSING, len(ASSESSING))
        rows = next(filter(None, (self.world.office.decisions.rows(self.world.anna, each) for each in queues)), ())
        if not rows:
            raise Nothing
        row = self.die.choice(rows)
        outcome = self.die.choice((*[None] * 12, *Outcome))
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
            raise Nothing
        row = self.die.choice(rows)
        way = self.die.choice(("match", "match", "refuse", "send_back"))
        if way != "match":
            getattr(self.world.office.held, way)(self.world.anna, row.message_id, "slump")
        elif row.candidates:
            chosen = self.die.choice(row.candidates)
            self.world.office.held.match(self.world.anna, row.message_id, chosen.order_id, "slump", kind=chosen.kind)

    def refer(self) -> None:
        """Make a referral that waits, and mostly send it."""
        for queue in self.die.sample((Queue.MRI_REFERRAL, Queue.UROLOGY_REFERRAL), 2):
            for task in self.world.office.queues.page(self.world.anna, queue, limit=3):
                assert task.person_id is not None
                self.done[-1] += f" {task.person_id}"
                self.world.refer(task.person_id, sent=self.die.random() < 0.8)
                return
        raise Nothing

    def _referral(self, kind: ReferralKind | None = None) -> Referral | None:
        """Mostly one of the newest, but any of them."""
        with self.world.context.sessions.read() as session:
            statement = select(Referral).order_by(Referral.id)
            if kind is not None:
                statement = statement.where(Referral.kind == kind)
            found = session.scalars(statement).all()
        return found[-1 - min(int(self.die.expovariate(0.7)), len(found) - 1)] if found else None

    def unit_says(self) -> None:
        referral = self._referral()
        if referral is None:
            raise Nothing
        event = self.die.choice(sorted(BY_HAND))
        self.done[-1] += f" {referral.person_id} {event}"
        self.world.office.referrals.note(
            self.actor, referral.id, event, version=referral.version_id, note="slump", on=self.world.today
        )

    def appointment(self) -> None:
        """An appointment message of any kind, about now or later, written now or before others."""
        referral = self._referral(ReferralKind.MRI)
        if referral is None:
            raise Nothing
        event = self.die.choice(("S12", "S12", "S12", "S13", "S15", "S26"))
        at = self.world.clock.now + timedelta(days=self.die.choice((-3, 1, 5, 20)))
        sent = self.world.clock.now - timedelta(days=self.die.choice((0, 0, 0, 2)))
        self.done[-1] += f" {referral.person_id} {event}"
        self.world.take(
            self.world.booking_message(referral.person_id, event, at, order=referral.number, sent=sent), "tid.hl7"
        )

    def mri(self) -> None:
        referral = self._referral(ReferralKind.MRI)
        if referral is None:
            raise Nothing
        scores = self.die.choice(((1,), (2,), (3,), (3, 2), (4,), (5, 2), (), (9,)))
        volume = self.die.choice(("20", "38", "30", "80", None))
        status = self.die.choice(("F",) * 9 + ("C", "C", "X", "P", "D", "W", "Q"))
        text = self.die.choice(("MR prostata.", "Bedömning: PI-RADS 4 (tidigare 3).", "Ej bedömbar."))
        self.done[-1] += f" {referral.person_id} {status} {scores} {volume}"
        self.world.take(
            self.world.mri_message(referral.person_id, scores, volume, status=status, order=referral.number, text=text),
            "mr.hl7",
        )

    def assess_mri(self) -> None:
        for row in self.world.office.examinations.mri_rows(self.world.anna, limit=5):
            self.done[-1] += f" {row.person_id}"
            if self.die.random() < 0.1:
                self.world.office.examinations.not_diagnostic(
                    self.actor, row.decision_id, version=row.version, reason="slump"
                )
            else:
                volume = row.volume_ml or self.die.choice((None, Decimal(25), Decimal(60)))
                self.world.office.examinations.confirm_mri(
                    self.actor,
                    row.decision_id,
                    version=row.version,
                    pirads=row.suggested or self.die.randint(1, 5),
                    volume_ml=volume,
                    outcome=self.die.choice((None, None, None, *Outcome)),
                    reason="slump",
                )
            return
        raise Nothing

    def urology(self) -> None:
        referral = self._referral(ReferralKind.UROLOGY)
        if referral is None:
            raise Nothing
        event = self.die.choice(("visit", "biopsy", "pathology", "pathology", "pathology", "treatment", "declined"))
        more = {"isup": self.die.choice((0, 0, 0, 1, 3, 5))} if event == "pathology" else {}
        if event == "treatment":
            more = {"treatment": "surgery"}
        self.done[-1] += f" {referral.person_id} {event} {more}"
        on = self.world.today - timedelta(days=self.die.choice((0, 0, 1)))
        self.world.take(
            self.world.outcome_line(referral.person_id, event, on, order=referral.number, **more), "utfall.csv"
        )

    def confirm_pathology(self) -> None:
        for row in self.world.office.examinations.pathology_rows(self.world.anna, limit=1):
            self.done[-1] += f" {row.person_id} {row.isup}"
            self.world.office.examinations.confirm_pathology(self.actor, row.decision_id, version=row.version)
            return
        raise Nothing

    def remind(self) -> None:
        for row in self.world.office.referrals.clock(self.world.anna, limit=3):
            if row.kind != "psa":
                self.world.office.referrals.remind(self.actor, row.referral_id, version=row.version, note="slump")
                return
        raise Nothing

    def correct(self) -> None:
        for row in self.world.office.corrections.rows(self.world.anna, limit=1):
            self.done[-1] += f" {row.person_id}"
            self.world.office.corrections.prepare_letter(self.actor, row.task_id, version=row.version)
            return
        raise Nothing

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
            Everybody(session, self.posted_to_the_dead).check()


def visited(world: World) -> set[Step]:
    with world.context.sessions.read() as session:
        return set(session.scalars(select(StepChange.to_step).distinct()))


LIVES = int(os.environ.get("KANSLI_LIVES", "4"))
"""Offices of seven men each; `make lives` lives thousands of lives to their tenth year."""
STEPS = int(os.environ.get("KANSLI_LIFE_STEPS", "0"))


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_happens_nobody_is_lost(world: World, seed: int) -> None:
    postgresql = world.context.facts.database == "postgresql"
    lives = Lives(world, seed + (1000 if postgresql else 0))
    for _ in range(STEPS or (45 if postgresql else 130)):
        lives.step()
        try:
            if len(lives.done) % 60 == 0:
                sums_agree(world)
            lives.look()
        except AssertionError as fault:
            raise AssertionError(f"{fault}\nafter:\n" + "\n".join(lives.done[-25:])) from fault
    sums_agree(world)
    assert len(lives.kinds) >= 8, "too little happened to show anything"
    assert len(visited(world)) >= 7
