"""Whatever the register hands over, in whatever order: nobody is lost, nobody is two people, and the numbers add up."""

from dataclasses import dataclass, field
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.engine import Sessions, make_engine
from db.models import Person, PersonNumber
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.office import REGIONS, Actor, OfficeFacts, Role
from kansli_tui.rows.register import ChangeKind, ImportState
from kansli_tui.service.context import Context
from kansli_tui.service.office import Office
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.settings import Settings
from tests.conftest import Clock, NewDatabase
from tests.factories import a_number, register_file, register_row

ANNA = Actor("anna", "Anna", Role.SUPERVISOR, frozenset(REGIONS))
PLACES = [("05", "80"), ("05", "81"), ("06", "80"), ("08", "80"), ("01", "80")]
ACTS = ("rename", "die", "emigrate", "return", "protect", "renumber", "move", "hide", "show", "hold")


@dataclass
class Man:
    """A man as he truly is, and as the register would write him."""

    numbers: list[str]
    place: tuple[str, str] = ("05", "80")
    name: int = 0
    code: str = ""
    protected: bool = False
    in_file: bool = True
    died: bool = False
    came_in: bool = field(default=False, compare=False)

    def lines(self) -> list[str]:
        if not self.in_file:
            return []
        county, municipality = self.place
        replaced = [
            register_row(pnr=old, avreg="GN", hanvisning=new, fornamn="", efternamn="Gammal", lan="", kommun="")
            for old, new in zip(self.numbers, self.numbers[1:], strict=False)
        ]
        own = register_row(
            pnr=self.numbers[-1],
            efternamn=f"Namn{'abcdefghij'[self.name % 10]}",
            avreg=self.code,
            sekretess="J" if self.protected else "N",
            lan=county,
            kommun=municipality,
        )
        return [*replaced, own]


@dataclass
class Register:
    """The true population, and numbers that nobody has had yet."""

    men: list[Man]
    serial: int = 1

    def fresh(self) -> str:
        self.serial += 2
        return a_number(self.serial % 900, f"1976{self.serial // 900 + 1:02}01")

    def act(self, who: int, what: str, how: int) -> None:
        if who >= len(self.men):
            self.men.append(Man([self.fresh()], place=PLACES[how % 4]))
            return
        man = self.men[who]
        if man.died and what not in ("hide", "show", "renumber"):
            return
        match what:
            case "rename":
                man.name = how
            case "die":
                man.code, man.died = "AV", True
            case "emigrate":
                man.code = "UV"
            case "return":
                man.code = ""
            case "hold":
                man.code = ("OB", "ZZ", "AS")[how % 3]
            case "protect":
                man.protected = not man.protected
            case "renumber":
                man.numbers.append(self.fresh())
            case "move":
                man.place = PLACES[how % len(PLACES)]
            case "hide":
                man.in_file = False
            case "show":
                man.in_file = True


steps = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(ACTS), st.integers(0, 20)),
            max_size=4,
        ),
        st.integers(0, 99),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_nobody_is_lost_or_doubled(
    new_database: NewDatabase, hand_overs: list[tuple[list[tuple[int, str, int]], int, bool]]
) -> None:
    with new_database() as url:
        engine = make_engine(url)
        try:
            clock = Clock()
            office = Office(
                Context(Sessions(engine), clock, Settings.model_construct(), RuleBook(), OfficeFacts("invented", ""))
            )
            register = Register([Man([a_number(1)])])
            for acts, shuffle, noise in hand_overs:
                for who, what, how in acts:
                    register.act(who, what, how)
                lines = [each for man in register.men for each in man.lines()]
                if noise:
                    lines.append("en;trasig;rad")
                Random(shuffle).shuffle(lines)
                hand_over(office, register, lines)
                clock.advance(days=1)
        finally:
            engine.dispose()


def hand_over(office: Office, register: Register, lines: list[str]) -> None:
    raw = register_file(*lines)
    made = office.population.compare(ANNA, raw, "fil.csv", changes_only=len(lines) >= 10)
    assert sum(made.counts.values()) - made.counts[ChangeKind.MISSING] == len(lines)
    assert made.state is ImportState.REVIEW
    office.population.accept(ANNA, made.import_id, version=made.version)
    again = office.population.compare(ANNA, raw, "fil.csv", changes_only=len(lines) >= 10)
    assert (again.counts[ChangeKind.NEW], again.counts[ChangeKind.CHANGED]) == (0, 0)
    with office.context.sessions.read() as session:
        numbers = session.execute(select(PersonNumber.number, PersonNumber.person_id))
        owner = {row.number: row.person_id for row in numbers}
        people = {person.id: person for person in session.scalars(select(Person))}
    assert {person.number for person in people.values()} <= owner.keys()
    for man in register.men:
        mine = {owner[number] for number in man.numbers if number in owner}
        assert len(mine) <= 1, "one man is never two people"
        man.came_in = man.came_in or bool(mine) or (man.in_file and man.place[0] in REGIONS)
        assert bool(mine) == man.came_in, "nobody is lost, and everyone who lives here comes in"
        if mine and man.in_file:
            check(man, people[mine.pop()])
    assert len(people) == sum(man.came_in for man in register.men)
    assert office.balance.make(ANNA).adds_up


def check(man: Man, person: Person) -> None:
    assert person.number == man.numbers[-1]
    if man.died:
        assert (person.step, person.closed_reason) == (Step.CLOSED, ClosedReason.DEAD)
        return
    assert person.family_name[-1] == "abcdefghij"[man.name % 10]
    assert (person.protection.value == "confidentiality") == man.protected
    assert person.deregistered_code == (man.code or None)
    if man.code in ("OB", "ZZ", "AS") and person.step is not Step.CLOSED:
        assert person.blocked
    if man.code == "UV" or man.place[0] not in REGIONS:
        assert person.step is Step.CLOSED
    elif man.place[0] != person.region:
        assert person.blocked or person.step is Step.CLOSED
