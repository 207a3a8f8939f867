"""A referral's own life: sent → accepted → booked → done → answered, or returned; and where its person stands meanwhile.

A referral is what another unit holds; a message about it may come in any order and twice. The table says what may follow on
what. The person's step mirrors the referral that is alive (`PLACES`), so that no message can leave him in two places.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from kansli_tui.pathway.steps import Event, Step


class ReferralKind(StrEnum):
    """What is asked for."""

    MRI = "mri"
    UROLOGY = "urology"


class ReferralState(StrEnum):
    """Where a referral is."""

    CREATED = "created"
    SENT = "sent"
    ACCEPTED = "accepted"
    TO_BOOK = "to_book"
    """The office books: the unit gives it slots, or an appointment has been cancelled."""
    BOOKED = "booked"
    DONE = "done"
    """Examined (MRI), or seen (urology)."""
    BIOPSIED = "biopsied"
    RETURNED = "returned"
    """Nothing came of it, or not yet: a person settles what happens."""
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class ReferralEvent(StrEnum):
    """What can happen to a referral; stored in its history."""

    MADE = "made"
    SENT = "sent"
    SENT_TO_BOOK = "sent_to_book"
    ACCEPTED = "accepted"
    BOOKED = "booked"
    MOVED = "moved"
    BOOKING_CANCELLED = "booking_cancelled"
    REBOOK = "rebook"
    DONE = "done"
    BIOPSIED = "biopsied"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    NO_SHOW = "noshow"
    DECLINED = "declined"
    CONTRAINDICATED = "contraindicated"
    NOT_DIAGNOSTIC = "nondiagnostic"
    NOT_COMPLETED = "not_completed"
    RETURNED = "returned"
    RESENT = "resent"
    CANCELLED = "cancelled"


_S, _E = ReferralState, ReferralEvent

LIVE = frozenset(ReferralState) - {_S.ANSWERED, _S.CANCELLED}
"""Somebody still has to do something."""
OUT = frozenset({_S.SENT, _S.ACCEPTED, _S.TO_BOOK, _S.BOOKED})
"""With the unit and not yet done: taking it back must be told to the unit."""

CAME_TO_NOTHING = frozenset(
    {_E.NO_SHOW, _E.DECLINED, _E.CONTRAINDICATED, _E.NOT_DIAGNOSTIC, _E.NOT_COMPLETED, _E.RETURNED, _E.RETRACTED}
)
"""Events after which a person settles what happens; each is a cause that is counted."""

_WAITING = (_S.SENT, _S.ACCEPTED, _S.TO_BOOK, _S.BOOKED, _S.RETURNED)


def _from(
    states: Iterable[ReferralState], events: Iterable[ReferralEvent], to: ReferralState
) -> dict[tuple[ReferralState, ReferralEvent], ReferralState]:
    return {(state, event): to for state in states for event in events}


REFERRAL_MOVES: Mapping[tuple[ReferralState, ReferralEvent], ReferralState] = MappingProxyType(
    {
        (_S.CREATED, _E.SENT): _S.SENT,
        (_S.CREATED, _E.SENT_TO_BOOK): _S.TO_BOOK,
        (_S.SENT, _E.ACCEPTED): _S.ACCEPTED,
        (_S.ACCEPTED, _E.ACCEPTED): _S.ACCEPTED,
        (_S.TO_BOOK, _E.ACCEPTED): _S.TO_BOOK,
        # A moved appointment may be the first that is heard of one.
        **_from(_WAITING, (_E.BOOKED, _E.MOVED), _S.BOOKED),
        **_from((_S.BOOKED, _S.TO_BOOK), (_E.BOOKING_CANCELLED,), _S.TO_BOOK),
        **_from((_S.RETURNED, _S.SENT, _S.ACCEPTED), (_E.REBOOK,), _S.TO_BOOK),
        (_S.RETURNED, _E.RESENT): _S.SENT,
        **_from((*_WAITING, _S.DONE), (_E.DONE,), _S.DONE),
        **_from((*_WAITING, _S.DONE, _S.BIOPSIED), (_E.BIOPSIED,), _S.BIOPSIED),
        (_S.BIOPSIED, _E.DONE): _S.BIOPSIED,
        **_from((*_WAITING, _S.DONE, _S.BIOPSIED), (_E.ANSWERED,), _S.ANSWERED),
        (_S.ANSWERED, _E.CORRECTED): _S.ANSWERED,
        **_from((_S.ANSWERED,), (_E.RETRACTED, _E.NOT_DIAGNOSTIC), _S.RETURNED),
        **_from((*_WAITING, _S.DONE, _S.BIOPSIED), CAME_TO_NOTHING - {_E.RETRACTED, _E.NO_SHOW}, _S.RETURNED),
        **_from(_WAITING, (_E.NO_SHOW,), _S.RETURNED),
        **_from(LIVE, (_E.CANCELLED,), _S.CANCELLED),
    }
)


def follows(state: ReferralState, event: ReferralEvent) -> ReferralState | None:
    """The state that `event` leads to, or None when it may not happen there."""
    return REFERRAL_MOVES.get((state, event))


PLACES: Mapping[tuple[ReferralKind, ReferralState], tuple[Event, Step]] = MappingProxyType(
    {
        (ReferralKind.MRI, _S.CREATED): (Event.MRI_REFERRAL_MADE, Step.MRI_REFERRAL_TO_SEND),
        (ReferralKind.MRI, _S.SENT): (Event.MRI_REFERRAL_SENT, Step.MRI_REFERRED),
        (ReferralKind.MRI, _S.ACCEPTED): (Event.MRI_REFERRAL_SENT, Step.MRI_REFERRED),
        (ReferralKind.MRI, _S.TO_BOOK): (Event.MRI_BOOKING_NEEDED, Step.MRI_TO_BOOK),
        (ReferralKind.MRI, _S.BOOKED): (Event.MRI_BOOKED, Step.MRI_BOOKED),
        (ReferralKind.MRI, _S.DONE): (Event.MRI_PERFORMED, Step.MRI_DONE),
        (ReferralKind.MRI, _S.RETURNED): (Event.MRI_NOT_DONE, Step.MRI_TO_RESOLVE),
        (ReferralKind.MRI, _S.ANSWERED): (Event.MRI_ANSWERED, Step.MRI_TO_ASSESS),
        (ReferralKind.UROLOGY, _S.CREATED): (Event.UROLOGY_REFERRAL_MADE, Step.UROLOGY_REFERRAL_TO_SEND),
        (ReferralKind.UROLOGY, _S.SENT): (Event.UROLOGY_REFERRAL_SENT, Step.UROLOGY_REFERRED),
        (ReferralKind.UROLOGY, _S.ACCEPTED): (Event.UROLOGY_REFERRAL_SENT, Step.UROLOGY_REFERRED),
        (ReferralKind.UROLOGY, _S.TO_BOOK): (Event.UROLOGY_REFERRAL_SENT, Step.UROLOGY_REFERRED),
        (ReferralKind.UROLOGY, _S.BOOKED): (Event.UROLOGY_REFERRAL_SENT, Step.UROLOGY_REFERRED),
        (ReferralKind.UROLOGY, _S.DONE): (Event.UROLOGY_VISITED, Step.UROLOGY_VISITED),
        (ReferralKind.UROLOGY, _S.BIOPSIED): (Event.BIOPSIED, Step.BIOPSIED),
        (ReferralKind.UROLOGY, _S.RETURNED): (Event.UROLOGY_NOT_DONE, Step.UROLOGY_TO_RESOLVE),
        (ReferralKind.UROLOGY, _S.ANSWERED): (Event.PATHOLOGY_ANSWERED, Step.PATHOLOGY_TO_ASSESS),
    }
)
"""The move that places a person where his live referral is."""

LIMITS: Mapping[tuple[ReferralKind, ReferralState], str] = MappingProxyType(
    {
        (ReferralKind.MRI, _S.CREATED): "send_days",
        (ReferralKind.MRI, _S.SENT): "referral_reminder_days",
        (ReferralKind.MRI, _S.ACCEPTED): "referral_reminder_days",
        (ReferralKind.MRI, _S.TO_BOOK): "rebook_days",
        (ReferralKind.MRI, _S.DONE): "mri_answer_days",
        (ReferralKind.MRI, _S.RETURNED): "resolve_days",
        (ReferralKind.MRI, _S.ANSWERED): "resolve_days",
        (ReferralKind.UROLOGY, _S.CREATED): "send_days",
        (ReferralKind.UROLOGY, _S.SENT): "urology_visit_days",
        (ReferralKind.UROLOGY, _S.ACCEPTED): "urology_visit_days",
        (ReferralKind.UROLOGY, _S.TO_BOOK): "urology_visit_days",
        (ReferralKind.UROLOGY, _S.DONE): "biopsy_days",
        (ReferralKind.UROLOGY, _S.BIOPSIED): "pathology_days",
        (ReferralKind.UROLOGY, _S.RETURNED): "resolve_days",
        (ReferralKind.UROLOGY, _S.ANSWERED): "resolve_days",
    }
)
"""The field of `RegionRules` that says how many days a referral may stay in a state. A booked one waits for its appointment."""
