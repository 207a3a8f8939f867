"""The municipalities of the three regions, and which region a municipality belongs to. Nothing about people.

Source: the national list of municipality codes. A region is its county code: 05 Östergötland, 06 Jönköpings län, 08 Kalmar län.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality: four-digit code, name, and the county code of its region."""

    code: str
    name: str
    region: str


_NAMES: Final = {
    "0509": "Ödeshög",
    "0512": "Ydre",
    "0513": "Kinda",
    "0560": "Boxholm",
    "0561": "Åtvidaberg",
    "0562": "Finspång",
    "0563": "Valdemarsvik",
    "0580": "Linköping",
    "0581": "Norrköping",
    "0582": "Söderköping",
    "0583": "Motala",
    "0584": "Vadstena",
    "0586": "Mjölby",
    "0604": "Aneby",
    "0617": "Gnosjö",
    "0642": "Mullsjö",
    "0643": "Habo",
    "0662": "Gislaved",
    "0665": "Vaggeryd",
    "0680": "Jönköping",
    "0682": "Nässjö",
    "0683": "Värnamo",
    "0684": "Sävsjö",
    "0685": "Vetlanda",
    "0686": "Eksjö",
    "0687": "Tranås",
    "0821": "Högsby",
    "0834": "Torsås",
    "0840": "Mörbylånga",
    "0860": "Hultsfred",
    "0861": "Mönsterås",
    "0862": "Emmaboda",
    "0880": "Kalmar",
    "0881": "Nybro",
    "0882": "Oskarshamn",
    "0883": "Västervik",
    "0884": "Vimmerby",
    "0885": "Borgholm",
}

REGIONS: Final = ("05", "06", "08")
MUNICIPALITIES: Final = {code: Municipality(code, name, code[:2]) for code, name in _NAMES.items()}


def region_of(municipality: str) -> str | None:
    """The region of a four-digit municipality code; None for a municipality outside the three regions."""
    known = MUNICIPALITIES.get(municipality)
    return known.region if known else None


def municipality_code(county: str, municipality: str) -> str | None:
    """The four-digit code from the register's two fields: county "05" and municipality "80", or "0580" as some files write it.

    Returns:
        "" when the register says nothing of where; None when the fields contradict each other or are not codes.
    """
    if not municipality:
        return ""
    code = municipality if len(municipality) == 4 else county + municipality
    if len(code) == 4 and code.isascii() and code.isdecimal() and code.startswith(county):
        return code
    return None
