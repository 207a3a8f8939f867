"""Referrals as the simulated units have them, read from the files that the office writes. Knows no office."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from kansli_tui.pathway.referrals import ReferralEvent

_MRI_NUMBER: Final = "OPTMR-"
_WITHDRAWN: Final = "avbestallda"


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral: our number, the patient's fields in the bytes of the message (still escaped), and the unit's HSA-id.

    A work list gives no more than the number.
    """

    number: str
    identity: str
    name: str = ""
    born: str = ""
    unit: str = ""

    @property
    def patient_number(self) -> str:
        """The person's number."""
        return self.identity.partition("^")[0]


@dataclass(frozen=True, slots=True, order=True)
class UnitCall:
    """A unit phones the office about a referral on a day; `at` is the appointment where it tells of one."""

    on: date
    number: str
    event: ReferralEvent
    note: str
    at: datetime | None = None


def mri_referrals(path: Path) -> Iterator[tuple[Referred, bool]]:
    """Each MRI referral of a file of messages, and whether it is taken back."""
    if path.suffix != ".hl7":
        return
    unit = identity = name = born = ""
    withdrawn = False
    for segment in path.read_bytes().decode().split("\r"):
        fields = segment.split("|")
        if fields[0] == "MSH":
            unit = fields[5]
        elif fields[0] == "PID":
            identity, name, born = fields[3], fields[5], fields[7]
        elif fields[0] == "ORC":
            withdrawn = fields[1] == "CA"
        elif fields[0] == "OBR" and fields[2].startswith(_MRI_NUMBER):
            yield Referred(fields[2].partition("^")[0], identity, name, born, unit), withdrawn


def urology_referrals(path: Path) -> Iterator[tuple[Referred, bool]]:
    """Each urology referral of a work list, and whether it is taken back; urology is referred to by paper and list."""
    if path.suffix != ".csv":
        return
    withdrawn = _WITHDRAWN in path.name
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"):
        if row.get("kind") == "urology":
            yield Referred(row["order"], row["pnr"]), withdrawn
