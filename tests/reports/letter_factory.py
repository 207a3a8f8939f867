"""Letters of invented people for the tests of reports."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import LANGUAGES, VALUE_RULES, LetterContent, LetterValue, Recipient, RegionOffice
from reports.delivered import delivered_text

CREATED = datetime(2026, 3, 14, 10, 41, tzinfo=UTC)
ON = date(2026, 3, 14)

REGION = RegionOffice(
    code="06",
    name="Region Jönköpings län",
    office_name="Kansliet för prostatacancertestning",
    phone="08-465 004 10",
    hours="vardagar klockan 10–12",
    sampling_places=(
        "Länssjukhuset Ryhov, laboratoriet, Jönköping",
        "Höglandssjukhuset, laboratoriet, Eksjö",
        "Värnamo sjukhus, laboratoriet",
        "Vårdcentralen Brinken, Vetlanda",
        "Vårdcentralen Ängen, Tranås",
    ),
    web="1177.se/prostatatestning",
    return_address="Box 1024, 551 11 Jönköping",
    hours_en="weekdays 10–12",
)
RECIPIENT = Recipient("Örjan Lindqvist", ("c/o Åkesson", "Storgatan 1 lgh 1101"), "55333", "Jönköping")

SAMPLE_VALUES: dict[str, LetterValue] = {
    "sampled_on": date(2026, 2, 27),
    "next_on": date(2026, 4, 11),
    "next_year": 2028,
    "last_year": 2027,
    "valid_until": date(2026, 6, 14),
    "offer_on": date(2026, 3, 28),
    "order_number": "OPT-2026-000123",
    "urology_unit": "Urologmottagningen, Länssjukhuset Ryhov",
    "mri_unit": "Röntgen, Länssjukhuset Ryhov",
    "unit_phone": "08-465 004 44",
    "booked_at": "tisdag 24 mars 2026 kl. 10.00",
    "instead_of": "fredag 20 mars 2026 kl. 08.30",
    "examined_on": date(2026, 3, 10),
    "biopsied_on": date(2026, 3, 3),
    "sent_on": date(2026, 3, 5),
    "psa_before": Decimal("0.9"),
    "psa_now": Decimal("9.0"),
    "from_region": "Region Kalmar län",
}


PSA = {
    LetterType.PSA_LOW: Decimal("0.62"),
    LetterType.PSA_TWO_YEARS: Decimal("2.4"),
    LetterType.PSA_RAISED: Decimal("3.4"),
    LetterType.PSA_VERY_HIGH: Decimal(114),
    LetterType.MRI_NO_BIOPSY: Decimal("3.4"),
    LetterType.MRI_NOT_DONE: Decimal("3.4"),
}


def values_for(letter_type: LetterType) -> dict[str, LetterValue]:
    """Every value the type may have; of those that exclude each other, the year of the next offer."""
    names = VALUE_RULES[letter_type].known - {"last_year"}
    psa: dict[str, LetterValue] = {"psa": PSA[letter_type]} if "psa" in names else {}
    return {name: SAMPLE_VALUES[name] for name in names - {"psa"}} | psa


def letter(letter_type: LetterType = LetterType.PSA_LOW, language: str = "sv", **changes: Any) -> LetterContent:
    """A letter that is right, with any field changed."""
    version, text = delivered_text(letter_type, language if language in LANGUAGES else "sv")
    made = LetterContent(
        letter_id="B-2026-000042",
        type=letter_type,
        language=language,
        region=REGION,
        recipient=RECIPIENT,
        on=ON,
        values=values_for(letter_type),
        invented=True,
        template_version=version,
        text=text,
    )
    return replace(made, **changes)
