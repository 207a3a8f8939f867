"""The one table of moves: step × event → step. Services ask it before they write, screens ask it which keys are live.

Nothing else in the program may decide that a person goes from one step to another.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kansli_tui.pathway.steps import Event, Step

_S, _E = Step, Event

_ASSESSED = (
    _S.ANSWER_LETTER_TO_POST,
    _S.REPEAT_TO_POST,
    _S.MRI_TO_REFER,
    _S.MRI_REFERRED,
    _S.UROLOGY_TO_REFER,
    _S.UROLOGY_REFERRED,
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
        (_S.MRI_TO_REFER, _E.MRI_REFERRAL_SENT): _S.MRI_REFERRED,
        (_S.UROLOGY_TO_REFER, _E.UROLOGY_REFERRAL_SENT): _S.UROLOGY_REFERRED,
        # Leaving and coming back
        **_from((*_BEFORE_SAMPLE, _S.NOT_DUE, _S.POSTPONED), _E.EXCLUDED, _S.EXCLUDED),
        (_S.EXCLUDED, _E.READMITTED): _S.NOT_DUE,
        **_from(_OPEN, _E.CLOSED, _S.CLOSED),
        (_S.CLOSED, _E.REOPENED): _S.NOT_DUE,
    }
)


def target(step: Step, event: Event) -> Step | None:
    """The step that `event` leads to from `step`, or None when it may not happen there."""
    return MOVES.get((step, event))


def possible(step: Step) -> frozenset[Event]:
    """The events that may happen to a person at `step`."""
    return frozenset(event for (at, event) in MOVES if at is step)
