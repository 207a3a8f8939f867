"""Referral forms are read back out of their PDF."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from kansli_tui.errors import LetterError
from kansli_tui.rows.referral_messages import ReferralOut
from reports import page
from reports.referral_form import BARCODE, ReferralForm, referral_form, referral_forms
from tests.reports.letter_factory import ON, REGION
from tests.reports.pdf_reading import characters, ink, page_texts

MRI = ReferralOut(
    kind="mri",
    number="OPTMR-2026-000045",
    region="06",
    unit_name="Röntgen, Länssjukhuset Ryhov",
    unit_hsa_id="SE2321000131-E000000000123",
    identity_number="197601012391",
    identity_oid="1.2.752.129.2.1.3.1",
    family="Lindqvist",
    given="Örjan",
    birth_date=date(1976, 1, 1),
    sex="M",
    street="Storgatan 1 lgh 1101",
    postcode="55333",
    city="Jönköping",
    made_at=datetime(2026, 3, 13, 9, tzinfo=UTC),
    psa_value="3.4",
    psa_comparator="",
    # Late in the evening in UTC is the next day in Sweden.
    sampled_at=datetime(2026, 2, 26, 23, 30, tzinfo=UTC),
    question="Tecken till kliniskt betydelsefull cancer?",
    answers=(("Har du pacemaker?", "Nej"), ("Har du metall i kroppen?", "Ja, höftprotes 2019")),
    exam_code="77200",
    exam_text="MR prostata utan kontrast",
)
UROLOGY = replace(
    MRI,
    kind="urology",
    number="OPTUR-2026-000012",
    unit_name="Urologmottagningen, Länssjukhuset Ryhov",
    question="Ställningstagande till vävnadsprov.",
    answers=(),
    mri=("4", "42", "0.113"),
)


def made(referral, **changes):
    how = {"office": REGION, "unit_phone": "08-465 004 44", "on": ON, "invented": True} | changes
    return referral_form(referral, **how)


def text_of(referral, **changes):
    texts = page_texts(made(referral, **changes))
    assert len(texts) == 1
    return texts[0]


def test_an_mri_referral_says_all_the_unit_needs():
    text = text_of(MRI)
    for shown in (
        "Remiss för magnetkamera",
        "OPTMR-2026-000045",
        "Röntgen, Länssjukhuset Ryhov",
        "HSA-id: SE2321000131-E000000000123",
        "Telefon: 08-465 004 44",
        "Örjan Lindqvist",
        "19760101-2391",
        "1 januari 1976",
        "Storgatan 1 lgh 1101, 553 33 Jönköping",
        "MR prostata utan kontrast (kod 77200)",
        "Tecken till kliniskt betydelsefull cancer?",
        "3,4 µg/l, provtagningsdag: 27 februari 2026",
        "Har du pacemaker? Nej",
        "Har du metall i kroppen? Ja, höftprotes 2019",
        "PI-RADS för varje förändring och prostatans volym",
        REGION.return_address,
        "08-465 004 10, vardagar klockan 10–12",
        "14 mars 2026",
        "Utfärdad 13 mars 2026",
        "PÅHITTAD PERSON – ej för utskick",
    ):
        assert shown in text
    assert "PSA-densitet" not in text


def test_a_urology_referral_holds_the_answer_from_mri():
    text = text_of(UROLOGY)
    for shown in ("Remiss till urolog", "Högsta PI-RADS 4", "Prostatavolym 42 ml", "PSA-densitet 0,113 µg/l per ml"):
        assert shown in text
    assert "Frågor som kansliet" not in text
    assert "ISUP-grad" in text


def test_what_is_given_in_words_gets_no_second_unit():
    text = text_of(replace(UROLOGY, mri=("4 (två förändringar)", "42 ml", "")))
    assert "Prostatavolym 42 ml PSA-densitet uppgift saknas" in text


def test_a_urology_referral_without_mri_says_so():
    assert "Ingen MR-undersökning ingår i underlaget" in text_of(replace(UROLOGY, mri=None))


@pytest.mark.parametrize("referral", [MRI, UROLOGY])
def test_no_address_of_a_protected_person_is_printed(referral):
    text = text_of(replace(referral, protected=True))
    assert "Skyddade personuppgifter. Adressen lämnas inte ut. Ring kansliet på 08-465 004 10" in text
    assert "Storgatan" not in text
    assert "553 33" not in text


def test_what_is_missing_is_said():
    bare = replace(
        MRI, unit_hsa_id="", street="", postcode="", city="", psa_value="", sampled_at=None, answers=(), question=""
    )
    text = text_of(bare, unit_phone="", invented=False)
    assert "HSA-id: uppgift saknas" in text
    assert "Telefon: uppgift saknas" in text
    assert "Ingen adress är känd" in text
    assert "PSA uppgift saknas" in text
    assert "Frågeställning uppgift saknas" in text
    assert "Inga svar är antecknade. Fråga personen före undersökningen." in text
    assert "PÅHITTAD" not in text
    assert "inget svar" in text_of(replace(MRI, answers=(("Har du pacemaker?", ""),)))


@pytest.mark.parametrize(
    ("comparator", "words"), [("<", "mindre än 3,4"), ("<=", "högst 3,4"), (">", "mer än 3,4"), (">=", "minst 3,4")]
)
def test_the_comparator_is_part_of_the_value(comparator, words):
    assert f"{words} µg/l" in text_of(replace(MRI, psa_comparator=comparator))


def test_much_text_is_set_smaller_and_stays_on_the_page():
    answers = tuple((f"Fråga nummer {number} om hälsan?", "Ja, " + "mycket att säga " * 5) for number in range(9))
    long = replace(MRI, question="Frågan är lång. " * 30, answers=answers)
    pdf = made(long)
    assert "Fråga nummer 8" in page_texts(pdf)[0]
    paper = page.Box(19.5, 4, 171, 284)
    assert [item.char for item in characters(pdf, 0) if not paper.holds(item.box)] == []
    answered = [item for item in characters(pdf, 0) if item.box.y < page.FOOTER.y < item.box.bottom]
    assert answered == []


def test_more_text_than_a_page_holds_refuses_and_names_the_referral():
    with pytest.raises(LetterError, match="OPTMR-2026-000045: The referral does not fit one page"):
        made(replace(MRI, question="Frågan är för lång. " * 400))


def test_a_character_that_cannot_be_printed_refuses_without_telling_it():
    with pytest.raises(LetterError, match=r"OPTMR-2026-000045.*U\+0645") as caught:
        made(replace(MRI, given="محمد"))
    assert "محمد" not in str(caught.value)


def test_lines_and_markup_in_a_question_are_data():
    text = text_of(replace(MRI, question="Första <b>raden</b>\nandra & raden"))
    assert "Första <b>raden</b> andra & raden" in text


def test_the_number_stands_as_bars_too():
    pdf = made(MRI)
    assert ink(pdf, 0, BARCODE)
    around = BARCODE.grown(2.5)
    assert not ink(pdf, 0, page.Box(around.x, around.y, around.width, 2))
    assert not [item for item in characters(pdf, 0) if item.box.meets(BARCODE)]


def test_several_referrals_are_one_page_each_in_their_order():
    forms = [ReferralForm(MRI, REGION, "08-465 004 44"), ReferralForm(UROLOGY, REGION, "")]
    pdf = referral_forms(forms, on=ON, invented=True)
    texts = page_texts(pdf)
    assert ["OPTMR-2026-000045" in text for text in texts] == [True, False]
    assert ["OPTUR-2026-000012" in text for text in texts] == [False, True]
    assert pdf == referral_forms(forms, on=ON, invented=True)
    assert pdf != referral_forms(forms, on=date(2026, 3, 15), invented=True)
    metadata = str(PdfReader(BytesIO(pdf)).metadata)
    assert "OPTMR-2026-000045" in metadata
    assert "Lindqvist" not in metadata


def test_no_referral_refuses():
    with pytest.raises(LetterError, match="no referral to print"):
        referral_forms([], on=ON, invented=True)
