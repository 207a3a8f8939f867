"""The office's main job, end to end, in the caseworkers' own order, on both databases."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.register import ChangeKind, ImportState
from tests.factories import a_number, register_file, register_row
from tests.world import World, at

SAMPLES = Path(__file__).parents[1] / "samples"
LINKOPING = {"lan": "05", "kommun": "80", "postnr": "58222", "ort": "LINKÖPING"}
AKE, OLA = "197001239297", "197002129273"
NILS, DEAD = a_number(301, "19700301"), a_number(303, "19700302")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def handed_over(world: World) -> World:
    """Given: the register's hand-over of four men, reviewed and accepted."""
    world.clock.now = at("2026-10-01T08:00")
    raw = register_file(
        register_row(pnr=AKE, fornamn="Åke", efternamn="Testsson", **LINKOPING),
        register_row(pnr=OLA, fornamn="Ola", efternamn="Testberg", **LINKOPING),
        register_row(pnr=NILS, fornamn="Nils", efternamn="Nordin", sekretess="J", **LINKOPING),
        register_row(pnr=DEAD, fornamn="Ove", efternamn="Östman", **LINKOPING),
    )
    made = world.office.population.compare(world.anna, raw, "befolkning.csv")
    assert made.counts[ChangeKind.NEW] == 4
    assert (
        world.office.population.accept(world.anna, made.import_id, version=made.version).state is ImportState.ACCEPTED
    )
    return world


def test_from_register_file_to_answer_letters_and_a_balance_that_adds_up(handed_over: World) -> None:
    world = handed_over
    office = world.office
    ake, ola, nils, dead = (office.cases.find(world.anna, number) for number in (AKE, OLA, NILS, DEAD))

    # Anna plans, and may not approve her own plan; Per does.
    plan = office.offers.create_plan(world.anna, region="05", birth_years=(1970,), per_week=10, starts_on=world.today)
    with pytest.raises(RefusedError):
        office.offers.approve(world.anna, plan.plan_id, version=plan.version)
    approved = office.offers.approve(world.per, plan.plan_id, version=plan.version)
    dry = office.offers.dry_run(world.anna, plan.plan_id)
    assert [person.person_id for person in dry.due] == [ake, ola, nils, dead]
    assert len(dry.due) + dry.later + sum(rule.people for rule in dry.left_out) == dry.in_birth_years
    office.offers.release(world.anna, plan.plan_id, version=approved.version)

    # Pre-letters are printed. Before they are posted the register says that one of the four has died.
    batch = office.letters.make_batch(world.anna, region="05", type=LetterType.PRE_LETTER)
    assert batch.to_post == 3, "the protected man is printed by hand"
    office.letters.write(world.anna, batch.batch_id, world.folder / "brev")
    change = register_file(
        register_row(pnr=DEAD, fornamn="Ove", efternamn="Östman", avreg="AV", avreg_datum="2026-10-00", **LINKOPING)
    )
    made = office.population.compare(world.anna, change, "dagens.csv")
    office.population.accept(world.anna, made.import_id, version=made.version)
    assert world.step(dead) is Step.CLOSED
    with pytest.raises(RefusedError, match="3 envelopes"):
        office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=3)
    office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=2)
    world.post()

    # Two weeks later the offers go out, and the orders with them.
    world.clock.advance(days=14)
    office.daily.run(world.anna)
    world.post()
    export = office.orders.export(world.anna, world.folder / "ut")
    assert (export.orders, export.cancellations) == (3, 0)
    assert all(Path(file).exists() for file in export.files)

    # The laboratory answers: the sample messages for Åke and Ola.
    world.order(ake, number="OPT-2026-000123")
    world.order(ola, number="OPT-2026-000124")
    world.clock.now = at("2026-11-03T08:00")
    taken = world.take((SAMPLES / "oru_20_two_patients_batch.hl7").read_bytes())
    assert [item.state for item in taken.items] == [MessageState.APPLIED, MessageState.APPLIED]
    again = world.take((SAMPLES / "oru_20_two_patients_batch.hl7").read_bytes())
    assert [item.state for item in again.items] == [MessageState.NO_EFFECT, MessageState.NO_EFFECT]

    # Low values together after a preview with a count, the raised one by itself.
    preview = office.decisions.preview_low(world.anna)
    assert (preview.count, preview.rows[0].person_id) == (1, ake)
    assert office.decisions.confirm_low(world.anna, stamp=preview.stamp).confirmed == 1
    world.confirm(Queue.RAISED, ola)
    assert world.step(ola) is Step.MRI_TO_REFER

    # The letters say the value, what happens next and when; in the envelope window only the address.
    low = office.letters.make_batch(world.anna, region="05", type=LetterType.PSA_LOW)
    raised = office.letters.make_batch(world.anna, region="05", type=LetterType.PSA_RAISED)
    texts = {}
    for made_batch in (low, raised):
        pdf = next(
            path
            for path in office.letters.write(world.anna, made_batch.batch_id, world.folder / "brev")
            if path.suffix == ".pdf"
        )
        texts[made_batch.type] = text_of(pdf.read_bytes())
        office.letters.confirm(world.anna, made_batch.batch_id, version=made_batch.version, posted=1)
    assert "Åke Testsson" in texts[LetterType.PSA_LOW]
    assert "0,6 µg/l" in texts[LetterType.PSA_LOW]
    assert "2032" in texts[LetterType.PSA_LOW]
    assert "5,1 µg/l" in texts[LetterType.PSA_RAISED]

    # Everyone stands where the rules say, with a next step, and the sum proves it.
    case = world.case(ake)
    assert (case.step, case.next.on and case.next.on.isoformat()) == (Step.NOT_DUE, "2032-10-30")
    assert world.case(nils).step is Step.AWAITING_SAMPLE
    balance = office.balance.make(world.per)
    assert balance.adds_up
    assert [(row.region, row.born, row.in_register) for row in balance.rows] == [("05", 1970, 4)]
    assert sum(balance.rows[0].lines.values()) == 4


def test_the_man_who_gives_no_sample_is_offered_again_after_two_years(world: World) -> None:
    man = world.man()
    world.offer(man)
    offered = world.today
    world.clock.advance(days=91)
    assert world.office.daily.run(world.anna).expired == 1
    assert world.office.daily.run(world.anna).total == 0, "a second run on the same day does nothing"
    person = world.person(man)
    assert (person.step, person.next_on) == (Step.NOT_DUE, offered.replace(year=offered.year + 2))
    assert world.adds_up()
    world.clock.advance(days=2 * 366)
    assert world.release(world.plan()) == 1
    assert world.letters(man)[-1][0] is LetterType.OFFER_AFTER_NO_SAMPLE


def test_a_very_high_value_is_phoned_first_and_then_referred_and_written(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "140")
    home = world.office.queues.home(world.anna)
    assert next(count for count in home.queues if count.total).queue is Queue.URGENT, "it stands on top"
    world.confirm(Queue.URGENT, man)
    assert world.tasks(man) == [Queue.UROLOGY_REFERRAL]
    assert LetterType.PSA_VERY_HIGH not in [kind for kind, _state in world.letters(man)], "he is phoned first"
    world.refer(man)
    assert world.letters(man)[-1][0] is LetterType.PSA_VERY_HIGH
    world.post()
    assert world.step(man) is Step.UROLOGY_REFERRED
    assert world.adds_up()


def test_a_region_that_orders_at_acceptance_waits_for_the_mans_yes(world: World) -> None:
    man = world.man(region="06", municipality="0680")
    world.offer(man, region="06")
    assert world.step(man) is Step.OFFERED
    assert world.send_orders() == 0
    world.act(man, "accept", reason="Ringde och tackade ja")
    assert world.step(man) is Step.ORDER_TO_SEND
    assert world.send_orders() == 1
    assert world.step(man) is Step.AWAITING_SAMPLE
    assert world.adds_up()


def test_silence_after_a_preliminary_answer_becomes_work(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "3.6", status="P")
    world.clock.advance(days=13)
    assert world.office.daily.run(world.anna).reminded == 0
    world.clock.advance(days=1)
    assert world.office.daily.run(world.anna).reminded == 1
    assert world.tasks(man) == [Queue.CONTACT]
    assert world.person(man).next_on > world.today, "and is looked at again"
    assert world.adds_up()
