"""What an export writes about referrals: messages to radiology, one PDF of forms and one work list for each region.

MRI goes as messages and on paper, urology on paper and in the work list. A referral that cannot be written stays where it is, with why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import Select, select

from db.models import Decided, Person, Referral, Unit
from kansli_tui.errors import KansliError, LetterError
from kansli_tui.exchange.profile import Profile
from kansli_tui.exchange.referral_out import cancel_referral_message, referral_message
from kansli_tui.exchange.worklist import referral_worklist_csv
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.letters import RegionOffice
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referral_messages import ReferralOut
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import referring
from kansli_tui.service.context import Context
from kansli_tui.service.latest import latest_answer
from kansli_tui.service.offices import offices
from kansli_tui.service.outgoing import leaving
from kansli_tui.service.profiles import radiology_for
from kansli_tui.service.walk import Walk

_TO_SEND = (Step.MRI_REFERRAL_TO_SEND, Step.UROLOGY_REFERRAL_TO_SEND)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A referral with whose it is, to whom it goes, and what is written of it."""

    referral: Referral
    person: Person
    unit: Unit
    out: ReferralOut
    profile: Profile

    @property
    def facility(self) -> str:
        """Who gets the message."""
        return self.unit.hsa_id or self.profile.their_facility


@dataclass(slots=True)
class OutgoingReferrals:
    """The files of one export, and what will be marked once they are written."""

    context: Context
    walk: Walk
    stamp: str
    files: dict[str, bytes] = field(default_factory=dict)
    sent: list[Leaving] = field(default_factory=list)
    cancelled: list[Leaving] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Write what waits to be sent, and what units have been sent and not been told that it no longer holds."""
        waiting = self._found(_waiting(self.walk))
        messages = self._messages(waiting, referral_message, "R")
        for region, some in _by_region([one for one in waiting if one.referral.id in messages]).items():
            going, forms = self._set(some)
            if going:
                self.sent += going
                self.files[f"remisser-{region}-{self.stamp}.pdf"] = forms
                self.files[f"remisser-arbetslista-{region}-{self.stamp}.csv"] = _worklist(going)
        self._file_messages(self.sent, messages, "mr-remisser")
        withdrawn = self._found(_cancelled(self.walk))
        messages = self._messages(withdrawn, cancel_referral_message, "X")
        self.cancelled = [one for one in withdrawn if one.referral.id in messages]
        self._file_messages(self.cancelled, messages, "mr-avbestallningar")
        for region, some in _by_region(self.cancelled).items():
            self.files[f"remisser-avbestallda-{region}-{self.stamp}.csv"] = _worklist(some)

    def mark(self) -> None:
        """What was written has been sent."""
        for one in self.sent:
            referring.advance(self.walk, one.person, one.referral, referring.sent_event(one.unit))
        for one in self.cancelled:
            one.referral.cancel_owed = False

    def _found(self, statement: Select[Referral, Person, Unit]) -> list[Leaving]:
        found = []
        for referral, person, unit in self.walk.session.execute(statement):
            try:
                out = referral_out(self.walk, referral, person, unit)
                found.append(Leaving(referral, person, unit, out, radiology_for(self.context.settings, unit.region)))
            except KansliError as problem:
                self.left_out.append(f"{referral.number}: {problem}")
        return found

    def _messages(self, some: Sequence[Leaving], write: Callable[..., bytes], prefix: str) -> dict[int, bytes]:
        """The message of each by its referral's key: b'' where none is agreed on (urology), nothing where it cannot be written."""
        messages: dict[int, bytes] = {}
        for one in some:
            try:
                messages[one.referral.id] = (
                    write(one.out, one.profile, control_id=f"{prefix}{one.referral.id:08d}", at=self.walk.at)
                    if one.referral.kind is ReferralKind.MRI
                    else b""
                )
            except KansliError as problem:
                self.left_out.append(f"{one.referral.number}: {problem}")
        return messages

    def _file_messages(self, some: Sequence[Leaving], messages: dict[int, bytes], name: str) -> None:
        """One file for each receiver."""
        for one in some:
            if message := messages[one.referral.id]:
                file = f"{name}-{one.facility}-{self.stamp}.hl7"
                self.files[file] = self.files.get(file, b"") + message

    def _set(self, some: Sequence[Leaving]) -> tuple[list[Leaving], bytes]:
        """The forms in one file; where one cannot be set it is left out and named, and the others leave without it."""
        try:
            return list(some), self._forms(some)
        except LetterError:
            going = [one for one in some if self._can_be_set(one)]
            return going, self._forms(going) if going else b""

    def _can_be_set(self, one: Leaving) -> bool:
        try:
            self._forms([one])
        except LetterError as problem:
            self.left_out.append(str(problem))
            return False
        return True

    def _forms(self, some: Sequence[Leaving]) -> bytes:
        from reports.referral_form import ReferralForm, referral_forms  # noqa: PLC0415 - reportlab loads when paper is made

        return referral_forms(
            [ReferralForm(one.out, self._office(one.referral.region), one.unit.phone) for one in some],
            on=self.walk.today,
            invented=self.context.facts.invented,
        )

    def _office(self, region: str) -> RegionOffice:
        found = offices(self.context.settings.offices_file).get(region)
        if found is None:
            raise LetterError("The offices file says nothing about region {region}.", region=region)
        return found


def referral_out(walk: Walk, referral: Referral, person: Person, unit: Unit) -> ReferralOut:
    """The referral as it leaves: with the PSA value that it stands on, and for urology what MRI has shown."""
    to = leaving(person)
    answer = latest_answer(walk.session, person)
    return ReferralOut(
        kind=referral.kind.value,
        number=referral.number,
        region=referral.region,
        unit_name=unit.name,
        unit_hsa_id=unit.hsa_id,
        identity_number=person.number,
        identity_oid=to.identity_oid,
        family=person.family_name,
        given=to.given,
        birth_date=person.birth_date,
        sex=to.sex,
        street=to.street,
        postcode=to.postcode,
        city=to.city,
        made_at=referral.made_at,
        psa_value="" if answer is None or answer.value is None else f"{answer.value:f}",
        psa_comparator=(answer.comparator or "") if answer is not None else "",
        sampled_at=answer.sampled_at if answer is not None else None,
        question=referral.question,
        answers=tuple((asked, said) for asked, said in referral.answers),
        exam_code=unit.exam_code,
        exam_text=unit.exam_text,
        mri=_mri(walk, person) if referral.kind is ReferralKind.UROLOGY else None,
        protected=person.protection is not Protection.NONE,
    )


def _mri(walk: Walk, person: Person) -> tuple[str, str, str] | None:
    """What a person has confirmed of the round's MRI: PI-RADS, volume in ml, and density cut (never rounded) to three decimals."""
    decided = walk.session.scalar(
        select(Decided)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.kind == DecisionKind.MRI,
            Decided.state == DecisionState.CONFIRMED,
        )
        .order_by(Decided.id.desc())
        .limit(1)
    )
    if decided is None or "pirads" not in decided.inputs:
        return None
    inputs = decided.inputs
    density = inputs.get("density", "")
    cut = f"{Decimal(density).quantize(Decimal('0.001'), rounding=ROUND_DOWN)}" if density else ""
    return inputs["pirads"], inputs.get("volume_ml", ""), cut


def _by_region(some: Sequence[Leaving]) -> dict[str, list[Leaving]]:
    found: dict[str, list[Leaving]] = {}
    for one in some:
        found.setdefault(one.referral.region, []).append(one)
    return found


def _worklist(some: Sequence[Leaving]) -> bytes:
    return referral_worklist_csv(one.out for one in some)


def _selected(walk: Walk) -> Select[Referral, Person, Unit]:
    return (
        select(Referral, Person, Unit)
        .join(Person, Person.id == Referral.person_id)
        .join(Unit, Unit.id == Referral.unit_id)
        .where(Referral.region.in_(walk.actor.regions))
        .order_by(Referral.id)
        .with_for_update(of=(Referral, Person))
    )


def _waiting(walk: Walk) -> Select[Referral, Person, Unit]:
    """Those to send: never while the person is held, or is being assessed anew."""
    return _selected(walk).where(
        Referral.state == ReferralState.CREATED, Person.step.in_(_TO_SEND), Person.blocked.is_(False)
    )


def _cancelled(walk: Walk) -> Select[Referral, Person, Unit]:
    """Those that a unit has been sent and that no longer hold."""
    return _selected(walk).where(Referral.state == ReferralState.CANCELLED, Referral.cancel_owed.is_(True))
