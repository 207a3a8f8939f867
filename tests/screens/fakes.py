"""An office in memory for tests of the screens: answers with frozen rows, remembers what was asked, fails when told to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from kansli_tui.errors import KansliError, NotAllowedError
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.cases import (
    Case,
    CaseAction,
    Happening,
    Home,
    NextStep,
    PersonHit,
    PsaFacts,
    QueueCount,
    TaskRow,
    WaitingCount,
)
from kansli_tui.rows.office import Actor, OfficeFacts, Role, StaffRow
from kansli_tui.rows.watch import CheckRow

NOW = datetime(2026, 11, 11, 9, 41, tzinfo=UTC)
ANNA = Actor("anna", "Anna Lind", Role.CASEWORKER, frozenset({"05", "06", "08"}))
PER = Actor("per", "Per Ek", Role.SUPERVISOR, frozenset({"05", "06", "08"}))


def clock() -> datetime:
    return NOW


COUNTS = {
    Queue.URGENT: (0, 1, 0, timedelta(minutes=12)),
    Queue.RAISED: (4, 2, 1, timedelta(days=1)),
    Queue.NORMAL: (38, 21, 1017, timedelta(days=1)),
    Queue.REPEAT: (2, 0, 1, timedelta(days=3)),
    Queue.MRI_REFERRAL: (3, 1, 0, timedelta(days=1)),
    Queue.HELD: (2, 0, 0, timedelta(hours=5)),
    Queue.CONTACT: (1, 3, 1, timedelta(days=18)),
}


def home() -> Home:
    queues = []
    for queue in Queue:
        a, b, c, age = COUNTS.get(queue, (0, 0, 0, timedelta()))
        by_region = {"05": a, "06": b, "08": c}
        if queue is Queue.HELD:
            by_region["00"] = 2
        queues.append(QueueCount(queue, by_region, NOW - age if a + b + c else None))
    return Home(
        queues=tuple(queues),
        batches=(
            WaitingCount("Letters to print", {"05": 412, "06": 300, "08": 1280}, date(2026, 11, 9)),
            WaitingCount("Offers to release", {"05": 412, "06": 300, "08": 280}, date(2026, 11, 12)),
            WaitingCount("Orders to send", {"05": 0, "06": 0, "08": 0}, None),
        ),
        waiting=(
            WaitingCount("awaiting_sample", {"05": 3412, "06": 2300, "08": 1280}, date(2026, 11, 30)),
            WaitingCount("awaiting_answer", {"05": 12, "06": 3, "08": 8}, date(2026, 11, 2)),
            WaitingCount("mri_referred", {"05": 12, "06": 3, "08": 8}, date(2026, 11, 17)),
        ),
        register_reviews=1,
        done_today=61,
        balance={"05": (28114, 0), "06": (24902, 0), "08": (16350, 1)},
        watch=(
            check("mri_answer", "MRI answer not confirmed", found=2, late=True),
            check("mri_silent", "Nothing heard of an MRI referral", found=3),
            check("letter_not_posted", "Letter prepared but not posted"),
        ),
    )


def check(code: str, words: str, *, found: int = 0, late: bool = False) -> CheckRow:
    return CheckRow(
        check=code,
        label=words,
        fix="Open the case and make the referral.",
        owner="anna",
        deputy="per",
        on_duty="anna",
        every_hours=30,
        last_run=datetime(2026, 11, 11, 6, 30, tzinfo=UTC),
        last_by="anna",
        found=found,
        late=late,
    )


def empty_home() -> Home:
    return Home(tuple(QueueCount(queue, {}, None) for queue in Queue), (), (), 0, 0, {})


def at(days: float) -> datetime:
    return NOW - timedelta(days=days)


def case() -> Case:
    return Case(
        person_id=1,
        number="19760101-2391",
        earlier_numbers=("19760161-2398",),
        name="Lindqvist, Örjan",
        masked=False,
        protection="none",
        birth_date=date(1976, 1, 1),
        age=50,
        region="05",
        municipality="Motala",
        address=("Storgatan 1", "591 30 MOTALA"),
        step=Step.MRI_TO_RESOLVE,
        step_label="MR inte gjord: att reda ut",
        since=at(8),
        round_number=1,
        rule_set="SÖSR 2026:2",
        reason="PSA 3,4 µg/l är lika med eller över 3,0 vid 50 år: remiss till magnetkamera. Regel 12, bekräftat av Anna Lind 2 nov.",
        next=NextStep("MR-remissen skickas", date(2026, 11, 17), "kansliet"),
        blocked_by=(),
        tasks=(task(7),),
        timeline=tuple(
            Happening(at(days), kind, what, by, detail)
            for days, kind, what, by, detail in (
                (0.1, "contact", "ringde, undrade om väntetid, fick besked", "per", "phone"),
                (8, "decision", "MR-remiss, regel 12, SÖSR 2026:2", "anna", "PSA 3,4 är över gränsen"),
                (10, "answer", "PSA 3,4 µg/l", "svar_0412.hl7", "status F"),
                (12, "sample", "sample taken", "", ""),
                (26, "order", "PSA OPT-2026-000123 ordered", "program", "valid until 1 feb"),
                (27, "letter", "Offer, posted (batch 2026-195)", "per", ""),
                (40, "letter", "Pre-letter, posted (batch 2026-170)", "per", ""),
                (300, "register", "Came into the register", "per", ""),
            )
        ),
        psa=PsaFacts(Decimal("3.4"), None, "ug/L", "F", at(12)),
        mri=None,
        holder=None,
        actions=frozenset({CaseAction.CLOSE, CaseAction.REBOOK, CaseAction.POSTPONE}),
        version=3,
    )


def task(number: int, **changes: object) -> TaskRow:
    row = TaskRow(
        task_id=number,
        queue=Queue.CONTACT,
        person_id=1,
        region="05",
        number="19760101-2391",
        name="Lindqvist, Örjan",
        masked=False,
        opened_at=at(number),
        reason="Undrar över sin väntetid och vill bli uppringd efter klockan tre",
        subject=f"contact:{number}",
        lease_by=None,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def hit(number: int, name: str = "Lindqvist, Örjan") -> PersonHit:
    return PersonHit(
        person_id=number,
        number="19760101-2391",
        matched_number="19760161-2398" if number == 1 else "19760101-2391",
        name=name,
        birth_date=date(1976, 1, 1),
        region="05",
        municipality="Motala",
        step=Step.UROLOGY_TO_REFER,
        masked=False,
        blocked=number == 2,
    )


@dataclass(frozen=True)
class Report:
    offers: int = 12
    expired: int = 0
    resumed: int = 1
    aged_out: int = 0


@dataclass
class FakeOffice:
    """`asked` lists every call as (method, arguments after the actor); `fails` maps a method to the error it raises."""

    facts: OfficeFacts = field(default_factory=lambda: OfficeFacts("invented", "sqlite"))
    asked: list[tuple[str, tuple[object, ...], dict[str, object]]] = field(default_factory=list)
    fails: dict[str, BaseException] = field(default_factory=dict)
    answers: dict[str, Callable[..., object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        def sign_in(username: str, password: str) -> Actor:
            if (username, password) != ("anna", "hemligt"):
                raise NotAllowedError("User name or password is wrong, or the account is closed. Ask a supervisor.")
            return ANNA

        staff = (
            StaffRow("anna", "Anna Lind", Role.CASEWORKER, ("05", "06", "08"), active=True),
            StaffRow("per", "Per Ek", Role.SUPERVISOR, ("05", "06", "08"), active=True),
            StaffRow("ulla", "Ulla Strand", Role.SUPERVISOR, ("05", "06", "08"), active=True),
        )
        told: dict[str, Callable[..., object]] = {
            "staff.sign_in": sign_in,
            "staff.rows": lambda _actor: staff,
            "queues.home": lambda _actor: home(),
            "queues.page": lambda _actor, _queue, **_how: tuple(task(number) for number in (3, 2, 1)),
            "queues.last_page": lambda _actor, _queue, **_how: (task(1),),
            "queues.take": lambda *_what, **_how: None,
            "queues.put_back": lambda *_what: None,
            "queues.finish": lambda *_what: None,
            "cases.search": lambda _actor, _text: (hit(1), hit(2), hit(3, "von Lindqvist-Söderbergson, Karl-Gustav")),
            "cases.open": lambda _actor, _id: case(),
            "cases.reveal": lambda _actor, _id, _why: case(),
            "cases.note": lambda *_what: None,
            "cases.ask_physician": lambda *_what: None,
            "cases.act": lambda *_what, **_how: case(),
            "daily.run": lambda _actor: Report(),
        }
        told.update(self.answers)
        for name, answer in told.items():
            service, _dot, method = name.partition(".")
            if not hasattr(self, service):
                setattr(self, service, SimpleNamespace())
            setattr(getattr(self, service), method, self._call(name, answer))

    def _call(self, name: str, answer: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            self.asked.append((name, arguments[1:], named))
            if name in self.fails:
                raise self.fails[name]
            return answer(*arguments, **named)

        return call

    def calls(self, name: str) -> list[tuple[tuple[object, ...], dict[str, object]]]:
        return [(arguments, named) for called, arguments, named in self.asked if called == name]


def failing(message: str, **values: object) -> KansliError:
    return KansliError(message, **values)
