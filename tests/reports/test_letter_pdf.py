"""A letter is read back out of its PDF: the window, the values, the pages, the fonts, the bytes."""

import unicodedata
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES, Recipient
from reports import page
from reports.letters import render_batch
from reports.values import format_values
from tests.reports.letter_factory import CREATED, RECIPIENT, REGION, letter
from tests.reports.pdf_reading import characters, ink, page_texts, text_inside

OFFERS = {LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL}
EVERY = [(letter_type, language) for letter_type in LetterType for language in ("sv", "en")]
ADDRESS = "ÖrjanLindqvistc/oÅkessonStorgatan1lgh110155333JÖNKÖPING"
NOTICE = "PÅHITTAD PERSON – ej för utskick"


def pdf_of(*letters):
    return render_batch(letters, created=CREATED).pdf


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
class TestEveryLetter:
    def test_all_its_values_stand_in_the_text(self, letter_type, language):
        sent = letter(letter_type, language)
        text = " ".join(page_texts(pdf_of(sent)))
        for shown in [*format_values(sent).values(), REGION.phone, REGION.web, sent.letter_id]:
            assert " ".join(shown.split()) in text
        assert "{" not in text
        assert NOTICE in text

    def test_the_window_holds_the_address_and_nothing_else(self, letter_type, language):
        for window, sheet in page.SHEETS.items():
            pdf = pdf_of(letter(letter_type, language, region=replace(REGION, window=window)))
            assert text_inside(pdf, 0, sheet.window) == ADDRESS
            assert text_inside(pdf, 0, sheet.clear) == ADDRESS
            assert all(sheet.address.holds(item.box) for item in characters(pdf, 0) if item.box.meets(sheet.clear))
            assert not ink(pdf, 0, sheet.clear, but_not=sheet.address)

    def test_offers_take_two_pages_at_most_and_others_one(self, letter_type, language):
        assert len(page_texts(pdf_of(letter(letter_type, language)))) <= (2 if letter_type in OFFERS else 1)

    def test_no_text_leaves_the_margins(self, letter_type, language):
        pdf = pdf_of(letter(letter_type, language))
        paper = page.Box(19.5, 4, 171, 284)
        for number in range(len(page_texts(pdf))):
            assert [item.char for item in characters(pdf, number) if not paper.holds(item.box)] == []


def test_a_real_person_gets_no_notice():
    assert NOTICE not in " ".join(page_texts(pdf_of(letter(invented=False))))


def test_an_invented_person_is_marked_on_every_page():
    texts = page_texts(pdf_of(letter(LetterType.OFFER)))
    assert len(texts) == 2
    assert all(NOTICE in text for text in texts)
    assert "Sida 1 (2)" in texts[0]
    assert "Sida 2 (2)" in texts[1]


@pytest.mark.parametrize("letter_type", [kind for kind, rules in VALUE_RULES.items() if rules.one_of])
def test_the_other_year_text_says_that_no_offer_follows(letter_type):
    values = dict(letter(letter_type).values)
    del values["next_year"]
    texts = page_texts(pdf_of(letter(letter_type, values=values | {"last_year": 2027})))
    assert len(texts) == 1
    assert "inget nytt erbjudande" in texts[0]
    assert "2027" in texts[0]
    assert "2028" not in texts[0]


def test_a_correction_says_only_what_is_known():
    sent = letter(LetterType.CORRECTION)
    both = page_texts(pdf_of(sent))[0]
    assert "ditt PSA-värde var 0,9 µg/l. Det stämmer inte. Ditt rätta PSA-värde är 9,0 µg/l." in both
    assert "Svaret i brevet gäller inte" not in both
    retracted = {name: value for name, value in sent.values.items() if name != "psa_now"}
    text = page_texts(pdf_of(letter(LetterType.CORRECTION, values=retracted)))[0]
    assert "0,9 µg/l. Det stämmer inte. Svaret i brevet gäller inte" in text
    assert "rätta PSA-värde" not in text
    neither = {"sent_on": sent.values["sent_on"]}
    text = page_texts(pdf_of(letter(LetterType.CORRECTION, values=neither)))[0]
    assert "Det vi skrev till dig den 5 mars 2026 var fel" in text
    assert "Svaret i brevet gäller inte" in text
    assert "µg/l" not in text


def test_a_time_and_a_phone_number_are_not_broken_between_lines():
    shown = format_values(letter(LetterType.MRI_CALL))
    assert " " not in shown["booked_at"] + shown["unit_phone"]
    assert " " in shown["mri_unit"]


def test_an_offer_without_an_order_asks_for_a_call():
    values = dict(letter(LetterType.OFFER).values)
    del values["order_number"]
    text = page_texts(pdf_of(letter(LetterType.OFFER, values=values)))[0]
    assert "säg att du vill lämna prov" in text
    assert "redan beställt" not in text


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Żółć",
        "Çelik Gülşen",
        "Nguyễn Thị Ánh",
        "Đorđević",
        "Ng\u0075\u0079\u0065\u0302\u0303n",  # written with combining accents
        "<b>&amp;</b>",
        "=cmd()|' /C calc'!A0",
        "{psa} {name!r}",
        "O’Brien-Åström",
    ],
)
def test_odd_names_come_out_as_written(name):
    pdf = pdf_of(letter(recipient=replace(RECIPIENT, name=name)))
    expected = "".join(unicodedata.normalize("NFC", name).split())
    assert text_inside(pdf, 0, page.SHEETS["H2"].window).startswith(expected)


@pytest.mark.parametrize(
    "recipient",
    [
        Recipient("Fredriksson-Wachenfeldt " + "Sjögren-Özdemir " * 2 + "Ek", ("Vägen 1",), "57431", "Vetlanda"),
        Recipient("Bo Ek", ("c/o Ett", "Två 2", "Tre 3", "Fyra 4"), "574 31", "Vetlanda"),
        Recipient("Jan Ek", ("Rosenheimer", "Van Kampenstraat", "7558 Hengelo"), "", "", "Nederländerna"),
        Recipient("Jan Ek", ("12 High Street",), "SW1A 1AA", "London", "Storbritannien"),
    ],
)
def test_long_and_foreign_addresses_stay_inside_the_window(recipient):
    pdf = pdf_of(letter(recipient=recipient))
    sheet = page.SHEETS["H2"]
    near = [item for item in characters(pdf, 0) if item.box.meets(sheet.clear)]
    assert all(sheet.address.holds(item.box) for item in near)
    shown = "".join(item.char for item in near)
    for part in (recipient.name, *recipient.lines, recipient.country.upper()):
        assert "".join(part.split()) in shown


def test_too_many_places_go_on_with_a_footer_on_the_next_page():
    places = tuple(f"Vårdcentralen nummer {number} i Valdemarsvik" for number in range(60))
    texts = page_texts(pdf_of(letter(LetterType.OFFER, region=replace(REGION, sampling_places=places))))
    assert len(texts) == 3
    assert all("personuppgiftsansvarig" in text for text in texts)
    assert all(place in " ".join(texts) for place in places)


def test_each_letter_of_a_batch_starts_on_its_own_page():
    letters = [
        letter(LetterType.OFFER, letter_id="B-1"),
        letter(LetterType.PSA_LOW, letter_id="B-2", recipient=Recipient("Jan Ek", ("Gata 1",), "", "", "Norge")),
        letter(LetterType.OFFER, "en", letter_id="B-3"),
    ]
    batch = render_batch(letters, created=CREATED)
    assert [(item.letter_id, item.first_page, item.pages, item.postcode) for item in batch.pages] == [
        ("B-1", 1, 2, "55333"),
        ("B-2", 3, 1, ""),
        ("B-3", 4, 2, "55333"),
    ]
    texts = page_texts(batch.pdf)
    for item in batch.pages:
        for number, text in enumerate(texts, start=1):
            inside = item.first_page <= number < item.first_page + item.pages
            assert (f" {item.letter_id} " in f" {text} ") is inside


def test_the_same_letters_give_the_same_bytes():
    letters = [letter(LetterType.OFFER, letter_id="B-1"), letter(LetterType.PSA_RAISED, letter_id="B-2")]
    first, second = (render_batch(letters, created=CREATED) for _ in range(2))
    assert first == second
    assert first.sha256 != render_batch(letters, created=CREATED.replace(year=2027)).sha256
    assert first.sha256 != render_batch(letters[::-1], created=CREATED).sha256


def test_a_stamped_letter_looks_like_one_set_alone():
    alone = page_texts(pdf_of(letter(LetterType.OFFER, letter_id="B-2")))
    together = page_texts(pdf_of(letter(LetterType.OFFER, letter_id="B-1"), letter(LetterType.OFFER, letter_id="B-2")))
    assert together[2:] == alone


def test_the_printer_is_told_not_to_scale_or_turn_the_page():
    preferences = PdfReader(BytesIO(pdf_of(letter(LetterType.OFFER)))).trailer["/Root"]["/ViewerPreferences"]
    assert preferences["/PrintScaling"] == "/None"
    assert preferences["/Duplex"] == "/Simplex"


def test_no_name_is_in_the_file_metadata():
    metadata = PdfReader(BytesIO(pdf_of(letter()))).metadata
    assert "Lindqvist" not in str(metadata)
    assert metadata["/CreationDate"] == "D:20260314104100Z"
