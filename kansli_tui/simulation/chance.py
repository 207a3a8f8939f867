"""Chance that can be repeated: every question about a man has a generator of its own, so that no answer depends on who came first."""

from random import Random


def chance(*about: object) -> Random:
    """The generator for one question, named by a seed and what it is about: the same names give the same draws."""
    return Random(":".join(str(part) for part in about))  # noqa: S311 — nothing here is secret, and it must be repeatable
