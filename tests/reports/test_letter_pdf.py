"""A letter is read back out of its PDF: the window, the values, the pages, the fonts, the bytes."""

import json
import unicodedata
from dataclasses import replace
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import LANGUAGES, VALUE_RULES, Recipient
from reports import page
from reports.delivered import delivered_texts
from reports.letters import calibration_page, check, plain_text, render_batch
from reports.manifest import manifest_json
from reports.values import format_values
from tests.reports.letter_factory import CREATED, RECIPIENT, REGION, letter
from tests.reports.pdf_reading import characters, codes, ink, page_texts, text_inside

OFFERS = {LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL}
EVERY = [
    (letter_type, language)
    for letter_type in LetterType
    for language in LANGUAGES
    if (letter_type.value, language) in delivered_texts()
]
OFFICES = {
    "H2": REGION,
    "V2": replace(REGION, window="V2"),
    "own": replace(REGION, window_box=(30.0, 38.0, 80.0, 34.0)),
}
ADDRESS = "ÖrjanLindqvistc/oÅkessonStorgatan1lgh110155333JÖNKÖPING"
EDGES = (page.Box(0, 0, 19.5, 297), page.Box(190.5, 0, 19.5, 297), page.Box(0, 0, 210, 4), page.Box(0, 288, 210, 9))
NOTICE = "PÅHITTAD PERSON – ej för utskick"


def pdf_of(*letters):
    return render_batch(letters, created=CREATED).pdf


@cache
def every_office(letter_type, language):
    """The same letter from offices with different envelopes, in one batch."""
    return render_batch(
        [letter(letter_type, language, letter_id=name, region=office) for name, office in OFFICES.items()],
        created=CREATED,
    )


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
class TestEveryLetter:
    def test_all_its_values_stand_in_the_text_and_no_glyph_is_missing(self, letter_type, language):
        sent = letter(letter_type, language, letter_id="H2")
        batch = every_office(letter_type, language)
        text = " ".join(page_texts(batch.pdf)[: batch.pages[0].pages])
        for shown in [*format_values(sent).values(), REGION.phone, REGION.web, "Brev H2" if language != "en" else "H2"]:
            assert " ".join(shown.split()) in text
        assert not set("{}\ufffd\x00") & set(text)
        assert NOTICE in text

    def test_the_window_holds_the_address_and_nothing_else(self, letter_type, language):
        batch = every_office(letter_type, language)
        for item, office in zip(batch.pages, OFFICES.values(), strict=True):
            sheet, first = page.sheet(office), item.first_page - 1
            near = [char for char in characters(batch.pdf, first) if char.box.meets(sheet.clear)]
            assert "".join(char.char for char in near) == ADDRESS
            assert all(sheet.address.holds(char.box) for char in near)
            assert not ink(batch.pdf, first, sheet.clear, but_not=sheet.address)

    def test_its_pages_are_as_the_manifest_says(self, letter_type, language):
        batch = every_office(letter_type, language)
        items = json.loads(manifest_json(batch))["items"]
        assert [item["letter_id"] for item in items] == list(OFFICES)
        said = [
            f"{item['letter_id']} {number + 1}/{item['pages']}" for item in items for number in range(item["pages"])
        ]
        assert [codes(batch.pdf, number) for number in range(len(said))] == [[code] for code in said]
        assert len(page_texts(batch.pdf)) == len(said)
        assert items[0]["pages"] <= (2 if letter_type in OFFERS else 1)

    def test_nothing_stands_in_the_margins_but_the_data_matrix(self, letter_type, language):
        batch = every_office(letter_type, language)
        paper = page.Box(19.5, 4, 171, 284)
        for number in range(batch.pages[0].pages):
            assert [item.char for item in characters(batch.pdf, number) if not paper.holds(item.box)] == []
            for edge in EDGES:
                assert not ink(batch.pdf, number, edge, but_not=page.MATRIX.grown(0.2))


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
        "[red]Bo[/red]",
        "@SUM(A1)",
        "Ẩm Ỷ Ħåkon Ŋuyễn",
        "Jose\u0301 Mu\u0308ller e\u0301",
    ],
)
def test_odd_names_come_out_as_written(name):
    pdf = pdf_of(letter(recipient=replace(RECIPIENT, name=name)))
    expected = "".join(unicodedata.normalize("NFC", name).split())
    assert text_inside(pdf, 0, page.SHEETS["H2"].window) == expected + ADDRESS.removeprefix("ÖrjanLindqvist")


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


def test_the_longest_name_and_address_and_a_very_long_text_are_whole():
    """A 60-character double name, six address lines, values at their limit and a text of several pages."""
    recipient = Recipient(
        "Wachenfeldt-Fredriksson-Silfverstolpe-Oxenstierna af Croneborg",
        ("c/o Ek", "Lgh 1101", "Gata 1", "Fyra 4"),
        "55333",
        "Jönköping",
    )
    lines = "".join(f"\n\n## Rubrik {number}\n{'Lång text nummer ' + str(number) + '. ':s}" for number in range(60))
    whole = " ".join(f"ord{number}" for number in range(1500))
    sent = letter(LetterType.PSA_RAISED, recipient=recipient, enclosure="Kort.")
    values = dict(sent.values) | {"mri_unit": "Röntgen" * 17}
    sent = replace(sent, values=values, text=f"{sent.text}{lines}\n\n{whole}\n\nSlut på brevet.")
    batch = render_batch([sent], created=CREATED)
    texts = page_texts(batch.pdf)
    together = "".join("".join(texts).split())
    assert len(texts) == batch.pages[0].pages > 4
    assert all("personuppgiftsansvarig" in text for text in texts)
    assert all(f"Sida {number} ({len(texts)})" in text for number, text in enumerate(texts, start=1))
    assert all(f"ord{number}" in together for number in range(1500))
    assert "Röntgen" * 17 in together
    assert "Slut på brevet." in texts[-2]
    near = text_inside(batch.pdf, 0, page.SHEETS["H2"].clear)
    assert near == "".join("".join((recipient.name, *recipient.lines, "55333JÖNKÖPING")).split())
    boxes = (page.Box(19.5, 4, 171, 284), page.SHEETS["H2"].address)
    for number in range(len(texts)):
        shown = [item.box for item in characters(batch.pdf, number)]
        assert all(any(box.holds(char) for box in boxes) for char in shown)
        assert not [char for char in shown if page.BODY.bottom < char.bottom < page.FOOTER.y]


class TestEnclosure:
    TEXT = "Hej Örjan!\n\nVi talades vid <b>i dag</b>. {psa}\nSamma stycke.\n\n\nÅsa på kansliet"

    @pytest.mark.parametrize(("language", "heading"), [("sv", "Ett meddelande till dig"), ("en", "A message to you")])
    def test_it_stands_on_a_page_of_its_own(self, language, heading):
        sent = letter(LetterType.PSA_LOW, language, enclosure=self.TEXT)
        first, second = page_texts(pdf_of(sent))
        assert heading not in first
        assert f"{heading} Hej Örjan! Vi talades vid <b>i dag</b>. {{psa}} Samma stycke. Åsa på kansliet" in second
        assert "(2)" in second
        assert "personuppgiftsansvarig" in second or "data controller" in second
        assert codes(pdf_of(sent), 1) == ["B-2026-000042 2/2"]

    def test_the_preview_shows_it(self):
        shown = plain_text(letter(enclosure=self.TEXT + "\x1b"))
        assert "ETT MEDDELANDE TILL DIG" in shown
        assert "Åsa på kansliet‹U+001B›" in shown

    def test_white_space_is_no_enclosure(self):
        assert pdf_of(letter(enclosure=" \n\n ")) == pdf_of(letter())

    def test_two_thousand_characters_and_no_more(self):
        check(letter(enclosure="Ord. " * 400))
        with pytest.raises(LetterError, match=r"2001 characters\. Shorten it to 2000"):
            check(letter(enclosure="x" * 2001))

    def test_a_character_that_cannot_be_printed_refuses(self):
        with pytest.raises(LetterError, match=r"The message to the person has the character U\+1F642"):
            check(letter(enclosure="Hej 🙂"))


class TestWindows:
    @pytest.mark.parametrize(
        ("box", "message"),
        [
            ((150.0, 40.0, 85.0, 30.0), "outside the page"),
            ((-5.0, 40.0, 85.0, 30.0), "outside the page"),
            ((float("nan"), 40.0, 85.0, 30.0), "outside the page"),
            ((112.0, 40.0, 40.0, 30.0), "too small"),
            ((112.0, 40.0, 85.0, 10.0), "too small"),
            ((112.0, 60.0, 85.0, 30.0), "over the letter's own text"),
            ((112.0, 20.0, 85.0, 30.0), "over the letter's own text"),
            ((60.0, 40.0, 90.0, 30.0), "over the letter's own text"),
        ],
    )
    def test_a_window_without_room_refuses(self, box, message):
        office = replace(REGION, window_box=box)
        with pytest.raises(LetterError, match=message):
            check(letter(region=office))
        with pytest.raises(LetterError, match=message):
            calibration_page(office)

    def test_the_calibration_page_has_the_same_window_as_the_letter(self):
        office = OFFICES["own"]
        pdf = calibration_page(office)
        assert pdf == calibration_page(office.window_box)
        assert (
            text_inside(pdf, 0, page.sheet(office).clear)
            == "FörnamnEfternamnssonc/oNamnExempelgatan1lgh110112345EXEMPELSTAD"
        )
        assert "30–110 mm från vänster, 38–72 mm uppifrån" in page_texts(pdf)[0]
        assert calibration_page(REGION) == calibration_page("H2")


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
