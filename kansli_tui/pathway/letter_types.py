"""The letters the pathway sends, by the office's names. Texts live in `reports`, moves in `moves`."""

from enum import StrEnum


class LetterType(StrEnum):
    """One kind of letter; the value is stored and names the text file."""

    PRE_LETTER = "pre_letter"
    OFFER = "offer"
    OFFER_AFTER_NO_SAMPLE = "offer_after_no_sample"
    OFFER_AFTER_INTERVAL = "offer_after_interval"
    PSA_LOW = "psa_low"
    PSA_TWO_YEARS = "psa_two_years"
    PSA_RAISED = "psa_raised"
    PSA_VERY_HIGH = "psa_very_high"
    REPEAT_SAMPLE = "repeat_sample"
    OPT_OUT_CONFIRMED = "opt_out_confirmed"
    AGE_EXIT = "age_exit"
    MRI_CALL = "mri_call"
    MRI_NO_BIOPSY = "mri_no_biopsy"
    MRI_UROLOGY = "mri_urology"
    MRI_NOT_DONE = "mri_not_done"
    BIOPSY_BENIGN = "biopsy_benign"
    CORRECTION = "correction"
    HANDED_OVER = "handed_over"
    REGISTER_OPT_OUT_CONFIRMED = "register_opt_out_confirmed"
