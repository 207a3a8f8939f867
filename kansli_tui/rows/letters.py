"""The frozen values a letter is set from, and which values each type of letter needs.

A letter renders from a `LetterContent` alone: the row holds everything that will stand on the paper, so what was
printed can be printed again. This module knows no layout and no text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kansli_tui.pathway.letter_types import LetterType

LANGUAGES = ("sv", "sv-simple", "en")
"""What letters are written in: Swedish, easy-to-read Swedish, English. A letter without an easy-read text is sent in Swedish."""

LetterValue = str | date | Decimal | int
"""A value a letter text may show: a ready text, a day, an exact number or a year."""


@dataclass(frozen=True, slots=True)
class RegionOffice:
    """What the letters say about one region's office.

    `code` is the county code ("05"), `sampling_places` are lines for the right column, `return_address` is one line,
    `window` says on which side of the envelope the address window sits: "H2" (right) or "V2" (left).
    `hours_en` are the hours in English letters; left empty, `hours` stand there too. `window_box` (left, top, width, height
    in millimetres from the page's top left corner) is the window of an envelope that is not made to the usual measures.
    """

    code: str
    name: str
    office_name: str
    phone: str
    hours: str
    sampling_places: tuple[str, ...]
    web: str
    return_address: str
    window: str = "H2"
    hours_en: str = ""
    window_box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom the letter goes. `lines` are the c/o and street lines, in order.

    With an empty `country` the address is Swedish and needs a five-digit `postcode` and a `city`; with a country the
    lines stand as they are, and postcode and city may be empty because they are part of the lines.
    """

    name: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class LetterContent:
    """One letter to one person, ready to be checked and set.

    `on` is the date of the letter, `language` one of `LANGUAGES`, `text` the whole letter text with its shared parts, as
    written, and `template_version` which version that is, `invented` that the person does not exist (the letter says so on
    every page). `enclosure` is what somebody has written to this person: plain paragraphs that stand on a page of their own.
    """

    letter_id: str
    type: LetterType
    language: str
    region: RegionOffice
    recipient: Recipient
    on: date
    values: Mapping[str, LetterValue]
    invented: bool
    template_version: str
    text: str
    enclosure: str = ""


@dataclass(frozen=True, slots=True)
class ValueRules:
    """Which names `LetterContent.values` holds for one type: all of `required`, exactly one of `one_of`, any of `optional`.

    Any other name is an error: it shows that the letter was prepared for another text.
    """

    required: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Every name that may occur."""
        return self.required | self.one_of | self.optional


def _rules(*required: str, one_of: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> ValueRules:
    return ValueRules(frozenset(required), frozenset(one_of), frozenset(optional))


VALUE_RULES: Mapping[LetterType, ValueRules] = {
    LetterType.PRE_LETTER: _rules("offer_on"),
    LetterType.OFFER: _rules("valid_until", optional=("order_number",)),
    LetterType.OFFER_AFTER_NO_SAMPLE: _rules("valid_until", optional=("order_number",)),
    LetterType.OFFER_AFTER_INTERVAL: _rules("valid_until", optional=("order_number", "sampled_on")),
    LetterType.PSA_LOW: _rules("psa", "sampled_on", one_of=("next_year", "last_year")),
    LetterType.PSA_TWO_YEARS: _rules("psa", "sampled_on", one_of=("next_year", "last_year")),
    LetterType.PSA_RAISED: _rules("psa", "sampled_on", "mri_unit", "next_on"),
    LetterType.PSA_VERY_HIGH: _rules("psa", "sampled_on", "urology_unit", "next_on"),
    LetterType.REPEAT_SAMPLE: _rules("valid_until", optional=("order_number", "sampled_on")),
    LetterType.OPT_OUT_CONFIRMED: _rules(),
    LetterType.AGE_EXIT: _rules(),
    LetterType.MRI_CALL: _rules("mri_unit", "booked_at", "unit_phone", optional=("instead_of",)),
    LetterType.MRI_NO_BIOPSY: _rules("psa", "sampled_on", "examined_on", one_of=("next_year", "last_year")),
    LetterType.MRI_UROLOGY: _rules("examined_on", "urology_unit", "next_on"),
    LetterType.MRI_NOT_DONE: _rules(one_of=("next_year", "last_year"), optional=("sampled_on", "psa")),
    LetterType.BIOPSY_BENIGN: _rules("biopsied_on", one_of=("next_year", "last_year")),
    LetterType.CORRECTION: _rules("sent_on", optional=("psa_before", "psa_now")),
    LetterType.HANDED_OVER: _rules("from_region"),
    LetterType.REGISTER_OPT_OUT_CONFIRMED: _rules(),
}
"""The values of each type.

- `psa`: text as in the answer, without unit: "3,4", "mindre än 0,1" (in an English letter "3.4", "less than 0.1"), or a Decimal.
- `psa_before`, `psa_now`: as `psa`; what the wrong letter said and what is right. Both left out where the answer was taken
  back, belonged to somebody else or was no PSA answer; `psa_now` alone where the wrong letter gave no value.
- `sampled_on`: the day the sample was taken; left out of a repeat letter where the laboratory did not say it. `offer_on`: the day the offer is planned to be posted.
- `valid_until`: the last day the offer's sample can be taken.
- `order_number`: the PSA order that waits at the laboratory; left out where the region orders at acceptance, and the
  offer then asks the person to say yes by phone.
- `next_year`: the year of the next offer. `last_year`: instead of it, the year the person turns 74, when the next
  offer would come later than that (domain: the last offer is sent the year of 74).
- `next_on`: the day by which the MRI or urology unit should have been in touch; after it the person is to ring the office.
- `examined_on`, `biopsied_on`: the day of the MRI examination and of the biopsy. `sent_on`: the day the wrong letter was posted.
- `mri_unit`, `urology_unit`: the unit's name as people know it. `unit_phone`: the phone where the person changes or cancels.
- `booked_at`: day and time of the appointment as text in the letter's language: "tisdag 24 november 2026 kl. 10.00".
- `instead_of`: as `booked_at`, the coming time that an earlier letter stated and that no longer holds.
- `from_region`: the name of the region that has handed the person over to the one that sends the letter.
"""
