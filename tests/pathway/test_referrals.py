"""The table of a referral, walked exhaustively: it always ends, and it always says where its person stands and until when."""

from itertools import product

import pytest

from kansli_tui.pathway.referrals import (
    CAME_TO_NOTHING,
    LIMITS,
    LIVE,
    OUT,
    PLACES,
    REFERRAL_MOVES,
    ReferralEvent,
    ReferralKind,
    ReferralState,
    follows,
)
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.pathway.standing import STANDINGS, HeldBy

S, E = ReferralState, ReferralEvent


@pytest.mark.parametrize("state", list(S))
def test_every_live_state_can_be_answered_or_taken_back_and_ends_nowhere_else(state: S) -> None:
    found, waiting = {state}, [state]
    while waiting:
        at = waiting.pop()
        for (start, _event), to in REFERRAL_MOVES.items():
            if start is at and to not in found:
                found.add(to)
                waiting.append(to)
    assert found >= ({S.ANSWERED, S.CANCELLED} if state in LIVE else {state})


def test_nothing_happens_to_what_was_taken_back() -> None:
    assert not [event for (state, event) in REFERRAL_MOVES if state is S.CANCELLED]


def test_an_unsent_referral_is_only_sent_or_taken_back() -> None:
    assert {event for (state, event) in REFERRAL_MOVES if state is S.CREATED} == {E.SENT, E.SENT_TO_BOOK, E.CANCELLED}


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (kind, state)
        for kind, state in product(ReferralKind, sorted(LIVE | {S.ANSWERED}))
        if (kind, state) != (ReferralKind.MRI, S.BIOPSIED)
    ],
)
def test_every_state_places_the_person_and_has_its_limit(kind: ReferralKind, state: S) -> None:
    _event, step = PLACES[kind, state]
    if STANDINGS[step].held_by is HeldBy.DATE and state is not S.BOOKED:
        assert (kind, state) in LIMITS


def test_limits_are_fields_of_a_regions_rules() -> None:
    assert set(LIMITS.values()) <= set(RegionRules.__dataclass_fields__)


@pytest.mark.parametrize("state", sorted(OUT))
def test_whatever_comes_to_nothing_comes_back_to_a_person(state: S) -> None:
    for event in CAME_TO_NOTHING - {E.RETRACTED}:
        assert follows(state, event) is S.RETURNED


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((E.SENT, E.BOOKED, E.DONE, E.ANSWERED), S.ANSWERED),
        ((E.SENT, E.MOVED, E.BOOKED), S.BOOKED),
        ((E.SENT, E.ACCEPTED, E.BOOKED, E.BOOKING_CANCELLED, E.BOOKED, E.NO_SHOW, E.REBOOK), S.TO_BOOK),
        ((E.SENT_TO_BOOK, E.BOOKED, E.ANSWERED, E.CORRECTED), S.ANSWERED),
        ((E.SENT, E.ANSWERED, E.RETRACTED, E.ANSWERED), S.ANSWERED),
        ((E.SENT, E.BIOPSIED, E.DONE, E.ANSWERED), S.ANSWERED),
        ((E.SENT, E.RETURNED, E.RESENT, E.DECLINED, E.CANCELLED), S.CANCELLED),
    ],
)
def test_ways_a_referral_goes(events: tuple[E, ...], state: S) -> None:
    at: S | None = S.CREATED
    for event in events:
        assert at is not None
        at = follows(at, event)
    assert at is state


@pytest.mark.parametrize(
    ("state", "event"),
    [(S.CREATED, E.BOOKED), (S.ANSWERED, E.BOOKED), (S.DONE, E.BOOKED), (S.CANCELLED, E.ANSWERED), (S.SENT, E.SENT)],
)
def test_what_may_not_happen(state: S, event: E) -> None:
    assert follows(state, event) is None
