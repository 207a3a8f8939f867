"""What the invented men do with a letter: say yes or no by phone, ask something, give a sample or do nothing. Knows no office."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import age_in_year
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.cases import CaseAction
from kansli_tui.rows.letter_states import LetterRow
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.oru import Ordered

OFFERS: Final = frozenset({LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL})
ANSWERS: Final = frozenset({LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.PSA_RAISED})
ANSWERED_BY_MEN: Final = OFFERS | ANSWERS
"""Letters that somebody may call about."""

_SHARE_AT_50: Final = 0.36
_SHARE_AT_70: Final = 0.46
"""Participation, within the published 31-49 %: more with age."""
_SHARE_OF_ACCEPTED: Final = 0.94
_SHARE_OF_REPEATED: Final = 0.85


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A man phones on a day. Without an action he only asks; `detail` is the closing reason that goes with some actions."""

    on: date
    person_id: int
    region: str
    text: str
    action: CaseAction | None = None
    detail: str = ""
    until: date | None = None


_NO: Final = (
    (0.020, CaseAction.DECLINE, "Tackar nej den här gången."),
    (0.007, CaseAction.OPT_OUT, "Vill inte ha fler erbjudanden."),
    (0.006, CaseAction.POSTPONE, "Behandlad urinvägsinfektion, vill vänta."),
    (0.003, CaseAction.CLOSE, "Behandlas redan för prostatacancer."),
)
_QUESTIONS: Final = (
    "Undrar var han kan lämna provet.",
    "Undrar om provet kostar något.",
    "Undrar när svaret kommer.",
    "Vill veta vad PSA är.",
    "Undrar om han behöver fasta före provet.",
    "Har tappat bort brevet, får adressen till provtagningen.",
)
_SHARE_ASKING: Final = 0.03
_SHARE_ASKING_ABOUT_ANSWER: Final = 0.03


class Men:
    """The men's habits, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._accepted: set[str] = set()
        self._sampled: dict[str, int] = {}

    def reply(self, letter: LetterRow, on: date, *, by_phone: bool) -> Call | None:
        """What a man does about a letter that has been posted: a phone call, or None.

        `by_phone` says that he has to call to have a sample ordered.
        """
        rng = chance(self._seed, letter.letter_id, "reply")
        day = _weekday(on + timedelta(days=2 + min(int(rng.expovariate(1 / 9)), 60)))
        drawn, asks = rng.random(), rng.random()
        if letter.type in ANSWERS:
            if asks < _SHARE_ASKING_ABOUT_ANSWER:
                return Call(day, letter.person_id, letter.region, "Undrar vad svaret i brevet betyder.")
            return None
        for share, action, text in _NO:
            if drawn < share:
                detail = ClosedReason.CANCER_KNOWN.value if action is CaseAction.CLOSE else ""
                until = day + timedelta(days=30) if action is CaseAction.POSTPONE else None
                return Call(day, letter.person_id, letter.region, text, action, detail, until)
            drawn -= share
        if by_phone and drawn < self._share(int(letter.number[:4]), on) / _SHARE_OF_ACCEPTED:
            self._accepted.add(letter.number.replace("-", ""))
            return Call(day, letter.person_id, letter.region, "Tackar ja till provtagning.", CaseAction.ACCEPT)
        if asks < _SHARE_ASKING:
            return Call(day, letter.person_id, letter.region, _QUESTIONS[int(rng.random() * len(_QUESTIONS))])
        return None

    def comes(self, order: Ordered, on: date) -> float:
        """How likely the man of an order is to give the sample."""
        number = order.patient_number
        year, before = on.year, self._sampled.get(number)
        self._sampled[number] = year
        if number in self._accepted:
            self._accepted.discard(number)
            return _SHARE_OF_ACCEPTED
        if before in (year, year - 1):
            return _SHARE_OF_REPEATED
        return self._share(int(order.born[:4]), on)

    def _share(self, born: int, on: date) -> float:
        age = age_in_year(date(born, 1, 1), on)
        return _SHARE_AT_50 + (_SHARE_AT_70 - _SHARE_AT_50) * (age - 50) / 20


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day
