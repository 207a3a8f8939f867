"""The office's staff as values: who acts, in which role, for which regions."""

from dataclasses import dataclass
from enum import StrEnum

REGIONS: dict[str, str] = {"05": "Östergötland", "06": "Jönköpings län", "08": "Kalmar län"}
REGION_SHORT: dict[str, str] = {"05": "RÖ", "06": "RJL", "08": "RKL"}
NO_REGION = "00"
"""On rows of which nobody yet knows whose they are (a held message with an unknown order)."""


class Role(StrEnum):
    """What somebody may do. A supervisor may do what a caseworker may."""

    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    PHYSICIAN = "physician"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person on whose behalf everything is done; every service takes one."""

    username: str
    name: str
    role: Role
    regions: frozenset[str]

    @property
    def is_supervisor(self) -> bool:
        """Whether supervisors' actions are open."""
        return self.role in (Role.SUPERVISOR, Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff in a list."""

    username: str
    name: str
    role: Role
    regions: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What every screen's header says of the database."""

    kind: str
    database: str

    @property
    def invented(self) -> bool:
        """Whether all people are invented, which every screen and letter must say."""
        return self.kind == "invented"
