"""A line of history ends as if it had been lived here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from db.models import (
    Decided,
    PsaAnswer,
    PsaOrder,
    Referral,
    Round,
    StepChange,
    Task,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.steps import Queue, Step
from tests.factories import a_number
from tests.service.history_help import line, person, rows_of, taken
from tests.world import World


class Life:
    """A man who is living the pathway here, while his days are noted as a predecessor system would have had them."""

    def __init__(self, world: World, **values: Any) -> None:
        self.world = world
        self.key = world.man(**values)
        self.cells: dict[str, object] = {"region": values.get("region", "05")}

    @property
    def number(self) -> str:
        return self.world.person(self.key).number

    def on(self, *columns: str, **cells: object) -> None:
        """Something happened today."""
        self.cells.update(dict.fromkeys(columns, self.world.today), **cells)

    def later(self, days: int = 3) -> None:
        self.world.clock.advance(days=days)

    def offered(self) -> None:
        world = self.world
        region = world.person(self.key).region
        world.release(world.plan(region=region))
        self.on("preletter_on")
        world.post(LetterType.PRE_LETTER)
        self.later(14)
        world.office.daily.run(world.anna)
        world.post()
        self.on("offered_on")
        if region == "05":
            self.ordered()

    def ordered(self) -> None:
        self.world.send_orders()
        self.on("psa_ordered_on")

    def answered(self, value: str, written: str | None = None, **more: str) -> None:
        self.later(5)
        self.on("sampled_on")
        sampled = f"{self.world.clock.now:%Y%m%d%H%M%S}"
        self.later(2)
        self.world.answer(self.key, value, sampled=sampled, **more)
        self.on("psa_answered_on", psa=written or value)

    def decided(self, queue: Queue, *, posted: bool = True) -> None:
        self.later(1)
        self.world.confirm(queue, self.key)
        if posted:
            self.world.post()
            self.on("psa_letter_on")

    def referred(self, column: str) -> None:
        self.world.refer(self.key)
        self.on(column)

    def note(self, event: ReferralEvent, kind: ReferralKind = ReferralKind.MRI) -> None:
        referral = self.world.referral(self.key, kind)
        self.world.office.referrals.note(
            self.world.anna, referral.id, event, version=referral.version_id, note="ringde"
        )

    def examined(self, pirads: int, volume: str) -> None:
        self.later(10)
        self.note(ReferralEvent.DONE)
        self.on("mri_done_on", mri_outcome="done")
        self.later(4)
        self.world.mri(self.key, (pirads,), volume, examined=f"{self.world.clock.now - timedelta(days=4):%Y%m%d%H%M%S}")
        self.on("mri_answered_on", pirads=pirads, volume_ml=volume)

    def assessed(self) -> None:
        world = self.world
        self.later(1)
        (row,) = [row for row in world.office.examinations.mri_rows(world.anna) if row.person_id == self.key]
        assert row.suggested is not None
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version, pirads=row.suggested, volume_ml=row.volume_ml
        )
        world.post()
        self.on("mri_letter_on")

    def biopsied(self, isup: int) -> None:
        world = self.world
        self.referred("urology_referred_on")
        self.later(9)
        world.outcome(self.key, "visit")
        self.on("urology_visit_on")
        self.later(5)
        world.outcome(self.key, "biopsy")
        self.on("biopsied_on")
        self.later(10)
        world.outcome(self.key, "pathology", isup=isup)
        self.on("pathology_on", isup=isup)
        (row,) = [row for row in world.office.examinations.pathology_rows(world.anna) if row.person_id == self.key]
        world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
        world.post()


def low(life: Life) -> None:
    life.offered()
    life.answered("0.4")
    life.decided(Queue.NORMAL)


def between(life: Life) -> None:
    life.offered()
    life.answered("2.99")
    life.decided(Queue.NORMAL)


def at_acceptance(life: Life) -> None:
    life.offered()
    life.world.act(life.key, "accept")
    life.on(answer="accepted")
    life.ordered()
    life.answered("1.2")
    life.decided(Queue.NORMAL)


def not_assessed(life: Life) -> None:
    life.offered()
    life.answered("3.0")


def silent(life: Life) -> None:
    life.offered()


def expired(life: Life) -> None:
    life.offered()
    life.later(91)
    life.world.office.daily.run(life.world.anna)


def declined(life: Life) -> None:
    life.offered()
    life.world.act(life.key, "decline")
    life.on(answer="declined")


def not_analysed(life: Life) -> None:
    life.offered()
    life.answered('""', "unanalysable", status="X")
    life.decided(Queue.REPEAT)


def raised(life: Life) -> None:
    life.offered()
    life.answered("3.4")
    life.decided(Queue.RAISED)


def referred(life: Life) -> None:
    raised(life)
    life.referred("mri_referred_on")


def came_to_nothing(life: Life) -> None:
    # The file has no column for the day of it: the last day that it names counts.
    referred(life)
    life.note(ReferralEvent.DECLINED)
    life.on(mri_outcome="declined")


def examined(life: Life) -> None:
    referred(life)
    life.examined(3, "22.6")


def no_biopsy(life: Life) -> None:
    examined(life)
    life.assessed()


def density(life: Life) -> None:
    referred(life)
    life.examined(3, "22.5")
    life.assessed()


def benign(life: Life) -> None:
    density(life)
    life.biopsied(0)


def cancer(life: Life) -> None:
    density(life)
    life.biopsied(2)


LIVES: list[tuple[Callable[[Life], None], str]] = [
    *((life, "05") for life in (low, between, not_assessed, silent, expired, declined, not_analysed, raised, referred)),
    *((life, "05") for life in (came_to_nothing, examined, no_biopsy, density, benign, cancer)),
    *((life, "06") for life in (at_acceptance, silent, expired)),
]


def facts(world: World, number: str) -> dict[str, Any]:
    """What must be the same of a man who lived here and one who came in a file."""
    man = person(world, number)
    return {
        "stands": (man.step, man.next_on, man.closed_reason, man.exclusion_reason, man.round_number),
        "rounds": [
            (row.number, row.kind, row.pre_letter_on, row.offered_on, row.valid_until, row.result)
            for row in rows_of(world, Round, number)
        ],
        "moves": [row.event for row in rows_of(world, StepChange, number)],
        "orders": [(row.kind, row.state, row.valid_until) for row in rows_of(world, PsaOrder, number)],
        "answers": [
            (row.status, row.value, row.comparator, row.sampled_at.date()) for row in rows_of(world, PsaAnswer, number)
        ],
        "referrals": [
            (row.kind, row.state, row.due_on, row.done_on, row.biopsied_on) for row in rows_of(world, Referral, number)
        ],
        "decisions": [
            (row.kind, row.state, row.rule_number, row.proposed, row.outcome, row.new_offer_on, row.reason, row.inputs)
            for row in rows_of(world, Decided, number)
        ],
        "work": [row.queue for row in rows_of(world, Task, number) if row.closed_at is None],
    }


@pytest.mark.parametrize(("lived", "region"), LIVES, ids=[f"{life.__name__}-{code}" for life, code in LIVES])
def test_a_line_ends_as_if_it_had_been_lived_here(world: World, lived: Callable[[Life], None], region: str) -> None:
    life = Life(world, region=region, municipality="0580" if region == "05" else "0685")
    lived(life)
    born = world.person(life.key).birth_date
    other = a_number(959, f"{born:%Y%m%d}")
    taken(world, line(other, **life.cells))
    here, came = facts(world, life.number), facts(world, other)
    if life.cells.get("psa") == "unanalysable":
        # The file says nothing of the repeat order, which the rules therefore make again.
        for told in (here, came):
            del told["orders"]
        assert (came["stands"][0], here["stands"][0]) == (Step.ORDER_TO_SEND, Step.ORDER_TO_SEND)
    assert came == here
    assert world.adds_up()
