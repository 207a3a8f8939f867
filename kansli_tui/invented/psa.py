"""Invented PSA values, spread as in Swedish testing of men: about 3 % at or above 3 µg/L at 50, more with age, a tail past 100."""

import math
from decimal import Decimal
from random import Random
from typing import Final

_SHARE_UNANALYSABLE: Final = 0.01
_SHARE_MUCH_RAISED: Final = 0.0025


def psa_value(rng: Random, age: int) -> Decimal | None:
    """One man's PSA in µg/L as a laboratory writes it; None for a sample that could not be analysed (about 1 %).

    The bulk is log-normal with a median and a spread that grow with age; a small part has much raised values.
    """
    if rng.random() < _SHARE_UNANALYSABLE:
        return None
    beyond = age - 50
    if rng.random() < _SHARE_MUCH_RAISED * math.exp(0.06 * beyond):
        value = rng.lognormvariate(math.log(12), 1.4)
    else:
        value = rng.lognormvariate(math.log(0.75) + 0.03 * beyond, 0.72 + 0.008 * beyond)
    return _as_reported(value)


def _as_reported(value: float) -> Decimal:
    if value < 1:
        return max(Decimal(f"{value:.2f}"), Decimal("0.05"))
    return Decimal(f"{value:.1f}") if value < 100 else Decimal(f"{value:.0f}")
