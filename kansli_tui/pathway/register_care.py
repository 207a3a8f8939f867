"""Register care as data: which checks there are, what each means and what is done about what it finds. Pure.

It is about data that cannot be right, or that two sources disagree on. What is late is the watch's (`pathway.watch`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Cared(StrEnum):
    """What is checked. The value is stored with counts and with what was looked at; never rename one without a migration."""

    DIFFERENCES = "differences"
    HELD_AS_DUPLICATES = "held_as_duplicates"
    POSSIBLE_DUPLICATES = "possible_duplicates"
    ANSWERS_WITHOUT_ORDER = "answers_without_order"
    UNKNOWN_CODES = "unknown_codes"
    UNKNOWN_DEREGISTRATION = "unknown_deregistration"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    BIRTH_DATE_UNKNOWN = "birth_date_unknown"
    MRI_WITHOUT_VOLUME = "mri_without_volume"
    PSA_DATES = "psa_dates"
    MRI_DATES = "mri_dates"
    REFERRAL_DATES = "referral_dates"
    PATHOLOGY_DATES = "pathology_dates"
    LETTER_DATES = "letter_dates"
    REGISTER_DATES = "register_dates"


@dataclass(frozen=True, slots=True)
class CareCheck:
    """A named check; `label`, `meaning` and `fix` (what to do about a finding) are message ids.

    `settleable` says whether a finding may be true and right all the same, so that somebody can say so. The others end only when
    what they are about is done.
    """

    code: Cared
    label: str
    meaning: str
    fix: str
    settleable: bool = True
    slow: bool = False
    """Compares everybody with everybody: counted last."""


_C = Cared

CHECKS: tuple[CareCheck, ...] = (
    CareCheck(
        _C.DIFFERENCES,
        "The register differs from what is written by hand",
        "Somebody has written a name, an address or a municipality by hand, and the population register has since said otherwise.",
        "Accept the register's, or keep ours: field by field.",
        settleable=False,
    ),
    CareCheck(
        _C.HELD_AS_DUPLICATES,
        "Held as possible duplicates",
        "The population register says that one number has replaced another, and both are people here. Nothing goes out to either.",
        "Merge the two cases; or, if they are two people, open the case and end the hold with the reason.",
        settleable=False,
    ),
    CareCheck(
        _C.POSSIBLE_DUPLICATES,
        "Same name and birth date",
        "Two cases of a region have the same name and birth date, and at least one of them is open.",
        "Compare them: merge them if they are one person, or note that they are two.",
        slow=True,
    ),
    CareCheck(
        _C.ANSWERS_WITHOUT_ORDER,
        "Answers without an order",
        "An answer has come that names no order or referral of ours.",
        "Open Held answers: match it, send it back or refuse it.",
        settleable=False,
    ),
    CareCheck(
        _C.UNKNOWN_CODES,
        "Messages with a code that is not known",
        "A message has a status, unit, type or event that the program does not know.",
        "Open Held answers: ask the sender what it means.",
        settleable=False,
    ),
    CareCheck(
        _C.UNKNOWN_DEREGISTRATION,
        "Deregistered with a code that is not known",
        "The population register has deregistered the person with a code that nobody has told the program about.",
        "Ask the tax agency what the code means; then close the case or end the hold.",
    ),
    CareCheck(
        _C.UNKNOWN_MUNICIPALITY,
        "Municipality missing, unknown or of another region",
        "The statistics by municipality cannot place the person.",
        "Open the case and write the municipality by hand, or hand the person over to the right region.",
    ),
    CareCheck(
        _C.BIRTH_DATE_UNKNOWN,
        "Birth date not known",
        "The number leaves month or day open. The program reckons with the first possible day.",
        "Open the case and write the birth date by hand when it is known from a document.",
    ),
    CareCheck(
        _C.MRI_WITHOUT_VOLUME,
        "MRI decided on without a volume",
        "Without the volume there is no PSA density, neither for the decision nor in the statistics.",
        "Ask the unit for the volume and enter the corrected answer; or note that it was not measured.",
    ),
    CareCheck(
        _C.PSA_DATES,
        "PSA answer with impossible dates",
        "The sample is dated before the offer, or after the answer.",
        "Ask the laboratory for the right times, and for a corrected answer.",
    ),
    CareCheck(
        _C.MRI_DATES,
        "MRI answer with impossible dates",
        "The examination is dated before the referral, or after the answer.",
        "Ask the unit for the right day, and enter the corrected answer.",
    ),
    CareCheck(
        _C.REFERRAL_DATES,
        "Visit or biopsy with impossible dates",
        "An examination, visit or biopsy is dated before the referral or in the future, or a biopsy before its visit.",
        "Ask the unit for the right days.",
    ),
    CareCheck(
        _C.PATHOLOGY_DATES,
        "Pathology or treatment with impossible dates",
        "The biopsy is dated before the referral or after the pathology answer, or a treatment before the biopsy.",
        "Ask the unit for the right days, and enter the corrected answer.",
    ),
    CareCheck(
        _C.LETTER_DATES,
        "Letter with impossible dates",
        "A letter is dated as posted before it was printed or in the future, or as returned before it was posted.",
        "Look at the batch: which day did the letters leave?",
    ),
    CareCheck(
        _C.REGISTER_DATES,
        "Register date in the future",
        "The population register has dated a deregistration or a registration after today.",
        "Compare with the population register; the next hand-over sets it right.",
    ),
)
"""Every check, what hinders work first."""
BY_CODE = {check.code: check for check in CHECKS}


def fingerprint(what: str, facts: Mapping[str, str]) -> str:
    """What a finding stands on, as a hash: the same as long as the data are. Personal data cannot be read from it."""
    said = "\n".join([what, *(f"{name}={facts[name]}" for name in sorted(facts))])
    return sha256(said.encode()).hexdigest()
