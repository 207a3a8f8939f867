"""The invented office's staff: who does what in the simulation and signs in to the demonstration."""

from dataclasses import dataclass

from kansli_tui.errors import RefusedError
from kansli_tui.rows.office import REGIONS, Actor, Role
from kansli_tui.service.context import SYSTEM
from kansli_tui.service.office import Office

PASSWORD = "demo demo demo"  # noqa: S105 — published on purpose: everybody in these databases is invented
"""Everybody's password in a simulated office."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Anna works the cases, Per supervises, Lena is the responsible physician, Jonas works for one region only.

    Ulla, who supervises too, does nothing in the simulation: she is there to sign what Per writes.
    """

    anna: Actor
    per: Actor
    lena: Actor
    jonas: Actor


def engage(office: Office) -> Crew:
    """Add the five to an office that has nobody yet. RefusedError where somebody works already."""
    if not office.facts.invented:
        raise RefusedError("This is a production database. Invented people can never be put into it.")
    if office.staff.anyone():
        raise RefusedError("A simulation begins in an empty database. Choose another with --database.")
    everywhere = tuple(REGIONS)
    for username, name, role, regions in (
        ("per", "Per Ek", Role.SUPERVISOR, everywhere),
        ("anna", "Anna Lind", Role.CASEWORKER, everywhere),
        ("lena", "Lena Holm", Role.PHYSICIAN, everywhere),
        ("jonas", "Jonas Berg", Role.CASEWORKER, ("06",)),
        # By name after Anna and Per: the demonstration's switch comes to her third.
        ("ulla", "Ulla Strand", Role.SUPERVISOR, everywhere),
    ):
        office.staff.add(SYSTEM, username=username, name=name, role=role, regions=regions, password=PASSWORD)
    anna, per, lena, jonas = (office.staff.as_user(username) for username in ("anna", "per", "lena", "jonas"))
    return Crew(anna=anna, per=per, lena=lena, jonas=jonas)
