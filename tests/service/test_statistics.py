"""The statistics: a published funnel comes out with its counts, and every count agrees with one made by hand, also as of a day that has been."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Decided, MriAnswer, PathologyAnswer, PsaAnswer, PsaOrder, Referral, Round
from kansli_tui.errors import NotAllowedError
from kansli_tui.pathway.indicators import INDICATORS, percent, wilson
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.rows.statistics import StatsFilter, StatsRow
from tests.service.history_help import taken
from tests.service.test_handovers import hand_over
from tests.service.test_history_random import funnel, funnel_lines
from tests.world import World


def totals(world: World, **more: Any) -> dict[str, StatsRow]:
    given = {"regions": ("05", "06", "08"), "as_of": world.today}
    made = world.office.statistics.make(world.per, StatsFilter(**{**given, **more}))
    return {row.indicator: row for row in made.rows if (row.region, row.born) == ("all", "all")}


def counts(row: StatsRow) -> tuple[int | None, int | None]:
    return row.numerator, row.denominator


def test_a_published_funnel_comes_out_with_its_counts(world: World) -> None:
    """Bratt 2024, men of 50 in three regions, in proportion."""
    men = 1_000
    offered, sampled, raised, indicated, biopsied, significant, isup_1 = funnel(men)
    taken(world, *funnel_lines(men))
    shown = totals(world)
    assert counts(shown["offered"]) == (offered, offered)
    assert counts(shown["participated"]) == (sampled, offered)
    assert counts(shown["psa_raised"]) == (raised, sampled)
    assert counts(shown["mri_done"]) == (raised, raised)
    assert counts(shown["biopsy_indicated"]) == (indicated, raised)
    assert counts(shown["biopsied"]) == (biopsied, indicated)
    assert counts(shown["isup_2_or_more"]) == (significant, biopsied)
    assert counts(shown["isup_1"]) == (isup_1, biopsied)
    assert counts(shown["isup_2_or_more_of_sampled"]) == (significant, sampled)
    assert counts(shown["pirads_4"]) == (indicated, raised)
    made = world.office.statistics.make(world.per, StatsFilter(("05", "06", "08"), world.today))
    for indicator in INDICATORS:
        parts = [
            row for row in made.rows if row.indicator == indicator.name and row.region != "all" and row.born != "all"
        ]
        assert sum(row.numerator or 0 for row in parts) == shown[indicator.name].numerator


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals", "printed"),
    [
        (23_855, 68_060, 0, "35"),
        (696, 23_855, 1, "2.9"),
        (306, 696, 0, "44"),
        (221, 696, 0, "32"),
        (93, 221, 0, "42"),
        (93, 23_855, 2, "0.39"),
        (44, 221, 0, "20"),
        (1, 8, 0, "13"),
        (1, 200, 0, "1"),
        (0, 3, 1, "0.0"),
    ],
)
def test_percentages_are_rounded_half_up_as_printed(
    numerator: int, denominator: int, decimals: int, printed: str
) -> None:
    assert percent(numerator, denominator, decimals) == Decimal(printed)


def test_nothing_of_nothing_is_no_share() -> None:
    assert percent(0, 0) is None
    assert wilson(0, 0) is None


def test_the_interval_is_wilsons() -> None:
    """The worked example of Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for numerator, denominator, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(numerator, denominator)
        assert found is not None
        assert found == pytest.approx((low, high), abs=0.00005)


def test_who_is_still_in_his_window_is_neither_a_participant_nor_one_who_did_not_come(world: World) -> None:
    waiting, came = world.man(), world.man()
    world.offer(waiting, came)
    world.clock.advance(days=5)
    world.answer(came, "0.5")
    shown = totals(world)
    assert counts(shown["participated"]) == (1, 1)
    assert counts(shown["participated_when_over"]) == (0, 0), "nobody has had all the time"
    assert counts(shown["window_open"]) == (1, 2)
    world.clock.advance(days=200)
    assert counts(totals(world)["participated_when_over"]) == (1, 2)
    assert counts(totals(world)["participated"]) == (1, 2)


def test_last_months_numbers_are_the_same_when_they_are_made_again(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "3.4")
    world.confirm(Queue.RAISED, man)
    then = world.today
    before = totals(world, as_of=then)
    assert counts(before["psa_raised"]) == (1, 1)
    world.clock.advance(days=20)
    world.answer(man, "1.2", status="C")
    world.confirm(Queue.NORMAL, man)
    del before["open_without_next_date"]  # known of today only
    assert totals(world, as_of=then) == before
    now = totals(world)
    assert counts(now["psa_raised"]) == (0, 1)
    assert counts(now["psa_1_2"]) == (1, 1)
    assert totals(world, as_of=then - timedelta(days=1000)) == {}


def test_only_ones_own_regions_are_counted(world: World, jkp: Actor) -> None:
    ours = world.man(region="06", municipality="0685")
    world.offer(ours, region="06")
    world.offer(world.man())
    with pytest.raises(NotAllowedError):
        world.office.statistics.make(jkp, StatsFilter(("05", "06"), world.today))
    made = world.office.statistics.make(jkp, StatsFilter(("06",), world.today))
    assert {row.region for row in made.rows} == {"all", "06"}
    assert next(row.numerator for row in made.rows if row.indicator == "offered") == 1


def test_whoever_has_moved_is_counted_once_where_he_lives_and_no_share_is_above_the_whole(world: World) -> None:
    moved = world.man()
    world.offer(moved)
    hand_over(world, moved)
    made = world.office.statistics.make(world.per, StatsFilter(("05", "06"), world.today))
    offered = {row.region: counts(row) for row in made.rows if row.indicator == "offered" and row.born == "all"}
    assert offered == {"all": (1, 1), "06": (1, 1)}
    rounds = {row.region: row.numerator for row in made.rows if row.indicator == "rounds" and row.born == "all"}
    assert rounds["05"] == 1, "the region that made the offer"
    assert all((row.numerator or 0) <= (row.denominator or 0) for row in made.rows)


@pytest.mark.parametrize(
    ("value", "counted"),
    [("<5", set()), ("<1", {"psa_0_1"}), ("<0.1", {"psa_0_1"}), (">100", {"psa_100_", "psa_raised"})],
)
def test_a_comparator_is_part_of_the_value(world: World, value: str, counted: set[str]) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, value)
    shown = totals(world)
    classes = {name for name in shown if name.startswith("psa_") and name != "psa_unanalysable"}
    assert {name for name in classes if shown[name].numerator} == counted
    leads = {row.lead: row for row in world.office.statistics.lead_times(world.per, StatsFilter(("05",), world.today))}
    assert leads["answer_to_mri_referral"].waiting == 0, "none of them is on the way to MRI"
    assert leads["sample_to_pathology"].waiting == 0


def test_an_mri_that_was_broken_off_is_not_the_one_that_is_waited_for(world: World) -> None:
    man = world.raised("4.5")
    world.refer(man)
    world.clock.advance(days=3)
    world.mri(man, (), None, status="X")
    world.clock.advance(days=1)
    world.act(man, "resend", reason="ny tid")
    wanted = StatsFilter(("05",), world.today)
    leads = {row.lead: row for row in world.office.statistics.lead_times(world.per, wanted)}
    assert (leads["mri_wait"].rounds, leads["mri_wait"].waiting) == (0, 1)
    assert (leads["mri_answer"].rounds, leads["mri_answer"].waiting) == (0, 0)


def test_every_count_of_a_lived_office_agrees_with_one_made_by_hand(world: World) -> None:
    """Men at every stage; each fact is counted again person by person, in Python, from the rows themselves."""
    values = ("0.4", "1", "1.99", "2", "2.95", "3", "9.99", "10", "19.9", "20", "100", ">100")
    men = [world.man() for _ in range(len(values) + 2)]
    world.offer(*men)
    world.clock.advance(days=10)
    for man, value in zip(men, values, strict=False):
        world.answer(man, value)
    for man, value in list(zip(men, values, strict=False))[5:9]:
        world.confirm(Queue.RAISED, man)
        world.refer(man)
        if value != "3":
            world.mri(man, (2 if value == "10" else 4,), "45")
    for row in world.office.examinations.mri_rows(world.anna):
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version, pirads=row.suggested or 2, volume_ml=row.volume_ml
        )
    shown = {name: counts(row) for name, row in totals(world).items()}
    assert shown == by_hand(world)
    assert shown["psa_raised"][0] == 7
    assert shown["psa_2_3"][0] == 2
    assert shown["mri_done"][0] == 3


def by_hand(world: World) -> dict[str, tuple[int, int]]:
    """The indicators counted in Python; "offered" of itself."""
    facts: Counter[str] = Counter()
    within: Counter[str] = Counter()
    with world.context.sessions.read() as session:
        for opened in session.scalars(select(Round).where(Round.offered_on.is_not(None))):
            mine = (PsaOrder.person_id == opened.person_id, PsaOrder.round_number == opened.number)
            answers = session.scalars(
                select(PsaAnswer)
                .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
                .where(*mine, PsaAnswer.replaced_at.is_(None))
            ).all()
            value = next((answer.value for answer in answers if answer.value is not None), None)
            facts["offered"] += 1
            over = opened.valid_until is None or opened.valid_until < world.today
            facts["sampled"] += bool(answers)
            facts["over"] += over
            within["participated_when_over"] += bool(answers) and over
            facts["decided"] += bool(answers) or over
            facts["window_open"] += not answers and not over
            facts["unanalysable"] += bool(answers) and value is None
            facts["with_value"] += value is not None
            if value is None:
                continue
            limits = (
                (1, "psa_0_1"),
                (2, "psa_1_2"),
                (3, "psa_2_3"),
                (10, "psa_3_10"),
                (20, "psa_10_20"),
                (100, "psa_20_100"),
            )
            facts[next((name for limit, name in limits if value < limit), "psa_100_")] += 1
            facts["raised"] += value >= 3
            decided = session.scalars(
                select(Decided).where(
                    Decided.person_id == opened.person_id,
                    Decided.round_number == opened.number,
                    Decided.state == DecisionState.CONFIRMED,
                )
            ).all()
            facts["indicated"] += any(
                one.outcome is Outcome.UROLOGY and one.kind is not DecisionKind.PATHOLOGY for one in decided
            )
            examined = session.scalars(
                select(MriAnswer)
                .join(Referral, Referral.id == MriAnswer.referral_id)
                .where(Referral.person_id == opened.person_id, MriAnswer.replaced_at.is_(None))
            ).all()
            facts["mri_done"] += value >= 3 and bool(examined)
            for one in decided:
                if one.kind is DecisionKind.MRI and value >= 3:
                    facts[f"pirads_{one.inputs['pirads']}"] += 1
            found = session.scalars(select(PathologyAnswer).where(PathologyAnswer.person_id == opened.person_id)).all()
            facts["biopsied"] += bool(found)
    made = {
        one.name: (within.get(one.name, facts[one.numerator.value]), facts[one.denominator.value]) for one in INDICATORS
    }
    everybody = facts["offered"]
    of_people = {"offered": everybody, "offered_of_eligible": everybody, "opted_out": 0, "open_without_next_date": 0}
    return {**{name: (number, everybody) for name, number in {**of_people, "rounds": everybody}.items()}, **made}
