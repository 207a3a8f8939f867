"""What is written by hand against what the register says: nothing is overwritten in silence, nothing the register says is dropped."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from db.models import HandEdit, Letter
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind
from kansli_tui.rows.register_care import HandField, HandForm, HandValue
from tests.service.register_help import compare, line, number, only, person_of, take_in
from tests.world import World

MAN = number(1)
F = HandField
OURS = {"co": "c/o Ek", "adr2": "Nygatan 2", "postnr": "58223", "ort": "LINKÖPING"}
REGISTERED = {"adr2": "Vägen 1", "postnr": "58222", "ort": "LINKÖPING"}
MOVED = {"adr2": "Storgatan 9", "postnr": "58225", "ort": "LINKÖPING"}


def edit(world: World, **values: dict[str, str]) -> HandForm:
    """Write by hand about the man; what is not named stays."""
    person = person_of(world, MAN)
    given = {HandField(name): value for name, value in values.items()}
    return world.office.hand_edits.edit(
        world.anna, person.id, version=person.version_id, values=given, why="ringde och sade det"
    )


def form(world: World) -> HandForm:
    return world.office.hand_edits.form(world.anna, person_of(world, MAN).id)


def value(world: World, of: HandField) -> HandValue:
    return next(one for one in form(world).values if one.field is of)


def settle(world: World, of: HandField, *, accept: bool) -> None:
    shown = value(world, of)
    assert shown.differs is not None
    assert shown.edit_id is not None
    world.office.hand_edits.settle(world.anna, shown.edit_id, differs=shown.differs, accept=accept, why="frågade honom")


def edits(world: World) -> list[HandEdit]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(HandEdit).order_by(HandEdit.id)))


@dataclass
class Story:
    """A man whose family name and address are written by hand, and what files say of him afterwards."""

    files: list[dict[str, str]]
    name: str = "Öberg-Ek"
    address: dict[str, str] = field(default_factory=lambda: OURS)
    differs: frozenset[HandField] = frozenset()
    open: frozenset[HandField] = frozenset({F.FAMILY, F.ADDRESS})


STORIES = {
    "the same as before": Story([{}]),
    "another name": Story([{"efternamn": "Ny"}], differs=frozenset({F.FAMILY})),
    "another name, and then what we have": Story(
        [{"efternamn": "Ny"}, {"efternamn": "Öberg-Ek"}], open=frozenset({F.ADDRESS})
    ),
    "another name, and then as before": Story([{"efternamn": "Ny"}, {}]),
    "what we have": Story([{"efternamn": "Öberg-Ek", **OURS}], open=frozenset()),
    "moved": Story([MOVED], differs=frozenset({F.ADDRESS})),
    "a special address beside": Story([{"sp_adr2": "Box 1", "sp_postnr": "58101", "sp_ort": "LINKÖPING"}],
        address=OURS | {"sp_adr2": "Box 1", "sp_postnr": "58101", "sp_ort": "LINKÖPING"}),
    "moved and a given name": Story([MOVED | {"fornamn": "Bo"}], differs=frozenset({F.ADDRESS})),
    "dead": Story([{"avreg": "AV"}], name="Öberg", address=REGISTERED, open=frozenset()),
    "dead, with another address": Story([MOVED | {"avreg": "AV"}], name="Öberg", address=MOVED, open=frozenset()),
    "marked confidential": Story([{"sekretess": "J"}], name="Öberg", address=REGISTERED, open=frozenset()),
    "protected registration": Story([{"skyddad_fbf": "J"}], name="Öberg", address={}, open=frozenset()),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_what_the_register_says_afterwards(world: World, story: str) -> None:
    told = STORIES[story]
    take_in(world, line(MAN))
    edit(world, family={"family_name": "Öberg-Ek"}, address=OURS)
    for values in told.files:
        world.clock.advance(days=1)
        take_in(world, line(MAN, **values))
    person = person_of(world, MAN)
    assert (person.family_name, person.address) == (told.name, told.address)
    assert person.name_key == f"{told.name.lower().replace('-', ' ')} {person.given_names.lower()}"
    open_now = {row.field: row for row in edits(world) if row.ended_at is None}
    assert open_now.keys() == told.open
    assert {name for name, row in open_now.items() if row.differs_at is not None} == told.differs
    assert all((row.differs is None) == (row.differs_at is None) for row in open_now.values())
    # The same file once more says nothing new.
    last = line(MAN, **told.files[-1])
    again = compare(world, last)
    assert again.counts[ChangeKind.CHANGED] == 0


def test_keep_and_accept(world: World) -> None:
    take_in(world, line(MAN))
    edit(world, family={"family_name": "Öberg-Ek"})
    new = line(MAN, efternamn="Ny")
    made = compare(world, new)
    assert "för hand" in only(world, made, ChangeKind.CHANGED).effect
    take_in(world, new)
    shown = value(world, F.FAMILY)
    assert (shown.value, shown.register_value) == ({"family_name": "Öberg-Ek"}, {"family_name": "Öberg"})
    assert shown.differs == {"family_name": "Ny"}
    settle(world, F.FAMILY, accept=False)
    assert person_of(world, MAN).family_name == "Öberg-Ek"
    assert value(world, F.FAMILY).differs is None
    # Kept against just that: the same file asks nothing, another one asks again.
    assert compare(world, new).counts[ChangeKind.UNCHANGED] == 1
    take_in(world, line(MAN, efternamn="Nyare"))
    assert value(world, F.FAMILY).differs == {"family_name": "Nyare"}
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.hand_edits.settle(
            world.anna, value(world, F.FAMILY).edit_id or 0, differs={"family_name": "Ny"}, accept=True, why="skäl"
        )
    settle(world, F.FAMILY, accept=True)
    person = person_of(world, MAN)
    assert (person.family_name, person.name_key) == ("Nyare", "nyare åke")
    assert [row.ended_at is None for row in edits(world)] == [False, False]
    lines = [happening.what for happening in world.case(person.id).timeline if happening.kind == "register"]
    assert len(lines) > 4


def test_what_is_written_by_hand_stands_on_the_letter(world: World) -> None:
    take_in(world, line(MAN))
    person = person_of(world, MAN).id
    edit(world, family={"family_name": "Öberg-Ek"}, address=OURS)
    take_in(world, line(MAN, **MOVED))
    world.act(person, "offer_now")
    world.post(LetterType.OFFER)
    with world.context.sessions.read() as session:
        letter = session.scalars(select(Letter).where(Letter.person_id == person)).one()
    assert letter.content is not None
    sent_to = letter.content["recipient"]
    assert sent_to["name"] == "Åke Öberg-Ek"
    assert (sent_to["lines"], sent_to["postcode"]) == (["c/o Ek", "Nygatan 2"], "58223")


def test_a_move_out_by_the_register_goes_before_a_municipality_by_hand(world: World) -> None:
    take_in(world, line(MAN))
    edit(world, municipality={"municipality": "0581"})
    take_in(world, line(MAN, kommun="83"))
    assert value(world, F.MUNICIPALITY).differs == {"municipality": "0583"}
    take_in(world, line(MAN, lan="01", kommun="80"))
    person = person_of(world, MAN)
    assert (person.municipality, person.closed_reason) == ("0180", ClosedReason.MOVED_OUT)
    assert [row.ended_at is None for row in edits(world)] == [False]


def test_a_file_that_was_compared_before_the_edit_does_not_overwrite_it(world: World) -> None:
    take_in(world, line(MAN))
    made = compare(world, line(MAN, efternamn="Ny"))
    edit(world, family={"family_name": "Öberg-Ek"})
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.population.accept(world.anna, made.import_id, version=made.version)
    again = world.office.population.compare_again(world.anna, made.import_id)
    world.office.population.accept(world.anna, again.import_id, version=again.version)
    assert value(world, F.FAMILY).differs == {"family_name": "Ny"}


UNKNOWN = number(1, "19760060")


def test_a_birth_date_only_where_the_register_does_not_know_it(world: World) -> None:
    man = world.man(number=UNKNOWN, birth_date_known=False)
    hand = world.office.hand_edits

    def born(day: str) -> HandForm:
        version = world.person(man).version_id
        return hand.edit(world.anna, man, version=version, values={F.BIRTH_DATE: {"birth_date": day}}, why="pass")

    assert [one.value for one in hand.form(world.anna, man).values if one.field is F.BIRTH_DATE] == [{}]
    for wrong in ("1975-04-05", "5 april", "2976-04-05"):
        with pytest.raises(RefusedError):
            born(wrong)
    born("1976-04-05")
    person = world.person(man)
    assert (person.birth_date.isoformat(), person.birth_date_known) == ("1976-04-05", True)
    born("1976-04-06")
    assert world.person(man).birth_date.isoformat() == "1976-04-06"
    known = world.man()
    with pytest.raises(RefusedError, match="register knows"):
        hand.edit(world.anna, known, version=1, values={F.BIRTH_DATE: {"birth_date": "1976-01-01"}}, why="pass")
    assert F.BIRTH_DATE not in [one.field for one in hand.form(world.anna, known).values]


WRONG: list[tuple[dict[HandField, dict[str, str]], str]] = [
    ({F.FAMILY: {}}, "given name and family name"),
    ({F.ADDRESS: OURS | {"postnr": "5822"}}, "five digits"),
    ({F.MUNICIPALITY: {"municipality": "0680"}}, "handed over"),
    ({F.MUNICIPALITY: {"municipality": ""}}, "municipality"),
    ({F.GIVEN: {"given_names": "Å" * 81}}, "80"),
    ({F.FAMILY: {"family_name": " Öberg "}}, "Nothing"),
]


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_what_is_refused(world: World) -> None:
    man = world.man()
    hand = world.office.hand_edits

    def written(values: dict[HandField, dict[str, str]], actor: Actor = world.anna, **more: Any) -> HandForm:
        return hand.edit(actor, man, **{"version": 1, "why": "skäl", **more}, values=values)

    good = {F.FAMILY: {"family_name": "Ek"}}
    for values, words in WRONG:
        with pytest.raises(RefusedError, match=words):
            written(values)
    with pytest.raises(RefusedError, match="why"):
        written(good, why=" ")
    with pytest.raises(ChangedBySomeoneElseError):
        written(good, version=2)
    with pytest.raises(NotAllowedError):
        written(good, Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"08"})))
    assert edits(world) == []
    written(good)
    for protected in (
        world.man(protection=Protection.CONFIDENTIALITY),
        world.man(step=Step.CLOSED, closed_reason="dead"),
    ):
        with pytest.raises(RefusedError):
            hand.form(world.per, protected)


def test_written_again_and_back_to_the_registers(world: World) -> None:
    take_in(world, line(MAN))
    edit(world, family={"family_name": "Ek"})
    edit(world, family={"family_name": "Ekman"})
    assert value(world, F.FAMILY).register_value == {"family_name": "Öberg"}
    edit(world, family={"family_name": "Öberg"})
    assert [row.ended_at is None for row in edits(world)] == [False, False]
    shown = value(world, F.FAMILY)
    assert (shown.edit_id, shown.value) == (None, {"family_name": "Öberg"})
