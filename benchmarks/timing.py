"""Paired timings: two ways of the same work in turn, and the ratio of their medians."""

from collections.abc import Callable
from statistics import median
from time import perf_counter


def paired(ours: Callable[[], object], bare: Callable[[], object], *, runs: int = 15) -> tuple[float, float]:
    """(our median, the bare median) in seconds, taken A B A B after one warm-up of each."""
    ours()
    bare()
    first, second = [], []
    for _ in range(runs):
        first.append(_timed(ours))
        second.append(_timed(bare))
    return median(first), median(second)


def _timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
