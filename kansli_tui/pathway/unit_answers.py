"""What a unit's message about a referral may do: a booking, an MRI report, or a line of urology. Pure; the service does it.

Whose it is comes first, when it happened second, and then what may happen to the referral as it stands (`referrals`). A message is
matched on our referral number and the person, never on the person alone. Whatever is in doubt is held with a reason and the fix.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kansli_tui.pathway.answers import RETRACTING, WAITING
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState, follows

COUNTING = frozenset("FCAB")
"""Statuses of a report that counts (HL7 table 0123): final, corrected, and the two of an amended one."""
_CORRECTING = frozenset("CAB")
_NOT_COMPLETED = "X"
_SCORES = range(1, 6)
_GRADES = range(6)
_E, _S = ReferralEvent, ReferralState


class UnitReason(StrEnum):
    """Why a unit's message is held; values are message ids (at most 60 characters, stored)."""

    SAME_ID_OTHER_CONTENT = "Same message id as before but other content"
    NO_REFERRAL_NUMBER = "The message has no referral number"
    UNKNOWN_REFERRAL = "The referral number is not ours"
    OTHER_KIND = "The referral is for another kind of examination"
    OTHER_PERSON = "The referral belongs to another person"
    BIRTH_DATE = "The birth date contradicts the register"
    NUMBER_TAKEN = "A second number belongs to another person"
    DEAD = "The person is dead"
    CLOSED = "The person has left the programme"
    TAKEN_BACK = "The referral has been taken back"
    EARLIER_ROUND = "The referral belongs to an earlier round"
    BEFORE_REFERRAL = "It happened before the referral was made"
    IN_FUTURE = "The examination is dated in the future"
    BEFORE_APPOINTMENT = "It is dated before the appointment that is booked"
    NO_TIME = "The appointment has no readable time"
    NOT_EXPECTED = "This cannot happen to the referral as it stands now"
    STATUS_MISSING = "The status is missing or unknown"
    NOTHING_TO_RETRACT = "There is no answer to take back"
    CONTRADICTS = "A different final answer is already here"
    SCORE = "A PI-RADS score is not between 1 and 5"
    NO_GRADE = "The pathology answer has no ISUP grade"
    DAYS = "The answer is older than the biopsy"
    NO_CANCER = "No cancer is known to be treated"


FIXES: Mapping[UnitReason, str] = {
    UnitReason.SAME_ID_OTHER_CONTENT: "Ask the unit which of the two is right; refuse the other.",
    UnitReason.NO_REFERRAL_NUMBER: "Find the referral and match by hand, or send the message back.",
    UnitReason.UNKNOWN_REFERRAL: "Probably referred by somebody else: send it back, or match it to the right referral.",
    UnitReason.OTHER_KIND: "Match it to the person's right referral, or send it back.",
    UnitReason.OTHER_PERSON: "Compare number and referral; send it back if the examination is another person's.",
    UnitReason.BIRTH_DATE: "Check with the unit who was examined before you match it.",
    UnitReason.NUMBER_TAKEN: "Check in the register whose number it is, then match or send back.",
    UnitReason.DEAD: "Check the day; send the message back or refuse it with a note.",
    UnitReason.CLOSED: "Decide whether the answer is still owed; re-open the case first if it is.",
    UnitReason.TAKEN_BACK: "Ask the unit what was done. Match it to the referral that holds; if none does, matching here keeps it and tells a person.",
    UnitReason.EARLIER_ROUND: "Check which round it belongs to. Matching keeps the answer, moves nobody and tells a person; ask the physician if in doubt.",
    UnitReason.BEFORE_REFERRAL: "Probably another examination: check with the unit, match it or send it back.",
    UnitReason.IN_FUTURE: "Ask the unit for the right day.",
    UnitReason.BEFORE_APPOINTMENT: "Ask the unit which appointment it means. If the time was moved, match it; if not, refuse it.",
    UnitReason.NO_TIME: "Ask the unit for the time, and book it by hand.",
    UnitReason.NOT_EXPECTED: "Look at the referral: note what is missing there (sent, booked) and match it then, or refuse it.",
    UnitReason.STATUS_MISSING: "Ask the unit for the status of the answer.",
    UnitReason.NOTHING_TO_RETRACT: "Ask the unit whether its first answer was lost on the way.",
    UnitReason.CONTRADICTS: "Ask the unit which of them holds. If it is the new one, match it: it counts as a correction.",
    UnitReason.SCORE: "Ask the unit for the score; PI-RADS is 1 to 5.",
    UnitReason.NO_GRADE: "Ask the unit for the ISUP grade; 0 is benign.",
    UnitReason.DAYS: "Ask the unit for the right days.",
    UnitReason.NO_CANCER: "Check that the pathology answer has come; match it then, or send it back.",
}
"""What a person does about each reason, as message ids."""

MATCHABLE = frozenset(
    {
        UnitReason.SAME_ID_OTHER_CONTENT,
        UnitReason.NO_REFERRAL_NUMBER,
        UnitReason.UNKNOWN_REFERRAL,
        UnitReason.OTHER_PERSON,
        UnitReason.BIRTH_DATE,
        UnitReason.NUMBER_TAKEN,
        UnitReason.BEFORE_REFERRAL,
        UnitReason.BEFORE_APPOINTMENT,
        UnitReason.CONTRADICTS,
        UnitReason.TAKEN_BACK,
        UnitReason.EARLIER_ROUND,
    }
)
"""Reasons a person may overrule by matching the message to a referral. Where a referral may go cannot be overruled.

An answer to a referral that has been taken back, or of an earlier round, moves nobody: it is kept, and a person is told what it says.
"""
_KEPT_AFTERWARDS = frozenset({_E.DONE, _E.BIOPSIED, _E.ANSWERED, _E.RETRACTED})
"""What may have happened to a referral that was taken back: the unit did not hear of it in time."""


class NoEffect(StrEnum):
    """Why a message that is in order changes nothing; values are message ids."""

    NOT_FINAL = "Not final yet: kept until the final answer comes"
    NEWER_CAME = "A newer message has come already"
    KNOWN = "Known already"
    NOTHING_BOOKED = "There is no appointment to cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """Whose a message is and when it happened. `on` is the day of the examination or event, `days` every day that it states."""

    numbers: frozenset[str]
    birth_date: date | None
    kind: ReferralKind
    on: date | None = None
    days: Sequence[date] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """Our side: the referral that the message names, and its person."""

    numbers: frozenset[str]
    birth_date: date
    kind: ReferralKind
    state: ReferralState
    made_on: date
    round: int
    person_round: int
    dead: bool
    closed: bool
    booked_on: date | None = None
    """The day of the open appointment that what is told would end."""


@dataclass(frozen=True, slots=True)
class UnitJudgement:
    """What a message does: `event` happens to the referral; or it is held for `reason`; or it changes nothing (`no_effect`).

    With `late` the referral has come further than the event: its day is noted and nothing else.
    """

    event: ReferralEvent | None = None
    reason: UnitReason | None = None
    no_effect: NoEffect | None = None
    late: bool = False


def doubts(message: MessageFacts, referral: ReferralFacts, today: date) -> Iterator[UnitReason]:
    """Every reason not to take the message as one about this referral, the gravest first."""
    if message.kind is not referral.kind:
        yield UnitReason.OTHER_KIND
    if not message.numbers & referral.numbers:
        yield UnitReason.OTHER_PERSON
    if message.birth_date is not None and message.birth_date != referral.birth_date:
        yield UnitReason.BIRTH_DATE
    if referral.dead:
        yield UnitReason.DEAD
    elif referral.closed:
        yield UnitReason.CLOSED
    if referral.round != referral.person_round:
        yield UnitReason.EARLIER_ROUND
    if referral.state is ReferralState.CANCELLED:
        yield UnitReason.TAKEN_BACK
    if any(day > today for day in message.days):
        yield UnitReason.IN_FUTURE
    if message.on is not None and message.on < referral.made_on:
        yield UnitReason.BEFORE_REFERRAL
    if referral.booked_on is not None and (message.on or today) < referral.booked_on:
        yield UnitReason.BEFORE_APPOINTMENT


def judge_booking(
    wanted: ReferralEvent,
    state: ReferralState,
    *,
    starts_at: datetime | None,
    booked_for: datetime | None,
    sent_at: datetime | None = None,
    newest_at: datetime | None = None,
) -> UnitJudgement:
    """An appointment's message. One that was written before the newest applied (`newest_at`) has been overtaken on the way."""
    if sent_at is not None and newest_at is not None and sent_at < newest_at:
        return UnitJudgement(no_effect=NoEffect.NEWER_CAME)
    if wanted in (_E.BOOKED, _E.MOVED):
        if starts_at is None:
            return UnitJudgement(reason=UnitReason.NO_TIME)
        if state is _S.BOOKED and booked_for == starts_at:
            return UnitJudgement(no_effect=NoEffect.KNOWN)
    if wanted is _E.BOOKING_CANCELLED:
        if state in (_S.SENT, _S.ACCEPTED):
            # The booking itself has not come, or comes later: what holds is that he has no appointment.
            return UnitJudgement(_E.REBOOK)
        if state in (_S.TO_BOOK, _S.RETURNED):
            return UnitJudgement(no_effect=NoEffect.NOTHING_BOOKED)
    if wanted is _E.DONE and state is _S.ANSWERED:
        return UnitJudgement(wanted, late=True)
    return _as_it_stands(state, wanted)


def judge_report(
    status: str,
    state: ReferralState,
    *,
    completed: bool,
    scores: Sequence[int] = (),
    current_status: str | None = None,
    same: bool = False,
    agrees: bool = False,
    overtaken: bool = False,
    overruled: frozenset[UnitReason] = frozenset(),
) -> UnitJudgement:
    """An MRI report with a status. `current_status` is that of the answer which is there; `same` that they say the same.

    `agrees` says that the answer there was typed in with the same findings: the report is the paper behind it. `overtaken` says
    that it was reported before that answer was.
    """
    if status in WAITING:
        return UnitJudgement(no_effect=NoEffect.NOT_FINAL)
    if status in RETRACTING:
        if current_status is None:
            return UnitJudgement(reason=UnitReason.NOTHING_TO_RETRACT)
        return (
            UnitJudgement(no_effect=NoEffect.KNOWN)
            if current_status in RETRACTING
            else _as_it_stands(state, _E.RETRACTED)
        )
    if status not in COUNTING and status != _NOT_COMPLETED:
        return UnitJudgement(reason=UnitReason.STATUS_MISSING)
    if any(score not in _SCORES for score in scores):
        return UnitJudgement(reason=UnitReason.SCORE)
    if not completed or status == _NOT_COMPLETED:
        return _as_it_stands(state, _E.NOT_COMPLETED)
    if state is not _S.ANSWERED:
        return _as_it_stands(state, _E.ANSWERED)
    if same:
        return UnitJudgement(no_effect=NoEffect.KNOWN)
    if agrees:
        return UnitJudgement(_E.ANSWERED, late=True)
    if overtaken:
        return UnitJudgement(no_effect=NoEffect.NEWER_CAME)
    if status not in _CORRECTING and UnitReason.CONTRADICTS not in overruled:
        return UnitJudgement(reason=UnitReason.CONTRADICTS)
    return UnitJudgement(_E.CORRECTED)


def judge_outcome(wanted: ReferralEvent, state: ReferralState) -> UnitJudgement:
    """A visit, a biopsy or a declined one. A visit or biopsy whose line comes after the next one is noted with its day."""
    further = {_E.DONE: (_S.BIOPSIED, _S.ANSWERED), _E.BIOPSIED: (_S.ANSWERED,)}
    if state in further.get(wanted, ()):
        return UnitJudgement(wanted, late=True)
    return _as_it_stands(state, wanted)


def judge_pathology(
    isup: int | None, on: date, state: ReferralState, *, biopsied_on: date | None, current_isup: int | None
) -> UnitJudgement:
    """A pathologist's answer of a day. The same grade again changes nothing; another one is a correction."""
    if isup is None or isup not in _GRADES:
        return UnitJudgement(reason=UnitReason.NO_GRADE)
    if biopsied_on is not None and on < biopsied_on:
        return UnitJudgement(reason=UnitReason.DAYS)
    if state is not _S.ANSWERED:
        return _as_it_stands(state, _E.ANSWERED)
    return UnitJudgement(no_effect=NoEffect.KNOWN) if isup == current_isup else UnitJudgement(_E.CORRECTED)


def _as_it_stands(state: ReferralState, event: ReferralEvent) -> UnitJudgement:
    if state is _S.CANCELLED and event in _KEPT_AFTERWARDS:
        return UnitJudgement(event, late=True)
    if follows(state, event) is None:
        return UnitJudgement(reason=UnitReason.NOT_EXPECTED)
    return UnitJudgement(event)
