"""An office at work for tests: real services, a movable clock, and the steps of the pathway as single calls."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from db.models import AuditRow, Letter, Person, PsaOrder, Referral, Task
from kansli_tui.exchange.profile import default_profile, radiology_profile
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import AnswerRow, LabImport, MessageState
from kansli_tui.rows.cases import Case
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.letters import LetterContent
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import ReferralRow
from kansli_tui.service.context import STOCKHOLM, Context
from kansli_tui.service.office import Office
from reports.letters import LetterPages, RenderedBatch, check
from tests.factories import add_person
from tests.remembered import remembered


@dataclass
class World:
    """The office, its people and its clock."""

    context: Context
    clock: Any
    anna: Actor
    per: Actor
    folder: Path
    office: Office = field(init=False)
    paper: bool = True
    """Whether `post` sets real letters; tests about other things save that time."""
    _control: int = 0

    def __post_init__(self) -> None:
        self.office = Office(self.context)

    @property
    def today(self) -> date:
        return self.context.today

    # People

    def man(self, **values: Any) -> int:
        """A registered man of the default plan (Östergötland, born 1976) unless said otherwise."""
        return add_person(self.context, **{"region": "05", "municipality": "0580", **values})

    def person(self, person_id: int) -> Person:
        with self.context.sessions.read() as session:
            return session.get_one(Person, person_id)

    def step(self, person_id: int) -> Step:
        return self.person(person_id).step

    def case(self, person_id: int) -> Case:
        return self.office.cases.open(self.anna, person_id)

    def act(self, person_id: int, action: str, **values: Any) -> Case:
        version = self.person(person_id).version_id
        return self.office.cases.act(self.anna, person_id, action, version=version, **{"reason": "skäl", **values})

    # Offers

    def plan(self, *, region: str = "05", born: tuple[int, ...] = (1976,), per_week: int = 50) -> int:
        """A plan written by Anna and approved by Per."""
        made = self.office.offers.create_plan(
            self.anna, region=region, birth_years=born, per_week=per_week, starts_on=self.today
        )
        self.office.offers.approve(self.per, made.plan_id, version=made.version)
        return made.plan_id

    def release(self, plan_id: int) -> int:
        """Release this week's people; how many."""
        version = next(row.version for row in self.office.offers.plans(self.anna) if row.plan_id == plan_id)
        return self.office.offers.release(self.anna, plan_id, version=version).people

    def post(self, kind: LetterType | None = None) -> int:
        """Print and post every waiting letter (of a kind); how many."""
        with nullcontext() if self.paper else patch("reports.letters.render_batch", unset):
            return self._post(kind)

    def _post(self, kind: LetterType | None) -> int:
        count = 0
        for waiting in self.office.letters.waiting(self.anna):
            if kind in (None, waiting.type):
                for batch in self.office.letters.make_batches(
                    self.anna,
                    region=waiting.region,
                    type=waiting.type,
                    by_hand=waiting.by_hand,
                    channel=waiting.channel,
                ):
                    self.office.letters.write(self.anna, batch.batch_id, self.folder / "brev")
                    self.office.letters.confirm(self.anna, batch.batch_id, version=batch.version, posted=batch.to_post)
                    count += batch.to_post
        return count

    @remembered
    def offer(self, *people: int, region: str = "05", born: tuple[int, ...] = (1976,)) -> None:
        """Bring people from the register to a posted offer with a sent order (where the region orders with the offer)."""
        plan = self.plan(region=region, born=born)
        self.release(plan)
        self.post(LetterType.PRE_LETTER)
        self.clock.advance(days=14)
        self.office.daily.run(self.anna)
        self.post()
        if region != "06":
            self.send_orders()
        for person in people:
            assert self.step(person) in (Step.AWAITING_SAMPLE, Step.OFFERED)

    def send_orders(self) -> int:
        return self.office.orders.export(self.anna, self.folder / "orders").orders

    def order(self, person_id: int, *, number: str | None = None) -> str:
        """The person's newest order number; renamed first when a sample message expects a certain one."""
        with self.context.sessions.begin() as session:
            order = session.scalars(
                select(PsaOrder).where(PsaOrder.person_id == person_id).order_by(PsaOrder.id.desc())
            ).first()
            assert order is not None
            if number is not None:
                order.number = number
            return order.number

    # Answers

    def message(
        self, person_id: int, value: str = "2.4", *, status: str = "F", order: str | None = None, **more: str
    ) -> bytes:
        """An ORU message for the person's newest order, sampled yesterday."""
        self._control += 1
        person = self.person(person_id)
        profile = default_profile()
        sampled = more.get("sampled", f"{(self.clock.now - timedelta(days=1)).astimezone(STOCKHOLM):%Y%m%d%H%M%S}")
        number = order or self.order(person_id)
        unit = more.get("unit", "ug/L")
        born = more.get("born", f"{person.birth_date:%Y%m%d}")
        lines = [
            (
                f"MSH|^~\\&|{profile.their_application}|{profile.their_facility}|{profile.our_application}|{profile.our_facility}"
                f"|20261101103015+0100||ORU^R01^ORU_R01|{more.get('control', f'T{self._control}')}|T|2.5.1|||AL|NE|SE|UNICODE UTF-8"
            ),
            f"PID|1||{more.get('pnr', person.number)}^^^&1.2.752.129.2.1.3.1&ISO^NI||X^Y||{born}|M",
            f"ORC|RE|{number}^{profile.our_facility}|L{self._control}^{profile.their_facility}||CM",
            (
                f"OBR|1|{number}^{profile.our_facility}|L{self._control}^{profile.their_facility}|NPU08669^P-PSA^NPU|||{sampled}"
                f"||||||||||||||||||LAB|{status}"
            ),
            f"OBX|1|{more.get('type', 'NM')}|NPU08669^P-PSA^NPU||{value}|{unit}|<3.0||||{status}",
        ]
        if "comment" in more:
            lines.append(f"NTE|1|L|{more['comment']}")
        return ("\r".join(lines) + "\r").encode()

    def take(self, raw: bytes, name: str = "svar.hl7") -> LabImport:
        return self.office.answers.import_file(self.anna, raw, name)

    def answer(self, person_id: int, value: str = "2.4", **more: str) -> None:
        """Take an answer in; fails when it is held."""
        taken = self.take(self.message(person_id, value, **more))
        assert [item.state for item in taken.items] == [MessageState.APPLIED], taken.items

    def shown(self, queue: Queue, person_id: int) -> AnswerRow:
        rows = self.office.decisions.rows(self.anna, queue, limit=500)
        return next(row for row in rows if row.person_id == person_id)

    def confirm(self, queue: Queue, person_id: int, **more: Any) -> None:
        row = self.shown(queue, person_id)
        self.office.decisions.confirm(self.anna, row.decision_id, version=row.version, **more)

    # Referrals

    @remembered
    def raised(self, value: str = "4.5", **values: Any) -> int:
        """A man whose raised value has been confirmed: he waits for his MRI referral."""
        person_id = self.man(**values)
        self.offer(person_id, region=self.person(person_id).region)
        self.clock.advance(days=10)
        self.answer(person_id, value)
        self.confirm(Queue.RAISED, person_id)
        return person_id

    def refer(self, person_id: int, *, sent: bool = True, number: str | None = None) -> ReferralRow:
        """The referral that the person waits for, to the region's usual unit; sent by hand unless said otherwise."""
        form = self.office.referrals.form(self.anna, person_id)
        row = self.office.referrals.refer(
            self.anna, person_id, version=form.version, unit_id=form.units[0].unit_id, answers=[(form.asks[0], "Nej")]
        )
        if sent:
            row = self.office.referrals.send(self.anna, row.referral_id, version=row.version)
        if number is not None:
            with self.context.sessions.begin() as session:
                session.get_one(Referral, row.referral_id).number = number
        return row

    def referral(self, person_id: int, kind: ReferralKind = ReferralKind.MRI) -> Referral:
        """The person's newest referral of a kind."""
        with self.context.sessions.read() as session:
            found = session.scalars(
                select(Referral)
                .where(Referral.person_id == person_id, Referral.kind == kind)
                .order_by(Referral.id.desc())
            ).first()
            assert found is not None
            return found

    def referral_state(self, person_id: int, kind: ReferralKind = ReferralKind.MRI) -> ReferralState:
        return self.referral(person_id, kind).state

    def mri_message(
        self, person_id: int, scores: Sequence[int] = (2,), volume: str | None = "40", *, status: str = "F", **more: Any
    ) -> bytes:
        """An MRI report on the person's newest referral, examined yesterday or when it was made."""
        ours = self._head("ORU^R01^ORU_R01", "R", person_id, more)
        referral = self.referral(person_id)
        number = more.get("order") or referral.number
        day = max(self.clock.now - timedelta(days=1), referral.made_at)
        examined = more.get("examined", f"{day.astimezone(STOCKHOLM):%Y%m%d%H%M%S}")
        lines = [
            *ours,
            f"ORC|RE|{number}^{radiology_profile().our_facility}|RIS-7^RIS||CM",
            (
                f"OBR|1|{number}^{radiology_profile().our_facility}|RIS-7^RIS|719178004^MR prostata^SCT|||{examined}"
                f"|||||||||||||||{more.get('reported', '')}||RAD|{status}"
            ),
            f"OBX|1|FT|18748-4^Utlåtande^LN||{more.get('text', 'MR prostata.')}||||||{status}",
        ]
        if volume is not None:
            lines.append(f"OBX|2|NM|15315-5^Prostatavolym^LN||{volume}|mL|||||{status}")
        lines += [f"OBX|{n + 2}|NM|1345044005^PI-RADS^SCT|{n}|{s}||||||{status}" for n, s in enumerate(scores, 1)]
        return ("\r".join(lines) + "\r").encode()

    def mri(self, person_id: int, scores: Sequence[int] = (2,), volume: str | None = "40", **more: Any) -> None:
        """Take an MRI report in; fails when it is held."""
        self._taken(self.mri_message(person_id, scores, volume, **more))

    def booking_message(self, person_id: int, event: str, at: datetime | None = None, **more: Any) -> bytes:
        """An appointment message (event 'S12', 'S13', 'S15' or 'S26') on the newest MRI referral; `sent` says when it was written."""
        ours = self._head(f"SIU^{event}^SIU_S12", "B", person_id, more)
        number = more.get("order") or self.referral(person_id).number
        when = f"{at.astimezone(STOCKHOLM):%Y%m%d%H%M%S}" if at is not None else ""
        lines = [
            ours[0],
            f"SCH|{number}^{radiology_profile().our_facility}|RIS-7^RIS||||{more.get('why', '')}|||15|min|^^15^{when}",
            ours[1],
        ]
        return ("\r".join(lines) + "\r").encode()

    def booking(self, person_id: int, event: str, at: datetime | None = None, **more: Any) -> None:
        """Take an appointment message in; fails when it is held or without effect."""
        self._taken(self.booking_message(person_id, event, at, **more))

    def outcome_line(self, person_id: int, event: str, on: date | None = None, **more: Any) -> bytes:
        """A line of urology ('visit', 'biopsy', 'pathology' with isup, 'treatment' with treatment, 'declined') today unless said."""
        number = more["order"] if "order" in more else self.referral(person_id, ReferralKind.UROLOGY).number
        cells = (number, more.get("pnr", self.person(person_id).number), event, (on or self.today).isoformat())
        result = (str(more.get("isup", "")), str(more.get("treatment", "")))
        return f"order;pnr;event;at;isup;treatment\n{';'.join((*cells, *result))}\n".encode()

    def outcome(self, person_id: int, event: str, on: date | None = None, **more: Any) -> None:
        """Take a line of urology in; fails when it is held."""
        self._taken(self.outcome_line(person_id, event, on, **more))

    def _head(self, kind: str, prefix: str, person_id: int, more: dict[str, Any]) -> tuple[str, str]:
        """MSH and PID of a unit's message."""
        self._control += 1
        person, profile = self.person(person_id), radiology_profile()
        sent = more.get("sent", self.clock.now).astimezone(STOCKHOLM)
        born = more.get("born", f"{person.birth_date:%Y%m%d}")
        return (
            (
                f"MSH|^~\\&|{profile.their_application}|{profile.their_facility}|{profile.our_application}|{profile.our_facility}"
                f"|{sent:%Y%m%d%H%M%S%z}||{kind}|{more.get('control', f'{prefix}{self._control}')}|T|2.5.1|||AL|NE|SE|UNICODE UTF-8"
            ),
            f"PID|1||{more.get('pnr', person.number)}^^^&1.2.752.129.2.1.3.1&ISO^NI||X^Y||{born}|M",
        )

    def _taken(self, raw: bytes) -> None:
        taken = self.take(raw)
        assert [item.state for item in taken.items] == [MessageState.APPLIED], taken.items

    # Looking

    def tasks(self, person_id: int | None = None) -> list[Queue]:
        with self.context.sessions.read() as session:
            statement = select(Task.queue).where(Task.closed_at.is_(None)).order_by(Task.id)
            if person_id is not None:
                statement = statement.where(Task.person_id == person_id)
            return list(session.scalars(statement))

    def letters(self, person_id: int) -> list[tuple[LetterType, LetterState]]:
        with self.context.sessions.read() as session:
            rows = session.execute(
                select(Letter.type, Letter.state).where(Letter.person_id == person_id).order_by(Letter.id)
            )
            return [(kind, state) for kind, state in rows]

    def audit(self, person_id: int) -> list[str]:
        with self.context.sessions.read() as session:
            return list(
                session.scalars(select(AuditRow.action).where(AuditRow.person_id == person_id).order_by(AuditRow.id))
            )

    def adds_up(self) -> bool:
        return self.office.balance.make(self.per).adds_up


def unset(
    letters: Sequence[LetterContent], *, created: datetime, checked: bool = False, progress: object = None
) -> RenderedBatch:
    """A batch as `render_batch` returns it, checked letter by letter, with an empty page for each."""
    for letter in letters:
        check(letter)
    pages = tuple(
        LetterPages(letter.letter_id, page, 1, letter.recipient.postcode) for page, letter in enumerate(letters, 1)
    )
    return RenderedBatch(b"", pages, created.isoformat())


def at(text: str) -> datetime:
    """A time in Sweden."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)
