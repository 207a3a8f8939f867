"""The case: found, opened, acted on; every action from every step; and what nobody may see."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models import AuditRow, Contact, Person, PersonNumber
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    InvalidIdentityError,
    KansliError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.cases import CaseAction
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.service.walk import Walk
from tests.databases import kept
from tests.factories import a_number
from tests.world import World

# Finding


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lindqvist", True),
        ("lindq", True),
        ("LINDQVIST örjan", True),
        ("örjan lindqvist", True),
        ("Örjan Li", True),
        ("örjan   lindqvist", True),
        ("O\u0308rjan Lindqvist", True),
        ("orjan lindqvist", False),
        ("indqvist", False),
        ("l", False),
        ("", False),
        ("--", False),
        ("%", False),
        ("li%", False),
        ("_indqvist", False),
        ("lindqvist\x00", False),
        ("'; DROP TABLE person; --", False),
    ],
)
def test_search_by_the_beginning_of_a_name_in_either_order(world: World, text: str, found: bool) -> None:
    man = world.man(family_name="Lindqvist", given_names="Örjan")
    assert [hit.person_id for hit in world.office.cases.search(world.anna, text)] == ([man] if found else [])


def test_accents_hyphens_and_names_of_several_words(world: World) -> None:
    renee = world.man(family_name="Lindén-Öst", given_names="René")
    carl = world.man(family_name="af Ugglas", given_names="Carl Åke")

    def hits(text: str) -> list[int]:
        return [hit.person_id for hit in world.office.cases.search(world.anna, text)]

    for text in ("linden öst", "Lindén-Öst", "rené lindén", "rene linden-öst"):
        assert hits(text) == [renee], text
    for text in ("af ugglas", "Carl Åke af Ugglas", "af ugglas carl", "carl åke af"):
        assert hits(text) == [carl], text


def test_search_by_number_and_by_one_he_has_had(world: World) -> None:
    man = world.man(number=a_number(101, "19760203"))
    with world.context.sessions.begin() as session:
        session.add(
            PersonNumber(
                person_id=man, region="05", number="19760263238X"[:11] + "5", source="x", added_at=world.clock()
            )
        )
        session.add(PersonNumber(person_id=man, region="05", number="1976AB03TT12", source="x", added_at=world.clock()))
    for text in ("19760203", "19760203-10", "1976 0203", "197602632385", "1976ab03"):
        hits = world.office.cases.search(world.anna, text)
        assert [hit.person_id for hit in hits] == [man], text
    assert hits[0].matched_number == "1976AB03TT12"
    assert hits[0].number == "19760203-1014"[:9] + hits[0].number[9:]
    assert world.office.cases.search(world.anna, "1976020399") == ()
    assert world.office.cases.search(world.anna, "٢٠٢٦") == ()


def test_find_takes_whole_numbers_only(world: World) -> None:
    number = a_number(101, "19760203")
    man = world.man(number=number)
    assert world.office.cases.find(world.anna, f" {number[:8]}-{number[8:]} ") == man
    for text in (number[2:], number[:11], number[:11] + str((int(number[11]) + 1) % 10), number + "\n", ""):
        with pytest.raises(InvalidIdentityError) as refused:
            world.office.cases.find(world.anna, text)
        assert number not in str(refused.value)
    with pytest.raises(NotFoundError):
        world.office.cases.find(world.anna, a_number(103, "19760203"))


def test_protected_people_are_found_by_number_and_never_by_name(world: World) -> None:
    man = world.man(family_name="Hemlig", protection=Protection.CONFIDENTIALITY)
    assert world.office.cases.search(world.anna, "hemlig") == ()
    (hit,) = world.office.cases.search(world.anna, world.person(man).number)
    assert hit.masked
    assert "Hemlig" not in repr(hit)
    case = world.case(man)
    assert "Hemlig" not in repr(case)
    assert "Vägen" not in repr(case)
    assert (case.address, case.municipality) == ((), "")


def test_revealing_needs_a_supervisor_and_a_reason_and_is_logged(world: World) -> None:
    man = world.man(family_name="Hemlig", protection=Protection.CONFIDENTIALITY)
    with pytest.raises(NotAllowedError):
        world.office.cases.reveal(world.anna, man, "vill se")
    with pytest.raises(RefusedError):
        world.office.cases.reveal(world.per, man, " \t")
    case = world.office.cases.reveal(world.per, man, "ringer från känt nummer")
    assert "Hemlig" in case.name
    assert case.address
    assert world.audit(man) == ["case.reveal"]


def test_other_regions_people_are_never_found_nor_touched(world: World, jkp: Actor) -> None:
    man = world.man(family_name="Lindqvist")
    service = world.office.cases
    assert service.search(jkp, "lindqvist") == ()
    assert service.search(jkp, world.person(man).number) == ()
    with pytest.raises(NotFoundError):
        service.find(jkp, world.person(man).number)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: service.open(jkp, man),
        lambda: service.note(jkp, man, "note", "x"),
        lambda: service.ask_physician(jkp, man, "x"),
        lambda: service.act(jkp, man, "opt_out", version=1, reason="x"),
    )
    for act in acts:
        with pytest.raises(NotAllowedError):
            act()
    with pytest.raises(NotFoundError):
        service.open(world.anna, 9999)
    assert world.audit(man) == []


# Opening


def test_every_opening_and_every_hit_is_logged(world: World) -> None:
    man = world.man(family_name="Lindqvist")
    world.office.cases.search(world.anna, "lindq")
    world.office.cases.open(world.anna, man, why="ringde\x00")
    with world.context.sessions.read() as session:
        rows = [(row.action, row.actor, row.region, row.why) for row in session.scalars(select(AuditRow))]
    assert rows == [("case.hit", "anna", "05", ""), ("case.open", "anna", "05", "ringde·")]


def test_a_case_says_where_he_stands_why_and_what_happens_next(world: World) -> None:
    man = world.man()
    world.offer(man)
    case = world.case(man)
    assert (case.step, case.next.on, case.blocked_by) == (Step.AWAITING_SAMPLE, world.today + timedelta(days=90), ())
    assert case.next.what
    assert case.next.by
    world.clock.advance(days=10)
    world.answer(man, "3.4")
    case = world.case(man)
    assert case.reason.startswith("PSA 3,4")
    assert [task.queue for task in case.tasks] == [Queue.RAISED]
    assert (case.psa and str(case.psa.value), case.rule_set) == ("3.4", "SÖSR 2026:2")
    kinds = {line.kind for line in case.timeline}
    assert {"register", "step", "order", "sample", "answer", "letter"} <= kinds
    assert [line.at for line in case.timeline] == sorted((line.at for line in case.timeline), reverse=True)


def test_what_blocks_is_said(world: World) -> None:
    man = world.man(protection=Protection.CONFIDENTIALITY)
    world.act(man, "offer_now")
    assert len(world.case(man).blocked_by) == 1
    block(world, man)
    assert len(world.case(man).blocked_by) == 2


# Notes


@pytest.mark.parametrize("kind", ["phone", "message", "note"])
def test_notes_are_kept_without_what_could_harm_a_screen(world: World, kind: str) -> None:
    man = world.man()
    world.office.cases.note(world.anna, man, kind, "Ringde\nigen \x1b]0;ägare\x07 \u202e \x00 [bold]x[/bold]")
    with world.context.sessions.read() as session:
        (text,) = session.scalars(select(Contact.text)).all()
    assert text == "Ringde\nigen ·]0;ägare· · · [bold]x[/bold]"
    assert world.case(man).timeline[0].what == text
    assert world.audit(man)[0] == "case.note"


def test_empty_and_unknown_notes_are_refused(world: World) -> None:
    man = world.man()
    for kind, text in (("note", " \n"), ("fax", "hej"), ("", "hej")):
        with pytest.raises(RefusedError):
            world.office.cases.note(world.anna, man, kind, text)
    with pytest.raises(RefusedError):
        world.office.cases.ask_physician(world.anna, man, "  ")


def test_a_question_waits_for_the_physician_and_its_answer_is_on_the_case(world: World) -> None:
    man = world.man()
    for text in ("Får han ta prov med kateter?", "Och efter infektion?"):
        world.office.cases.ask_physician(world.anna, man, text)
    assert world.tasks(man) == [Queue.MEDICAL] * 2
    first = world.office.queues.page(world.anna, Queue.MEDICAL)[0]
    world.office.queues.finish(world.per, first.task_id, "Ja, efter en månad.")
    assert world.tasks(man) == [Queue.MEDICAL]
    assert "Ja, efter en månad." in [line.detail for line in world.case(man).timeline]


# Every action from every step


def block(world: World, man: int) -> None:
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")


def men_at(world: World) -> dict[Step, Callable[[], int]]:
    """How a man comes to each step, by the services alone."""

    def due() -> int:
        return world.man()

    def released() -> int:
        man = due()
        # Many at once would release the men of other steps, so his plan is of one.
        with world.context.sessions.begin() as session:
            made = Walk(session, world.anna, world.clock(), world.context.rules(session))
            from kansli_tui.rows.offers import RoundKind  # noqa: PLC0415
            from kansli_tui.service.offers import begin_offer  # noqa: PLC0415

            begin_offer(made, session.get_one(Person, man), RoundKind.FIRST, None)
        return man

    def planned() -> int:
        man = released()
        world.post(LetterType.PRE_LETTER)
        return man

    def to_post() -> int:
        man = due()
        world.act(man, "offer_now")
        return man

    def offered() -> int:
        man = world.man(region="06", municipality="0685")
        world.act(man, "offer_now")
        world.post(LetterType.OFFER)
        return man

    def to_send() -> int:
        man = to_post()
        world.post(LetterType.OFFER)
        return man

    def waiting() -> int:
        man = to_send()
        world.clock.advance(minutes=1)
        world.send_orders()
        world.clock.advance(days=2)
        return man

    def answer(value: str, status: str = "F") -> int:
        man = waiting()
        world.answer(man, value, status=status)
        return man

    def confirmed(value: str, queue: Queue, status: str = "F") -> int:
        man = answer(value, status)
        world.confirm(queue, man)
        return man

    def referred(man: int, *, sent: bool = True) -> int:
        world.refer(man, sent=sent)
        return man

    def followed(value: str, event: ReferralEvent) -> int:
        man = confirmed(value, Queue.RAISED if value == "4.5" else Queue.URGENT)
        row = world.refer(man)
        world.office.referrals.note(world.anna, row.referral_id, event, version=row.version, note="skäl")
        return man

    def booked() -> int:
        man = referred(confirmed("4.5", Queue.RAISED))
        world.booking(man, "S12", world.clock.now + timedelta(days=9))
        return man

    def reported() -> int:
        man = referred(confirmed("4.5", Queue.RAISED))
        world.clock.advance(days=2)
        world.mri(man)
        return man

    def pathology() -> int:
        man = referred(confirmed("140", Queue.URGENT))
        world.outcome(man, "pathology", isup=0)
        return man

    def acted(man: int, action: str, **more: Any) -> int:
        world.act(man, action, **more)
        return man

    return {
        Step.NOT_DUE: due,
        Step.PRE_LETTER_TO_POST: released,
        Step.OFFER_PLANNED: planned,
        Step.OFFER_TO_POST: to_post,
        Step.OFFERED: offered,
        Step.ORDER_TO_SEND: to_send,
        Step.AWAITING_SAMPLE: waiting,
        Step.AWAITING_ANSWER: lambda: answer("2.0", "P"),
        Step.ANSWER_TO_ASSESS: lambda: answer("2.0"),
        Step.REPEAT_TO_POST: lambda: confirmed("", Queue.REPEAT, "X"),
        Step.ANSWER_LETTER_TO_POST: lambda: confirmed("2.0", Queue.NORMAL),
        Step.MRI_TO_REFER: lambda: confirmed("3.4", Queue.RAISED),
        Step.MRI_REFERRAL_TO_SEND: lambda: referred(confirmed("3.4", Queue.RAISED), sent=False),
        Step.MRI_REFERRED: lambda: referred(confirmed("3.4", Queue.RAISED)),
        Step.MRI_TO_BOOK: lambda: followed("4.5", ReferralEvent.REBOOK),
        Step.MRI_BOOKED: booked,
        Step.MRI_DONE: lambda: followed("4.5", ReferralEvent.DONE),
        Step.MRI_TO_RESOLVE: lambda: followed("4.5", ReferralEvent.DECLINED),
        Step.MRI_TO_ASSESS: reported,
        Step.UROLOGY_TO_REFER: lambda: confirmed("140", Queue.URGENT),
        Step.UROLOGY_REFERRAL_TO_SEND: lambda: referred(confirmed("140", Queue.URGENT), sent=False),
        Step.UROLOGY_REFERRED: lambda: referred(confirmed("140", Queue.URGENT)),
        Step.UROLOGY_VISITED: lambda: followed("140", ReferralEvent.DONE),
        Step.BIOPSIED: lambda: followed("140", ReferralEvent.BIOPSIED),
        Step.UROLOGY_TO_RESOLVE: lambda: followed("140", ReferralEvent.DECLINED),
        Step.PATHOLOGY_TO_ASSESS: pathology,
        Step.POSTPONED: lambda: acted(due(), "postpone", on=world.today + timedelta(days=30)),
        Step.EXCLUDED: lambda: acted(due(), "exclude", detail="cancer_known"),
        Step.CLOSED: lambda: acted(due(), "opt_out"),
    }


LENA = Actor("lena", "Lena Läkare", Role.PHYSICIAN, frozenset({"05", "06", "08"}))
_MORE = {
    CaseAction.CLOSE: {"detail": "cancer_known"},
    CaseAction.EXCLUDE: {"detail": "no_prostate"},
}


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_each_action_is_allowed_exactly_where_the_case_says_so_and_leaves_everybody_accounted_for(
    world: World, step: Step
) -> None:
    """Each action is tried alone on a man at the step, once more when something holds him."""
    man = men_at(world)[step]()
    assert world.step(man) is step
    for held in (False, True):
        if held:
            block(world, man)
        back = kept(world.context.sessions.engine)
        for action in CaseAction:
            case = world.office.cases.open(world.per, man)
            more: dict[str, Any] = {
                "on": max(world.today, world.person(man).next_on or world.today) + timedelta(days=200)
                if action is CaseAction.POSTPONE
                else None,
                **_MORE.get(action, {}),
            }

            def act(action: CaseAction = action, more: dict[str, Any] = more) -> None:
                version = world.person(man).version_id
                # After a grave finding a new offer is the physician's to decide.
                actor = LENA if action is CaseAction.NEW_OFFER_LATER else world.per
                world.office.cases.act(actor, man, action.value, version=version, reason="skäl", **more)

            if action in case.actions and action is not CaseAction.REFER:
                act()
                assert f"case.{action.value}" in world.audit(man)
                balance = world.office.balance.make(world.per)
                assert balance.adds_up, (action, balance.unaccounted)
                back()
            else:
                before = world.person(man).version_id
                with pytest.raises(RefusedError):
                    act()
                assert world.person(man).version_id == before


def test_the_actions_of_every_step(world: World) -> None:
    """What the table of moves allows, said once more in the office's words."""
    man = world.man()
    assert world.case(man).actions == {"opt_out", "postpone", "exclude", "close", "offer_now"}
    world.offer(man)
    assert world.case(man).actions == {"decline", "opt_out", "postpone", "exclude", "close"}
    world.clock.advance(days=5)
    world.answer(man, "3.4")
    assert world.case(man).actions == {"close"}
    world.confirm(Queue.RAISED, man)
    assert world.case(man).actions == {"close", "refer", "undo"}
    world.refer(man, sent=False)
    assert world.case(man).actions == {"close", "undo"}


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("postpone", {"on": None}),
        ("postpone", {"on": date(2026, 9, 14)}),
        ("close", {}),
        ("close", {"detail": "age"}),
        ("close", {"detail": "opted_out"}),
        ("close", {"detail": "död"}),
        ("exclude", {"detail": "cancer_knwon"}),
        ("opt_out", {"reason": "  "}),
        ("fly", {}),
        ("", {}),
    ],
)
def test_an_action_without_what_it_needs_is_refused(world: World, action: str, more: dict[str, Any]) -> None:
    man = world.man()
    with pytest.raises(RefusedError):
        world.act(man, action, **more)
    assert world.step(man) is Step.NOT_DUE


def test_an_old_picture_of_the_case_is_refused(world: World) -> None:
    man = world.man()
    case = world.case(man)
    world.act(man, "postpone", on=world.today + timedelta(days=30))
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.cases.act(world.per, man, "opt_out", version=case.version, reason="x")


# Leaving and coming back


def test_opting_out_stops_everything_and_is_confirmed_by_letter(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.act(man, "opt_out")
    assert world.person(man).closed_reason is ClosedReason.OPTED_OUT
    assert world.letters(man)[-1] == (LetterType.OPT_OUT_CONFIRMED, LetterState.PREPARED)
    world.clock.advance(minutes=1)
    assert world.office.orders.export(world.anna, world.folder).cancellations == 1
    assert world.post() == 1
    assert world.adds_up()


def test_only_a_supervisor_reopens_and_never_somebody_who_is_dead_by_the_register(world: World) -> None:
    left, dead, mistaken = world.man(), world.man(deregistered_code="AV"), world.man()
    world.act(left, "opt_out")
    world.act(dead, "close", detail="dead")
    world.act(mistaken, "close", detail="dead")
    version = world.person(mistaken).version_id
    world.office.cases.act(world.per, mistaken, "reopen", version=version, reason="fel person stängd")
    assert world.step(mistaken) is Step.NOT_DUE
    assert "reopen" not in world.case(left).actions
    with pytest.raises(RefusedError):
        world.act(left, "reopen")
    with pytest.raises(RefusedError):
        world.office.cases.act(
            world.per, dead, "reopen", version=world.person(dead).version_id, reason="felregistrerad"
        )
    world.office.cases.act(world.per, left, "reopen", version=world.person(left).version_id, reason="ångrar sig")
    assert (world.step(left), world.person(left).closed_reason) == (Step.NOT_DUE, None)
    assert world.letters(left)[-1][1] is LetterState.STOPPED
    assert world.person(left).next_on == world.today
    assert world.adds_up()


@pytest.mark.parametrize(("out", "back"), [("exclude", "readmit"), ("opt_out", "reopen")])
def test_whoever_comes_back_is_not_offered_before_his_time(world: World, out: str, back: str) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "0.4")
    world.confirm(Queue.NORMAL, man)
    world.post()
    due = world.person(man).next_on
    assert due is not None
    assert due.year == 2032
    world.act(man, out)
    version = world.person(man).version_id
    world.office.cases.act(world.per, man, back, version=version, reason="tillbaka")
    assert world.person(man).next_on == due
    assert world.adds_up()


def test_a_postponement_never_brings_an_offer_forward(world: World) -> None:
    man = world.man()
    world.act(man, "offer_now")
    world.act(man, "decline")
    due = world.person(man).next_on
    assert due is not None
    with pytest.raises(RefusedError, match="already"):
        world.act(man, "postpone", on=due - timedelta(days=1))
    world.act(man, "postpone", on=due + timedelta(days=1))
    assert world.step(man) is Step.POSTPONED


def test_ending_a_hold_leaves_other_register_tasks(world: World) -> None:
    man = world.man()
    block(world, man)
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.open_task(
            Queue.REGISTER,
            f"register:{man}",
            region="05",
            person=session.get_one(Person, man),
            reason="Sex has changed",
        )
    world.act(man, "unblock")
    assert world.tasks(man) == [Queue.REGISTER]
    assert not world.person(man).blocked


def test_errors_hold_no_personal_data(world: World, jkp: Actor) -> None:
    man = world.man(family_name="Lindqvist")
    number = world.person(man).number
    for act in (
        lambda: world.office.cases.find(jkp, number),
        lambda: world.office.cases.open(jkp, man),
        lambda: world.act(man, "accept"),
        lambda: world.office.cases.reveal(world.anna, man, "x"),
    ):
        with pytest.raises(KansliError) as refused:
            act()
        assert "Lindqvist" not in str(refused.value)
        assert number not in str(refused.value)
