"""The fixed words around a letter, in the letter's own language (the recipient's, not the user's)."""

from dataclasses import dataclass

from kansli_tui.errors import LetterError


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the frame: dateline, side column and footer."""

    programme: str
    sender: str
    page: str
    letter: str
    contact: str
    phone: str
    places: str
    advice: str
    advice_text: str
    help: str
    help_text: str
    legal: str
    invented: str
    enclosure: str
    lang: str


LABELS = {
    "sv": Labels(
        programme="Prostatacancertestning",
        sender="Avsändare",
        page="Sida {page} ({pages})",
        letter="Brev {letter}",
        contact="Kontakta oss",
        phone="Telefon {phone}",
        places="Här kan du lämna prov",
        advice="Råd om vård",
        advice_text="Ring 1177, dygnet runt. Ring 112 om det är akut.",
        help="Behöver du hjälp?",
        help_text="Vi kan ordna tolk och läsa upp brevet i telefon.",
        legal="{region} är personuppgiftsansvarig. Dina uppgifter skyddas av patientdatalagen och dataskyddsförordningen.",
        invented="PÅHITTAD PERSON – ej för utskick",
        enclosure="Ett meddelande till dig",
        lang="sv-SE",
    ),
    "en": Labels(
        programme="Prostate cancer testing",
        sender="Sender",
        page="Page {page} ({pages})",
        letter="Letter {letter}",
        contact="Contact us",
        phone="Phone {phone}",
        places="Where to give your sample",
        advice="Health advice",
        advice_text="Call 1177 at any time. Call 112 in an emergency.",
        help="Do you need help?",
        help_text="We can arrange an interpreter and read the letter to you by phone.",
        legal="{region} is the data controller. The Patient Data Act and the GDPR protect your data.",
        invented="PÅHITTAD PERSON – ej för utskick",
        enclosure="A message to you",
        lang="en-GB",
    ),
}


def spoken(language: str) -> str:
    """The language itself, for months, decimals and the words of the frame: easy-to-read Swedish is Swedish."""
    return language.partition("-")[0]


def labels(language: str) -> Labels:
    """The words for a language; LetterError when letters are not written in it."""
    try:
        return LABELS[spoken(language)]
    except KeyError:
        raise LetterError(
            'There are no letters in the language "{language}". Choose Swedish or English.', language=language
        ) from None
