"""The one table of moves: step × event → step. Services ask it before they write, screens ask it which keys are live.

Nothing else in the program may decide that a person goes from one step to another.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, Event, Step

_S, _E = Step, Event

_AFTER_BIOPSY = frozenset({_S.BIOPSIED, _S.PATHOLOGY_TO_ASSESS})
"""Once tissue has been taken, neither PSA nor MRI decides the way any longer: a changed answer is a person's task."""
_ASSESSED = (
    _S.ANSWER_LETTER_TO_POST,
    _S.REPEAT_TO_POST,
    *(step for step in Step if step in (MRI_PHASE | UROLOGY_PHASE) - _AFTER_BIOPSY),
)
_ORDERED = (_S.ORDER_TO_SEND, _S.AWAITING_SAMPLE, _S.AWAITING_ANSWER)
_BEFORE_SAMPLE = (
    _S.PRE_LETTER_TO_POST,
    _S.OFFER_PLANNED,
    _S.OFFER_TO_POST,
    _S.OFFERED,
    _S.ORDER_TO_SEND,
    _S.AWAITING_SAMPLE,
)
_OPEN = tuple(s for s in Step if s is not Step.CLOSED)


def _from(steps: Iterable[Step], event: Event, to: Step) -> dict[tuple[Step, Event], Step]:
    return {(step, event): to for step in steps}


MOVES: Mapping[tuple[Step, Event], Step] = MappingProxyType(
    {
        # Offers out
        (_S.NOT_DUE, _E.RELEASED_WITH_PRE_LETTER): _S.PRE_LETTER_TO_POST,
        (_S.NOT_DUE, _E.RELEASED): _S.OFFER_TO_POST,
        (_S.PRE_LETTER_TO_POST, _E.PRE_LETTER_POSTED): _S.OFFER_PLANNED,
        (_S.OFFER_PLANNED, _E.OFFER_DATE_REACHED): _S.OFFER_TO_POST,
        (_S.OFFER_TO_POST, _E.OFFER_POSTED): _S.OFFERED,
        (_S.OFFER_TO_POST, _E.OFFER_POSTED_WITH_ORDER): _S.ORDER_TO_SEND,
        # The letter came back or was lost: its time begins anew.
        **{(step, _E.OFFER_POSTED_AGAIN): step for step in (_S.OFFERED, _S.ORDER_TO_SEND, _S.AWAITING_SAMPLE)},
        (_S.OFFERED, _E.ACCEPTED): _S.ORDER_TO_SEND,
        (_S.OFFERED, _E.WINDOW_EXPIRED): _S.NOT_DUE,
        # The sample
        (_S.ORDER_TO_SEND, _E.ORDER_SENT): _S.AWAITING_SAMPLE,
        (_S.ORDER_TO_SEND, _E.WINDOW_EXPIRED): _S.NOT_DUE,
        (_S.AWAITING_SAMPLE, _E.WINDOW_EXPIRED): _S.NOT_DUE,
        **_from(_BEFORE_SAMPLE, _E.DECLINED, _S.NOT_DUE),
        **_from(_BEFORE_SAMPLE, _E.POSTPONED, _S.POSTPONED),
        (_S.NOT_DUE, _E.POSTPONED): _S.POSTPONED,
        (_S.ANSWER_TO_ASSESS, _E.POSTPONED): _S.POSTPONED,
        (_S.POSTPONED, _E.POSTPONEMENT_ENDED): _S.NOT_DUE,
        (_S.POSTPONED, _E.SAMPLE_POSTPONEMENT_ENDED): _S.REPEAT_TO_POST,
        # Answers in. A late answer that a person has accepted re-opens the round from NOT_DUE.
        **_from(_ORDERED, _E.ANSWER_PENDING, _S.AWAITING_ANSWER),
        **_from((*_ORDERED, _S.NOT_DUE, _S.POSTPONED), _E.ANSWER_RECEIVED, _S.ANSWER_TO_ASSESS),
        **_from(
            (*_ASSESSED, *_ORDERED, _S.ANSWER_TO_ASSESS, _S.NOT_DUE, _S.POSTPONED),
            _E.ANSWER_CORRECTED,
            _S.ANSWER_TO_ASSESS,
        ),
        **_from(
            (*_ASSESSED, *_ORDERED, _S.ANSWER_TO_ASSESS, _S.NOT_DUE, _S.POSTPONED),
            _E.ANSWER_RETRACTED,
            _S.ANSWER_TO_ASSESS,
        ),
        # Decisions, each confirmed by a person or by a region's written setting
        (_S.ANSWER_TO_ASSESS, _E.CONFIRMED_NEW_OFFER): _S.ANSWER_LETTER_TO_POST,
        (_S.ANSWER_TO_ASSESS, _E.CONFIRMED_MRI): _S.MRI_TO_REFER,
        (_S.ANSWER_TO_ASSESS, _E.CONFIRMED_UROLOGY): _S.UROLOGY_TO_REFER,
        (_S.ANSWER_TO_ASSESS, _E.CONFIRMED_REPEAT): _S.REPEAT_TO_POST,
        (_S.REPEAT_TO_POST, _E.REPEAT_LETTER_POSTED): _S.ORDER_TO_SEND,
        (_S.ANSWER_LETTER_TO_POST, _E.ANSWER_LETTER_POSTED): _S.NOT_DUE,
        # MRI: the step follows the referral (`referrals`), whose own table says in which order things may happen.
        **_from(MRI_PHASE, _E.MRI_REFERRAL_MADE, _S.MRI_REFERRAL_TO_SEND),
        (_S.MRI_REFERRAL_TO_SEND, _E.MRI_REFERRAL_WITHDRAWN): _S.MRI_TO_REFER,
        **_from(MRI_PHASE, _E.MRI_REFERRAL_SENT, _S.MRI_REFERRED),
        **_from(MRI_PHASE, _E.MRI_BOOKING_NEEDED, _S.MRI_TO_BOOK),
        **_from(MRI_PHASE, _E.MRI_BOOKED, _S.MRI_BOOKED),
        **_from(MRI_PHASE, _E.MRI_PERFORMED, _S.MRI_DONE),
        **_from(MRI_PHASE, _E.MRI_NOT_DONE, _S.MRI_TO_RESOLVE),
        **_from(MRI_PHASE, _E.MRI_ANSWERED, _S.MRI_TO_ASSESS),
        **_from(
            (*(UROLOGY_PHASE - _AFTER_BIOPSY), _S.MRI_TO_ASSESS, _S.ANSWER_LETTER_TO_POST, _S.NOT_DUE),
            _E.MRI_ANSWER_CORRECTED,
            _S.MRI_TO_ASSESS,
        ),
        **_from((_S.MRI_TO_ASSESS, _S.MRI_TO_RESOLVE), _E.CONFIRMED_UROLOGY, _S.UROLOGY_TO_REFER),
        **_from((_S.MRI_TO_ASSESS, _S.MRI_TO_RESOLVE), _E.CONFIRMED_NEW_OFFER, _S.ANSWER_LETTER_TO_POST),
        **_from((_S.MRI_TO_ASSESS, _S.MRI_TO_RESOLVE), _E.CONFIRMED_MRI, _S.MRI_TO_REFER),
        # Urology, biopsy and what the pathologist says
        **_from(UROLOGY_PHASE, _E.UROLOGY_REFERRAL_MADE, _S.UROLOGY_REFERRAL_TO_SEND),
        (_S.UROLOGY_REFERRAL_TO_SEND, _E.UROLOGY_REFERRAL_WITHDRAWN): _S.UROLOGY_TO_REFER,
        **_from(UROLOGY_PHASE, _E.UROLOGY_REFERRAL_SENT, _S.UROLOGY_REFERRED),
        **_from(UROLOGY_PHASE, _E.UROLOGY_VISITED, _S.UROLOGY_VISITED),
        **_from(UROLOGY_PHASE, _E.BIOPSIED, _S.BIOPSIED),
        **_from(UROLOGY_PHASE, _E.UROLOGY_NOT_DONE, _S.UROLOGY_TO_RESOLVE),
        **_from(UROLOGY_PHASE, _E.PATHOLOGY_ANSWERED, _S.PATHOLOGY_TO_ASSESS),
        **_from(
            (_S.PATHOLOGY_TO_ASSESS, _S.ANSWER_LETTER_TO_POST, _S.NOT_DUE),
            _E.PATHOLOGY_CORRECTED,
            _S.PATHOLOGY_TO_ASSESS,
        ),
        **_from((_S.UROLOGY_TO_RESOLVE, _S.PATHOLOGY_TO_ASSESS), _E.CONFIRMED_NEW_OFFER, _S.ANSWER_LETTER_TO_POST),
        (_S.UROLOGY_TO_RESOLVE, _E.CONFIRMED_UROLOGY): _S.UROLOGY_TO_REFER,
        # Taking back what has had no effect outside yet
        **_from(
            (_S.ANSWER_LETTER_TO_POST, _S.REPEAT_TO_POST, _S.MRI_TO_REFER, _S.UROLOGY_TO_REFER),
            _E.PSA_DECISION_UNDONE,
            _S.ANSWER_TO_ASSESS,
        ),
        **_from((_S.ANSWER_LETTER_TO_POST, _S.UROLOGY_TO_REFER), _E.MRI_DECISION_UNDONE, _S.MRI_TO_ASSESS),
        (_S.ANSWER_LETTER_TO_POST, _E.PATHOLOGY_DECISION_UNDONE): _S.PATHOLOGY_TO_ASSESS,
        # Leaving and coming back
        **_from((*_BEFORE_SAMPLE, _S.NOT_DUE, _S.POSTPONED), _E.EXCLUDED, _S.EXCLUDED),
        (_S.EXCLUDED, _E.READMITTED): _S.NOT_DUE,
        **_from(_OPEN, _E.CLOSED, _S.CLOSED),
        (_S.CLOSED, _E.REOPENED): _S.NOT_DUE,
        # Another region takes the person over where he stands
        **{(step, _E.HANDED_OVER): step for step in _OPEN},
    }
)


def target(step: Step, event: Event) -> Step | None:
    """The step that `event` leads to from `step`, or None when it may not happen there."""
    return MOVES.get((step, event))


def possible(step: Step) -> frozenset[Event]:
    """The events that may happen to a person at `step`."""
    return frozenset(event for (at, event) in MOVES if at is step)
