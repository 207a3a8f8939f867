"""A question that the office asks a physician on paper: what is asked, about whom, and the findings it rests on."""

from dataclasses import dataclass
from datetime import date

from kansli_tui.rows.letters import RegionOffice


@dataclass(frozen=True, slots=True)
class PsaValue:
    """One PSA answer: the day the sample was taken (None where it is not known), and the value as stored: "3.4" after "<" or ""."""

    sampled_on: date | None
    value: str
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class PhysicianQuestion:
    """One question, ready for paper. Texts are as written; "" where something is not known.

    `number` finds the question again ("F-2026-000017"), `asked` is the question and `why` the reason it is asked; `psa` the
    person's answers, newest first; `pirads` the highest PI-RADS, `volume_ml` and `density` (µg/l per ml) as in the answer,
    `examined_on` the day of the MRI.
    """

    number: str
    office: RegionOffice
    on: date
    name: str
    identity_number: str
    birth_date: date
    asked: str
    why: str
    asked_by: str
    psa: tuple[PsaValue, ...] = ()
    pirads: str = ""
    volume_ml: str = ""
    density: str = ""
    examined_on: date | None = None
    invented: bool = False
