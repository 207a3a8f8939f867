"""What a deregistration code of the population register means for the pathway. An unknown code is never an error and never a guess: it holds.

Source: the code lists of SPAR and Inera's population service, which disagree on AS and promise more codes; A, G and O are SPAR's older ones.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DeregistrationEffect(StrEnum):
    """What a deregistration does to a man's pathway; the value is stored."""

    DEAD = "dead"
    """Stop everything at once: open orders, bookings, letters in the print queue."""
    EMIGRATED = "emigrated"
    """No more offers, open orders are cancelled; an answer owed to him is the office's decision."""
    NUMBER_CHANGED = "number_changed"
    """Not an exit: follow the reference number and keep both numbers."""
    HOLD = "hold"
    """Nothing goes out until a person has looked."""


@dataclass(frozen=True, slots=True)
class DeregistrationCode:
    """A known code: its effect, and what it means as a message id."""

    code: str
    effect: DeregistrationEffect
    meaning: str


KNOWN_CODES: Final = {
    known.code: known
    for known in (
        DeregistrationCode("AV", DeregistrationEffect.DEAD, "Dead"),
        DeregistrationCode("UV", DeregistrationEffect.EMIGRATED, "Emigrated"),
        DeregistrationCode("GN", DeregistrationEffect.NUMBER_CHANGED, "Old personnummer, replaced by another number"),
        DeregistrationCode(
            "GS", DeregistrationEffect.NUMBER_CHANGED, "Old samordningsnummer, replaced by another number"
        ),
        DeregistrationCode("AS", DeregistrationEffect.HOLD, "Samordningsnummer annulled, or technically deregistered"),
        DeregistrationCode("OB", DeregistrationEffect.HOLD, "Missing or without known residence"),
        DeregistrationCode("TA", DeregistrationEffect.HOLD, "Technically deregistered"),
        DeregistrationCode("FI", DeregistrationEffect.HOLD, "False identity"),
        DeregistrationCode("AN", DeregistrationEffect.HOLD, "Deregistered for another reason"),
        DeregistrationCode("A", DeregistrationEffect.DEAD, "Dead"),
        DeregistrationCode("G", DeregistrationEffect.NUMBER_CHANGED, "Old number, replaced by another number"),
        DeregistrationCode("O", DeregistrationEffect.HOLD, "Deregistered for another reason"),
    )
}


def deregistration_effect(code: str) -> DeregistrationEffect:
    """The effect of a code as the register writes it; a code nobody has told us about holds."""
    known = KNOWN_CODES.get(code)
    return known.effect if known else DeregistrationEffect.HOLD


def deregistration_meaning(code: str) -> str:
    """What the code means, as a message id."""
    known = KNOWN_CODES.get(code)
    return known.meaning if known else "Deregistered with a code that is not known here"
