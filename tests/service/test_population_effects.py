"""What an accepted line does at once: to orders, letters, blocks and tasks, and never to a second person."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from db.models import Letter, PsaOrder
from kansli_tui.errors import RefusedError
from kansli_tui.exchange.population_csv import COLUMNS
from kansli_tui.i18n import set_language
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.letter_states import BatchRow, LetterState
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind
from tests.service.register_help import (
    blocks,
    compare,
    counts,
    line,
    number,
    numbers_of,
    only,
    people,
    person_of,
    register_tasks,
    rows,
    take_in,
)
from tests.world import World

MAN, OTHER = number(1), number(3)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Messages as they stand in the program."""
    set_language("en")
    yield
    set_language("sv")


def to_offer_letter(world: World, *numbers: str) -> list[int]:
    """Bring men of Linköping to a prepared offer, with the order in it."""
    take_in(world, *(line(pnr) for pnr in numbers))
    world.release(world.plan())
    world.post(LetterType.PRE_LETTER)
    world.clock.advance(days=14)
    world.office.daily.run(world.anna)
    found = [person_of(world, pnr).id for pnr in numbers]
    assert all(world.step(person_id) is Step.OFFER_TO_POST for person_id in found)
    return found


def printed(world: World) -> BatchRow:
    made = world.office.letters.make_batch(world.anna, region="05", type=LetterType.OFFER)
    world.office.letters.write(world.anna, made.batch_id, world.folder)
    return world.office.letters.by_number(world.anna, made.number)


def offer_states(world: World, person_id: int) -> list[LetterState]:
    return [state for kind, state in world.letters(person_id) if kind is LetterType.OFFER]


def order_of(world: World, person_id: int) -> PsaOrder:
    with world.context.sessions.read() as session:
        return session.scalars(
            select(PsaOrder).where(PsaOrder.person_id == person_id).order_by(PsaOrder.id.desc()).limit(1)
        ).one()


# Death


@pytest.mark.parametrize("when", ["prepared", "printed"])
def test_death_before_posting_stops_the_letter_and_cancels_the_order(world: World, when: str) -> None:
    dead, _ = to_offer_letter(world, MAN, OTHER)
    batch = printed(world) if when == "printed" else None
    take_in(world, line(MAN, avreg="AV", avreg_datum="2026-09-00"), line(OTHER))
    person = world.person(dead)
    assert (person.step, person.closed_reason, person.next_on) == (Step.CLOSED, ClosedReason.DEAD, None)
    assert (person.deregistered_code, person.deregistered_on) == ("AV", "2026-09-00")
    assert offer_states(world, dead) == [LetterState.STOPPED]
    assert order_of(world, dead).state is OrderState.CANCELLED
    if batch is None:
        batch = printed(world)
    else:
        with pytest.raises(RefusedError):
            world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=2)
    posted = world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=1)
    assert posted.posted_on is not None
    assert world.step(dead) is Step.CLOSED
    assert world.send_orders() == 1, "only the living man's order is sent"
    assert world.adds_up()


def test_death_after_posting_recalls_the_order_that_was_sent(world: World) -> None:
    (dead,) = to_offer_letter(world, MAN)
    world.post()
    world.send_orders()
    assert world.step(dead) is Step.AWAITING_SAMPLE
    take_in(world, line(MAN, avreg="AV"))
    assert order_of(world, dead).state is OrderState.CANCELLED
    export = world.office.orders.export(world.anna, world.folder / "ut")
    assert (export.orders, export.cancellations) == (0, 1)


def test_death_ends_every_step_and_its_tasks(world: World) -> None:
    (dead,) = to_offer_letter(world, MAN)
    world.post()
    world.send_orders()
    world.clock.advance(days=20)
    world.answer(dead, "150")
    assert Queue.URGENT in world.tasks(dead)
    take_in(world, line(MAN, avreg="AV"))
    assert world.step(dead) is Step.CLOSED
    assert Queue.URGENT not in world.tasks(dead)
    assert world.adds_up()


def test_a_death_is_never_held_back_by_a_flaw_elsewhere_in_the_line(world: World) -> None:
    person_id = world.man(number=MAN, family_name="Öberg")
    made = take_in(world, line(MAN, avreg="AV", efternamn="Öb\ufffdrg"))
    assert counts(made) == {"changed": 1}
    person = world.person(person_id)
    assert (person.closed_reason, person.family_name) == (ClosedReason.DEAD, "Öberg")
    assert len(register_tasks(world, person_id)) == 1, "the flaw asks for a person all the same"
    again = compare(world, line(MAN, avreg="AV", efternamn="Öb\ufffdrg"))
    assert counts(again) == {"problem": 1}


def test_a_dead_man_never_comes_back_silently(world: World) -> None:
    take_in(world, line(MAN, avreg="AV"))
    before = person_of(world, MAN)
    for values in ({}, {"avreg": "OB"}, {"avreg": "UV"}):
        made = take_in(world, line(MAN, efternamn="Levande", **values))
        assert counts(made) == {"problem": 1}
        assert "dead" in only(world, made, ChangeKind.PROBLEM).message
    after = person_of(world, MAN)
    assert (after.step, after.family_name, after.version_id) == (Step.CLOSED, before.family_name, before.version_id)
    assert len(register_tasks(world, after.id)) == 1


def test_death_under_an_earlier_number_is_his_death(world: World) -> None:
    old = number(5, "19760263")
    take_in(world, line(old))
    take_in(world, line(old, avreg="GS", hanvisning=MAN), line(MAN))
    made = take_in(world, line(old, avreg="AV"))
    assert counts(made) == {"changed": 1}
    assert person_of(world, MAN).closed_reason is ClosedReason.DEAD
    assert len(people(world)) == 1


def test_death_comes_before_an_opt_out(world: World) -> None:
    person_id = world.man(number=MAN)
    world.act(person_id, "opt_out")
    assert world.letters(person_id) == [(LetterType.OPT_OUT_CONFIRMED, LetterState.PREPARED)]
    take_in(world, line(MAN, avreg="AV"))
    assert world.person(person_id).closed_reason is ClosedReason.DEAD
    assert world.letters(person_id) == [(LetterType.OPT_OUT_CONFIRMED, LetterState.STOPPED)]


# Leaving and moving


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"avreg": "UV", "avreg_datum": "2026-09-01", "lan": "", "kommun": ""}, ClosedReason.EMIGRATED),
        ({"lan": "01", "kommun": "80"}, ClosedReason.MOVED_OUT),
    ],
)
def test_who_leaves_the_regions_leaves_the_programme(world: World, values: dict[str, str], why: ClosedReason) -> None:
    (gone,) = to_offer_letter(world, MAN)
    made = take_in(world, line(MAN, **values))
    assert counts(made) == {"changed": 1}
    person = world.person(gone)
    assert (person.step, person.closed_reason, person.region) == (Step.CLOSED, why, "05")
    assert offer_states(world, gone) == [LetterState.STOPPED]
    assert order_of(world, gone).state is OrderState.CANCELLED
    assert counts(compare(world, line(MAN, **values))) == {"unchanged": 1}
    assert world.adds_up()


@pytest.mark.parametrize("values", [{"avreg": "UV"}, {"lan": "01", "kommun": "80"}])
def test_an_answer_that_is_owed_is_not_lost_with_the_move(world: World, values: dict[str, str]) -> None:
    (gone,) = to_offer_letter(world, MAN)
    world.post()
    world.send_orders()
    world.clock.advance(days=20)
    world.answer(gone, "4.5")
    take_in(world, line(MAN, **values))
    person = world.person(gone)
    assert (person.step, person.blocked) == (Step.ANSWER_TO_ASSESS, True)
    assert Queue.RAISED in world.tasks(gone)
    assert [kind.partition(":")[0] for kind in blocks(world, gone)] == ["owed"]
    assert counts(compare(world, line(MAN, **values))) == {"unchanged": 1}
    assert world.adds_up()


def test_a_move_between_the_regions_is_never_silent(world: World) -> None:
    (moved,) = to_offer_letter(world, MAN)
    values = {"lan": "08", "kommun": "80", "adr2": "Storgatan 9", "postnr": "39231", "ort": "KALMAR"}
    batch = printed(world)
    take_in(world, line(MAN, **values))
    person = world.person(moved)
    assert (person.region, person.municipality, person.step) == ("05", "0580", Step.OFFER_TO_POST)
    assert person.blocked
    assert blocks(world, moved) == ["move:08"]
    assert len(register_tasks(world, moved)) == 1
    assert person.address["ort"] == "KALMAR"
    assert offer_states(world, moved) == [LetterState.STOPPED, LetterState.PREPARED], "what is printed is taken out"
    assert world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=0)
    with pytest.raises(RefusedError, match="held"):
        printed(world)
    assert counts(compare(world, line(MAN, **values))) == {"unchanged": 1}
    assert world.adds_up()


def test_who_has_left_and_comes_back_is_a_decision(world: World) -> None:
    for pnr, away, back in (
        (MAN, {"avreg": "UV", "avreg_datum": "2026-08-01"}, {}),
        (OTHER, {"lan": "01", "kommun": "80"}, {"lan": "05", "kommun": "81"}),
    ):
        take_in(world, line(pnr))
        take_in(world, line(pnr, **away))
        take_in(world, line(pnr, **back))
        person = person_of(world, pnr)
        assert (person.step, person.deregistered_code, person.deregistered_on) == (Step.CLOSED, None, None)
        assert register_tasks(world, person.id) == [
            "Has come back by the register: decide whether the person is taken in again."
        ]
        assert counts(compare(world, line(pnr, **back))) == {"unchanged": 1}


def test_an_opt_out_outlives_a_move(world: World) -> None:
    person_id = world.man(number=MAN)
    world.act(person_id, "opt_out")
    take_in(world, line(MAN, avreg="UV"))
    assert world.person(person_id).closed_reason is ClosedReason.OPTED_OUT


@pytest.mark.parametrize("code", ["OB", "TA", "AS", "AN", "FI", "O", "ZZ"])
def test_unclear_and_unknown_codes_hold_the_man(world: World, code: str) -> None:
    (held,) = to_offer_letter(world, MAN)
    batch = printed(world)
    take_in(world, line(MAN, avreg=code))
    person = world.person(held)
    assert (person.step, person.blocked, person.deregistered_code) == (Step.OFFER_TO_POST, True, code)
    assert blocks(world, held) == [f"register:{code}"]
    assert offer_states(world, held) == [LetterState.STOPPED, LetterState.PREPARED]
    world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=0)
    assert world.step(held) is Step.OFFER_TO_POST
    assert counts(compare(world, line(MAN, avreg=code))) == {"unchanged": 1}
    assert world.adds_up()


def test_when_the_code_is_gone_the_hold_stays_until_somebody_has_looked(world: World) -> None:
    take_in(world, line(MAN, avreg="OB"))
    take_in(world, line(MAN))
    person = person_of(world, MAN)
    assert (person.deregistered_code, person.blocked) == (None, True)


# Protection


def test_a_protection_mark_stops_unsent_letters_and_prepares_them_by_hand(world: World) -> None:
    one, other = to_offer_letter(world, MAN, OTHER)
    batch = printed(world)
    take_in(world, line(MAN, sekretess="J"), line(OTHER))
    assert world.person(one).protection is Protection.CONFIDENTIALITY
    with world.context.sessions.read() as session:
        letters = session.scalars(
            select(Letter).where(Letter.person_id == one, Letter.type == LetterType.OFFER).order_by(Letter.id)
        ).all()
    assert [(letter.state, letter.by_hand) for letter in letters] == [
        (LetterState.STOPPED, False),
        (LetterState.PREPARED, True),
    ]
    assert letters[0].values == letters[1].values, "the same order goes with it"
    assert world.tasks(one) == [Queue.PROTECTED]
    world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=1)
    assert (world.step(one), world.step(other)) == (Step.OFFER_TO_POST, Step.ORDER_TO_SEND)
    world.post()
    assert world.step(one) is Step.ORDER_TO_SEND
    assert world.adds_up()


def test_a_higher_protection_takes_the_address_out_of_what_is_printed_by_hand(world: World) -> None:
    (one,) = to_offer_letter(world, MAN)
    take_in(world, line(MAN, sekretess="J"))
    world.office.letters.make_batch(world.anna, region="05", type=LetterType.OFFER, by_hand=True)
    special = {"sp_adr1": "Förmedlingsuppdrag", "sp_adr2": "Box 2820", "sp_postnr": "40320", "sp_ort": "GÖTEBORG"}
    take_in(world, line(MAN, skyddad_fbf="J", adr2="", postnr="", ort="", **special))
    person = world.person(one)
    assert person.protection is Protection.PROTECTED_REGISTRATION
    assert person.address == special
    assert offer_states(world, one) == [LetterState.STOPPED, LetterState.STOPPED, LetterState.PREPARED]
    assert world.tasks(one) == [Queue.PROTECTED]


def test_protected_registration_blanks_the_true_address_that_we_have(world: World) -> None:
    person_id = world.man(number=MAN, address={"adr2": "Vägen 1", "ort": "X", "utl1": "Y", "sp_ort": "Z"})
    made = compare(world, raw=f"#UP 01001 {MAN}\n#UP 01020 J\n".encode())
    assert "Vägen" not in only(world, made, ChangeKind.CHANGED).what
    world.office.population.accept(world.anna, made.import_id, version=made.version)
    assert world.person(person_id).address == {"sp_ort": "Z"}


def test_a_partial_record_never_lowers_a_protection(world: World) -> None:
    person_id = world.man(number=MAN, protection=Protection.PROTECTED_REGISTRATION, address={})
    assert counts(take_in(world, raw=f"#UP 01001 {MAN}\n#UP 01003 J\n".encode())) == {"unchanged": 1}
    ended = take_in(world, raw=f"#UP 01001 {MAN}\n#UP 01003 N\n".encode())
    assert counts(ended) == {"problem": 1}
    assert len(register_tasks(world, person_id)) == 1
    flawed = take_in(world, line(MAN, sekretess="J", skyddad_fbf="?"))
    assert world.person(person_id).protection is Protection.PROTECTED_REGISTRATION
    assert counts(flawed) == {"problem": 1}
    whole = take_in(world, line(MAN, sekretess="J", skyddad_fbf="N"))
    assert counts(whole)["changed"] == 1
    assert world.person(person_id).protection is Protection.CONFIDENTIALITY
    take_in(world, raw=f"#UP 01001 {MAN}\n#UP 01003 N\n#UP 01020 N\n".encode())
    assert world.person(person_id).protection is Protection.NONE


def test_a_protected_man_registered_elsewhere_is_not_taken_to_have_moved(world: World) -> None:
    person_id = world.man(number=MAN)
    take_in(world, line(MAN, skyddad_fbf="J", lan="01", kommun="80"))
    person = world.person(person_id)
    assert (person.step, person.blocked, person.municipality) == (Step.NOT_DUE, True, "0580")


# Numbers


def test_a_new_number_keeps_the_person_his_letters_and_his_order(world: World) -> None:
    snr, pnr = number(7, "19760263"), number(9, "19761124")
    (person_id,) = to_offer_letter(world, snr)
    order = order_of(world, person_id).number
    made = take_in(world, line(snr, avreg="GS", hanvisning=pnr), line(pnr, efternamn="Nyman"))
    assert counts(made) == {"changed": 2}
    person = world.person(person_id)
    assert (person.number, person.birth_date, person.birth_date_known) == (pnr, date(1976, 11, 24), True)
    assert (person.family_name, person.deregistered_code, person.step) == ("Nyman", None, Step.OFFER_TO_POST)
    assert numbers_of(world, person_id) == {snr, pnr}
    assert len(people(world)) == 1
    assert (order_of(world, person_id).number, order_of(world, person_id).state) == (order, OrderState.CREATED)
    again = compare(world, line(snr, avreg="GS", hanvisning=pnr), line(pnr, efternamn="Nyman"))
    assert counts(again) == {"unchanged": 2}
    assert world.office.cases.find(world.anna, snr) == world.office.cases.find(world.anna, pnr) == person_id


@pytest.mark.parametrize("new_first", [True, False])
def test_the_order_of_the_lines_does_not_matter(world: World, new_first: bool) -> None:
    old, new = number(7), number(9)
    take_in(world, line(old))
    lines = [line(old, avreg="GN", hanvisning=new), line(new, efternamn="Nyman")]
    take_in(world, *(reversed(lines) if new_first else lines))
    (person,) = people(world)
    assert (person.number, person.family_name) == (new, "Nyman")


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
@pytest.mark.parametrize("ours", [True, False])
def test_numbers_replaced_one_after_the_other(world: World, places: tuple[int, ...], ours: bool) -> None:
    first, second, third = number(7), number(9), number(11)
    if ours:
        take_in(world, line(first))
    lines = (
        line(first, avreg="GN", hanvisning=second),
        line(second, avreg="GN", hanvisning=third),
        line(third, efternamn="Nyman"),
    )
    take_in(world, *(lines[place] for place in places))
    (person,) = people(world)
    assert (person.number, person.family_name) == (third, "Nyman")
    assert numbers_of(world, person.id) == {first, second, third}
    assert set(counts(compare(world, *lines))) == {"unchanged"}


def test_a_samordningsnummer_with_no_birth_date_gets_one_with_the_new_number(world: World) -> None:
    snr, pnr = number(7, "19750060"), number(9, "19770304")
    take_in(world, line(snr))
    assert person_of(world, snr).next_on == date(2025, 1, 1)
    take_in(world, line(snr, avreg="GS", hanvisning=pnr), line(pnr))
    person = person_of(world, pnr)
    assert (person.birth_date, person.birth_date_known, person.next_on) == (date(1977, 3, 4), True, date(2027, 1, 1))


def test_a_replaced_number_that_leads_nowhere_is_held(world: World) -> None:
    made = take_in(world, line(MAN, avreg="GN", hanvisning=OTHER))
    assert counts(made) == {"problem": 1}
    assert "neither in our register nor in the file" in only(world, made, ChangeKind.PROBLEM).message
    assert people(world) == []
    assert len(register_tasks(world)) == 1


def test_an_old_number_of_somebody_ours_is_added_to_him(world: World) -> None:
    person_id = world.man(number=MAN)
    take_in(world, line(OTHER, avreg="GN", hanvisning=MAN))
    assert numbers_of(world, person_id) == {MAN, OTHER}
    assert (world.person(person_id).number, len(people(world))) == (MAN, 1)


def test_two_people_who_may_be_one_are_both_held_and_never_merged(world: World) -> None:
    one, other = world.man(number=MAN), world.man(number=OTHER)
    made = take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER))
    assert made.counts[ChangeKind.PROBLEM] == 1
    assert len(people(world)) == 2
    for person_id, pnr in ((one, MAN), (other, OTHER)):
        assert blocks(world, person_id) == ["duplicate"]
        assert len(register_tasks(world, person_id)) == 1
        assert world.person(person_id).number == pnr


def test_two_of_ours_whose_numbers_become_the_same_new_one(world: World) -> None:
    one, other = world.man(number=MAN), world.man(number=OTHER)
    new = number(5)
    made = take_in(world, line(MAN, avreg="GN", hanvisning=new), line(OTHER, avreg="GN", hanvisning=new), line(new))
    assert counts(made) == {"problem": 3}
    assert [blocks(world, person_id) for person_id in (one, other)] == [["duplicate"]] * 2
    assert len(people(world)) == 2


def test_numbers_in_a_circle_are_held(world: World) -> None:
    person_id = world.man(number=MAN)
    made = take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER, avreg="GN", hanvisning=MAN))
    assert counts(made) == {"problem": 2}
    assert world.person(person_id).number == MAN
    assert numbers_of(world, person_id) == {MAN}


def test_another_new_number_than_ours_is_held(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER))
    made = take_in(world, line(MAN, avreg="GN", hanvisning=number(5)), line(OTHER))
    assert counts(made) == {"problem": 1, "unchanged": 1}
    assert "another new number" in only(world, made, ChangeKind.PROBLEM).message
    assert person_of(world, MAN).number == OTHER


def test_a_number_that_the_register_takes_back(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER))
    take_in(world, line(OTHER, avreg="GN", hanvisning=MAN), line(MAN))
    (person,) = people(world)
    assert person.number == MAN
    assert numbers_of(world, person.id) == {MAN, OTHER}


def test_a_living_line_under_an_earlier_number_is_held(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER))
    made = take_in(world, line(MAN, efternamn="Gammal"), line(OTHER, efternamn="Ny"))
    assert counts(made) == {"problem": 1, "changed": 1}
    (person,) = people(world)
    assert person.family_name == "Ny"


def test_a_protection_mark_under_an_earlier_number_counts(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, avreg="GN", hanvisning=OTHER), line(OTHER))
    take_in(world, line(MAN, sekretess="J"))
    assert person_of(world, OTHER).protection is Protection.CONFIDENTIALITY


# Other fields


def test_differing_lines_of_one_number_hold_each_other_but_not_a_death(world: World) -> None:
    take_in(world, line(MAN))
    made = take_in(world, line(MAN, efternamn="Ett"), line(MAN, efternamn="Två", avreg="AV"))
    assert counts(made) == {"problem": 1, "changed": 1}
    person = person_of(world, MAN)
    assert (person.closed_reason, person.family_name) == (ClosedReason.DEAD, "Öberg")


def test_the_sex_that_changes_is_a_decision(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, kon="K"))
    person = person_of(world, MAN)
    assert (person.sex, person.step) == ("K", Step.NOT_DUE)
    assert len(register_tasks(world, person.id)) == 1
    take_in(world, line(OTHER, kon="K"))
    take_in(world, line(OTHER, kon="M"))
    other = person_of(world, OTHER)
    assert (other.step, other.exclusion_reason) == (Step.EXCLUDED, ExclusionReason.NOT_IN_TARGET_GROUP)
    assert len(register_tasks(world, other.id)) == 1


def test_empty_names_and_addresses_of_the_gone_take_nothing_away(world: World) -> None:
    take_in(world, line(MAN, mellannamn="Ek"))
    empty = dict.fromkeys(("fornamn", "mellannamn", "efternamn", "tilltal", "adr2", "postnr", "ort"), "")
    take_in(world, line(MAN, avreg="AV", **empty))
    person = person_of(world, MAN)
    assert (person.given_names, person.middle_name, person.family_name) == ("Åke", "Ek", "Öberg")
    assert person.address["adr2"] == "Vägen 1"


def test_a_living_man_whose_address_is_gone_has_none(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, adr2="", postnr="", ort=""))
    assert person_of(world, MAN).address == {}


def test_a_file_without_the_optional_columns_leaves_those_fields(world: World) -> None:
    take_in(world, line(MAN, mellannamn="Ek"))
    keep = [place for place, column in enumerate(COLUMNS) if column not in ("mellannamn", "distrikt", "fbf_datum")]
    every = (";".join(COLUMNS), line(MAN, efternamn="Ny"), line(OTHER))
    raw = "\n".join(";".join(text.split(";")[place] for place in keep) for text in every).encode()
    assert counts(take_in(world, raw=raw)) == {"changed": 1, "new": 1}
    person = person_of(world, MAN)
    assert (person.middle_name, person.family_name, person.registered_since) == ("Ek", "Ny", "2015-01-01")


def test_a_move_within_the_region_is_only_an_address(world: World) -> None:
    take_in(world, line(MAN))
    take_in(world, line(MAN, kommun="81", adr2="Bråddgatan 1", postnr="60222", ort="NORRKÖPING"))
    person = person_of(world, MAN)
    assert (person.region, person.municipality, person.blocked) == ("05", "0581", False)


def test_a_held_man_is_not_offered(world: World) -> None:
    take_in(world, line(MAN, avreg="OB"), line(OTHER))
    assert world.release(world.plan()) == 1
    assert world.step(person_of(world, MAN).id) is Step.NOT_DUE


def test_every_effect_has_words(world: World) -> None:
    take_in(world, line(MAN), line(OTHER), line(number(5)))
    made = compare(
        world,
        line(MAN, avreg="OB", sekretess="J", kon="K", lan="06"),
        line(OTHER, lan="08", kommun="80"),
        line(number(5), avreg="GN", hanvisning=number(9)),
        line(number(7), postnr="1"),
    )
    for row in rows(world, made):
        assert row.effect
        assert row.what
