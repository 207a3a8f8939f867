"""Letters to people who do not exist, so that a text can be read before it is signed: every value a text may show is there."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from kansli_tui.invented.recipients import OTHER_REGION
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, LetterValue, Recipient, RegionOffice
from kansli_tui.service.letter_content import spoken_value
from kansli_tui.service.text_book import LetterSource


def made_up_letter(
    kind: LetterType, source: LetterSource, office: RegionOffice, to: Recipient, *, now: datetime
) -> LetterContent:
    """A letter of a kind as of today, marked as invented."""
    return LetterContent(
        letter_id="B-000000",
        type=kind,
        language=source.language,
        region=office,
        recipient=to,
        on=now.date(),
        values=_values(kind, source.language, now),
        invented=True,
        template_version=source.version,
        text=source.text,
    )


def _values(kind: LetterType, language: str, now: datetime) -> dict[str, LetterValue]:
    today = now.date()
    booked = spoken_value("booked_at", (now + timedelta(days=12)).isoformat(), language)
    every: dict[str, LetterValue] = {
        "psa": Decimal("3.4") if kind is not LetterType.PSA_VERY_HIGH else Decimal(114),
        "psa_before": Decimal("0.9"),
        "psa_now": Decimal("9.0"),
        "sampled_on": _ago(today, 12),
        "examined_on": _ago(today, 9),
        "biopsied_on": _ago(today, 20),
        "sent_on": _ago(today, 6),
        "offer_on": today + timedelta(days=14),
        "valid_until": today + timedelta(days=90),
        "next_on": today + timedelta(days=28),
        "next_year": today.year + 2,
        "order_number": "OPT-2026-000000",
        "mri_unit": "Röntgenavdelningen",
        "urology_unit": "Urologmottagningen",
        "unit_phone": "08-465 004 99",
        "booked_at": booked,
        "from_region": OTHER_REGION,
    }
    if kind is LetterType.PSA_LOW:
        every["psa"] = Decimal("0.8")
    elif kind is LetterType.PSA_TWO_YEARS:
        every["psa"] = Decimal("2.4")
    return {name: every[name] for name in VALUE_RULES[kind].known if name in every}


def _ago(today: date, days: int) -> date:
    return today - timedelta(days=days)
